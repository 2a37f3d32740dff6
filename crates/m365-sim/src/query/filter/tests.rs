use serde_json::json;

use super::*;
use crate::directory::Kind;

fn passes(filter: &str, object: &Value) -> bool {
    let filter = parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    filter.matches(&|path: &str| {
        let pointer = format!("/{path}");
        Cow::Owned(object.pointer(&pointer).cloned().unwrap_or(Value::Null))
    })
}

#[test]
fn filters_say_what_they_say() {
    let ada = json!({
        "displayName": "Ada O'Neil", "accountEnabled": true, "surname": null, "employeeId": "7",
        "proxyAddresses": ["SMTP:ada@contoso.example", "smtp:a@contoso.example"],
        "assignedLicenses": [{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965"}],
        "createdDateTime": "2026-01-05T09:00:00Z", "onPremisesImmutableId": "AbC",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "x"},
    });
    let yes = [
        "displayName eq 'ada o''neil'",
        "startswith(displayName,'ADA') and accountEnabled eq true",
        "accountEnabled",
        "surname eq null",
        "not(employeeId eq '8')",
        "employeeId ne '8' and employeeId in ('6','7')",
        "(employeeId eq '1' or employeeId eq '7') and displayName ge 'ada'",
        "proxyAddresses/any(p:p eq 'smtp:a@contoso.example')",
        "proxyAddresses/any(p:endsWith(p,'@CONTOSO.example'))",
        "assignedLicenses/any(a:a/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)",
        "assignedLicenses/$count eq 1",
        "otherMails/$count eq 0",
        "createdDateTime ge 2026-01-05T08:00:00+00:00 and createdDateTime le 2026-01-05T10:00:00+01:00",
        "onPremisesImmutableId eq 'AbC'",
        "onPremisesExtensionAttributes/extensionAttribute1 eq 'X'",
        "surname ne 'x'",
    ];
    for filter in yes {
        assert!(passes(filter, &ada), "{filter}");
    }
    let no = [
        "displayName eq 'Ada'",
        "onPremisesImmutableId eq 'abc'",
        "surname ge 'a'",
        "employeeId eq 7",
        "otherMails/any()",
        "accountEnabled eq false or employeeId eq '1' and accountEnabled eq true",
    ];
    for filter in no {
        assert!(!passes(filter, &ada), "{filter}");
    }
}

#[test]
fn broken_filters_are_refused() {
    let deep = format!("{}a eq 1{}", "(".repeat(15_000), ")".repeat(15_000));
    let nested = format!("{}a eq 1{}", "(".repeat(50), ")".repeat(50));
    let broken = [
        "",
        "displayName eq",
        "displayName eq 'x",
        "displayName eq x",
        "eq 'x'",
        "(displayName eq 'x'",
        "displayName eq 'x')",
        "displayName eq 'x' and",
        "like(displayName,'x')",
        "startswith(displayName)",
        "a/any(p)",
        "a in ()",
        &deep,
        &nested,
    ];
    for filter in broken {
        let refusal = parse(filter).expect_err(filter);
        assert_eq!(refusal.status, 400, "{filter}");
    }
}

#[test]
fn the_check_knows_which_filters_need_an_advanced_query() {
    let verdict = |filter: &str| check(&parse(filter).unwrap(), &[Kind::User]);
    for plain in [
        "userPrincipalName eq 'x'",
        "accountEnabled eq false",
        "employeeId in ('1')",
        "displayName ge 'a'",
        "startswith(surname,'x')",
        "proxyAddresses/any(p:p eq 'smtp:x')",
        "extension_00000000000000000000000000000000_x eq 'y'",
    ] {
        assert_eq!(verdict(plain), Ok(false), "{plain}");
    }
    for advanced in [
        "surname ne 'x'",
        "not(surname eq 'x')",
        "endswith(mail,'x')",
        "assignedLicenses/$count eq 0",
    ] {
        assert_eq!(verdict(advanced), Ok(true), "{advanced}");
    }
    for unsupported in [
        "endswith(surname,'x')",
        "contains(surname,'x')",
        "aboutMe eq 'x'",
        "passwordProfile eq null",
        "displayName/any(d:d eq 'x')",
    ] {
        assert_eq!(
            verdict(unsupported).unwrap_err().code,
            "Request_UnsupportedQuery",
            "{unsupported}"
        );
    }
    for unknown in [
        "nickname eq 'x'",
        "DisplayName eq 'x'",
        "proxyAddresses/any(p:q eq 'x')",
        "accountEnabled eq 'true'",
        "employeeId eq 7",
        "displayName",
        "startswith(accountEnabled,'x')",
        "displayName in ('x',true)",
    ] {
        assert_eq!(verdict(unknown).unwrap_err().code, "BadRequest", "{unknown}");
    }
}

#[test]
fn filters_for_correlation_need_no_scan() {
    let directory = Directory::default();
    let candidates = |filter: &str| parse(filter).unwrap().candidates(&directory);
    for filter in [
        "userPrincipalName eq 'x'",
        "accountEnabled eq true and onPremisesImmutableId eq 'x'",
        "mail eq 'x' or employeeId eq 'y'",
        "uniqueName in ('x','y')",
        "proxyAddresses/any(p:p eq 'smtp:x')",
        "id eq 'x' or id eq 'y'",
    ] {
        assert!(
            candidates(filter).is_some_and(|found| found.is_empty()),
            "{filter}"
        );
    }
    for filter in [
        "city eq 'x'",
        "mail eq 'x' or city eq 'y'",
        "mail ne 'x'",
        "mail eq null",
        "startswith(mail,'x')",
    ] {
        assert_eq!(candidates(filter), None, "{filter}");
    }
}
