use super::*;

fn granted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn lacks(functions: &[Function], names: &[&str]) -> BTreeSet<String> {
    let permissions = Permissions::of(functions, &granted(names));
    permissions
        .missing
        .into_iter()
        .map(|need| need.permission)
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    granted(names).into_iter().collect()
}

#[test]
fn three_permissions_are_enough_for_what_is_usually_switched_on() {
    let needed = lacks(&Function::DEFAULT, &[]);
    assert_eq!(
        needed,
        set(&[
            "Group.ReadWrite.All",
            "Organization.Read.All",
            "User.ReadWrite.All"
        ])
    );
    let with = Permissions::of(
        &Function::DEFAULT,
        &granted(&[
            "User.ReadWrite.All",
            "Group.ReadWrite.All",
            "Organization.Read.All",
        ]),
    );
    assert_eq!((with.missing, with.excess), (vec![], vec![]));
}

#[test]
fn each_function_asks_for_its_own_and_no_other() {
    let people = ["User.ReadWrite.All", "Organization.Read.All"];
    assert!(lacks(&[Function::People], &people).is_empty());
    for (function, wanted) in [
        (Function::Groups, "Group.ReadWrite.All"),
        (Function::Restore, "User.DeleteRestore.All"),
        (Function::Federation, "Domain-InternalFederation.ReadWrite.All"),
    ] {
        let lacking = lacks(&[Function::People, function], &people);
        assert!(lacking.contains(wanted), "{function:?}: {lacking:?}");
        let needs = Permissions::of(&[Function::People, function], &granted(&people)).missing;
        assert!(needs.iter().all(|need| need.function == function), "{needs:?}");
    }
}

#[test]
fn what_is_said_to_be_missing_is_enough_and_no_part_of_it_can_go() {
    for mask in 1_u32..128 {
        let functions: Vec<Function> = Function::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| mask >> bit & 1 == 1)
            .map(|(_, function)| function)
            .collect();
        let chosen: Vec<String> = lacks(&functions, &[]).into_iter().collect();
        assert!(
            Permissions::of(&functions, &chosen).missing.is_empty(),
            "{functions:?}"
        );
        assert!(
            chosen.iter().all(|name| !name.starts_with("Application.")),
            "{chosen:?}"
        );
        assert!(
            chosen.iter().all(|name| !name.starts_with("Directory.")),
            "{chosen:?}"
        );
    }
}

#[test]
fn a_broader_permission_is_named_as_an_alternative_and_accepted() {
    let needs = needed(&[Function::Sessions]);
    assert_eq!(needs[0].permission, "User.RevokeSessions.All");
    assert!(needs[0].also_enough.contains(&"User.ReadWrite.All".to_owned()));
    assert!(lacks(&[Function::Sessions], &["User.ReadWrite.All"]).is_empty());
}

#[test]
fn what_nothing_needs_is_named() {
    let excess = |names: &[&str]| Permissions::of(&Function::DEFAULT, &granted(names)).excess;
    let base = [
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
    ];
    let with = |more: &[&str]| excess(&[&base, more].concat());
    assert_eq!(
        with(&["Application.ReadWrite.All"]),
        ["Application.ReadWrite.All"]
    );
    assert_eq!(with(&["Mail.Read"]), ["Mail.Read"]);
    assert_eq!(
        with(&["AuditLog.Read.All", "User.Read.All"]),
        ["AuditLog.Read.All", "User.Read.All"]
    );
    assert_eq!(
        excess(&["Application.ReadWrite.All"]),
        ["Application.ReadWrite.All"],
        "also when nothing else was granted"
    );
    // It shows who is an administrator, and it includes what the narrower one allows.
    assert_eq!(with(&["Directory.Read.All"]), ["Organization.Read.All"]);
}

/// The right of a later step: not missing before it, and never too much once it is granted.
#[test]
fn what_a_later_step_needs_is_neither_missing_nor_too_much() {
    let base = [
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
    ];
    let later = |names: &[&str]| {
        Permissions::foreseeing(&Function::DEFAULT, &[Function::Federation], &granted(names))
    };
    let rights = ["Domain-InternalFederation.ReadWrite.All", "Domain.Read.All"];
    let before = later(&base);
    assert_eq!((before.missing, before.excess), (vec![], vec![]));
    let needs: BTreeSet<String> = before.later.iter().map(|need| need.permission.clone()).collect();
    assert_eq!(needs, set(&rights));
    assert!(
        before
            .later
            .iter()
            .all(|need| need.function == Function::Federation)
    );

    let all = [base.as_slice(), &rights].concat();
    let after = later(&all);
    assert_eq!(
        (after.missing, after.excess, after.later),
        (vec![], vec![], vec![])
    );
    // Without the step nobody needs them, and beside it what nobody needs is still named.
    assert_eq!(Permissions::of(&Function::DEFAULT, &granted(&all)).excess, rights);
    let more = later(&[all.as_slice(), &["Application.ReadWrite.All"]].concat());
    assert_eq!(more.excess, ["Application.ReadWrite.All"]);
}

/// The right of one check: nobody is told to grant it, and where domains are switched nobody to take it away.
#[test]
fn what_one_check_reads_is_never_missing_and_never_too_much_beside_the_switch() {
    let base = ["Domain-InternalFederation.ReadWrite.All", "Domain.Read.All"];
    let without = Permissions::of(&[Function::Federation], &granted(&base));
    assert_eq!((without.missing, without.excess), (vec![], vec![]));
    let with = granted(&[base.as_slice(), &["Policy.Read.All"]].concat());
    let beside = Permissions::of(&[Function::Federation], &with);
    assert_eq!((beside.missing, beside.excess), (vec![], vec![]));
    assert_eq!(
        Permissions::of(&[Function::Restore], &with).excess,
        [base.as_slice(), &["Policy.Read.All"]].concat()
    );
    assert_eq!(
        least("GET", "/policies/federatedTokenValidationPolicy"),
        Some("Policy.Read.All")
    );
}

#[test]
fn ids_of_roles_are_known() {
    assert_eq!(
        name_of("741F803B-c850-494e-b5df-cde7c675a1ca"),
        Some("User.ReadWrite.All")
    );
    assert_eq!(name_of("00000000-0000-0000-0000-000000000000"), None);
}

#[test]
fn every_operation_of_the_table_is_used_and_can_be_allowed() {
    let mut used: Vec<_> = Function::ALL.iter().flat_map(|f| f.operations()).collect();
    used.extend(named(ADVISED));
    used.extend(named(LOOKED));
    for operation in OPERATIONS {
        assert!(operation.enough().next().is_some(), "{operation:?}");
        assert!(used.contains(&operation), "{operation:?}");
    }
}

#[test]
fn the_bin_is_read_with_a_permission_for_people() {
    assert!(shows_bin(&granted(&["User.ReadWrite.All"])));
    assert!(shows_bin(&granted(&["Mail.Read", "User.Read.All"])));
    let others = ["Group.ReadWrite.All", "User.DeleteRestore.All"];
    assert!(!shows_bin(&[]) && !shows_bin(&granted(&others)));
}
