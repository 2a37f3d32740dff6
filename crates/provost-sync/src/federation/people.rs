//! The accounts of the domain, counted and listed by what becomes of their people after the switch.

use crate::{Engine, Result};
use provost_store::federation::{self, Line};
use provost_store::identifier::{ImmutableState, LinkState};
use std::collections::HashMap;

/// Accounts that are read together.
const PAGE: i64 = 5_000;
/// Accounts outside the domain that may be those of last resort: more are not asked about.
const CANDIDATES: usize = 100;

/// The accounts of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct People {
    /// Enabled accounts of the domain, without guests.
    pub enabled: usize,
    /// Linked ones whose immutable id is missing or another than their person's.
    pub wrong_id: Vec<String>,
    /// Those whose immutable id another account has too, or differs by letter case only.
    pub doubled: Vec<String>,
    /// Those whose immutable id is an address: it would change with the name.
    pub address: Vec<String>,
    /// Those that nobody is linked to.
    pub nobody: Vec<String>,
    /// Those whose people have no passkey.
    pub without_passkey: Vec<String>,
    /// Those whose people may not use what they have.
    pub inactive: Vec<String>,
    /// Enabled accounts of the tenant's initial domain that no directory on premises writes: id and name.
    pub outside: Vec<(String, String)>,
    /// Those that became somebody's only after `since`.
    pub late: Vec<String>,
}

/// Whether an account signs in with the domain; subdomains do as their root does.
pub(super) fn is_of(name: &str, domain: &str) -> bool {
    let own = name
        .rsplit_once('@')
        .map_or("", |(_, own)| own)
        .to_ascii_lowercase();
    own == domain || own.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub domain: &'a str,
    /// The tenant's initial domain.
    pub initial: &'a str,
    /// Accounts that became somebody's after this moment are late.
    pub since: i64,
}

impl People {
    /// Takes one account in. `ids` counts immutable ids by their lower-case form.
    fn take(&mut self, wanted: &Wanted<'_>, line: Line, ids: &mut HashMap<String, Vec<String>>) {
        let is_own = is_of(&line.name, wanted.domain);
        if !line.immutable_id.is_empty() {
            let id = line.immutable_id.to_lowercase();
            ids.entry(id).or_default().push(line.name.clone());
        }
        if !line.enabled || line.guest {
            return;
        }
        if !is_own {
            let is_initial = is_of(&line.name, wanted.initial);
            if is_initial && !line.synchronised && self.outside.len() < CANDIDATES {
                self.outside.push((line.id, line.name));
            }
            return;
        }
        self.enabled += 1;
        if line.immutable_id.contains('@') {
            self.address.push(line.name.clone());
        }
        if line.state != LinkState::Linked {
            self.nobody.push(line.name);
            return;
        }
        let is_right = line.immutable == ImmutableState::Same
            || (line.immutable == ImmutableState::Kept && line.synchronised && !line.immutable_id.is_empty());
        if !is_right {
            self.wrong_id.push(line.name.clone());
        }
        if wanted.since > 0 && line.since >= wanted.since {
            self.late.push(line.name.clone());
        }
        if !line.is_active {
            self.inactive.push(line.name);
            return;
        }
        if line.passkeys == 0 {
            self.without_passkey.push(line.name);
        }
    }
}

impl Engine {
    /// Reads the accounts of a connection's tenant, as they were last read from it.
    pub(super) async fn people_of(
        &self,
        workspace: i64,
        connection: i64,
        wanted: &Wanted<'_>,
    ) -> Result<People> {
        let (mut people, mut ids, mut after) = (People::default(), HashMap::new(), String::new());
        loop {
            let from = after.clone();
            let page = self
                .db
                .read(move |tx| federation::account_lines(tx, workspace, connection, &from, PAGE))
                .await?;
            let is_last = (page.len() as i64) < PAGE;
            if let Some(last) = page.last() {
                after.clone_from(&last.id);
            }
            for line in page {
                people.take(wanted, line, &mut ids);
            }
            if is_last {
                break;
            }
        }
        let twice = ids.into_values().filter(|names| names.len() > 1).flatten();
        people.doubled = twice.collect();
        people.doubled.sort();
        Ok(people)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> Line {
        Line {
            id: name.to_owned(),
            name: name.to_owned(),
            immutable_id: format!("id-of-{}", name.split('@').next().unwrap_or_default()),
            enabled: true,
            guest: false,
            synchronised: false,
            protected: false,
            state: LinkState::Linked,
            immutable: ImmutableState::Same,
            person: 1,
            seen: 1,
            person_id: None,
            person_label: String::new(),
            is_active: true,
            passkeys: 1,
            since: 1,
        }
    }

    fn of(lines: Vec<Line>) -> People {
        let wanted = Wanted {
            domain: "contoso.example",
            initial: "contoso.onmicrosoft.com",
            since: 50,
        };
        let (mut people, mut ids) = (People::default(), HashMap::new());
        for one in lines {
            people.take(&wanted, one, &mut ids);
        }
        people
    }

    #[test]
    fn a_domain_is_told_from_one_that_only_ends_like_it() {
        for (name, is_own) in [
            ("ann@contoso.example", true),
            ("ann@Contoso.Example", true),
            ("ann@sub.contoso.example", true),
            ("ann@notcontoso.example", false),
            ("ann@contoso.example.evil.example", false),
            ("contoso.example", false),
        ] {
            assert_eq!(is_of(name, "contoso.example"), is_own, "{name}");
        }
    }

    #[test]
    fn an_account_that_is_as_it_should_be_stands_on_no_list() {
        let found = of(vec![line("ann@contoso.example")]);
        assert_eq!(
            found,
            People {
                enabled: 1,
                ..People::default()
            }
        );
    }

    #[test]
    fn each_lack_puts_an_account_on_its_own_list() {
        let ann = || line("ann@contoso.example");
        let names = |list: &[String]| list.join(" ");
        let wrong = of(vec![Line {
            immutable: ImmutableState::Write,
            ..ann()
        }]);
        assert_eq!(names(&wrong.wrong_id), "ann@contoso.example");
        let kept = of(vec![Line {
            immutable: ImmutableState::Kept,
            synchronised: true,
            ..ann()
        }]);
        assert!(kept.wrong_id.is_empty(), "a directory on premises writes it");
        let kept = of(vec![Line {
            immutable: ImmutableState::Kept,
            ..ann()
        }]);
        assert_eq!(kept.wrong_id.len(), 1);
        assert_eq!(of(vec![Line { passkeys: 0, ..ann() }]).without_passkey.len(), 1);
        assert_eq!(
            of(vec![Line {
                is_active: false,
                ..ann()
            }])
            .inactive
            .len(),
            1
        );
        assert_eq!(
            of(vec![Line {
                state: LinkState::Exempt,
                ..ann()
            }])
            .nobody
            .len(),
            1
        );
        assert_eq!(
            of(vec![Line {
                immutable_id: "ann@contoso.example".into(),
                ..ann()
            }])
            .address
            .len(),
            1
        );
        assert_eq!(of(vec![Line { since: 50, ..ann() }]).late.len(), 1);
        let gone = of(vec![Line {
            enabled: false,
            passkeys: 0,
            ..ann()
        }]);
        assert_eq!(gone, People::default(), "who cannot sign in is not locked out");
        let outside = of(vec![line("admin@contoso.onmicrosoft.com")]);
        assert_eq!(outside.outside.len(), 1);
        let synchronised = of(vec![Line {
            synchronised: true,
            ..line("admin@contoso.onmicrosoft.com")
        }]);
        assert!(synchronised.outside.is_empty());
    }
}
