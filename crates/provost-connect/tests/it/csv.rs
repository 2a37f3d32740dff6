//! Laws of reading tables, for any input.

use proptest::prelude::*;
use provost_connect::csv::{Encoding, Options, read};
use serde_json::Value;

fn written(rows: &[Vec<String>], delimiter: char, end: &str) -> String {
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let line = |row: &Vec<String>| {
        row.iter()
            .map(quoted)
            .collect::<Vec<_>>()
            .join(&delimiter.to_string())
    };
    rows.iter().map(|row| line(row) + end).collect()
}

proptest! {
    /// Whatever comes in, reading ends, in order, and never with more than it may hold.
    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..2000), which in 0..6_usize) {
        let encodings = [None, Some(Encoding::Utf8), Some(Encoding::Utf16Le), Some(Encoding::Utf16Be), Some(Encoding::Windows1252)];
        let options = Options {
            encoding: encodings.get(which).copied().flatten(),
            field_bytes: 50, row_bytes: 200, columns: 10, rows: 20,
            ..Options::default()
        };
        let mut last = 0;
        let mut reader = read(&bytes[..], &options);
        while let Some(item) = reader.next() {
            match item {
                Ok(row) => {
                    prop_assert!(row.len() <= 10);
                    prop_assert!(row.values().all(|v| v.as_str().is_none_or(|text| text.len() <= 50)));
                    prop_assert!(reader.line() > last, "lines go up");
                    last = reader.line();
                }
                Err(fault) => {
                    prop_assert!(fault.line >= 1);
                    if fault.last {
                        prop_assert!(reader.next().is_none());
                    }
                }
            }
        }
    }

    /// What was written comes back, whatever the delimiter, the line end and the encoding.
    #[test]
    fn what_was_written_is_read(
        rows in proptest::collection::vec(proptest::collection::vec("[a-zà-ü,;\t\"\r\n ]{0,12}", 3), 0..12),
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t')],
        end in prop_oneof![Just("\n"), Just("\r\n")],
        wide in any::<bool>(),
    ) {
        let names: Vec<String> = ["id", "näme", "text"].map(str::to_owned).to_vec();
        let mut table = vec![names.clone()];
        table.extend(rows.clone());
        let text = written(&table, delimiter, end);
        let bytes: Vec<u8> = if wide {
            [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
        } else {
            text.into_bytes()
        };
        let found: Vec<_> = read(&bytes[..], &Options::default()).collect();
        prop_assert_eq!(found.len(), rows.len());
        for (found, row) in found.into_iter().zip(&rows) {
            let found = found.unwrap();
            for (name, field) in names.iter().zip(row) {
                let wanted = if field.trim().is_empty() { Value::Null } else { Value::from(field.as_str()) };
                prop_assert_eq!(&found[name], &wanted);
            }
        }
    }
}
