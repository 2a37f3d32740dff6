//! The list of habits, what each dialect tolerates, and how a client is recognised.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

#[test]
fn every_habit_has_a_name_of_its_own_and_a_source() {
    let mut names: Vec<_> = Habit::ALL.iter().map(|habit| habit.name()).collect();
    for habit in Habit::ALL {
        assert!(
            habit.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{habit}"
        );
        assert!(!habit.source().is_empty() && !habit.vendor().is_empty());
        assert_eq!(Habit::by_name(habit.name()), Some(*habit));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Habit::ALL.len());
    assert!(Habit::ALL.len() <= 64, "one bit each");
    assert_eq!(Habit::by_name("forgives-everything"), None);
}

#[test]
fn strict_allows_nothing_and_generic_everything() {
    for habit in Habit::ALL {
        assert!(!Leniency::strict().allows(*habit));
        assert!(Leniency::default().allows(*habit));
        assert!(Leniency::strict().with(*habit).allows(*habit));
        assert!(!Leniency::default().without(*habit).allows(*habit));
    }
}

#[test]
fn a_dialect_allows_its_own_habits_and_shared_ones() {
    let entra = Leniency::of(Dialect::Entra);
    assert!(entra.allows(Habit::BooleanText) && entra.allows(Habit::BareElement));
    assert!(!entra.allows(Habit::ReadOnlyKey));
    assert_eq!(Leniency::of(Dialect::EntraScim062020), entra);
    let okta = Leniency::of(Dialect::Okta);
    assert!(okta.allows(Habit::ReadOnlyKey) && !okta.allows(Habit::OpLetterCase));
    assert!(okta.with(Habit::OpLetterCase).allows(Habit::OpLetterCase));
    assert!(!okta.without(Habit::ReadOnlyKey).allows(Habit::ReadOnlyKey));
}

#[test]
fn uses_are_counted_and_merged() {
    let mut used = Habits::default();
    let mut tolerance = Tolerance::new(&Leniency::default(), &mut used);
    assert!(tolerance.of(Habit::BooleanText) && tolerance.of(Habit::BooleanText));
    assert!(!Tolerance::new(&Leniency::strict(), &mut used).of(Habit::ListOfOne));
    let mut all = used.clone();
    all.merge(&used);
    assert_eq!(all.iter().collect::<Vec<_>>(), [(Habit::BooleanText, 4)]);
    assert!(!all.is_empty() && all.contains(Habit::BooleanText) && !all.contains(Habit::ListOfOne));
}

#[test]
fn dialects_are_read_by_name() {
    for dialect in Dialect::ALL {
        assert_eq!(dialect.to_string().parse::<Dialect>().unwrap(), dialect);
        assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.as_str());
        assert_eq!(
            serde_json::from_value::<Dialect>(dialect.as_str().into()).unwrap(),
            dialect
        );
    }
    let error = "azure".parse::<Dialect>().unwrap_err().to_string();
    assert!(error.contains("azure") && error.contains("entra-scim-062020"));
}

fn seen(user_agent: Option<&str>, query: &[(&str, &str)], habits: &[Habit]) -> Option<Dialect> {
    let query: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut used = Habits::default();
    habits.iter().for_each(|habit| used.note(*habit));
    Dialect::detect(&Seen {
        user_agent,
        query: &query,
        habits: &used,
    })
}

#[test]
fn a_client_is_recognised_by_what_it_sends() {
    let flag: &[(&str, &str)] = &[("filter", "userName eq \"a\""), ("aadOptscim062020", "")];
    let rows: &[(Option<Dialect>, Option<Dialect>)] = &[
        (
            seen(Some("Okta SCIM Client 1.0.0"), &[], &[Habit::BooleanText]),
            Some(Dialect::Okta),
        ),
        (seen(None, flag, &[]), Some(Dialect::EntraScim062020)),
        (
            seen(None, &[("AADOPTSCIM062020", "")], &[]),
            Some(Dialect::EntraScim062020),
        ),
        (
            seen(None, &[], &[Habit::DottedKey]),
            Some(Dialect::EntraScim062020),
        ),
        (
            seen(None, &[], &[Habit::UrnKey, Habit::BooleanText]),
            Some(Dialect::EntraScim062020),
        ),
        // Provisioning on demand ignores the flag that stands in the address.
        (seen(None, flag, &[Habit::OpLetterCase]), Some(Dialect::Entra)),
        (
            seen(None, &[("AzureAdScimPatch2017", "")], &[]),
            Some(Dialect::Entra),
        ),
        (seen(None, &[], &[Habit::BooleanText]), Some(Dialect::Entra)),
        (
            seen(
                Some("curl/8"),
                &[("count", "1")],
                &[Habit::MissingSchemas, Habit::RemoveByValue],
            ),
            None,
        ),
    ];
    for (index, (found, expected)) in rows.iter().enumerate() {
        assert_eq!(found, expected, "row {index}");
    }
}
