//! No text makes a parser or an evaluation panic, and every error lies inside the text.

use proptest::prelude::*;
use provost_engine::attribute::Lookup;
use provost_engine::expr::{Context, Value, eval, parse, reference, tree};
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
        "FormatDateTime(",
        "RandomString(",
        "SelectUniqueValue(",
        "DNComponent(",
        "AppRoleAssignmentsComplex(",
        "\"yyyy-MM-dd\"",
        "\"(?<=a)(b|\\\\1)*\"",
        "\"{n}\"",
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
        assigned: true,
    };
    match parse(text) {
        Ok(expr) => {
            let context = Context {
                source,
                soft_deleted: false,
                env: Env::default(),
            };
            let outcome = eval(&expr, &context);
            if let Err(error) = &outcome {
                assert!(text.get(error.span.clone()).is_some());
            }
            // The same again, and what is printed means the same.
            assert_eq!(eval(&expr, &context), outcome);
            let printed = expr.to_string();
            let again = parse(&printed).unwrap_or_else(|e| panic!("{printed:?} of {text:?}: {e:?}"));
            assert_eq!(tree(&again), tree(&expr));
            let again = eval(&again, &context);
            assert_eq!(again.as_ref().ok(), outcome.as_ref().ok());
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
        name in prop::sample::select(reference().iter().map(|doc| doc.name).collect::<Vec<_>>()),
        arguments in prop::collection::vec(
            prop::sample::select(vec![
                "", "\"\"", "\"a\"", "\"ÅÆß漢\"", "0", "-1", "3", "9223372036854775807",
                "-9223372036854775807", "[emails]", "[missing]", "[userName]", "\"yyyy\"", "\"m\"",
                "\"9999-12-31T23:59:59\"", "\"0001-01-01\"", "\"(?<n>.)\"", "\"n\"", "UTF8",
                "\"yyyy-MM-ddTHH:mm:ss\"", "\"HH.F t K zzz\"", "\"AQEAAAAAAAUSAAAA\"", "\"CN=a\\\\2,O=b\"", "300",
            ]),
            0..8,
        ),
    ) {
        check(&format!("{name}({})", arguments.join(",")));
    }

    /// A failure in a branch that is not chosen is not seen.
    #[test]
    fn only_the_chosen_branch_is_evaluated(keys in prop::collection::vec("[a-d]", 1..8), source in "[a-d]") {
        let chosen = keys.iter().position(|key| *key == source);
        let pairs: Vec<String> = keys
            .iter()
            .enumerate()
            .map(|(index, key)| match chosen {
                Some(chosen) if chosen == index => format!("\"{key}\",{index}"),
                _ => format!("\"{key}\",Error(\"not chosen\")"),
            })
            .collect();
        let default = if chosen.is_some() { "Error(\"default\")" } else { "99" };
        let text = format!("Switch(\"{source}\",{default},{})", pairs.join(","));
        let nested = format!("IIF(1=1,{text},Error(\"other\"))");
        let expected = chosen.map_or(99, |index| i64::try_from(index).unwrap());
        let document = json!({});
        let source = Source { kind: Kind::Person, id: "1", document: &document, assigned: true };
        let context = Context { source, soft_deleted: false, env: Env::default() };
        let expr = parse(&nested).unwrap();
        prop_assert_eq!(eval(&expr, &context), Ok(Value::Integer(expected)));
    }

    #[test]
    fn attribute_paths(text in r#"[a-z.:\[\]" \\é]{0,40}"#) {
        if let Err(message) = Lookup::parse(&text) {
            prop_assert!(!message.is_empty());
        }
    }
}
