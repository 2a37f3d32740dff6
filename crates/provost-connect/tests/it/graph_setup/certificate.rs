//! Certificates for tests: just as much of one as the parties look at. Nobody checks who signed it.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A certificate and its key, as PEM text.
pub struct Pair {
    pub public: String,
    pub private: String,
}

/// A pair that is valid between two times (RFC 5280 section 4.1.2.5: a `UTCTime`, a `GeneralizedTime`).
pub fn make(starts: &str, ends: &str) -> Pair {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let rsa = element(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    let algorithm = element(0x30, &[rsa, element(0x05, &[])].concat());
    let bits = element(0x03, &[&[0], key.public_key().as_ref()].concat());
    let validity = [element(0x17, starts.as_bytes()), element(0x18, ends.as_bytes())].concat();
    let body = [
        element(0xa0, &element(0x02, &[2])),
        element(0x02, &[7]),
        algorithm.clone(),
        element(0x30, &[]),
        element(0x30, &validity),
        element(0x30, &[]),
        element(0x30, &[algorithm.clone(), bits].concat()),
    ];
    let whole = [element(0x30, &body.concat()), algorithm, element(0x03, &[0, 1])];
    Pair {
        public: pem("CERTIFICATE", &element(0x30, &whole.concat())),
        private: pem("PRIVATE KEY", private.as_ref()),
    }
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..=127 => vec![tag, low],
        128..=255 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), content].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}
