//! Even choices from random bytes.

use crate::rule::Random;

/// Throws dice with any number of faces. The bytes come from the caller.
pub(crate) struct Dice<'a> {
    fill: &'a Random<'a>,
    bytes: [u8; 64],
    used: usize,
}

impl<'a> Dice<'a> {
    pub(crate) fn new(fill: &'a Random<'a>) -> Self {
        Self {
            fill,
            bytes: [0; 64],
            used: 64,
        }
    }

    fn byte(&mut self) -> usize {
        if self.used == self.bytes.len() {
            (self.fill)(&mut self.bytes);
            self.used = 0;
        }
        self.used += 1;
        usize::from(self.bytes[self.used - 1])
    }

    /// A number below a bound of at most 256. Bytes beyond the last whole multiple are thrown again, as
    /// they would favour small numbers; a source that never gives another is not waited for.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let fair = 256 - 256 % bound;
        for _ in 0..1_000 {
            let byte = self.byte();
            if byte < fair {
                return byte % bound;
            }
        }
        0
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle(&mut self, chosen: &mut [char]) {
        for last in (1..chosen.len()).rev() {
            let other = self.below(last + 1);
            chosen.swap(last, other);
        }
    }
}
