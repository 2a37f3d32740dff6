//! .NET's format strings for dates and times, prepared ("Custom date and time format strings" and
//! "Standard date and time format strings", invariant culture).

/// A format string's parts.
#[derive(Debug)]
pub(super) struct Picture(pub(super) Vec<Token>);

/// One part; the number says how often its letter was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A character that means itself.
    Literal(char),
    Year(usize),
    Month(usize),
    /// A day of the month for up to two letters, otherwise a day's name.
    Day(usize),
    Hour24(usize),
    Hour12(usize),
    Minute(usize),
    Second(usize),
    /// Exactly so many digits of a second.
    Fraction(usize),
    /// Up to so many digits of a second, without zeros at the end.
    ShortFraction(usize),
    /// AM or PM, or their first letters.
    Half(usize),
    /// An offset from UTC.
    Offset(usize),
    /// An offset, `Z`, or nothing.
    Zone,
    Era,
}

impl Picture {
    /// Prepares a format string.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars();
        let text = match (chars.next(), chars.next()) {
            (None, _) => return Err("a date format is missing".to_owned()),
            (Some(letter), None) => standard(letter).unwrap_or(text),
            _ => text,
        };
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = match c {
                '\'' | '"' => quoted(rest, c, &mut tokens)?,
                '\\' => {
                    let next = rest[1..].chars().next();
                    let next = next.ok_or("the date format ends with a backslash")?;
                    tokens.push(Token::Literal(next));
                    1 + next.len_utf8()
                }
                // It only tells a custom format of one letter from a standard one.
                '%' if matches!(rest[1..].chars().next(), None | Some('%')) => {
                    return Err("a % in the date format has no letter behind it".to_owned());
                }
                '%' => 1,
                c => {
                    let count = rest.chars().take_while(|next| *next == c).count();
                    letter(c, count, &mut tokens)?;
                    count * c.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        Ok(Self(tokens))
    }
}

fn quoted(text: &str, quote: char, tokens: &mut Vec<Token>) -> Result<usize, String> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(at + 1),
            '\\' => tokens.extend(chars.next().map(|(_, next)| Token::Literal(next))),
            c => tokens.push(Token::Literal(c)),
        }
    }
    Err("a quote in the date format is not closed".to_owned())
}

fn letter(c: char, count: usize, tokens: &mut Vec<Token>) -> Result<(), String> {
    let token = match c {
        'y' => Token::Year(count),
        'M' => Token::Month(count),
        'd' => Token::Day(count),
        'H' => Token::Hour24(count),
        'h' => Token::Hour12(count),
        'm' => Token::Minute(count),
        's' => Token::Second(count),
        'f' | 'F' if count > 7 => {
            return Err("a second has at most 7 digits behind the point in a date format".to_owned());
        }
        'f' => Token::Fraction(count),
        'F' => Token::ShortFraction(count),
        't' => Token::Half(count),
        'z' => Token::Offset(count),
        'K' => {
            tokens.extend(std::iter::repeat_n(Token::Zone, count));
            return Ok(());
        }
        'g' => Token::Era,
        c => {
            tokens.extend(std::iter::repeat_n(Token::Literal(c), count));
            return Ok(());
        }
    };
    tokens.push(token);
    Ok(())
}

/// The custom format that a format of a single letter stands for.
fn standard(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' | 'U' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        's' => "yyyy-MM-ddTHH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ssZ",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}
