//! What differs between two runs, made the same without changing its width: tables keep their columns.

use regex::{Captures, Regex};

/// The text as it is in every run.
pub fn each_time(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3})?)?Z?", Time),
        (r"\d{4}-\d\d-\d\d", Time),
        (r"\d{4}-\d\d?-?\d?\d?T?[\d:.]*…", Digits),
        (r"\b[0-9a-f]{8}-[0-9a-f]{1,4}[0-9a-f-]*", Digits),
        (r"\b[0-9a-f]{12,}\b|\b[0-9a-f]{8,}…", Digits),
        (r"(pr[vcsa]|pva)_[A-Za-z0-9_-]+", Letters),
        // The names of keys that sign, whole or cut by a narrow column.
        (r"(?m)^([A-Za-z0-9_-]{43}\b|[A-Za-z0-9_-]{30}…)", Opaque),
        (r"(key=|/setup/)[A-Za-z0-9_-]{40,}", Letters),
        (r"127\.0\.0\.1:\d{5}", Port),
        (r"\.tmp[A-Za-z0-9]{6}", Letters),
        (r"\d+\.\d (s|ms|KiB|MiB)\b", Amount),
        (r"\b\d+ ms\b", Amount),
        (r#""micros":\d+"#, Micros),
        // A copy of the database is as long as the last migration made it.
        (r"\b\d{6,}( bytes|…)", Decimals),
        // Inside keys, which begin at 1000 and move with what an installation makes; a narrow column cuts them.
        (r"\b1[0-2]\d\d\b|\bkey 1[0-2]\d…", Decimals),
    ] {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern
            .replace_all(&text, |found: &Captures| with.put(&found[0]))
            .into_owned();
    }
    text
}

/// What stands in the place of what was found.
#[derive(Clone, Copy)]
enum With {
    Time,
    Digits,
    Letters,
    Opaque,
    Port,
    Amount,
    Micros,
    Decimals,
}

use With::{Amount, Decimals, Digits, Letters, Micros, Opaque, Port, Time};

impl With {
    fn put(self, found: &str) -> String {
        match self {
            Time => {
                let whole = found.trim_end_matches('Z').len();
                format!("{}{}", &"2026-01-05T09:00:00.000"[..whole], &found[whole..])
            }
            Digits => found
                .chars()
                .map(|c| if c.is_ascii_hexdigit() { '0' } else { c })
                .collect(),
            Letters => {
                // What is known of it stays: the prefix of a token, the name of a parameter, the folder of an address.
                let fixed = ["/setup/", "key=", ".tmp"];
                let keep = fixed
                    .iter()
                    .find(|start| found.starts_with(**start))
                    .map_or(4, |start| start.len());
                let (start, rest) = found.split_at(keep);
                format!("{start}{}", "x".repeat(rest.len()))
            }
            Opaque => found.chars().map(|c| if c == '…' { c } else { 'x' }).collect(),
            Port => "127.0.0.1:00000".to_owned(),
            Micros => "\"micros\":0".to_owned(),
            Decimals => found
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect(),
            Amount => {
                let unit = found.split(' ').next_back().unwrap();
                format!("0.0 {unit}")
            }
        }
    }
}

#[test]
fn what_differs_is_made_the_same_and_keeps_its_width() {
    for (found, same) in [
        ("2026-11-21T18:20:04.123Z x", "2026-01-05T09:00:00.000Z x"),
        ("2026-11-21T18:20Z", "2026-01-05T09:00Z"),
        ("2026-11-21T18:20:33Z", "2026-01-05T09:00:00Z"),
        ("2026-11-21", "2026-01-05"),
        (
            "0198a1b2-aaaa-7bbb-8ccc-0123456789ab",
            "00000000-0000-0000-0000-000000000000",
        ),
        ("prv_abcDEF", "prv_xxxxxx"),
        (
            "?key=aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-abc",
            "?key=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        ("{\"micros\":184140,", "{\"micros\":0,"),
        ("http://127.0.0.1:43211/x", "http://127.0.0.1:00000/x"),
        ("12.3 s", "0.0 s"),
        ("1990656 bytes", "0000000 bytes"),
        ("1990656…", "0000000…"),
        ("4321 bytes", "4321 bytes"),
    ] {
        assert_eq!(each_time(found), same, "{found}");
    }
}
