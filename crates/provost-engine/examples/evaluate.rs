//! How long one evaluation takes: 20 mixed mappings over a person of about 1 KB, and how many times a
//! second one core evaluates expressions as administrators write them.
//!
//! `cargo run --release -p provost-engine --example evaluate`

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement, not a part of the hub"
)]

use std::hint::black_box;
use std::time::Instant;

use provost_engine::expr::{Context, eval, parse};
use provost_engine::mapping::{Apply, Mapping, NullPolicy};
use provost_engine::object::{Kind, Source};
use provost_engine::plan::{Known, decide};
use provost_engine::rule::{Env, Matching, Need, Rule};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ROUNDS: u32 = 200_000;

fn main() {
    let rule = rule().compile().expect("the rule is correct");
    let text = person().to_string();
    let document: Value = serde_json::from_str(&text).expect("it was JSON a moment ago");
    let source = Source {
        kind: Kind::Person,
        id: "5c1a4a1e-7d3f-4a92-9f0e-3b5a2a1f9c11",
        document: &document,
        assigned: true,
    };
    let env = Env {
        now: 1_770_000_000_000,
        default_domain: Some("contoso.onmicrosoft.com"),
        ..Env::default()
    };
    let evaluation = rule.evaluate(&source, &env).expect("every mapping has a value");
    let known = Known {
        written: evaluation.update.clone(),
        enabled: true,
        disabled_since: None,
    };

    println!(
        "{} mappings, person of {} bytes",
        evaluation.create.len() + evaluation.references.len(),
        text.len()
    );
    measure("parse the JSON text", || {
        black_box(serde_json::from_str::<Value>(black_box(&text)).is_ok());
    });
    measure("evaluate", || {
        black_box(rule.evaluate(black_box(&source), &env).is_ok());
    });
    for need in [Need::Create, Need::Update] {
        measure(&format!("evaluate for {need:?}"), || {
            black_box(rule.evaluate_for(black_box(&source), &env, need).is_ok());
        });
    }
    measure("decide, linked and unchanged", || {
        black_box(decide(&rule, Some(black_box(&evaluation)), Some(&known), 0));
    });
    measure("parse, evaluate, decide, new", || {
        let document: Value = serde_json::from_str(black_box(&text)).unwrap_or_default();
        let source = Source {
            document: &document,
            ..source
        };
        if let Ok(evaluation) = rule.evaluate_for(&source, &env, Need::Create) {
            black_box(decide(&rule, Some(&evaluation), None, 0));
        }
    });
    expressions(&Context {
        source,
        soft_deleted: false,
        env,
    });
}

/// Five expressions of every kind: choice, names, dates, a regular expression, and all of it composed.
const EXPRESSIONS: [(&str, &str); 5] = [
    (
        "state",
        r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
    ),
    (
        "name",
        r#"ToLower(NormalizeDiacritics(Join(".", [name.givenName], [name.familyName])))"#,
    ),
    (
        "date",
        r#"FormatDateTime("07.11.2026", , "dd.MM.yyyy", "yyyy-MM-ddTHH:mm:ssZ")"#,
    ),
    (
        "phone",
        r#"Replace([phoneNumbers[type eq "mobile"].value], , "^\\+(?<cc>\\d{2}) ?(?<n>.*)$", , "00${cc} ${n}", , )"#,
    ),
    (
        "login",
        r#"IIF(IsPresent([nickName]), ToLower([nickName]), Join("@", NormalizeDiacritics(StripSpaces(
            Switch([userType], Word([userName], 1, "@"), "Employee",
                Join(".", ToLower([name.givenName]), Mid(ToLower([name.familyName]), 1, 6))))), DefaultDomain()))"#,
    ),
];

fn expressions(context: &Context) {
    let mut all = 0.0;
    for (name, text) in EXPRESSIONS {
        let expr = parse(text).expect("the expression is correct");
        let value = eval(&expr, context).expect("it has a value");
        let result = value.into_json(None).expect("it has a type").unwrap_or_default();
        let each = time(|| {
            black_box(eval(black_box(&expr), context).is_ok());
        });
        println!(
            "expression {name:<19} {each:>6.2} µs {:>12.0} /s  {result}",
            1e6 / each
        );
        all += each;
    }
    let mean = all / 5.0;
    println!(
        "expressions, mean              {mean:>6.2} µs {:>12.0} /s",
        1e6 / mean
    );
}

fn measure(what: &str, work: impl FnMut()) {
    println!("{what:<30} {:>6.2} µs", time(work));
}

/// Microseconds for one piece of work.
#[allow(
    clippy::disallowed_methods,
    reason = "measuring time is what this program is for"
)]
fn time(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

fn rule() -> Rule {
    let enterprise = |name: &str| format!("{ENTERPRISE}:{name}");
    let mappings = vec![
        Mapping::direct("userPrincipalName", "userName"),
        Mapping::expression(
            "accountEnabled",
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        ),
        Mapping::expression(
            "displayName",
            r#"Coalesce([displayName], Join(" ", [name.givenName], [name.familyName]))"#,
        ),
        Mapping::expression(
            "mailNickname",
            r#"ToLower(NormalizeDiacritics(Word([userName], 1, "@")))"#,
        ),
        Mapping::direct("givenName", "name.givenName"),
        Mapping::direct("surname", "name.familyName"),
        Mapping::direct("mail", r#"emails[type eq "work"].value"#),
        Mapping::direct("jobTitle", "title"),
        Mapping::direct("department", enterprise("department")),
        Mapping::direct("employeeId", enterprise("employeeNumber")),
        Mapping::direct("companyName", enterprise("organization")),
        Mapping::direct("city", r#"addresses[type eq "work"].locality"#),
        Mapping::direct("streetAddress", r#"addresses[type eq "work"].streetAddress"#),
        Mapping::direct("postalCode", r#"addresses[type eq "work"].postalCode"#),
        Mapping::direct("country", r#"addresses[type eq "work"].country"#),
        Mapping::direct("mobilePhone", r#"phoneNumbers[type eq "mobile"].value"#),
        Mapping::constant("usageLocation", "NO"),
        Mapping {
            apply: Apply::OnCreate,
            ..Mapping::direct("preferredLanguage", "preferredLanguage")
        },
        Mapping {
            null: NullPolicy::Clear,
            ..Mapping::expression(
                "officeLocation",
                r#"IIF([userType]="Employee", [addresses[type eq "work"].region], "")"#,
            )
        },
        Mapping {
            reference: true,
            ..Mapping::direct("manager", enterprise("manager.value"))
        },
    ];
    Rule {
        matching: vec![Matching {
            target: "userPrincipalName".to_owned(),
            precedence: 1,
        }],
        mappings,
        ..Rule::new("people to Microsoft 365", Kind::Person)
    }
}

fn person() -> Value {
    json!({
        "userName": "Åse.Nordmann@contoso.example",
        "externalId": "00042171",
        "active": true,
        "displayName": "Åse Nordmann",
        "name": {"givenName": "Åse", "familyName": "Nordmann", "formatted": "Åse Nordmann"},
        "title": "Head of Logistics",
        "userType": "Employee",
        "preferredLanguage": "nb-NO",
        "timezone": "Europe/Oslo",
        "emails": [
            {"value": "ase@home.contoso.example", "type": "home"},
            {"value": "ase.nordmann@contoso.example", "type": "work", "primary": true}
        ],
        "phoneNumbers": [
            {"value": "+47 22 00 00 00", "type": "work"},
            {"value": "+47 900 00 000", "type": "mobile"}
        ],
        "addresses": [{
            "type": "work", "streetAddress": "Storgata 1", "locality": "Oslo", "region": "Oslo",
            "postalCode": "0155", "country": "NO", "formatted": "Storgata 1, 0155 Oslo, Norway"
        }],
        "roles": [{"value": "logistics-lead"}],
        ENTERPRISE: {
            "department": "Logistics", "employeeNumber": "42171", "organization": "Contoso",
            "division": "Operations", "costCenter": "4100",
            "manager": {"value": "0b7d2a37-9e55-4b51-8f57-0e6b1f0f7a10", "displayName": "Kari Nordmann"}
        }
    })
}
