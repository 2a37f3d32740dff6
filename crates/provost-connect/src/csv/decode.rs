//! From bytes to characters, piece by piece.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::Fault;

/// Bytes that are read at once, and looked at to recognise the encoding.
const PIECE: usize = 64 * 1024;

/// How the characters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, low byte first, as Windows writes it.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, Western European; ISO 8859-1 reads the same.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    fn decoder(self) -> Decoder {
        let encoding = match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        };
        encoding.new_decoder_with_bom_removal()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The encoding of a file that begins with these bytes. Without a mark: UTF-16 when every
    /// other byte of the beginning is zero, UTF-8 when it can be that, else Windows-1252.
    fn of(start: &[u8]) -> Self {
        match start {
            [0xef, 0xbb, 0xbf, ..] => return Self::Utf8,
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            _ => {}
        }
        match start {
            [low, 0, other, 0, ..] if *low != 0 && *other != 0 => return Self::Utf16Le,
            [0, high, 0, other, ..] if *high != 0 && *other != 0 => return Self::Utf16Be,
            _ => {}
        }
        match std::str::from_utf8(start) {
            Ok(_) => Self::Utf8,
            // The piece may end inside a character.
            Err(error) if error.error_len().is_none() => Self::Utf8,
            Err(_) => Self::Windows1252,
        }
    }
}

/// The characters of a reader.
pub(super) struct Decoded<R> {
    reader: R,
    encoding: Option<Encoding>,
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    text: String,
    at: usize,
    ended: bool,
    /// The line of the next character; the first is 1.
    pub line: u64,
}

impl<R: Read> Decoded<R> {
    pub fn new(reader: R, encoding: Option<Encoding>) -> Self {
        Self {
            reader,
            encoding,
            decoder: None,
            bytes: Vec::new(),
            text: String::new(),
            at: 0,
            ended: false,
            line: 1,
        }
    }

    /// The next character, which stays.
    pub fn peek(&mut self) -> Result<Option<char>, Fault> {
        while self.at >= self.text.len() {
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
        }
        Ok(self.text.get(self.at..).and_then(|rest| rest.chars().next()))
    }

    /// The next character.
    pub fn next(&mut self) -> Result<Option<char>, Fault> {
        let next = self.peek()?;
        self.at += next.map_or(0, char::len_utf8);
        if next == Some('\n') {
            self.line += 1;
        } else if next == Some('\r') && self.peek()? != Some('\n') {
            // A lone carriage return ends a line too.
            self.line += 1;
        }
        Ok(next)
    }

    /// What has been read ahead and not been taken; at most one piece.
    pub fn ahead(&mut self) -> Result<&str, Fault> {
        self.peek()?;
        Ok(self.text.get(self.at..).unwrap_or_default())
    }

    fn fill(&mut self) -> Result<(), Fault> {
        let left = self.bytes.len();
        self.bytes.resize(PIECE, 0);
        let mut filled = left;
        // The beginning is read to a full piece, because the encoding is recognised from it.
        while filled < PIECE {
            let read = match self.reader.read(&mut self.bytes[filled..]) {
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let why = crate::error::quote(&error.to_string());
                    return Err(Fault::fatal(
                        self.line,
                        format!("the file could not be read: {why}"),
                    ));
                }
            };
            filled += read;
            if read == 0 {
                self.ended = true;
                break;
            }
        }
        self.bytes.truncate(filled);
        let encoding = *self.encoding.get_or_insert_with(|| Encoding::of(&self.bytes));
        self.decode(encoding)
    }

    fn decode(&mut self, encoding: Encoding) -> Result<(), Fault> {
        let decoder = self.decoder.get_or_insert_with(|| encoding.decoder());
        let room = decoder.max_utf8_buffer_length_without_replacement(self.bytes.len());
        self.text.clear();
        self.at = 0;
        self.text.reserve(room.unwrap_or(PIECE * 3));
        let (result, used) =
            decoder.decode_to_string_without_replacement(&self.bytes, &mut self.text, self.ended);
        self.bytes.drain(..used);
        if let DecoderResult::Malformed(..) = result {
            let ends = self.text.matches('\n').count() as u64;
            let message = format!(
                "a character here is not {}; name the encoding of the file",
                encoding.name()
            );
            self.ended = true;
            return Err(Fault::fatal(self.line + ends, message));
        }
        Ok(())
    }
}
