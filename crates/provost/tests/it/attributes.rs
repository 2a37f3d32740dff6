//! The list of attributes of Microsoft 365 in the documentation is what the connector knows of them.

use provost_connect::Kind;
use provost_connect::graph::attribute::{ATTRIBUTES, Attribute, Clear, ValueKind, Writes};
use std::path::Path;

const HEAD: &str = "# Attributes of Microsoft 365

What a rule can map to in Microsoft 365, and what Provost holds a value to before it is sent. Written by the code itself \
(`PROVOST_WRITE_DOCS=1 cargo test -p provost attributes`); `provost attribute list --template microsoft-365 --notes` \
shows the same. How to use it stands in [the guide](../guides/microsoft-365.md#6-map-the-attributes).

In a mapping the name of the first column is written. A rule with another product's name for it is refused with the \
right one (`PRV-MAPPING-UNKNOWN`). Beside these, directory extensions that the organisation has defined itself can be \
mapped: `extension_`, the 32 digits of the application's id, `_` and the name.

| Word | Meaning |
|---|---|
| required | no account or group is made without a value |
| on create | written when the account or group is made, and never again |
| always | written when it is made, and on every change |
| null | emptied by no value; an empty text is not the same and is never sent |
| empty list | emptied by an empty list |
| never | cannot be emptied: `PRV-VALUE-NOT-CLEARABLE` |
| sensitive | shown as `[Redact]` everywhere |
| matches | an account that exists can be recognised by it |
";

/// The page as it should be.
fn page() -> String {
    let mut out = HEAD.to_owned();
    out.push_str(
        "\n## PingOne's attributes\n\nPingOne's Microsoft 365 connection maps these ten and the licences; ",
    );
    out.push_str("each has its place here.\n\n| In PingOne | Here | Values |\n|---|---|---|\n");
    for one in ATTRIBUTES {
        if let Some(theirs) = one.pingone {
            out.push_str(&format!("| `{theirs}` | `{}` | {} |\n", one.name, form(one)));
        }
    }
    for (heading, kind) in [("People", Kind::Person), ("Groups", Kind::Group)] {
        let all = || ATTRIBUTES.iter().filter(move |one| one.kind == kind);
        out.push_str(&format!("\n## {heading}\n\n"));
        out.push_str("| Attribute | Values | Written | Emptied by | Permission | About it | Example |\n");
        out.push_str("|---|---|---|---|---|---|---|\n");
        for one in all().filter(|one| one.writes != Writes::Never) {
            out.push_str(&row(one));
        }
        let read_only: Vec<String> = all()
            .filter(|one| one.writes == Writes::Never)
            .map(|one| format!("`{}`", one.name))
            .collect();
        out.push_str(&format!(
            "\nMicrosoft 365 sets these itself; a mapping to one is refused (`PRV-MAPPING-READ-ONLY`): {}.\n",
            read_only.join(", ")
        ));
    }
    out
}

fn row(one: &Attribute) -> String {
    let mut name = format!("`{}`", one.name);
    let others: Vec<String> = one
        .pingone
        .iter()
        .chain(one.aliases)
        .filter(|other| **other != one.name)
        .map(|other| format!("`{other}`"))
        .collect();
    if !others.is_empty() {
        name.push_str(&format!(" (elsewhere {})", others.join(", ")));
    }
    let written = match one.writes {
        Writes::CreateAndUpdate => "always",
        Writes::CreateOnly => "on create",
        Writes::Never => "never",
    };
    let emptied = match one.clear {
        Clear::Null => "null",
        Clear::EmptyList => "empty list",
        Clear::Never => "never",
    };
    let permission: Vec<String> = one.permission.iter().map(|name| format!("`{name}`")).collect();
    let cells = [
        name,
        form(one),
        format!("{}{written}", if one.required { "required, " } else { "" }),
        emptied.to_owned(),
        permission.join(" or "),
        cell(one.note),
        format!("`{}`", cell(one.example)),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// The form of its values, with limits.
fn form(one: &Attribute) -> String {
    let mut words = vec![
        match one.value {
            ValueKind::Text => "text",
            ValueKind::Bool => "true or false",
            ValueKind::List => "list of texts",
            ValueKind::Reference => "a person",
            ValueKind::Licences => "products",
            ValueKind::Password => "password",
            ValueKind::DateTime => "time (RFC 3339)",
        }
        .to_owned(),
    ];
    words.extend(one.max.map(|most| format!("at most {most} characters")));
    words.extend(one.most.map(|most| format!("at most {most}")));
    words.extend(one.sensitive.then(|| "sensitive".to_owned()));
    words.extend(one.filterable.then(|| "matches".to_owned()));
    words.join(", ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_page_of_attributes_is_what_the_connector_knows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/microsoft-365-attributes.md");
    if std::env::var_os("PROVOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        written,
        page(),
        "write it anew: PROVOST_WRITE_DOCS=1 cargo test -p provost attributes"
    );
}
