//! No text makes a parser or an evaluation panic, and every error lies inside the text.

use proptest::prelude::*;
use provost_engine::attribute::Lookup;
use provost_engine::expr::{Context, eval, parse};
use provost_engine::object::{Kind, Source};
use provost_engine::rule::Env;
use serde_json::json;

/// Text made of the language's own pieces, which reaches further into the parser than noise does.
fn likely() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Join(",
        "Switch(",
        "IIF(",
        "Replace(",
        "Mid(",
        "Item(",
        "Split(",
        "Word(",
        "CDate(",
        "DateAdd(",
        "NormalizeDiacritics(",
        "PCase(",
        ")",
        ")",
        ")",
        ",",
        ",",
        ",",
        " ",
        "\"",
        "\"a b\"",
        "\"(?<n>a*)\"",
        "\"n\"",
        "\"$n\"",
        "\"d\"",
        "[userName]",
        "[emails[type eq \"work\"].value]",
        "[emails]",
        "[",
        "]",
        "&",
        "&H1F",
        "=",
        "<>",
        ">",
        "-",
        "1",
        "2",
        "99",
        "\\",
        "é",
        "İ",
        "IgnoreObjectFlow",
        "\"2026-02-28\"",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn check(text: &str) {
    let document = json!({
        "userName": "Åse@contoso.example",
        "emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}]
    });
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
    };
    match parse(text) {
        Ok(expr) => {
            let context = Context {
                source,
                soft_deleted: false,
                env: Env::default(),
            };
            if let Err(error) = eval(&expr, &context) {
                assert!(text.get(error.span).is_some());
            }
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(
                    text.get(error.span.clone()).is_some(),
                    "{:?} in {text:?}",
                    error.span
                );
                assert!(!error.message.is_empty() && !error.hint.is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn expressions_of_noise(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn expressions_of_likely_pieces(text in likely()) {
        check(&text);
    }

    #[test]
    fn functions_on_odd_arguments(
        name in prop::sample::select(provost_engine::expr::functions().map(|f| f.name).collect::<Vec<_>>()),
        arguments in prop::collection::vec(
            prop::sample::select(vec![
                "", "\"\"", "\"a\"", "\"ÅÆß漢\"", "0", "-1", "3", "9223372036854775807",
                "-9223372036854775807", "[emails]", "[missing]", "[userName]", "\"yyyy\"", "\"m\"",
                "\"9999-12-31T23:59:59\"", "\"0001-01-01\"", "\"(?<n>.)\"", "\"n\"", "UTF8",
            ]),
            0..8,
        ),
    ) {
        check(&format!("{name}({})", arguments.join(",")));
    }

    #[test]
    fn attribute_paths(text in r#"[a-z.:\[\]" \\é]{0,40}"#) {
        if let Err(message) = Lookup::parse(&text) {
            prop_assert!(!message.is_empty());
        }
    }
}
