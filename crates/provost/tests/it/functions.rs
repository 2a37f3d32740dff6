//! The reference of functions in the documentation is what the code says about itself.

use provost_engine::expr;
use std::path::Path;

/// The page as it should be.
fn page() -> String {
    let mut out = String::from(
        "# Functions of expressions\n\n\
         What a mapping may compute. Written by the code itself (`PROVOST_WRITE_DOCS=1 cargo test -p provost \
         functions`); `provost expr functions NAME` shows one of them, `provost expr eval` tries an expression.\n\n\
         An expression is a call, an attribute in brackets, a text in double quotes, a number, or several of these \
         joined by `&` or compared by `=`, `<>`, `<`, `<=`, `>`, `>=`. Arguments in braces may be left out and keep \
         their place; `…` stands behind what may be repeated. A backslash in a text escapes a double quote or itself, \
         so `\\\\d` is the regular expression `\\d`. `IgnoreAttributeFlow` and `IgnoreObjectFlow` leave the attribute, or \
         the whole object, as it is in the target.\n\n\
         | Function | Gives | Example | Result |\n|---|---|---|---|\n",
    );
    for one in expr::reference() {
        let cell = |text: &str| text.replace('|', "\\|");
        out.push_str(&format!(
            "| `{}` | {} | `{}` | {} |\n",
            cell(one.signature),
            cell(one.summary),
            cell(one.example),
            if one.result.is_empty() {
                String::new()
            } else {
                format!("`{}`", cell(one.result))
            },
        ));
    }
    out
}

#[test]
fn the_page_of_functions_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/expressions.md");
    if std::env::var_os("PROVOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        written,
        page(),
        "write it anew: PROVOST_WRITE_DOCS=1 cargo test -p provost functions"
    );
}
