//! Codes by time: RFC 6238 over RFC 4226, as authenticator apps have them (SHA-1, 30 seconds, six digits).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

/// Milliseconds of a step (RFC 6238 section 4.1).
const STEP: i64 = 30_000;
/// Digits of a code.
const DIGITS: usize = 6;
/// Steps before and after the present one that count, for clocks that differ (RFC 6238 section 5.2).
const DRIFT: i64 = 1;

/// Whether a text has the form of a code; people type spaces into them.
pub(crate) fn is_digits(code: &str) -> bool {
    let code = bare(code);
    code.len() == DIGITS && code.bytes().all(|b| b.is_ascii_digit())
}

fn bare(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The step whose code this is, among those that count now.
pub(crate) fn step_of(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let given = bare(code);
    let present = now.div_euclid(STEP);
    // All are compared, whichever fits.
    (present - DRIFT..=present + DRIFT).fold(None, |found, step| {
        let right = of(secret, step);
        let fits = verify_slices_are_equal(right.as_bytes(), given.as_bytes()).is_ok();
        if fits { Some(step) } else { found }
    })
}

/// The code of a step (RFC 4226 section 5.3).
fn of(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let cut = bytes.iter().skip(at).take(4);
    let number = cut.fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, SHA-1, cut to six digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(of(secret, seconds / 30), code);
            assert_eq!(step_of(secret, code, seconds * 1_000), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_one_late() {
        let secret = b"12345678901234567890";
        let now = 1_111_111_109_000;
        let step = now / STEP;
        for (ago, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = of(secret, step + ago);
            assert_eq!(step_of(secret, &code, now).is_some(), counts, "{ago}");
        }
    }

    #[test]
    fn a_code_may_be_typed_in_two_parts() {
        assert!(is_digits(" 081 804 "));
        for wrong in ["", "08180", "0818044", "08180a", "٠٨١٨٠٤"] {
            assert!(!is_digits(wrong), "{wrong}");
        }
        assert_eq!(
            step_of(b"12345678901234567890", "081 804", 1_111_111_109_000),
            Some(37_037_036)
        );
    }
}
