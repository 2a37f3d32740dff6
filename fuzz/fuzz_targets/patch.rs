//! The law of PATCH bodies: see `law::patch`.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target looks at one law")]
#[path = "../../crates/provost-scim/tests/it/law.rs"]
mod law;

fuzz_target!(|bytes: &[u8]| law::patch(bytes));
