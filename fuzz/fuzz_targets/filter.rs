//! A filter that parses prints to a text that parses to the same filter, and can be asked of anything.
#![no_main]
use libfuzzer_sys::fuzz_target;
use provost_scim::{filter, schema};

fuzz_target!(|text: &str| {
    for resource_type in [schema::user(), schema::group()] {
        if let Ok(parsed) = filter::parse(text, resource_type) {
            let again = filter::parse(&parsed.to_string(), resource_type);
            assert_eq!(again.as_ref(), Ok(&parsed));
            let resource = serde_json::json!({"userName": "ann", "emails": [{"value": "a@b.example", "type": "work"}]});
            let _ = parsed.matches(resource_type, &resource);
        }
    }
});
