//! Whatever our JSON reader accepts, the ordinary one reads as the same value.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = provost_scim::json::parse(bytes) {
        let ordinary: serde_json::Value = serde_json::from_slice(bytes).expect("accepted by ours");
        assert_eq!(value, ordinary);
    }
});
