#![allow(clippy::unwrap_used)]

use super::*;

fn refused(text: &str) -> String {
    Config::parse(text, "provost.toml").unwrap_err().to_string()
}

#[test]
fn the_text_that_init_writes_says_nothing_but_defaults() {
    let config = Config::parse(DEFAULT_TEXT, FILE).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[test]
fn every_commented_key_is_a_valid_line_with_the_default() {
    // A line that is a key behind `# ` becomes the key itself.
    let is_key = |line: &str| {
        line.strip_prefix("# ").is_some_and(|rest| {
            rest.split(" = ")
                .next()
                .is_some_and(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        })
    };
    let lines: Vec<&str> = DEFAULT_TEXT
        .lines()
        .map(|line| if is_key(line) { &line[2..] } else { line })
        .collect();
    let mut config = Config::parse(&lines.join("\n"), FILE).unwrap();
    assert_eq!(
        config.server.public_url.take().as_deref(),
        Some("https://provost.contoso.example")
    );
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    assert_eq!(lines.iter().filter(|line| line.contains(" = ")).count(), 25);
}

#[test]
fn values_are_checked_where_they_stand() {
    for (text, expected) in [
        ("[server]\nlisten = \"localhost\"", "address with a port"),
        ("[server]\npublic_url = \"ftp://x\"", "https://"),
        ("[server]\npublic_url = \"https://x/path\"", "without a path"),
        ("[server]\npublic_url = \"https://user:pw@x\"", "without a path"),
        ("[database]\nurl = \"mysql://x\"", "sqlite: or postgres://"),
        ("[database]\nurl = \"sqlite:\"", "no name"),
        ("[log]\nlevel = \"loud\"", "unknown variant \"loud\""),
        ("[sync]\nenabled = 3", "expected a boolean"),
    ] {
        let message = refused(text);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("provost.toml:2:"), "{message}");
    }
}

#[test]
fn a_database_password_is_not_shown_in_an_error_elsewhere() {
    let message = refused("[database]\nurl = \"postgres://ann:canary@db/p\"\nurk = 1");
    assert!(!message.contains("canary"), "{message}");
}
