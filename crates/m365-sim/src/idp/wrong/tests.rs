use std::collections::BTreeSet;

use super::*;
use crate::idp::plan::Asked;
use crate::saml::check::{lone, verify};
use crate::saml::tree::read;
use crate::settings::{Saml, Settings};

const NOW: i64 = 1_767_603_600_000;

fn stage() -> Stage {
    let settings = Settings::contoso();
    let saml = Saml::new(
        "https://hub.contoso.example/saml",
        "https://hub.contoso.example/acs",
        NOW,
    );
    let asked = Asked {
        id: Some("_asked".to_owned()),
        reply: saml.reply_urls[0].clone(),
        identifier: saml.identifiers[0].clone(),
        name_id: None,
    };
    let person = Person {
        id: "3b9e4f0a-6d1c-4a57-9a8e-1f2d3c4b5a69".to_owned(),
        upn: "mallory@contoso.example".to_owned(),
        mail: Some("mallory@contoso.example".to_owned()),
        ..Person::nobody()
    };
    let application = &settings.applications[0];
    Stage {
        stranger: SigningKey::generate("Stranger", NOW, NOW + 1_000_000).unwrap(),
        victim: Person::nobody(),
        last: Some("<last/>".to_owned()),
        plan: Plan::honest(
            &settings.tenant_id,
            application,
            &saml,
            &asked,
            &person,
            (NOW, NOW - 60_000),
        )
        .unwrap(),
    }
}

fn again(stage: &Stage) -> Stage {
    Stage {
        stranger: stage.stranger.clone(),
        victim: stage.victim.clone(),
        last: stage.last.clone(),
        plan: stage.plan.clone(),
    }
}

/// What our own strict check says about a document.
fn judge(document: &[u8], key: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    let root = read(text)?;
    lone(&root)?;
    let place = root.position("Assertion").ok_or("no assertion")?;
    verify(&root, &[place], "ID", &[key.to_vec()]).map_err(|flaw| format!("{flaw:?}"))
}

#[test]
fn names_are_names_of_one_thing() {
    let names: BTreeSet<&str> = all().map(|one| one.name).collect();
    assert_eq!(names.len(), all().count());
    assert!(names.len() >= 100, "{}", names.len());
    for one in all() {
        assert!(!one.about.is_empty(), "{}", one.name);
        assert_eq!(named(one.name).unwrap().name, one.name);
    }
}

#[test]
fn the_honest_answer_holds_and_each_wrong_one_fails_where_it_says() {
    let stage = stage();
    let key = stage.plan.seal.key.certificate().to_vec();
    let honest = wrong("honest", "honest").document(&mut again(&stage)).unwrap();
    assert_eq!(judge(&honest, &key), Ok(()));
    let make = |one: &Wrong| {
        let made = one.document(&mut again(&stage)).unwrap();
        assert_ne!(made, honest, "{}", one.name);
        made
    };
    for one in content::ALL {
        let made = make(one);
        let verdict = judge(&made, &key);
        assert_eq!(
            verdict,
            Ok(()),
            "{}: the signature is right, only the content is not",
            one.name
        );
    }
    for one in signature::ALL.iter().chain(wrapping::ALL).chain(document::ALL) {
        let made = make(one);
        assert!(judge(&made, &key).is_err(), "{}", one.name);
    }
    for one in wrapping::ALL.iter().filter(|one| one.name.starts_with("xsw_")) {
        let text = String::from_utf8(make(one)).unwrap();
        assert!(
            text.contains(&stage.victim.id),
            "{} wants to be the victim",
            one.name
        );
        assert!(
            text.contains("3b9e4f0a-6d1c-4a57-9a8e-1f2d3c4b5a69"),
            "{}",
            one.name
        );
    }
}

#[test]
fn forms_are_spoilt_too() {
    for one in document::SENT.iter().filter(|one| one.form.is_some()) {
        let fields = vec![
            ("SAMLResponse".to_owned(), "PGEvPg==".to_owned()),
            ("RelayState".to_owned(), "handle".to_owned()),
        ];
        let mut spoilt = fields.clone();
        one.spoil_form(&mut spoilt);
        assert_ne!(spoilt, fields, "{}", one.name);
    }
}
