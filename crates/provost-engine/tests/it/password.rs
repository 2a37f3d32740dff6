//! Generated passwords are good enough, whatever the randomness is and whatever the account is called.

use proptest::prelude::*;
use provost_engine::policy::password::{LENGTH, SHORTEST, check, check_for, generate};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that follow from a seed (SplitMix64).
fn fill(state: &AtomicU64, bytes: &mut [u8]) {
    for byte in bytes {
        let next = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        *byte = (mixed >> 56) as u8;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_generated_password_always_passes(seed in any::<u64>(), name in "[a-zA-Z0-9.]{0,8}(@contoso\\.example)?") {
        let state = AtomicU64::new(seed);
        let password = generate(&|bytes: &mut [u8]| fill(&state, bytes), &name);
        let password = password.expect("the randomness is good");
        prop_assert_eq!(password.chars().count(), LENGTH);
        prop_assert_eq!(check_for(&password, &name), Ok(()));
        prop_assert_eq!(check(&password), Ok(()));
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        prop_assert!(has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()));
        prop_assert!(has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_punctuation()));
        prop_assert!(!password.chars().any(|c| "0O1lI5S".contains(c)));
    }

    /// The check takes any text, and a text that is too short never passes.
    #[test]
    fn any_text_has_a_verdict(text in ".{0,40}", name in ".{0,12}") {
        let verdict = check_for(&text, &name);
        if text.chars().count() < SHORTEST || !text.is_ascii() {
            prop_assert!(verdict.is_err());
        }
        if verdict.is_ok() {
            prop_assert_eq!(check(&text), Ok(()));
        }
    }
}
