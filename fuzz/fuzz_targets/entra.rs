//! Any text is a synchronization schema whose rules compile or are switched off, and which comes back as it was,
//! or a list of what is wrong with it.
#![no_main]
use libfuzzer_sys::fuzz_target;

use provost_engine::import::{export, parse};

fuzz_target!(|text: &str| match parse(text) {
    Ok(import) => {
        for rule in import.rules.iter().filter(|rule| rule.enabled) {
            assert!(rule.compile().is_ok(), "{rule:?}");
        }
        assert_eq!(export(&import.rules, Some(&import.original)), import.original);
    }
    Err(problems) => assert!(!problems.is_empty()),
});
