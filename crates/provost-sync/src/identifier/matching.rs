//! Which accounts and people may be one, and how likely that is. Texts are compared exactly: what looks the same and is
//! written otherwise is not the same.

use provost_store::identifier::Suggestion;
use std::collections::HashMap;
use uuid::Uuid;

/// From this score on a suggestion can be accepted together with others: it rests on more than a mail address or a name.
pub(super) const SURE: i64 = 80;

/// What may show that an account and a person are one, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Sign {
    Immutable,
    Name,
    Employee,
    Mail,
    Label,
    Letters,
}

impl Sign {
    fn score(self) -> i64 {
        match self {
            Self::Immutable => 100,
            Self::Name => 90,
            Self::Employee => SURE,
            Self::Mail => 50,
            Self::Letters => 40,
            Self::Label => 30,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Immutable => "the account carries this person's immutable id",
            Self::Name => "same userPrincipalName",
            Self::Employee => "same employee number",
            Self::Mail => "same verified mail address",
            Self::Label => "same name",
            Self::Letters => "the userPrincipalName differs in letter case: look closely",
        }
    }
}

/// An account that nobody is linked to.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidate {
    pub id: String,
    pub name: String,
    pub label: String,
    pub mail: String,
    pub employee: String,
    pub immutable_id: String,
}

/// A person who is linked to no account.
#[derive(Debug, Clone, Default)]
pub(super) struct Someone {
    pub object: i64,
    pub id: Uuid,
    pub name: String,
    pub label: String,
    pub mails: Vec<String>,
    pub employee: String,
}

/// Accounts by what a person may have in common with them.
pub(super) struct Index {
    ids: Vec<String>,
    places: HashMap<(Sign, String), Vec<usize>>,
}

impl Index {
    /// `verified` are the tenant's own domains: a mail address elsewhere says nothing, anybody may have entered it.
    pub fn of(accounts: &[Candidate], verified: &[String]) -> Self {
        let mut places: HashMap<(Sign, String), Vec<usize>> = HashMap::new();
        for (place, one) in accounts.iter().enumerate() {
            let mut note = |sign, value: &str| {
                if !value.is_empty() {
                    places.entry((sign, value.to_owned())).or_default().push(place);
                }
            };
            note(Sign::Immutable, &one.immutable_id);
            note(Sign::Name, &one.name);
            note(Sign::Letters, &letters(&one.name));
            note(Sign::Employee, &one.employee);
            note(Sign::Label, &one.label);
            if is_verified(&one.mail, verified) {
                note(Sign::Mail, &one.mail);
            }
        }
        Self {
            ids: accounts.iter().map(|one| one.id.clone()).collect(),
            places,
        }
    }

    /// Every account that may be this person's.
    pub fn pairs(&self, who: &Someone) -> Vec<Suggestion> {
        let mut found: HashMap<usize, Vec<Sign>> = HashMap::new();
        let mut look = |sign: Sign, value: &str| {
            let places = self.places.get(&(sign, value.to_owned()));
            for place in places.into_iter().flatten() {
                let signs = found.entry(*place).or_default();
                if !signs.contains(&sign) {
                    signs.push(sign);
                }
            }
        };
        look(Sign::Immutable, &who.id.to_string());
        look(Sign::Name, &who.name);
        look(Sign::Letters, &letters(&who.name));
        look(Sign::Employee, &who.employee);
        look(Sign::Label, &who.label);
        for mail in &who.mails {
            look(Sign::Mail, mail);
        }
        let pair = |(place, mut signs): (usize, Vec<Sign>)| {
            if signs.contains(&Sign::Name) {
                signs.retain(|sign| *sign != Sign::Letters);
            }
            signs.sort_unstable();
            let best = signs.iter().map(|sign| sign.score()).max()?;
            let more = 2 * (signs.len() as i64 - 1);
            let words: Vec<&str> = signs.iter().map(|sign| sign.words()).collect();
            Some(Suggestion {
                account: self.ids.get(place)?.clone(),
                object: who.object,
                score: if best == 100 { best } else { (best + more).min(99) },
                why: words.join("; "),
            })
        };
        found.into_iter().filter_map(pair).collect()
    }
}

/// A name without regard to the case of Latin letters; empty for one with others, where look-alikes begin.
fn letters(name: &str) -> String {
    if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        String::new()
    }
}

fn is_verified(mail: &str, verified: &[String]) -> bool {
    let domain = mail.rsplit_once('@').map(|(_, domain)| domain);
    domain.is_some_and(|domain| verified.iter().any(|one| one.eq_ignore_ascii_case(domain)))
}

/// Of all pairs those in which each is the best of the other, and nobody else is as good: two that are equally likely
/// are no suggestion.
pub(super) fn best(pairs: Vec<Suggestion>) -> Vec<Suggestion> {
    let (mut of_account, mut of_person) = (HashMap::new(), HashMap::new());
    for pair in &pairs {
        count(of_account.entry(pair.account.clone()).or_default(), pair.score);
        count(of_person.entry(pair.object).or_default(), pair.score);
    }
    let mut best: Vec<Suggestion> = pairs
        .into_iter()
        .filter(|pair| {
            of_account.get(&pair.account) == Some(&(pair.score, 1))
                && of_person.get(&pair.object) == Some(&(pair.score, 1))
        })
        .collect();
    best.sort_by(|a, b| a.account.cmp(&b.account));
    best
}

/// The highest score, and how many have it.
fn count(best: &mut (i64, u32), score: i64) {
    match score.cmp(&best.0) {
        std::cmp::Ordering::Greater => *best = (score, 1),
        std::cmp::Ordering::Equal => best.1 += 1,
        std::cmp::Ordering::Less => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Someone {
        Someone {
            object: 7,
            id: Uuid::from_u128(7),
            name: "ada@contoso.example".to_owned(),
            label: "Ada Byron".to_owned(),
            mails: vec!["ada@contoso.example".to_owned()],
            employee: "1001".to_owned(),
        }
    }

    fn account(id: &str, name: &str) -> Candidate {
        Candidate {
            id: id.to_owned(),
            name: name.to_owned(),
            ..Candidate::default()
        }
    }

    fn found(accounts: &[Candidate], who: &[Someone]) -> Vec<(String, i64, i64, String)> {
        let index = Index::of(accounts, &["contoso.example".to_owned()]);
        let pairs = who.iter().flat_map(|one| index.pairs(one)).collect();
        best(pairs)
            .into_iter()
            .map(|one| (one.account, one.object, one.score, one.why))
            .collect()
    }

    #[test]
    fn the_strongest_sign_counts_and_more_of_them_a_little() {
        let same = Candidate {
            employee: "1001".to_owned(),
            ..account("a", "ada@contoso.example")
        };
        let (id, object, score, why) = found(&[same], &[ada()]).remove(0);
        assert_eq!((id.as_str(), object, score), ("a", 7, 92));
        assert_eq!(why, "same userPrincipalName; same employee number");
        let own = Candidate {
            immutable_id: Uuid::from_u128(7).to_string(),
            ..account("b", "x")
        };
        assert_eq!(found(&[own], &[ada()])[0].2, 100);
    }

    #[test]
    fn look_alikes_are_not_the_same() {
        for name in [
            "аda@contoso.example",
            "ada@contoso.example ",
            "ada@contoso.examp1e",
            "ﬁ@contoso.example",
        ] {
            assert!(found(&[account("a", name)], &[ada()]).is_empty(), "{name}");
        }
        let (_, _, score, why) = found(&[account("a", "Ada@contoso.example")], &[ada()]).remove(0);
        assert!(score < SURE && why.contains("look closely"), "{score} {why}");
        let turkish = Someone {
            name: "KADIR@contoso.example".to_owned(),
            ..Someone::default()
        };
        assert!(found(&[account("a", "kadır@contoso.example")], &[turkish]).is_empty());
    }

    #[test]
    fn a_mail_or_a_name_only_suggests_and_mail_elsewhere_says_nothing() {
        let mail = |address: &str| Candidate {
            mail: address.to_owned(),
            ..account("a", "x")
        };
        let score = found(&[mail("ada@contoso.example")], &[ada()])[0].2;
        assert!(score < SURE, "{score}");
        let elsewhere = Someone {
            mails: vec!["ada@fabrikam.example".to_owned()],
            ..ada()
        };
        assert!(found(&[mail("ada@fabrikam.example")], &[elsewhere]).is_empty());
        let name = Candidate {
            label: "Ada Byron".to_owned(),
            ..account("a", "x")
        };
        assert!(found(&[name], &[ada()])[0].2 < SURE);
    }

    #[test]
    fn two_that_are_equally_likely_are_no_suggestion() {
        let name = |id: &str| Candidate {
            label: "Ada Byron".to_owned(),
            ..account(id, id)
        };
        assert!(found(&[name("a"), name("b")], &[ada()]).is_empty());
        let other = Someone {
            object: 8,
            name: "ada.2@contoso.example".to_owned(),
            ..ada()
        };
        assert!(found(&[name("a")], &[ada(), other]).is_empty());
    }
}
