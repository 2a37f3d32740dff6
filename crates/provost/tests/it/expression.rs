//! Expressions tried on the command line.

use crate::run::Place;

fn eval(place: &Place, expression: &str, more: &[&str]) -> String {
    place.shown(place.command("expr eval").arg(expression).args(more))
}

#[test]
fn an_expression_is_evaluated_for_a_sample() {
    let place = Place::installed();
    place.write(
        "ada.json",
        r#"{"name": {"givenName": "Ada", "familyName": "Ås Berg"}, "title": "Dr."}"#,
    );
    let text = r#"ToLower(Join(".", NormalizeDiacritics(StripSpaces([givenName])), NormalizeDiacritics(StripSpaces([name.familyName]))))"#;
    assert_eq!(
        eval(
            &place,
            r#"Join(" ", [title], [name.givenName])"#,
            &["--sample", "ada.json"]
        ),
        "Dr. Ada\nexit 0"
    );
    let said = eval(&place, text, &["--sample", "ada.json"]);
    assert!(
        said.contains("ada.asberg\nexit 0") || said.contains(".asberg\nexit 0"),
        "{said}"
    );
    assert_eq!(
        eval(&place, "[nickName]", &["--sample", "ada.json"]),
        "(no value)\nexit 0"
    );
    assert_eq!(eval(&place, r#"Redact("secret")"#, &[]), "[Redact]\nexit 0");
}

#[test]
fn every_mistake_is_shown_under_its_character() {
    let place = Place::installed();
    let said = eval(&place, r#"Jion(" ", Lft([title], 2))"#, &[]);
    assert!(said.contains("the expression has 2 mistakes"), "{said}");
    assert!(
        said.contains("did you mean Join?") && said.contains("did you mean Left?"),
        "{said}"
    );
    assert!(said.contains("      ^^^^") || said.contains("| ^^^^"), "{said}");
    assert!(said.ends_with("exit 1"), "{said}");
    assert!(eval(&place, "[title]", &["--for", "nobody@contoso.example"]).contains("nobody is known as"));
}

#[test]
fn functions_are_listed_and_explained() {
    let place = Place::empty();
    let all = place.json("expr functions");
    assert!(
        all.as_array().unwrap().len() >= 53,
        "{}",
        all.as_array().unwrap().len()
    );
    let one = place.run("expr functions switch");
    assert!(one.starts_with("Switch(") && one.ends_with("exit 0"), "{one}");
    assert!(place.run("expr functions Swich").contains("Did you mean Switch?"));
}
