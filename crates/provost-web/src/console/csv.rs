//! Lines of a CSV file (RFC 4180) that no spreadsheet takes for a formula (OWASP ASVS 5.0, V1.2.10).

/// Letters at which a spreadsheet may begin a formula, or throw away what is before one; with their full-width forms.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// One line with its end: every field in quotes, a quote inside doubled, and an apostrophe before what a spreadsheet
/// would calculate.
pub(crate) fn line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for field in fields {
        if !line.is_empty() {
            line.push(',');
        }
        line.push('"');
        if field.starts_with(STARTS) {
            line.push('\'');
        }
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_field() {
        let odd = ["plain", "a \"quote\"", "two\r\nlines", "comma, and;", ""];
        assert_eq!(
            line(odd),
            "\"plain\",\"a \"\"quote\"\"\",\"two\r\nlines\",\"comma, and;\",\"\"\r\n"
        );
    }

    #[test]
    fn nothing_is_a_formula() {
        for start in STARTS {
            let harm = format!("{start}HYPERLINK(\"http://127.0.0.1\")");
            let written = line([harm.as_str()]);
            assert!(written.starts_with(&format!("\"'{start}")), "{written}");
        }
        assert_eq!(
            line(["a=b", "1-2"]),
            "\"a=b\",\"1-2\"\r\n",
            "only the first letter counts"
        );
    }
}
