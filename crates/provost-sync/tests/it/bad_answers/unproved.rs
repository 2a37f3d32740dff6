//! Facts that no source settles: the outcome is right in both positions of each switch.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::Settings;
use serde_json::json;

/// A case for each position; `with` is what follows in each.
fn both(name: &str, set: [fn(&mut Settings); 2], with: fn(Case) -> Case) -> [Case; 2] {
    let [off, on] = set;
    [
        with(Case::new(&format!("{name}: no")).settings(off)),
        with(Case::new(&format!("{name}: yes")).settings(on)),
    ]
}

macro_rules! switch {
    ($field:ident) => {
        [
            |s: &mut Settings| s.unproved.$field = false,
            |s: &mut Settings| s.unproved.$field = true,
        ]
    };
    (directory $field:ident) => {
        [
            |s: &mut Settings| s.unproved_directory.$field = false,
            |s: &mut Settings| s.unproved_directory.$field = true,
        ]
    };
}

fn deletes(case: Case) -> Case {
    case.rules(|people, groups| {
        people["remove"] = json!("delete");
        groups["remove"] = json!("delete");
    })
}

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(both(
        "tokens tell a second life time",
        switch!(ext_expires_in),
        |case| case,
    ));
    cases.extend(both(
        "tokens live for a random time",
        switch!(random_token_life),
        |case| case,
    ));
    cases.extend(both(
        "a disabled application is refused at once",
        switch!(disabled_at_once),
        |case| case,
    ));
    cases.extend(both(
        "wide permissions include narrow ones",
        switch!(wide_permissions),
        |case| case,
    ));
    cases.extend(both(
        "names in the bin are taken",
        switch!(directory bin_keeps_names),
        |case| {
            deletes(case)
                .then(Change::LeaveAndCome)
                .holds("bob; Sales: bob")
                .told(Place::Doubt, "ann", "PRV-TWIN-DELETED")
        },
    ));
    cases.extend(both(
        "seats in the bin are taken",
        switch!(directory bin_keeps_seats),
        |case| deletes(case).then(Change::Leave).holds("bob; Sales: bob"),
    ));
    cases.extend(both(
        "security groups go into the bin",
        switch!(directory security_groups_in_bin),
        |case| {
            deletes(case)
                .then(Change::NoGroup)
                .holds("ann Clerk SPE_E3 under bob, bob; ")
        },
    ));
    cases.extend(both(
        "a licence sent again adds disabled plans",
        switch!(directory resend_adds_disabled_plans),
        |case| case.then(Change::Reconcile),
    ));
    cases.extend(both(
        "taking an inherited licence does nothing",
        switch!(directory inherited_removal_ignored),
        |case| case.then(Change::NoLicence).holds(&WHOLE.replace(" SPE_E3", "")),
    ));
    cases.extend(both(
        "nested members inherit",
        switch!(directory nested_members_inherit),
        |case| case,
    ));
    cases.extend(both(
        "seats of the grace period are lost",
        switch!(directory warning_seats_lost),
        |case| {
            case.settings(|settings| {
                settings.skus[0].seats = 1;
                settings.skus[0].warning = 3;
            })
        },
    ));
    cases.extend(both("read-only groups are answered 400", switch!(directory read_only_group_is_bad_request), |case| {
        case.plant(|tenant| {
            let group = json!({"displayName": "Sales", "mailNickname": "s", "mailEnabled": true, "securityEnabled": true, "groupTypes": []});
            tenant.plant_group(group).unwrap();
        })
        .holds("ann Clerk SPE_E3 under bob, bob; Sales: ")
        .told(Place::Doubt, "Sales", "PRV-GROUP-NAME")
    }));
    cases.extend(both(
        "a manager in the create is refused",
        switch!(directory manager_bind_refused),
        |case| case,
    ));
    cases.extend(both("an immutable id cannot be cleared", switch!(directory immutable_id_kept), |case| {
        case.rules(|people, _| {
            let id = json!({"target": "onPremisesImmutableId", "expression": "Join(\"\", [displayName], \"-0001\")", "apply": "on_create"});
            people["mappings"].as_array_mut().unwrap().push(id);
        })
        .then(Change::Title)
        .holds(&WHOLE.replace("Clerk", "Boss"))
    }));
    cases.extend(both("a mail address cannot be cleared", switch!(directory mail_kept), |case| {
        case.rules(|people, _| {
            let mail = json!({"target": "mail", "direct": "title", "null": "clear"});
            let mail_of_title = json!({"target": "mail", "expression": "IIF([title]=\"Clerk\", \"ann@mail.contoso.example\", \"\")"});
            drop(mail);
            people["mappings"].as_array_mut().unwrap().push(mail_of_title);
        })
        .then(Change::Title)
        .holds(&WHOLE.replace("Clerk", "Boss"))
    }));
    cases.extend(both(
        "the date of hire may not be written",
        switch!(directory hire_date_refused),
        |case| case,
    ));
    cases.extend(both(
        "a managed domain's federation is 404",
        switch!(directory managed_federation_missing),
        |case| case,
    ));
    cases.extend(both(
        "several domains have one issuer",
        switch!(directory issuer_may_repeat),
        |case| case,
    ));
    cases.extend(both(
        "the audit log reaches back a week",
        switch!(directory audits_for_a_week),
        |case| case,
    ));
    cases
}
