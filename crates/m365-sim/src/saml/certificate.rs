//! Self-signed certificates (RFC 5280 section 4.1), as the sign-in service makes them for an application.

use crate::moment;

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const NULL: &[u8] = &[0x05, 0x00];
const UTF8: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
/// 1.2.840.113549.1.1.11, sha256WithRSAEncryption (RFC 4055 section 5).
const SHA256_WITH_RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// 2.5.4.3, the common name.
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];

/// What a certificate says.
pub(super) struct Wanted<'a> {
    /// The common name of subject and issuer.
    pub name: &'a str,
    pub serial: &'a [u8],
    /// From and until when, in milliseconds since the epoch.
    pub life: (i64, i64),
    /// `SubjectPublicKeyInfo`.
    pub key: &'a [u8],
}

/// The certificate; `sign` signs with RSA and SHA-256.
pub(super) fn self_signed(
    wanted: &Wanted<'_>,
    sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let algorithm = element(SEQUENCE, &[SHA256_WITH_RSA, NULL].concat());
    let name = [COMMON_NAME, &element(UTF8, wanted.name.as_bytes())].concat();
    let name = element(SEQUENCE, &element(SET, &element(SEQUENCE, &name)));
    let life = [time(wanted.life.0), time(wanted.life.1)].concat();
    let mut serial = vec![0];
    serial.extend_from_slice(wanted.serial);
    let body = [
        element(VERSION, &element(INTEGER, &[2])),
        element(INTEGER, &serial),
        algorithm.clone(),
        name.clone(),
        element(SEQUENCE, &life),
        name,
        wanted.key.to_vec(),
    ];
    let body = element(SEQUENCE, &body.concat());
    let mut signature = vec![0];
    signature.extend(sign(&body)?);
    let parts = [body, algorithm, element(BITS, &signature)];
    Some(element(SEQUENCE, &parts.concat()))
}

/// Two digits of the year until 2049, four afterwards.
fn time(milliseconds: i64) -> Vec<u8> {
    let digits: String = moment::text(milliseconds)
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() && *letter != 'T')
        .collect();
    if digits.as_str() < "2050" {
        element(UTC_TIME, digits.get(2..).unwrap_or_default().as_bytes())
    } else {
        element(GENERALIZED_TIME, digits.as_bytes())
    }
}

/// One element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|digit| *digit == 0).collect();
    match digits.as_slice() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        digits => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
    out
}
