//! Regular expressions in the dialect of .NET, bounded.
//!
//! What can be matched in linear time is; only look-around, back-references and the like go to an engine
//! that backtracks, with a limit. Both find the leftmost match and prefer the earlier alternative, as
//! .NET does. One difference stays: `$` is the end of the text, not also the place before a line break
//! that ends it, which is written `\Z`.

mod dialect;
mod replacement;

use std::ops::Range;

pub(super) use replacement::expand;

/// The largest compiled regular expression, in bytes.
const MAX_COMPILED: usize = 1 << 20;
/// The most instructions of a backtracking program.
const MAX_PROGRAM: usize = 20_000;
/// How often one search may go back and try another way.
const MAX_BACKTRACKS: usize = 20_000;

/// The longest text for a pattern that backtracks, in bytes: looking around at every place takes time that
/// grows with the square of the length.
const MAX_HARD_TEXT: usize = 8 * 1024;

/// Message and hint.
pub(crate) type Mistake = (String, String);

/// A search went back too often, or would: no answer, which is neither yes nor no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooHard;

/// Message and hint for [`TooHard`].
pub(crate) const TOO_HARD: (&str, &str) = (
    "the regular expression takes too many attempts on this value",
    "avoid repetitions inside repetitions, such as (a+)+",
);

/// A prepared regular expression.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    engine: Engine,
    /// The engine's numbers of the groups without a name, which .NET numbers first; the whole match leads.
    unnamed: Vec<usize>,
    /// The groups with names, which .NET numbers behind them, and the engine's numbers; several groups
    /// may share a name.
    named: Vec<(String, Vec<usize>)>,
}

#[derive(Debug, Clone)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

/// What the groups of one match captured; the whole match is the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups(Vec<Option<Range<usize>>>);

/// Compiles a regular expression of the author.
pub(crate) fn pattern(text: &str) -> Result<Pattern, Mistake> {
    let translated = dialect::translate(text)?;
    let linear = regex::RegexBuilder::new(&translated)
        .size_limit(MAX_COMPILED)
        .build();
    let engine = match linear {
        Ok(regex) => Engine::Linear(regex),
        Err(regex::Error::CompiledTooBig(_)) => return Err(too_large()),
        Err(_) => Engine::Backtracking(Box::new(backtracking(&translated)?)),
    };
    Ok(Pattern::new(engine))
}

fn backtracking(translated: &str) -> Result<fancy_regex::Regex, Mistake> {
    fancy_regex::RegexBuilder::new(translated)
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(MAX_COMPILED)
        .max_prog_size(MAX_PROGRAM)
        .build()
        .map_err(|error| {
            // The last line says what is wrong; lines before it draw a picture.
            let text = error.to_string();
            let cause = text.lines().last().unwrap_or_default();
            let cause = cause.trim_start_matches("error: ");
            (
                format!("the regular expression is not valid: {cause}"),
                "the dialect is that of .NET; inside a string a backslash may be doubled".to_owned(),
            )
        })
}

fn too_large() -> Mistake {
    (
        "the regular expression is too large".to_owned(),
        "use smaller repetition counts".to_owned(),
    )
}

impl Pattern {
    fn new(engine: Engine) -> Self {
        let names: Vec<Option<String>> = match &engine {
            Engine::Linear(regex) => regex.capture_names().map(|n| n.map(str::to_owned)).collect(),
            Engine::Backtracking(regex) => regex.capture_names().map(|n| n.map(str::to_owned)).collect(),
        };
        let mut unnamed = Vec::new();
        let mut named: Vec<(String, Vec<usize>)> = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            match name {
                None => unnamed.push(index),
                Some(name) => match named.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, indexes)) => indexes.push(index),
                    None => named.push((name, vec![index])),
                },
            }
        }
        Self {
            engine,
            unnamed,
            named,
        }
    }

    /// Whether the pattern is found in the text.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool, TooHard> {
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(_) if text.len() > MAX_HARD_TEXT => Err(TooHard),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(|_| TooHard),
        }
    }

    /// What one search through so many bytes costs, in steps of an evaluation.
    pub(super) fn search_steps(&self, bytes: usize) -> u32 {
        let steps = match self.engine {
            Engine::Linear(_) => 1 + bytes / 256,
            Engine::Backtracking(_) => 10 + (bytes / 64).saturating_pow(2) / 4,
        };
        u32::try_from(steps).unwrap_or(u32::MAX)
    }

    /// Whether the pattern has a group of this name or number.
    pub(super) fn has_group(&self, name: &str) -> bool {
        self.indexes(name).is_some()
    }

    /// The engine's numbers of a group, by its name or .NET's number.
    fn indexes(&self, name: &str) -> Option<&[usize]> {
        let Ok(number) = name.parse::<usize>() else {
            let mut named = self.named.iter();
            return named
                .find(|(known, _)| known == name)
                .map(|(_, indexes)| &**indexes);
        };
        match number.checked_sub(self.unnamed.len()) {
            None => self.unnamed.get(number..=number),
            Some(behind) => self.named.get(behind).map(|(_, indexes)| &**indexes),
        }
    }

    /// The first match at or behind a place; what stands before the place is looked at by assertions.
    pub(super) fn find_at(&self, text: &str, at: usize, groups: &mut Groups) -> Result<bool, TooHard> {
        groups.0.clear();
        match &self.engine {
            Engine::Linear(regex) => {
                if let Some(found) = regex.captures_at(text, at) {
                    groups
                        .0
                        .extend(found.iter().map(|group| group.map(|g| g.range())));
                }
            }
            Engine::Backtracking(_) if text.len() > MAX_HARD_TEXT => return Err(TooHard),
            Engine::Backtracking(regex) => {
                if let Some(found) = regex.captures_from_pos(text, at).map_err(|_| TooHard)? {
                    groups
                        .0
                        .extend(found.iter().map(|group| group.map(|g| g.range())));
                }
            }
        }
        Ok(!groups.0.is_empty())
    }

    /// What a group captured, by its name or .NET's number; `None` when there is no such group.
    pub(super) fn group(&self, groups: &Groups, name: &str) -> Option<Option<Range<usize>>> {
        let indexes = self.indexes(name)?;
        Some(indexes.iter().rev().find_map(|index| groups.at(*index)))
    }

    /// .NET's highest group number.
    pub(super) fn last_group(&self) -> usize {
        (self.unnamed.len() + self.named.len()).saturating_sub(1)
    }
}

impl Groups {
    fn at(&self, index: usize) -> Option<Range<usize>> {
        self.0.get(index).cloned().flatten()
    }

    /// Where the whole match lies; empty at the start when nothing was found.
    pub(super) fn whole(&self) -> Range<usize> {
        self.at(0).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
