//! Countries: the codes of ISO 3166-1, and the names under which people know them.
//!
//! The table has a line for each of the 249 officially assigned codes (ISO 3166-1:2020): the code of two letters,
//! that of three, the English names, and the names in the languages of the country.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const TABLE: &str = include_str!("country/names.txt");

/// Longer texts are no names; they are not looked for.
const LONGEST: usize = 100;

/// Each line's code of two letters, with everything the line knows.
fn lines() -> impl Iterator<Item = (&'static str, std::str::Split<'static, char>)> {
    TABLE.lines().filter_map(|line| {
        let mut names = line.split('|');
        names.next().map(|code| (code, names))
    })
}

/// The code of ISO 3166-1 of two letters, in capital letters, for the same code in any letter case; `None` for
/// everything else, names and reserved codes such as `UK` included.
pub fn alpha2(code: &str) -> Option<&'static str> {
    lines()
        .map(|(known, _)| known)
        .find(|known| known.eq_ignore_ascii_case(code))
}

/// The code of two letters for a code of two or three letters or a name, in English or in a language of the
/// country itself; letter case, accents, blanks and punctuation do not count.
pub fn find(text: &str) -> Option<&'static str> {
    static KNOWN: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
        let mut known = HashMap::new();
        for (code, names) in lines() {
            known.insert(plain(code), code);
            known.extend(names.map(|name| (plain(name), code)));
        }
        known
    });
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    KNOWN.get(&plain(text)).copied()
}

/// A name without what people write differently: small letters and digits only, accents taken off, `&` as a word.
fn plain(name: &str) -> String {
    let spelt = name.replace('&', "and");
    let letters = spelt
        .nfd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c));
    let small: String = letters.flat_map(char::to_lowercase).collect();
    let folded: String = small
        .chars()
        .map(|c| match c {
            'ø' => 'o',
            'ı' => 'i',
            'ə' => 'e',
            // At the end of a word the small letter has another form.
            'ς' => 'σ',
            other => other,
        })
        .collect();
    match folded.strip_prefix("the") {
        // "The Gambia", but not a name that happens to begin so.
        Some(rest) if name.trim_start().as_bytes().get(3) == Some(&b' ') => rest.to_owned(),
        _ => folded,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn there_are_249_codes_and_each_knows_itself() {
        let codes: Vec<_> = lines().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|one, other| one < other));
        for code in codes {
            assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(alpha2(&code.to_lowercase()), Some(code));
            assert_eq!(find(code), Some(code));
        }
    }

    #[test]
    fn no_name_means_two_countries() {
        let mut known = BTreeMap::new();
        for (code, names) in lines() {
            let all: Vec<_> = names.collect();
            assert!(all.len() >= 2, "{code} has no name");
            let letters = all[0].bytes().all(|byte| byte.is_ascii_uppercase());
            assert!(all[0].len() == 3 && letters, "{code}");
            for name in std::iter::once(code).chain(all) {
                assert!(!plain(name).is_empty(), "{code}: {name} has no letter");
                let before = known.insert(plain(name), code);
                assert!(
                    before.is_none_or(|before| before == code),
                    "{name}: {before:?} and {code}"
                );
            }
        }
    }

    #[test]
    fn only_codes_of_the_standard_are_codes() {
        assert_eq!(alpha2("de"), Some("DE"));
        for other in [
            "", "D", "DEU", "Germany", "UK", "EU", "XK", "AN", "ZZ", "DE ", "Dé",
        ] {
            assert_eq!(alpha2(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        let cases = [
            ("Germany", "DE"),
            ("deutschland", "DE"),
            (" DEU ", "DE"),
            ("ÖSTERREICH", "AT"),
            ("Osterreich", "AT"),
            ("UK", "GB"),
            ("u.s.a.", "US"),
            ("The Netherlands", "NL"),
            ("Cote d’Ivoire", "CI"),
            ("Türkiye", "TR"),
            ("日本", "JP"),
            ("Ελλάδα", "GR"),
            ("ΕΛΛΆΔΑ", "GR"),
            ("ΚΎΠΡΟΣ", "CY"),
            ("Bosnia & Herzegovina", "BA"),
            ("Viet Nam", "VN"),
            ("Norge", "NO"),
            ("Grønland", "GL"),
            ("Azerbaycan", "AZ"),
        ];
        for (name, code) in cases {
            assert_eq!(find(name), Some(code), "{name}");
        }
        for name in ["", "the", "Contoso", "Europe", &"a".repeat(500)] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}
