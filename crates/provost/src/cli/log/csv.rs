//! Writing CSV (RFC 4180): what a spreadsheet and a database import both read.

use std::io::{Result, Write};

/// What a spreadsheet takes for a formula at the begin of a field.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes one row; every field that needs it is quoted. A name that begins like a formula stands behind an
/// apostrophe: people's names are not ours, and a spreadsheet must not run them.
pub(in crate::cli) fn row<const N: usize>(out: &mut impl Write, fields: [&str; N]) -> Result<()> {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        let guard = if field.starts_with(FORMULA) { "'" } else { "" };
        if field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ') {
            write!(out, "\"{guard}{}\"", field.replace('"', "\"\""))?;
        } else {
            write!(out, "{guard}{field}")?;
        }
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::row;

    #[test]
    fn quotes_commas_and_line_ends_stay_inside_their_field() {
        let mut out = Vec::new();
        row(
            &mut out,
            ["a", "b,c", "say \"x\"", "two\nlines", " blank", "", "=A1"],
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",\" blank\",,'=A1\r\n"
        );
    }
}
