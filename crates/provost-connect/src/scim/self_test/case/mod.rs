//! The checks, one file for each group of the report.

mod access;
mod discovery;
mod entra_changes;
mod entra_flag;
mod entra_groups;
mod entra_manager;
mod entra_people;
mod okta_groups;
mod okta_people;
mod optional;
mod paging;
mod protocol;
mod version;

use super::check::Check;

/// The check without which no other makes sense.
pub(super) const GATE: &str = "access-list";

/// All checks in the order in which they are carried out.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    const GROUPS: [&[Check]; 14] = [
        access::CHECKS,
        discovery::CHECKS,
        protocol::CHECKS,
        paging::CHECKS,
        entra_people::CHECKS,
        entra_changes::CHECKS,
        entra_manager::CHECKS,
        entra_flag::CHECKS,
        entra_groups::CHECKS,
        okta_people::CHECKS,
        okta_groups::CHECKS,
        version::CHECKS,
        optional::CHECKS,
        protocol::CHECKS_AT_THE_END,
    ];
    GROUPS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_says_what_it_is() {
        let mut ids = BTreeSet::new();
        for check in all() {
            assert!(ids.insert(check.id), "{} is there twice", check.id);
            for text in [check.expected, check.why, check.remedy] {
                assert!(text.len() > 15, "{}: `{text}`", check.id);
            }
            assert!(
                check.why.ends_with('.') && check.remedy.ends_with('.'),
                "{}",
                check.id
            );
            assert!(
                !check.title.ends_with('.') && check.title.len() <= 72,
                "{}",
                check.id
            );
        }
        assert_eq!(all().next().map(|check| check.id), Some(GATE));
    }
}
