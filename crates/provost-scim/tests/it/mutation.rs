//! Changing a text at random, the same way every time.

/// Marsaglia's xorshift: enough to wander about, and every run is the same.
pub struct Random(u64);

impl Random {
    /// The seed must not be 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    /// One of these; there must be one.
    pub fn one<'a, T: ?Sized>(&mut self, all: &'a [&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What stands in requests, and what breaks readers of them.
const WORDS: &[&str] = &[
    " eq ",
    " and ",
    " or ",
    "not (",
    ")",
    "(",
    "[",
    "]",
    "].",
    " pr",
    " co ",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "\"True\"",
    "1e999",
    "-0",
    "18446744073709551616",
    "emails",
    "[type eq \"work\"]",
    ".value",
    "members",
    "members[value eq \"a\"]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ":",
    ":manager",
    "$ref",
    "bulkId:a",
    "bulkId:",
    "/Users/",
    "{",
    "}",
    ",",
    "\"op\":\"Add\"",
    "\"path\":\"manager\"",
    "\"value\":[",
    "id",
    "schemas",
    "\u{0}",
    "\u{feff}",
    "é",
    "İ",
    "\u{1f600}",
    "..",
    "$",
    "%20",
];

/// One of the texts with one to five changes.
pub fn changed(corpus: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.one(corpus).as_bytes().to_vec();
    for _ in 0..=random.below(5) {
        let (at, end) = range(&bytes, random);
        match random.below(7) {
            0 => drop(bytes.drain(at..end)),
            1 => insert(&mut bytes, at, random.one(WORDS).as_bytes()),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                insert(&mut bytes, to, &copy);
            }
            3 => {
                let other = random.one(corpus).as_bytes();
                let (from, to) = range(other, random);
                insert(&mut bytes, at, &other[from..to]);
            }
            4 if !bytes.is_empty() => {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            5 => bytes.truncate(end),
            _ => {
                let word = random.one(WORDS).as_bytes();
                bytes.splice(at..end, word.iter().copied());
            }
        }
    }
    bytes
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}

/// A short stretch.
fn range(bytes: &[u8], random: &mut Random) -> (usize, usize) {
    let at = random.below(bytes.len() + 1);
    let length = random.below(24).min(bytes.len() - at);
    (at, at + length)
}
