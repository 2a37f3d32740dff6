//! The fields of the general settings, each by itself: nothing is asked of anybody here.

use super::LINK_KEY;
use super::draft::FieldLine;
use provost_connect::graph::cloud::{Cloud, INITIAL_SUFFIXES};
use provost_connect::graph::{application, tenant};
use provost_store::microsoft_365;

/// Characters that a tenant name may have: it is one label of a domain.
const LABEL: usize = 63;

/// The display name.
pub(super) fn name(text: &str) -> FieldLine {
    refusal("name", microsoft_365::check_names(text, ""))
}

/// The label, which may be empty.
pub(super) fn label(text: &str) -> FieldLine {
    // The name beside it is a good one, so that only the label can be at fault.
    refusal("label", microsoft_365::check_names("Microsoft 365", text))
}

fn refusal(field: &'static str, checked: provost_store::Result<()>) -> FieldLine {
    match checked {
        Ok(()) => FieldLine::fine(field),
        Err(provost_store::Error::Refused { code, sentence, hint }) => {
            FieldLine::wrong(field, code, sentence, hint)
        }
        Err(other) => FieldLine::wrong(field, "PRV-NAME", other.to_string(), "Enter another one."),
    }
}

/// The link key, of which there is one.
pub(super) fn link_key(text: &str) -> FieldLine {
    if text == LINK_KEY {
        return FieldLine::fine("link_key");
    }
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    FieldLine::wrong(
        "link_key",
        "PRV-LINK-KEY",
        format!(
            "the link key has to be \"{LINK_KEY}\", not \"{shown}\": Microsoft compares it with the immutable id of the \
             account at every federated sign-in, and a name or an e-mail address changes"
        ),
        format!("Leave \"{LINK_KEY}\" as it is."),
    )
}

/// The cloud by its word; empty for the worldwide one.
pub(super) fn cloud(word: &str) -> Result<Cloud, FieldLine> {
    let found = Cloud::ALL.into_iter().find(|cloud| cloud.name() == word);
    let found = found.or_else(|| word.is_empty().then_some(Cloud::Global));
    found.ok_or_else(|| {
        let known: Vec<&str> = Cloud::ALL.iter().map(|cloud| cloud.name()).collect();
        let shown: String = word.chars().filter(|c| !c.is_control()).take(40).collect();
        FieldLine::wrong(
            "cloud",
            "PRV-WORD",
            format!("\"{shown}\" is no cloud"),
            format!("Use one of: {}.", known.join(", ")),
        )
    })
}

/// The domain, as it is kept.
pub(super) fn domain(text: &str) -> Result<(String, FieldLine), FieldLine> {
    let wrong = |code, sentence: String, hint: &str| FieldLine::wrong("domain", code, sentence, hint);
    let name = tenant::domain(text).map_err(|reason| {
        wrong(
            "PRV-DOMAIN-FORMAT",
            format!("the domain cannot be used: {reason}"),
            "Enter the domain of your people's addresses, such as contoso.example; admin.microsoft.com shows it under Settings, Domains.",
        )
    })?;
    if initial_suffix(&name).is_some() {
        return Err(wrong(
            "PRV-DOMAIN-INITIAL",
            format!("{name} is the initial domain that came with the tenant, and it cannot be federated"),
            "Enter a domain of your own that is verified in the tenant.",
        ));
    }
    let line = if name == text.trim() {
        FieldLine::fine("domain")
    } else {
        FieldLine::note("domain", format!("kept as {name}"))
    };
    Ok((name, line))
}

/// What an initial domain ends with.
fn initial_suffix(name: &str) -> Option<&'static str> {
    INITIAL_SUFFIXES.into_iter().find(|suffix| {
        name.strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// The tenant's name, as it is kept: without the initial domain's end.
pub(super) fn tenant_name(text: &str) -> Result<(String, FieldLine), FieldLine> {
    let entered = text.trim();
    let lower = entered.to_lowercase();
    let name = match initial_suffix(&lower) {
        Some(suffix) => {
            let rest = lower.strip_suffix(suffix).unwrap_or_default();
            rest.strip_suffix('.').unwrap_or(rest)
        }
        None => lower.as_str(),
    };
    let shown: String = entered.chars().filter(|c| !c.is_control()).take(80).collect();
    if let Some(reason) = no_tenant_name(entered, name) {
        return Err(FieldLine::wrong(
            "tenant_name",
            "PRV-TENANT-NAME",
            format!("the tenant name \"{shown}\" cannot be used: {reason}"),
            "Enter the part before .onmicrosoft.com, such as contoso; the overview of the tenant shows it as the initial domain.",
        ));
    }
    let line = if name == lower {
        FieldLine::fine("tenant_name")
    } else {
        FieldLine::note("tenant_name", format!("written as {shown}, kept as {name}"))
    };
    Ok((name.to_owned(), line))
}

fn no_tenant_name(entered: &str, name: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let reason = if name.is_empty() {
        "it is empty"
    } else if entered.contains("://") || entered.contains('/') {
        "it is an address"
    } else if entered.contains(char::is_whitespace) {
        "it holds a blank"
    } else if entered.contains('@') {
        "it is an e-mail address"
    } else if application::is_id(entered) {
        "it is an id; the tenant's id is asked for with the credentials"
    } else if name.contains('.') {
        "it is a domain"
    } else if name.len() > LABEL || !name.bytes().all(plain) || name.starts_with('-') || name.ends_with('-') {
        "it may have letters, digits and hyphens only"
    } else {
        return None;
    };
    Some(reason)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_immutable_id_ties_a_person_to_an_account() {
        assert!(link_key(LINK_KEY).ok);
        for text in ["", "User: E-mail", "user: udi", " User: UDI", "User: UDI\u{7}"] {
            let line = link_key(text);
            assert_eq!((line.ok, line.code.as_str()), (false, "PRV-LINK-KEY"), "{text}");
            assert!(!line.sentence.contains('\u{7}'));
        }
    }

    #[test]
    fn an_initial_domain_of_any_cloud_is_refused_at_once() {
        for text in [
            "contoso.onmicrosoft.com",
            "Contoso.OnMicrosoft.com",
            "contoso.mail.onmicrosoft.com",
            "contoso.onmicrosoft.us",
            "contoso.partner.onmschina.cn",
            "contoso.onmicrosoft.de",
            "onmicrosoft.com",
        ] {
            let line = domain(text).unwrap_err();
            assert_eq!(line.code, "PRV-DOMAIN-INITIAL", "{text}");
        }
        for text in [
            "contoso.example",
            "notonmicrosoft.com",
            "onmicrosoft.com.contoso.example",
        ] {
            assert_eq!(domain(text).unwrap().0, text);
        }
        let (name, line) = domain(" Contoso.Example ").unwrap();
        assert_eq!(
            (name.as_str(), line.sentence.as_str()),
            ("contoso.example", "kept as contoso.example")
        );
        for text in [
            "",
            "contoso",
            "https://contoso.example",
            "ann@contoso.example",
            "a b.example",
        ] {
            assert_eq!(domain(text).unwrap_err().code, "PRV-DOMAIN-FORMAT", "{text}");
        }
    }

    #[test]
    fn a_tenant_name_is_the_part_before_the_initial_domains_end() {
        for text in [
            "contoso.onmicrosoft.com",
            "Contoso.onmicrosoft.us",
            "contoso.partner.onmschina.cn",
        ] {
            let (name, line) = tenant_name(text).unwrap();
            assert_eq!(name, "contoso");
            assert!(line.ok && line.sentence.ends_with("kept as contoso"), "{line:?}");
        }
        let (name, line) = tenant_name("contoso").unwrap();
        assert!(name == "contoso" && line.sentence.is_empty());
        for text in [
            "",
            ".onmicrosoft.com",
            "https://contoso.onmicrosoft.com",
            "con toso",
            "contoso.example",
            "contoso.mail.onmicrosoft.com",
            "ann@contoso.onmicrosoft.com",
            "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365",
            "-contoso",
            "contoso_1",
        ] {
            let line = tenant_name(text).unwrap_err();
            assert_eq!(line.code, "PRV-TENANT-NAME", "{text}");
        }
    }

    #[test]
    fn a_cloud_is_known_by_its_word_and_none_is_the_worldwide_one() {
        assert_eq!(cloud(""), Ok(Cloud::Global));
        assert_eq!(cloud("china"), Ok(Cloud::China));
        assert_eq!(cloud("moon").unwrap_err().code, "PRV-WORD");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_as_it_is_when_it_is_entered_again(text in "\\PC{0,60}") {
            if let Ok((name, _)) = domain(&text) {
                let (again, line) = domain(&name).unwrap();
                prop_assert!(again == name && line.sentence.is_empty());
            }
            if let Ok((name, _)) = tenant_name(&text) {
                let (again, line) = tenant_name(&name).unwrap();
                prop_assert!(again == name && line.sentence.is_empty());
            }
        }
    }
}
