#![allow(clippy::unwrap_used)]

use super::*;
use crate::federation::facts::{Administrator, Served, Tenant};
use crate::federation::ours::{Certificate, Ours};
use crate::federation::people::People;
use crate::federation::roll_back_command::check_word;
use crate::microsoft_365::provider_values;
use provost_connect::graph::federation::{DomainState, TokenValidation};
use provost_connect::graph::whose::Realm;
use provost_store::federation::{Federation, Gate, Mfa, Pilot, Protocol, State, Trial};
use provost_store::microsoft_365::{self as m365, Provider};
use serde_json::{Value, json};
use uuid::Uuid;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;
const URL: &str = "https://hub.contoso.example";

fn provider() -> Provider {
    Provider {
        key: 1,
        id: Uuid::from_u128(7),
        workspace: 1,
        name: "Contoso 365".into(),
        label: String::new(),
        link_key: "User: UDI".into(),
        domain: "contoso.example".into(),
        tenant_name: "contoso".into(),
        tenant_id: Some("t-1".into()),
        domain_state: m365::DomainState::Verified,
        domain_checked: 1,
        state: m365::State::Active,
        since: 1,
        mode: m365::Mode::Federation,
        mode_changed: 0,
        mode_reason: String::new(),
        authentication: 1,
        connection: Some(1),
        settings: json!({}),
        created: 1,
        actor: "owner".into(),
        version: 1,
    }
}

/// Somebody who has tried their sign-in.
fn pilot(issuer: &str) -> Pilot {
    let (name, immutable_id) = ("ann@contoso.example".to_owned(), "id-1".to_owned());
    Pilot {
        trial: Trial {
            at: NOW - 5,
            name: name.clone(),
            immutable_id: immutable_id.clone(),
            issuer: issuer.to_owned(),
            certificate: "c-1".into(),
            two_factor: true,
            assertion: "_a".into(),
        },
        person: None,
        is_open: true,
        name,
        immutable_id,
    }
}

/// Makes one thing about the facts worse.
type Change = fn(&mut Facts);

/// A trial is bound to what it proved, and another one beside it is enough.
#[test]
fn a_trial_is_over_with_what_it_proved() {
    let of = |change: Change| {
        let mut facts = good();
        change(&mut facts);
        let found = all(&facts).into_iter().find(|one| one.key == "pilot").unwrap();
        assert_eq!(found.next.contains("/try"), !found.is_green, "{}", found.next);
        (found.is_green, found.evidence)
    };
    assert!(of(|_| ()).0);
    assert!(!of(|f| f.pilots.clear()).0);
    let lacks: [(&str, Change); 7] = [
        ("another key", |f| {
            f.ours.certificate.as_mut().unwrap().sha256 = "c-2".into()
        }),
        ("another immutable id", |f| {
            f.pilots[0].immutable_id = "ID-1".into()
        }),
        ("another immutable id", |f| f.pilots[0].name = String::new()),
        ("another issuer", |f| {
            f.pilots[0].trial.issuer = "https://before.example".into()
        }),
        ("may not sign in", |f| f.pilots[0].is_open = false),
        ("second factor", |f| f.pilots[0].trial.two_factor = false),
        ("a day ago", |f| f.pilots[0].trial.at = NOW - DAY - 1),
    ];
    for (wanted, change) in lacks {
        let (is_green, evidence) = of(change);
        assert!(!is_green && evidence.contains(wanted), "{wanted}: {evidence}");
    }
    // Where Microsoft's own second factor counts, ours need not be claimed.
    assert!(
        of(|f| {
            f.pilots[0].trial.two_factor = false;
            f.record.mfa = Mfa::Reject;
        })
        .0
    );
    assert!(
        of(|f| {
            let good = f.pilots[0].clone();
            f.pilots[0].is_open = false;
            f.pilots.push(good);
        })
        .0
    );
}

fn policy(word: &str, names: &[&str]) -> TokenValidation {
    TokenValidation {
        root_domains: word.to_owned(),
        domain_names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// Everything as it should be.
fn good() -> Facts {
    let provider = provider();
    let values = provider_values(URL, &provider);
    let word = check_word(&provider, &values.issuer);
    let domain: DomainState = serde_json::from_value(json!({
        "id": "contoso.example", "authenticationType": "Managed", "isRoot": true, "isVerified": true
    }))
    .unwrap();
    let administrator = |name: &str| Administrator {
        name: format!("{name}@contoso.onmicrosoft.com"),
        is_named: true,
        last_signin: Some(NOW - DAY),
    };
    Facts {
        now: NOW,
        record: Federation {
            provider: 1,
            state: State::Managed,
            since: 0,
            switched: 0,
            protocol: Protocol::Saml,
            mfa: Mfa::Accept,
            checked: 0,
            checks: Value::Null,
            saved: 1,
            saved_by: "owner".into(),
            saved_word: word,
            sent: Value::Null,
            seen: 0,
            everywhere: 0,
            trouble: String::new(),
            trouble_since: 0,
            ends: 0,
        },
        is_private: false,
        public_url: URL.into(),
        is_running: false,
        read: NOW - 1,
        gate: Gate {
            is_finished: true,
            evidence: "It is closed.".into(),
        },
        others: Vec::new(),
        people: People {
            enabled: 2,
            ..People::default()
        },
        pilots: vec![pilot(&values.issuer)],
        ours: Ours {
            values,
            certificate: Some(Certificate {
                sha256: "c-1".into(),
                base64: "MAA=".into(),
                subject: "CN=Provost".into(),
                ends: NOW + 100 * DAY,
            }),
            next: None,
        },
        tenant: Ok(Tenant {
            domain,
            federation: None,
            id: "t-1".into(),
            lacks: Some(Vec::new()),
            validation: Ok(Some(policy("all", &[]))),
            sees_roles: true,
            outside: vec![administrator("root1"), administrator("root2")],
        }),
        realm: Ok(Realm {
            account_type: "Managed".into(),
            date: jiff::Timestamp::from_millisecond(NOW - 2_000).ok(),
        }),
        served: Served::Same,
        provider,
    }
}

/// The checks that are not green.
fn red(facts: &Facts) -> Vec<String> {
    all(facts)
        .into_iter()
        .filter(|one| !one.is_green)
        .map(|one| one.key)
        .collect()
}

fn find(facts: &Facts, key: &str) -> FederationCheck {
    all(facts).into_iter().find(|one| one.key == key).unwrap()
}

#[test]
fn where_everything_is_as_it_should_be_every_check_is_green() {
    let checks = all(&good());
    assert_eq!(red(&good()), Vec::<String>::new());
    assert_eq!(checks.len(), 30);
    let mut keys: Vec<&str> = checks.iter().map(|one| one.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), checks.len(), "each has a key of its own");
    assert!(
        checks
            .iter()
            .all(|one| one.next.is_empty() && !one.evidence.is_empty())
    );
}

/// A change that makes a check red, and the check.
type Lack = (&'static str, fn(&mut Facts));

fn tenant(facts: &mut Facts) -> &mut Tenant {
    facts.tenant.as_mut().unwrap()
}

/// One lack each, with whether somebody may answer for it.
const BLOCKING: [Lack; 20] = [
    ("domain_verified", |f| tenant(f).domain.is_verified = false),
    ("domain_federable", |f| tenant(f).domain.is_default = true),
    ("domain_free", |f| {
        tenant(f).domain.authentication_type = "Federated".into()
    }),
    ("provider_alone", |f| f.others = vec!["Other".into()]),
    ("tenant_own", |f| tenant(f).id = "t-2".into()),
    ("permission", |f| {
        tenant(f).lacks = Some(vec!["Domain-InternalFederation.ReadWrite.All".into()])
    }),
    ("accounts_read", |f| f.read = NOW - 2 * DAY),
    ("migration_finished", |f| f.gate.is_finished = false),
    ("immutable_id_equal", |f| {
        f.people.wrong_id = vec!["ann@contoso.example".into()]
    }),
    ("immutable_id_unique", |f| {
        f.people.doubled = vec!["ann@contoso.example".into()]
    }),
    ("immutable_id_no_address", |f| {
        f.people.address = vec!["ann@contoso.example".into()]
    }),
    ("no_cycle", |f| f.is_running = true),
    ("break_glass", |f| tenant(f).outside.truncate(1)),
    ("break_glass_named", |f| {
        tenant(f).outside.iter_mut().for_each(|one| one.is_named = false)
    }),
    ("certificate", |f| {
        f.ours.certificate.as_mut().unwrap().ends = NOW + 60 * DAY
    }),
    ("sendable", |f| {
        f.ours.values.sign_out = "http://hub.contoso.example/out".into()
    }),
    ("public_address", |f| {
        f.public_url = "https://localhost:8443".into()
    }),
    ("clock", |f| {
        f.realm.as_mut().unwrap().date = jiff::Timestamp::from_millisecond(NOW - 40_000).ok()
    }),
    ("roll_back_saved", |f| f.record.saved_word = "0000-0000".into()),
    ("rested", |f| f.record.switched = NOW - 1_000),
];
const SIGNABLE: [Lack; 7] = [
    ("token_validation", |f| {
        tenant(f).validation = Ok(Some(policy("none", &[])))
    }),
    ("accounts_linked", |f| {
        f.people.nobody = vec!["room@contoso.example".into()]
    }),
    ("people_active", |f| {
        f.people.inactive = vec!["ann@contoso.example".into()]
    }),
    ("passkeys", |f| {
        f.people.without_passkey = vec!["ann@contoso.example".into()]
    }),
    ("pilot", |f| f.pilots.clear()),
    ("break_glass_used", |f| {
        tenant(f)
            .outside
            .iter_mut()
            .for_each(|one| one.last_signin = None)
    }),
    ("metadata", |f| f.served = Served::Unread("timeout".into())),
];

#[test]
fn each_lack_makes_its_own_check_red_and_says_what_to_do() {
    for (lacks, may_be_signed) in [(&BLOCKING[..], false), (&SIGNABLE[..], true)] {
        for (key, lack) in lacks {
            let mut facts = good();
            lack(&mut facts);
            // A domain that is not verified cannot be federated; without the permission the roll-back cannot be gone.
            let expected = match *key {
                "domain_verified" => vec!["domain_verified", "domain_federable"],
                "permission" => vec!["permission", "roll_back_tried"],
                key => vec![key],
            };
            assert_eq!(red(&facts), expected, "{key}");
            let check = find(&facts, key);
            assert_eq!(check.may_be_signed, may_be_signed, "{key}");
            assert!(check.is_open() && !check.next.is_empty(), "{key}");
        }
    }
}

#[test]
fn the_last_global_administrator_is_not_taken_along_and_no_name_makes_that_right() {
    let mut facts = good();
    tenant(&mut facts).outside.clear();
    let check = find(&facts, "last_administrator");
    assert!(check.is_open() && !check.may_be_signed);
    let mut unseen = good();
    tenant(&mut unseen).sees_roles = false;
    tenant(&mut unseen).outside.clear();
    let check = find(&unseen, "last_administrator");
    assert!(
        check.is_open() && check.may_be_signed,
        "what cannot be seen is answered for"
    );
}

#[test]
fn a_tenant_that_cannot_be_asked_leaves_no_check_about_it_green() {
    let mut facts = good();
    facts.tenant = Err("the secret is refused".into());
    let red = red(&facts);
    for key in [
        "tenant_reached",
        "domain_free",
        "permission",
        "break_glass",
        "last_administrator",
        "roll_back_tried",
    ] {
        assert!(red.iter().any(|one| one == key), "{key}: {red:?}");
    }
    assert!(
        find(&facts, "tenant_reached")
            .evidence
            .contains("the secret is refused")
    );
}

/// Every word of Microsoft's, and one that is new.
#[test]
fn the_policy_about_tokens_has_to_cover_the_domain() {
    let of = |found: Result<Option<TokenValidation>, String>| {
        let mut facts = good();
        tenant(&mut facts).validation = found;
        find(&facts, "token_validation")
    };
    let names = ["fabrikam.example", "Contoso.example"];
    let cases: [(&str, &[&str], bool); 9] = [
        ("all", &[], true),
        ("allFederated", &[], true),
        ("enumerated", &names, true),
        ("allManagedAndEnumeratedFederated", &names, true),
        ("enumerated", &names[..1], false),
        ("allManagedAndEnumeratedFederated", &names[..1], false),
        ("allManaged", &[], false),
        ("none", &[], false),
        ("somethingNew", &names, false),
    ];
    for (word, names, is_green) in cases {
        let check = of(Ok(Some(policy(word, names))));
        assert_eq!(check.is_green, is_green, "{word}: {}", check.evidence);
        assert!(
            check.evidence.contains(word) && check.may_be_signed,
            "{}",
            check.evidence
        );
    }
    assert!(!of(Ok(None)).is_green);
    // What is signed off is that nobody could look, whatever the answer said.
    let (one, two) = (of(Err("not permitted".into())), of(Err("not there".into())));
    assert!(
        one.is_open() && one.evidence.contains("not permitted"),
        "{}",
        one.evidence
    );
    assert!(one.next.contains("Policy.Read.All"), "{}", one.next);
    assert_eq!(one.digest, two.digest);
    assert_ne!(one.digest, of(Ok(Some(policy("none", &[])))).digest);
}

#[test]
fn metadata_that_say_something_else_cannot_be_signed_off() {
    let mut facts = good();
    facts.served = Served::Otherwise(vec!["signingCertificate"]);
    let check = find(&facts, "metadata");
    assert!(check.is_open() && !check.may_be_signed && check.evidence.contains("signingCertificate"));
}

#[test]
fn a_private_name_is_taken_only_where_the_provider_may_lead_to_a_private_network() {
    let mut facts = good();
    facts.public_url = "https://localhost:8443".into();
    facts.is_private = true;
    assert!(find(&facts, "public_address").is_green);
    for url in ["http://hub.contoso.example", "", "https://"] {
        facts.public_url = url.into();
        assert!(!find(&facts, "public_address").is_green, "{url}");
    }
    facts.is_private = false;
    for url in [
        "https://10.0.0.1",
        "https://[::1]:8443",
        "https://hub",
        "https://hub.local",
    ] {
        facts.public_url = url.into();
        assert!(!find(&facts, "public_address").is_green, "{url}");
    }
}

fn sign_off(check: &FederationCheck) -> SignOff {
    SignOff {
        line: check.key.clone(),
        digest: check.digest.clone(),
        person: "Ann".into(),
        reason: "a meeting room".into(),
        signed: 5,
        actor: "owner".into(),
    }
}

#[test]
fn a_sign_off_holds_for_the_evidence_that_was_seen_and_for_no_other() {
    let mut facts = good();
    facts.people.nobody = vec!["room@contoso.example".into()];
    let mut check = find(&facts, "accounts_linked");
    let signed = sign_off(&check);
    check.answered(std::slice::from_ref(&signed));
    assert!(!check.is_open() && check.signed.is_some());
    // Another account in the place of the first: the count is the same, the evidence is not.
    facts.people.nobody = vec!["boss@contoso.example".into()];
    let mut other = find(&facts, "accounts_linked");
    other.answered(std::slice::from_ref(&signed));
    assert!(other.is_open(), "the evidence has changed");
}

#[test]
fn a_sign_off_past_the_first_hundred_names_counts_too() {
    let names = |last: &str| {
        let mut names: Vec<String> = (0..150).map(|i| format!("p{i}@contoso.example")).collect();
        names.push(last.into());
        names
    };
    let mut facts = good();
    facts.people.without_passkey = names("a@contoso.example");
    let one = find(&facts, "passkeys");
    facts.people.without_passkey = names("b@contoso.example");
    let two = find(&facts, "passkeys");
    assert_eq!((one.list.len(), one.count), (100, 151));
    assert_ne!(one.digest, two.digest);
}

#[test]
fn no_sign_off_opens_what_blocks() {
    for (key, lack) in BLOCKING {
        let mut facts = good();
        lack(&mut facts);
        let mut check = find(&facts, key);
        let signed = sign_off(&check);
        check.answered(&[signed]);
        assert!(check.is_open(), "{key}");
    }
}

#[test]
fn the_digest_moves_with_what_counts_and_with_nothing_else() {
    let sent = json!({"issuerUri": "https://hub.contoso.example/idp/7"});
    let of = |facts: &Facts, sent: &Value| digest(&all(facts), sent);
    let first = of(&good(), &sent);
    let mut later = good();
    later.now += 1_000;
    later.people.enabled = 3;
    assert_eq!(
        of(&later, &sent),
        first,
        "numbers of green checks move by themselves"
    );
    for (key, lack) in BLOCKING.into_iter().chain(SIGNABLE) {
        let mut facts = good();
        lack(&mut facts);
        assert_ne!(of(&facts, &sent), first, "{key}");
    }
    assert_ne!(
        of(&good(), &json!({"issuerUri": "https://elsewhere.example"})),
        first
    );
}

#[test]
fn the_rest_between_two_switches_is_counted_down() {
    let mut facts = good();
    facts.record.switched = NOW - 60_000;
    let check = find(&facts, "rested");
    assert_eq!(check.free_at, NOW + 540_000);
    assert!(check.evidence.contains("540 more seconds"), "{}", check.evidence);
    facts.record.switched = NOW - 600_000;
    assert!(find(&facts, "rested").is_green);
}
