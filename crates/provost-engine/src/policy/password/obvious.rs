//! Passwords that are tried first.

/// So many points make a password that is not obvious.
pub(super) const ENOUGH: usize = 5;

/// Known words, in small letters.
const WORDS: &str = "password passwort motdepasse contrasena wachtwoord passwd secret geheim welcome willkommen \
                     bienvenue letmein changeme default initial temporary admin administrator user login microsoft \
                     office365 company provost qwerty qwertz azerty asdf yxcv zxcv spring summer autumn winter fall \
                     fruhling sommer herbst monday january test iloveyou hello";

/// How obvious a password is: one point for a known word, for a year, and for a run or repetition of three or more
/// characters, one for every other character. Counting ends at `most`.
pub(super) fn points(password: &str, most: usize) -> usize {
    let original: Vec<char> = password.to_lowercase().chars().collect();
    let plain: Vec<char> = original.iter().map(|c| plain(*c)).collect();
    let (mut points, mut at) = (0, 0);
    while at < original.len() && points < most {
        at += step(&original[at..], &plain[at..]);
        points += 1;
    }
    points
}

/// How many characters one point covers.
fn step(original: &[char], plain: &[char]) -> usize {
    let lengths = [
        word(plain),
        year(original),
        line(original, 0),
        line(original, 1),
        line(original, -1),
        repetition(original),
    ];
    lengths.into_iter().max().unwrap_or(0).max(1)
}

/// The letter that a sign usually stands for.
fn plain(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' | '|' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// The longest known word at the beginning.
fn word(text: &[char]) -> usize {
    let begins = |word: &&str| {
        let mut rest = text.iter();
        word.chars().all(|c| rest.next() == Some(&plain(c)))
    };
    let found = WORDS.split_whitespace().filter(begins);
    found.map(str::len).max().unwrap_or(0)
}

/// A year of the last or this century.
fn year(text: &[char]) -> usize {
    match text {
        ['1', '9', a, b, ..] | ['2', '0', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => 4,
        _ => 0,
    }
}

/// Characters of which each is so much more than the one before: the same again, up, or down.
fn line(text: &[char], by: i32) -> usize {
    let distance = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let follows = text
        .windows(2)
        .take_while(|pair| distance(pair) == i64::from(by))
        .count();
    if follows >= 2 { follows + 1 } else { 0 }
}

/// What was there already, of two to eight characters.
fn repetition(text: &[char]) -> usize {
    let length = (2..=8)
        .rev()
        .find(|size| text.len() >= 2 * size && text[..*size] == text[*size..2 * size]);
    length.map_or(0, |size| {
        let parts = text.chunks(size).take_while(|part| *part == &text[..size]);
        parts.count() * size
    })
}
