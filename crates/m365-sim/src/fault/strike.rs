//! Which fault strikes which request.

use std::collections::HashMap;

use super::{Effect, Fault, InForce, Place, Rule, When};
use crate::dice::Dice;

/// A request, as far as faults look at it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub method: &'a str,
    /// The path as it was written.
    pub written: &'a str,
    /// Its segments below the service's root, action names shortened; `["token"]` for the token endpoint.
    pub segments: &'a [String],
    pub place: Place,
}

/// A rule, and how it matches.
#[derive(Debug)]
struct Ordered {
    state: InForce,
    /// Method and part of the path of a [`Fault`].
    contains: Option<(Option<String>, String)>,
    /// Requests after the skipped ones.
    counted: u64,
    /// How often each address was met: for effects that depend on it.
    addresses: HashMap<String, u32>,
}

/// The faults on order.
#[derive(Debug)]
pub(crate) struct Faults {
    ordered: Vec<Ordered>,
    last: u64,
    dice: Dice,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Faults {
        Faults {
            ordered: Vec::new(),
            last: 0,
            dice: Dice::new(seed),
        }
    }

    pub(crate) fn reseed(&mut self, seed: u64) {
        self.dice = Dice::new(seed);
    }

    pub(crate) fn order(&mut self, fault: Fault) {
        let when = When {
            skip: fault.skip,
            ..When::next(fault.times.max(1))
        };
        let rule = Rule {
            operation: String::new(),
            when,
            effect: fault.kind.effect(),
        };
        self.add(rule, Some((fault.method, fault.path)));
    }

    /// Puts a rule in force and answers its number.
    pub(crate) fn inject(&mut self, rule: Rule) -> u64 {
        self.add(rule, None)
    }

    fn add(&mut self, rule: Rule, contains: Option<(Option<String>, String)>) -> u64 {
        self.last += 1;
        self.ordered.push(Ordered {
            state: InForce {
                id: self.last,
                rule,
                met: 0,
                struck: 0,
            },
            contains,
            counted: 0,
            addresses: HashMap::new(),
        });
        self.last
    }

    /// Takes a rule back. Answers whether it was in force.
    pub(crate) fn withdraw(&mut self, id: u64) -> bool {
        let before = self.ordered.len();
        self.ordered.retain(|ordered| ordered.state.id != id);
        self.ordered.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.ordered.clear();
    }

    pub(crate) fn in_force(&self) -> Vec<InForce> {
        self.ordered.iter().map(|ordered| ordered.state.clone()).collect()
    }

    /// What strikes this request, if anything. The first rule that fits decides.
    pub(crate) fn strike(&mut self, asked: &Asked<'_>) -> Option<Effect> {
        let index = self.ordered.iter().position(|ordered| ordered.fits(asked))?;
        let ordered = self.ordered.get_mut(index)?;
        let effect = ordered.strike(asked, &mut self.dice)?;
        let over = ordered.state.rule.when.times;
        if over.is_some_and(|times| ordered.state.struck >= u64::from(times)) {
            self.ordered.remove(index);
        }
        Some(effect)
    }
}

impl Ordered {
    fn fits(&self, asked: &Asked<'_>) -> bool {
        if !self.state.rule.effect.fits(asked.place) {
            return false;
        }
        match &self.contains {
            Some((method, path)) => {
                asked.place == Place::Outer
                    && asked.segments.first().is_none_or(|first| first != "token")
                    && method
                        .as_deref()
                        .is_none_or(|wanted| wanted.eq_ignore_ascii_case(asked.method))
                    && asked.written.contains(path.as_str())
            }
            None => self.state.rule.covers(asked.method, asked.segments),
        }
    }

    fn strike(&mut self, asked: &Asked<'_>, dice: &mut Dice) -> Option<Effect> {
        let when = self.state.rule.when;
        self.state.met += 1;
        if self.state.met <= u64::from(when.skip) {
            return None;
        }
        self.counted += 1;
        if !self.counted.is_multiple_of(u64::from(when.every.max(1))) {
            return None;
        }
        if when.percent < 100.0 && dice.share() * 100.0 >= when.percent {
            return None;
        }
        let effect = match &self.state.rule.effect {
            Effect::LostTokenAfterRetry => {
                let met = self.addresses.entry(asked.written.to_owned()).or_default();
                *met += 1;
                match met {
                    1 => Effect::Status { status: 503 },
                    2 => Effect::LostPageToken,
                    _ => return None,
                }
            }
            Effect::OneOf { of } => {
                let fitting: Vec<&Effect> = of.iter().filter(|one| one.fits(asked.place)).collect();
                let drawn = usize::try_from(dice.next() % fitting.len().max(1) as u64).unwrap_or(0);
                (*fitting.get(drawn)?).clone()
            }
            effect => effect.clone(),
        };
        self.state.struck += 1;
        Some(effect)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn struck(rule: Rule, tries: usize) -> Vec<usize> {
        let mut faults = Faults::new(365);
        faults.inject(rule);
        let segments = ["users".to_owned()];
        let asked = Asked {
            method: "GET",
            written: "/users",
            segments: &segments,
            place: Place::Outer,
        };
        (1..=tries).filter(|_| faults.strike(&asked).is_some()).collect()
    }

    fn rule(when: When) -> Rule {
        Rule {
            when,
            ..rule_with(Effect::Hang)
        }
    }

    fn rule_with(effect: Effect) -> Rule {
        Rule {
            operation: "GET /users".to_owned(),
            when: When::default(),
            effect,
        }
    }

    #[test]
    fn rules_count_as_they_say() {
        let default = When::default;
        let every = When {
            every: 3,
            ..default()
        };
        assert_eq!(struck(rule(every), 9), [3, 6, 9]);
        let skip = When {
            skip: 2,
            times: Some(2),
            ..default()
        };
        assert_eq!(struck(rule(skip), 9), [3, 4]);
        let both = When {
            skip: 1,
            every: 2,
            times: Some(2),
            ..default()
        };
        assert_eq!(struck(rule(both), 9), [3, 5]);
        let percent = When {
            percent: 30.0,
            ..default()
        };
        let some = struck(rule(percent), 1_000);
        assert!((250..350).contains(&some.len()), "{}", some.len());
        assert_eq!(some, struck(rule(percent), 1_000), "the seed decides");
    }

    #[test]
    fn one_of_several_is_drawn_among_those_that_fit() {
        let mut faults = Faults::new(365);
        let of = vec![
            Effect::Drop { after: true },
            Effect::Hang,
            Effect::Status { status: 504 },
        ];
        faults.inject(rule_with(Effect::OneOf { of: of.clone() }));
        let segments = ["users".to_owned()];
        let asked = |place| Asked {
            method: "GET",
            written: "/users",
            segments: &segments,
            place,
        };
        let outer: Vec<Effect> = (0..100)
            .filter_map(|_| faults.strike(&asked(Place::Outer)))
            .collect();
        assert_eq!(outer.len(), 100);
        assert!(of.iter().all(|one| outer.contains(one)));
        let entries: Vec<Effect> = (0..100)
            .filter_map(|_| faults.strike(&asked(Place::Entry)))
            .collect();
        assert_eq!(entries, vec![Effect::Status { status: 504 }; 100]);
    }

    #[test]
    fn an_entry_of_a_batch_has_no_connection() {
        let mut faults = Faults::new(1);
        faults.inject(rule(When::default()));
        let segments = ["users".to_owned()];
        let entry = Asked {
            method: "GET",
            written: "/users",
            segments: &segments,
            place: Place::Entry,
        };
        assert_eq!(faults.strike(&entry), None);
        faults.inject(Rule::next("GET /users", 1, Effect::answer("throttled")));
        assert_eq!(faults.strike(&entry), Some(Effect::answer("throttled")));
        assert_eq!(faults.strike(&entry), None);
        assert_eq!(faults.in_force().len(), 1);
        assert!(faults.withdraw(1) && !faults.withdraw(1));
    }
}
