//! The law of requests: see `law::request` of provost-saml.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target looks at one law")]
#[path = "../../crates/provost-saml/tests/it/law.rs"]
mod law;

fuzz_target!(|text: &str| law::request(text));
