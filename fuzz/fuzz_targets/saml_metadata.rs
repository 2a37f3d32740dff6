//! The law of metadata: see `law::metadata` of provost-saml.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target looks at one law")]
#[path = "../../crates/provost-saml/tests/it/law.rs"]
mod law;

fuzz_target!(|bytes: &[u8]| law::metadata(bytes));
