//! Any text is an expression, which is printed and read as the same, or a list of errors whose places lie
//! inside it.
#![no_main]
use libfuzzer_sys::fuzz_target;

use provost_engine::expr::{MAX_LENGTH, parse, tree};

fuzz_target!(|text: &str| match parse(text) {
    Ok(expr) => {
        // A printed text escapes every backslash, so it may have become too long.
        let printed = expr.to_string();
        if printed.chars().count() <= MAX_LENGTH {
            let again = parse(&printed).expect("what was printed is an expression");
            assert_eq!(tree(&again), tree(&expr));
        }
    }
    Err(errors) => {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
        }
    }
});
