//! Names, addresses and ids that can and cannot be configured.

use provost_saml::{Endpoint, EntityId, Error, MessageId};

#[test]
fn names_of_entities() {
    for good in [
        "urn:federation:MicrosoftOnline",
        "https://hub.contoso.example/idp/a",
        "spn:x",
    ] {
        assert_eq!(EntityId::parse(good).unwrap().as_str(), good);
    }
    let long = format!("urn:{}", "x".repeat(1_021));
    for bad in [
        "",
        "x",
        "urn:",
        ":x",
        "1a:x",
        "urn:a b",
        "urn:a\n",
        " urn:a",
        long.as_str(),
    ] {
        assert_eq!(EntityId::parse(bad), Err(Error::EntityId), "{bad}");
    }
}

#[test]
fn addresses() {
    for good in [
        "https://hub.contoso.example/acs",
        "http://localhost:8080/acs",
        "https://hub.contoso.example/a?b=c",
    ] {
        assert_eq!(Endpoint::parse(good).unwrap().as_str(), good);
    }
    for bad in [
        "",
        "hub.contoso.example/acs",
        "//hub.contoso.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://anna@hub.contoso.example/",
        "https://anna:secret@hub.contoso.example/",
        "https://hub.contoso.example/#x",
        " https://hub.contoso.example/",
        "https://hub.contoso.example/a b",
        "https://hub.contoso.example/\n",
    ] {
        assert_eq!(Endpoint::parse(bad), Err(Error::Endpoint), "{bad}");
    }
}

#[test]
fn ids_begin_with_no_digit_and_hold_all_bits() {
    let id = MessageId::from_random([0x1f; 20]);
    assert_eq!(id.as_str(), format!("_{}", "1f".repeat(20)));
}
