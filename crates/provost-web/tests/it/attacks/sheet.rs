//! Formulas in exports (OWASP ASVS 5.0, V1.2.10), and lines that would become others: every text that somebody can put
//! into the audit log stays one field of one line.

use crate::harness::{Server, both};
use provost_store::administrator::Role;
use serde_json::{Value, json};

/// Texts that a spreadsheet would calculate, or that would leave their field or their line.
const TEXTS: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://127.0.0.1\")",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\u{ff1d}1+1",
    "\u{ff0b}1",
    "\u{ff0d}1",
    "\u{ff20}SUM(1)",
    "a\",=1+1,\"b",
    "a\"\"=1+1",
    "plain, with; and\u{2028}more",
    "'=1+1",
    "a,=1+1",
];

/// Reads RFC 4180: records of fields.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut letters = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        let record = records.last_mut().unwrap();
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                record.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(String::new()),
            '\r' if !is_quoted && letters.peek() == Some(&'\n') => {
                letters.next();
                records.push(vec![String::new()]);
            }
            other => record.last_mut().unwrap().push(other),
        }
    }
    records.pop();
    records
}

fn is_formula(field: &str) -> bool {
    field.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// Puts each text where the audit log names it: as a subject, and as a detail.
async fn plant(server: &Server) {
    let browser = server.signed_in(Role::Owner).await;
    for text in TEXTS {
        let made = browser
            .post(
                "/w/Contoso/api-tokens/new",
                &[("label", text), ("scope", "read"), ("days", "30")],
            )
            .await;
        assert_eq!(made.status, 200, "{text}: {}", made.text);
        let person = json!({"userName": format!("{text}@contoso.example"), "displayName": text});
        let person = server.make("/Users", person).await;
        let path = format!("/w/Contoso/people/{person}/block");
        let blocked = browser.post(&path, &[("reason", text)]).await;
        assert_eq!(blocked.status, 303, "{text}: {}", blocked.text);
    }
}

both! {
    async fn no_field_of_an_export_is_a_formula(server) {
        plant(server).await;
        let browser = server.signed_in(Role::Auditor).await;
        let export = browser.get("/w/Contoso/audit/export.csv").await;
        assert_eq!(export.header("content-disposition"), "attachment; filename=\"audit.csv\"");
        let records = records(&export.text);
        assert!(records.len() > 3 * TEXTS.len(), "{}", export.text);
        for record in &records {
            assert_eq!(record.len(), 6, "{record:?}");
            let wrong: Vec<_> = record.iter().filter(|field| is_formula(field)).collect();
            assert!(wrong.is_empty(), "{wrong:?}");
        }
        for text in TEXTS {
            let is_there = records.iter().flatten().any(|field| field.contains(text));
            assert!(is_there, "{text} is not in the export: the test plants nothing");
        }
    }

    async fn each_row_is_one_line_of_json(server) {
        plant(server).await;
        let browser = server.signed_in(Role::Auditor).await;
        let export = browser.get("/w/Contoso/audit/export.ndjson").await;
        let mut last = i64::MAX;
        for line in export.text.lines() {
            let row: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let position = row["position"].as_i64().unwrap();
            assert!(position < last, "newest first, none twice: {line}");
            last = position;
        }
        assert_eq!(last, 1, "to the beginning");
    }
}

#[test]
fn the_reader_reads_what_the_standard_says() {
    let read = records("\"a\"\"b\",c\r\n\"x\r\ny\",\"=1\"\r\n");
    assert_eq!(read, [["a\"b", "c"], ["x\r\ny", "=1"]]);
    assert!(is_formula(&read[1][1]) && !is_formula(&read[0][0]));
}
