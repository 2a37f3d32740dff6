//! Is a licence expression satisfied by the licences we accept?
//!
//! Expressions are SPDX (annex D): names joined by `AND` (binds tighter) and `OR`, with parentheses, and
//! `NAME WITH EXCEPTION`, which we compare as one name. The old `A/B` of early crates means `A OR B`.

/// True when the expression can be met with the licences in `allowed` alone. An expression that cannot be
/// read is not satisfied.
#[must_use]
pub fn satisfied(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        at: 0,
        allowed,
    };
    reader.any() == Some(true) && reader.at == words.len()
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    allowed: &'a [String],
}

impl Reader<'_> {
    /// `all OR all OR …`
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.take("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    /// `one AND one AND …`
    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    /// A name, or an expression in parentheses.
    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any()?;
            return self.take(")").then_some(met);
        }
        let mut name = self.name()?.to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.name()?);
        }
        Some(self.allowed.contains(&name))
    }

    fn name(&mut self) -> Option<&str> {
        let word = *self.words.get(self.at)?;
        self.at += 1;
        (!matches!(word, "AND" | "OR" | "WITH" | "(" | ")")).then_some(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    fn check(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
        satisfied(expression, &allowed.map(str::to_owned))
    }

    #[test]
    fn one_side_of_or_is_enough_and_both_sides_of_and_are_needed() {
        assert!(check("MIT"));
        assert!(check("GPL-3.0 OR MIT"));
        assert!(check("MIT/GPL-2.0"));
        assert!(!check("GPL-3.0"));
        assert!(!check("MIT AND GPL-3.0"));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(check("MIT OR Apache-2.0 AND GPL-3.0"));
        assert!(!check("(MIT OR Apache-2.0) AND GPL-3.0"));
        assert!(check("GPL-3.0 AND ISC OR (MIT AND Apache-2.0)"));
    }

    #[test]
    fn an_exception_is_part_of_the_name() {
        assert!(check("Apache-2.0 WITH LLVM-exception"));
        assert!(!check("MIT WITH LLVM-exception"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for broken in ["", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT Apache-2.0", "OR"] {
            assert!(!check(broken), "{broken}");
        }
    }
}
