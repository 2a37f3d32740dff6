//! Any bytes are a table: rows and faults with lines that rise, and never more columns than the first line names.
#![no_main]
use libfuzzer_sys::fuzz_target;

use provost_connect::csv::{Options, read};

fuzz_target!(|bytes: &[u8]| {
    let options = Options {
        field_bytes: 256,
        row_bytes: 1024,
        columns: 16,
        rows: 1000,
        ..Options::default()
    };
    let mut reader = read(bytes, &options);
    let Ok(columns) = reader.columns().map(<[String]>::len) else {
        return;
    };
    assert!(columns <= 16);
    let (mut line, mut is_over) = (0, false);
    while let Some(row) = reader.next() {
        assert!(!is_over, "nothing follows a fault that is the last");
        match row {
            Ok(row) => {
                assert!(row.len() <= columns);
                assert!(reader.line() >= line);
                line = reader.line();
            }
            Err(fault) => is_over = fault.last,
        }
    }
});
