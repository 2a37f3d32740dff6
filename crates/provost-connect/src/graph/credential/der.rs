//! As much of a certificate as is needed here: its validity and its public key (RFC 5280 section 4.1, ITU-T X.690).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
/// `id-ecPublicKey`, 1.2.840.10045.2.1 (RFC 5480), as it stands in a key.
const ELLIPTIC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// What a certificate says.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// The content of `subjectPublicKey`; of an RSA key its `RSAPublicKey`.
    pub public_key: &'a [u8],
}

/// Reads a certificate.
pub(super) fn read(der: &[u8]) -> Result<Read<'_>, String> {
    whole(der).ok_or_else(|| "the certificate is damaged: export it again".to_owned())
}

/// Whether a key names elliptic curves as its algorithm.
pub(super) fn is_elliptic(der: &[u8]) -> bool {
    der.windows(ELLIPTIC.len()).any(|window| window == ELLIPTIC)
}

fn whole(der: &[u8]) -> Option<Read<'_>> {
    let mut certificate = Reader(Reader(der).content(SEQUENCE)?);
    let mut fields = Reader(certificate.content(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.next()?;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        fields.next()?;
    }
    let mut validity = Reader(fields.content(SEQUENCE)?);
    let (starts, ends) = (time(validity.next()?)?, time(validity.next()?)?);
    fields.next()?;
    let mut key = Reader(fields.content(SEQUENCE)?);
    key.next()?;
    // The first byte counts unused bits; there are none in a key.
    let public_key = key.content(BIT_STRING)?.get(1..)?;
    Some(Read {
        starts,
        ends,
        public_key,
    })
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Tag and content of the next element.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let count = usize::from(first & 0x7f);
            // Four bytes are 4 GB: longer lengths belong to no certificate.
            if count == 0 || count > 4 || rest.len() < count {
                return None;
            }
            let (bytes, rest) = rest.split_at(count);
            let length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        };
        if rest.len() < length {
            return None;
        }
        let (content, rest) = rest.split_at(length);
        self.0 = rest;
        Some((tag, content))
    }

    /// Content of the next element, which has to have this tag.
    fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next()
            .filter(|(found, _)| *found == tag)
            .map(|(_, content)| content)
    }
}

/// Both forms of time, always in UTC (RFC 5280 section 4.1.2.5).
fn time((tag, content): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let full = match tag {
        UTC_TIME => {
            let year: u32 = text.get(..2)?.parse().ok()?;
            let century = if year >= 50 { "19" } else { "20" };
            format!("{century}{text}")
        }
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    if full.len() != 14 || !full.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| full.get(from..to)?.parse::<i8>().ok();
    let year = full.get(..4)?.parse::<i16>().ok()?;
    let date = DateTime::new(
        year,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
        0,
    )
    .ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
