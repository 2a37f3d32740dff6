//! A mutant of a valid response is refused, or says the same.
//!
//! `PROVOST_SAML_MUTANTS=100000` tries that many; a few thousand without it.

use provost_saml::response::{Verified, receive};

use crate::generator::{Response, SAML, field};
use crate::kit::{Memory, now, pending, provider};

/// Marsaglia's xorshift: every run is the same.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap() % end.max(1)
    }
}

/// What attacks are made of.
const PIECES: &[&str] = &[
    "<!---->",
    "<![CDATA[x]]>",
    "<?x?>",
    "&#x61;",
    "&amp;",
    "admin",
    "_evil",
    "#",
    "\"",
    "'",
    "<",
    ">",
    "/>",
    " ",
    "\n",
    "\u{feff}",
    " xmlns=\"\"",
    " xmlns:a=\"urn:a\"",
    " ID=\"_evil\"",
    " Id=\"_evil\"",
    "xml:id=\"_evil\"",
    "<Assertion>",
    "</Assertion>",
    "<Signature></Signature>",
    "<Object></Object>",
    "<NameID>admin</NameID>",
    "<AttributeValue>admin</AttributeValue>",
    "<Extensions></Extensions>",
    "2027",
    "urn:federation:MicrosoftOnline",
];

/// Elements, as stretches of the text: from the `<` of the head to the `>` of the foot.
fn elements(text: &str) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        let start = at + next;
        let Some(end) = text[start..].find('>').map(|end| start + end + 1) else {
            break;
        };
        if text[start..].starts_with("</") {
            found.extend(open.pop().map(|begin| (begin, end)));
        } else {
            open.push(start);
        }
        at = end;
    }
    found
}

fn mutated(text: &str, random: &mut Random) -> String {
    let mut out = text.to_owned();
    for _ in 0..=random.below(2) {
        let elements = elements(&out);
        let pick = |random: &mut Random| {
            elements
                .get(random.below(elements.len()))
                .copied()
                .unwrap_or((0, 0))
        };
        let (from, to) = pick(random);
        match random.below(8) {
            // Whole elements are copied, moved, removed, wrapped, or take another one's place.
            0 => {
                let copy = out[from..to].to_owned();
                let (at, end) = pick(random);
                let at = if random.below(2) == 0 { at } else { end };
                out.insert_str(at, &copy);
            }
            1 => {
                let cut: String = out.drain(from..to).collect();
                let at = boundary(&out, random.below(out.len() + 1));
                out.insert_str(at, &cut);
            }
            2 => drop(out.drain(from..to)),
            3 => {
                out.insert_str(to, "</Wrap>");
                out.insert_str(from, &format!("<Wrap xmlns=\"{SAML}\">"));
            }
            4 => {
                let copy = out[from..to].replace("anna", "admin").replace("_a0", "_b0");
                let (at, end) = pick(random);
                out.replace_range(at..end, &copy);
            }
            // A piece anywhere, a character changed, a stretch removed.
            5 => {
                let at = boundary(&out, random.below(out.len() + 1));
                out.insert_str(at, PIECES[random.below(PIECES.len())]);
            }
            6 => {
                let at = boundary(&out, random.below(out.len()));
                if let Some(old) = out[at..].chars().next() {
                    let new = char::from(32 + u8::try_from(random.below(95)).unwrap());
                    out.replace_range(at..at + old.len_utf8(), &new.to_string());
                }
            }
            _ => {
                let at = boundary(&out, random.below(out.len()));
                let end = boundary(&out, (at + 1 + random.below(12)).min(out.len()));
                out.replace_range(at..end, "");
            }
        }
    }
    out
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Everything that is read from a response.
fn said(verified: &Verified) -> String {
    let values: Vec<String> = Response::default()
        .claims
        .iter()
        .map(|(name, _)| verified.values(name).join(","))
        .collect();
    format!(
        "{} {} {} {:?} {} {:?} {:?} {values:?}",
        verified.issuer(),
        verified.assertion_id(),
        verified.name_id(),
        verified.name_id_format(),
        verified.authn_instant(),
        verified.session_index(),
        verified.context(),
    )
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "how many are tried is the caller's; what is tried is not"
)]
fn a_mutant_is_refused_or_says_the_same() {
    let count: u64 = std::env::var("PROVOST_SAML_MUTANTS").map_or(4_000, |text| text.parse().unwrap());
    let provider = provider();
    let originals: Vec<String> = [(true, false), (true, true)]
        .into_iter()
        .map(|(sign_assertion, sign_response)| {
            let response = Response {
                sign_assertion,
                sign_response,
                ..Response::default()
            };
            response.text()
        })
        .collect();
    let verdict = |text: &str| {
        receive(
            &field(text),
            &provider,
            Some(&pending()),
            now(),
            &mut Memory::default(),
        )
    };
    let wanted = said(&verdict(&originals[0]).unwrap());
    let (mut accepted, mut refused) = (0_u64, std::collections::BTreeMap::new());
    for seed in 0..count {
        let mut random = Random::new(seed + 1);
        let text = mutated(&originals[random.below(originals.len())], &mut random);
        match verdict(&text) {
            Ok(verified) => {
                accepted += 1;
                assert_eq!(said(&verified), wanted, "seed {seed}: another identity\n{text}");
            }
            Err(error) => *refused.entry(error.code()).or_insert(0_u64) += 1,
        }
    }
    eprintln!("{count} mutants: {accepted} accepted, all with the same identity; refused {refused:?}");
    // The generator has to reach all the way in: into refusals by the digest, and to what is still acceptable.
    assert!(accepted > 0 && refused.len() > 10, "{accepted} {refused:?}");
    assert!(refused.contains_key("PRV-SAML-DIGEST"));
}
