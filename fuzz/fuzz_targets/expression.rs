//! Any text is an expression or a list of errors whose places lie inside it.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(errors) = provost_engine::expr::parse(text) {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
        }
    }
});
