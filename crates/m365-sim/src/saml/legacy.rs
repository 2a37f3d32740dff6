//! RSA with SHA-1 (RFC 8017 section 8.2.1), which Entra still offers and cryptographic libraries no longer make. It takes
//! no care to hide how long it works: its keys open nothing but a simulator.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::token::{der_integers, der_octets};

/// `DigestInfo` of SHA-1 up to the digest (RFC 8017 section 9.2, note 1).
const PREFIX: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

/// A signature with a key of PKCS #8.
pub(super) fn sign(secret: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    // RSAPrivateKey: version, modulus, public exponent, private exponent (RFC 8017 appendix A.1.2).
    let integers = der_integers(der_octets(secret)?)?;
    let (modulus, exponent) = (integers.get(1)?, integers.get(3)?);
    let length = modulus.len();
    let mut block = vec![0xff; length];
    let tail = [
        &[0][..],
        &PREFIX,
        digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref(),
    ]
    .concat();
    let start = length.checked_sub(tail.len())?;
    block.get_mut(start..)?.copy_from_slice(&tail);
    block.get_mut(..2)?.copy_from_slice(&[0, 1]);
    let power = Modulus::new(modulus).power(&block, exponent);
    Some(power)
}

/// Numbers below an odd modulus, in words of 64 bits, the lowest first (Montgomery, "Modular Multiplication Without Trial
/// Division", 1985).
struct Modulus {
    words: Vec<u64>,
    /// −1 / modulus, in one word.
    inverse: u64,
}

impl Modulus {
    fn new(bytes: &[u8]) -> Modulus {
        let words = words(bytes, bytes.len().div_ceil(8));
        let lowest = words.first().copied().unwrap_or(1);
        // Newton: each round doubles the bits that are right.
        let inverse = (0..6).fold(lowest, |found, _| {
            found.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(found)))
        });
        Modulus {
            words,
            inverse: inverse.wrapping_neg(),
        }
    }

    fn power(&self, base: &[u8], exponent: &[u8]) -> Vec<u8> {
        let count = self.words.len();
        // One, moved up by all words: doubled as often as there are bits.
        let mut one = vec![0; count];
        if let Some(lowest) = one.first_mut() {
            *lowest = 1;
        }
        let lift = |mut number: Vec<u64>| {
            for _ in 0..64 * count {
                let carry = double(&mut number);
                if carry || !less(&number, &self.words) {
                    subtract(&mut number, &self.words);
                }
            }
            number
        };
        let base = lift(words(base, count));
        let mut result = lift(one.clone());
        for byte in exponent {
            for bit in (0..8).rev() {
                result = self.multiply(&result, &result);
                if byte >> bit & 1 == 1 {
                    result = self.multiply(&result, &base);
                }
            }
        }
        let result = self.multiply(&result, &one);
        result.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// The product, moved down by all words.
    fn multiply(&self, left: &[u64], right: &[u64]) -> Vec<u64> {
        let count = self.words.len();
        let mut sum = vec![0_u64; count + 2];
        for word in left {
            add_product(&mut sum, right, *word);
            let factor = sum.first().copied().unwrap_or(0).wrapping_mul(self.inverse);
            add_product(&mut sum, &self.words, factor);
            sum.remove(0);
            sum.push(0);
        }
        let over = sum.get(count).copied().unwrap_or(0) != 0;
        sum.truncate(count);
        if over || !less(&sum, &self.words) {
            subtract(&mut sum, &self.words);
        }
        sum
    }
}

fn words(bytes: &[u8], count: usize) -> Vec<u64> {
    let mut out: Vec<u64> = bytes
        .rchunks(8)
        .map(|chunk| chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
        .collect();
    out.resize(count, 0);
    out
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is meant")]
fn add_product(sum: &mut [u64], number: &[u64], factor: u64) {
    let mut carry = 0_u128;
    let (low, high) = sum.split_at_mut(number.len().min(sum.len()));
    for (place, word) in low.iter_mut().zip(number) {
        carry += u128::from(*place) + u128::from(*word) * u128::from(factor);
        *place = carry as u64;
        carry >>= 64;
    }
    for place in high {
        carry += u128::from(*place);
        *place = carry as u64;
        carry >>= 64;
    }
}

/// Doubles a number and answers whether a bit was lost.
fn double(number: &mut [u64]) -> bool {
    let mut carry = 0;
    for word in number {
        let next = *word >> 63;
        *word = *word << 1 | carry;
        carry = next;
    }
    carry == 1
}

fn less(left: &[u64], right: &[u64]) -> bool {
    left.iter().rev().lt(right.iter().rev())
}

fn subtract(number: &mut [u64], other: &[u64]) {
    let mut borrow = false;
    for (word, less) in number.iter_mut().zip(other) {
        let (once, first) = word.overflowing_sub(*less);
        let (twice, second) = once.overflowing_sub(u64::from(borrow));
        *word = twice;
        borrow = first || second;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};

    use super::super::key::{Method, SigningKey};
    use crate::token::public_key;

    #[test]
    fn a_library_accepts_what_is_signed() {
        let key = SigningKey::generate("Old", 0, 1_000_000_000_000).unwrap();
        let signature = key.sign(Method::Sha1, b"message").unwrap();
        let public = public_key(key.certificate()).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, public);
        assert!(public.verify(b"message", &signature).is_ok());
        assert!(public.verify(b"massage", &signature).is_err());
    }
}
