//! From characters to fields.

use std::io::Read;

use super::decode::Decoded;
use super::{Fault, Options};

/// Delimiters that are recognised, in the order in which a tie is decided.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// The line on which a record begins, and its fields.
type Numbered = (u64, Vec<String>);

/// Where the parser is inside a field.
enum Place {
    /// Before its first character.
    Start,
    /// In a field without quotes.
    Plain,
    /// Between quotes that were opened on this line.
    Quoted(u64),
    /// After the closing quote.
    Closed,
}

pub(super) struct Parser<R> {
    source: Decoded<R>,
    delimiter: Option<char>,
    field_bytes: usize,
    row_bytes: usize,
    columns: usize,
}

impl<R: Read> Parser<R> {
    pub fn new(source: Decoded<R>, options: &Options) -> Self {
        Self {
            source,
            delimiter: options.delimiter,
            field_bytes: options.field_bytes,
            row_bytes: options.row_bytes,
            columns: options.columns,
        }
    }

    /// The first record, after the delimiter has been recognised.
    pub fn first(&mut self) -> Result<Option<Numbered>, Fault> {
        let told = self.told()?;
        if self.delimiter.is_none() {
            let found = match told {
                Some(told) => told,
                None => recognised(self.source.ahead()?),
            };
            self.delimiter = Some(found);
        }
        self.record()
    }

    /// The delimiter that a line `sep=;` tells; Excel writes and reads it.
    fn told(&mut self) -> Result<Option<char>, Fault> {
        let ahead = self.source.ahead()?;
        let mut line = ahead.split(['\r', '\n']).next().unwrap_or_default().chars();
        let is_told = ahead
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("sep="));
        let (delimiter, more) = (line.nth(4), line.next());
        match (delimiter, more) {
            (Some(delimiter), None) if is_told => {
                self.record_with('\0')?;
                Ok(Some(delimiter))
            }
            _ => Ok(None),
        }
    }

    /// The next record that is not an empty line; `None` at the end.
    pub fn record(&mut self) -> Result<Option<Numbered>, Fault> {
        self.record_with(self.delimiter.unwrap_or(','))
    }

    fn record_with(&mut self, delimiter: char) -> Result<Option<Numbered>, Fault> {
        while matches!(self.source.peek()?, Some('\r' | '\n')) {
            self.source.next()?;
        }
        let line = self.source.line;
        if self.source.peek()?.is_none() {
            return Ok(None);
        }
        let (mut fields, mut field, mut row) = (Vec::new(), String::new(), 0);
        let mut place = Place::Start;
        loop {
            let here = self.source.line;
            let next = self.source.next()?;
            match (&place, next) {
                (Place::Quoted(opened), None) => {
                    return Err(Fault::fatal(
                        *opened,
                        "a quoted field is opened here and never closed",
                    ));
                }
                (Place::Quoted(_), Some('"')) if self.source.peek()? == Some('"') => {
                    self.source.next()?;
                    field.push('"');
                }
                (Place::Quoted(_), Some('"')) => place = Place::Closed,
                (Place::Quoted(_), Some(c)) => field.push(c),
                (_, None | Some('\n')) => break,
                (_, Some('\r')) => {
                    if self.source.peek()? == Some('\n') {
                        self.source.next()?;
                    }
                    break;
                }
                (_, Some(c)) if c == delimiter => {
                    fields.push(std::mem::take(&mut field));
                    place = Place::Start;
                    if fields.len() >= self.columns {
                        let message = format!("there are more than {} fields in one row", self.columns);
                        return Err(Fault::fatal(here, message));
                    }
                }
                (Place::Start, Some('"')) => place = Place::Quoted(here),
                (Place::Closed, Some(' ' | '\t')) => {}
                (Place::Closed, Some(_)) => {
                    let message = "after a closing quote only a delimiter or the end of the line may follow";
                    return Err(Fault::fatal(here, message));
                }
                (Place::Start | Place::Plain, Some(c)) => {
                    place = Place::Plain;
                    field.push(c);
                }
            }
            row += next.map_or(0, char::len_utf8);
            self.bounded(&field, row, here)?;
        }
        fields.push(field);
        Ok(Some((line, fields)))
    }

    fn bounded(&self, field: &str, row: usize, line: u64) -> Result<(), Fault> {
        let message = if field.len() > self.field_bytes {
            format!("a field is longer than {} bytes", self.field_bytes)
        } else if row > self.row_bytes {
            format!("a row is longer than {} bytes", self.row_bytes)
        } else {
            return Ok(());
        };
        Err(Fault::fatal(line, message))
    }
}

/// The delimiter that the first line has the most of, outside quotes.
fn recognised(ahead: &str) -> char {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for c in ahead.chars() {
        match c {
            '"' => quoted = !quoted,
            '\r' | '\n' if !quoted => break,
            c if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|delimiter| *delimiter == c) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let best = counts.iter().position(|count| *count == most);
    best.and_then(|at| DELIMITERS.get(at)).copied().unwrap_or(',')
}
