//! What is entered to reach a target: the connector's settings and secrets, each with its form and its help. What
//! everybody needs comes first; the rest stands folded away.

use crate::texts::text;
use provost_connect::scim::SETTINGS;
use serde_json::{Number, Value};

/// How a value is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A line that usually is an id of 36 characters, all of which are to be seen.
    Id,
    Address,
    Number,
    /// On or off; off where nothing is said.
    Switch,
    /// Yes, no, or as the connector does by itself.
    Maybe,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Texts with commas between them.
    List,
    /// Whole numbers with commas between them.
    Numbers,
    /// Some of these words.
    Some(&'static [&'static str]),
    /// A secret of one line.
    Secret,
    /// A secret of several lines: a certificate with its key.
    Pem,
}

/// Something to be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// The setting's or secret's name.
    pub name: &'static str,
    /// A text, or the name itself.
    pub label: &'static str,
    /// A text for those that everybody needs; English for the others.
    pub help: &'static str,
    pub shape: Shape,
    pub is_required: bool,
    pub is_folded: bool,
}

const fn field(name: &'static str, label: &'static str, help: &'static str, shape: Shape) -> Field {
    Field {
        name,
        label,
        help,
        shape,
        is_required: false,
        is_folded: false,
    }
}

impl Field {
    /// Whether it is a secret, which is never shown again.
    pub fn is_secret(&self) -> bool {
        matches!(self.shape, Shape::Secret | Shape::Pem)
    }

    const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    const fn folded(mut self) -> Self {
        self.is_folded = true;
        self
    }

    /// What was typed as the setting's value; none where nothing was.
    ///
    /// # Errors
    /// A text that says what is expected.
    pub fn value(&self, typed: &[&str]) -> Result<Option<Value>, &'static str> {
        let first = typed.first().map_or("", |text| text.trim());
        if first.is_empty() {
            return Ok(None);
        }
        match self.shape {
            Shape::Switch => Ok((first == "on").then_some(Value::Bool(true))),
            Shape::Maybe => Ok(Some(Value::Bool(first == "true"))),
            Shape::Number => number(first).map(Some),
            Shape::List => Ok(Some(parts(first).map(Value::from).collect())),
            Shape::Numbers => parts(first).map(number).collect::<Result<Value, _>>().map(Some),
            Shape::Some(_) => Ok(Some(typed.iter().map(|one| Value::from(*one)).collect())),
            Shape::Text | Shape::Id | Shape::Address | Shape::Choice(_) | Shape::Secret | Shape::Pem => {
                Ok(Some(first.into()))
            }
        }
    }

    /// A saved value as the form shows it.
    pub fn shown(&self, value: &Value) -> String {
        match (self.shape, value) {
            (Shape::Switch, Value::Bool(true)) => "on".to_owned(),
            (Shape::Switch, _) | (_, Value::Null) => String::new(),
            (_, Value::String(text)) => text.clone(),
            (_, Value::Array(items)) => {
                let texts = items.iter().map(|item| match item {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                texts.collect::<Vec<_>>().join(", ")
            }
            (_, other) => other.to_string(),
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n', ' '])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn number(text: &str) -> Result<Value, &'static str> {
    let wrong = text_number();
    if let Ok(whole) = text.parse::<u64>() {
        return Ok(whole.into());
    }
    let fraction = text.parse::<f64>().map_err(|_| wrong)?;
    Number::from_f64(fraction).map(Value::Number).ok_or(wrong)
}

const fn text_number() -> &'static str {
    text("Type a number.")
}

/// What a connector asks for.
pub(super) fn of(connector: &str) -> Vec<Field> {
    match connector {
        "graph" => GRAPH.to_vec(),
        _ => scim(),
    }
}

const CLOUDS: [&str; 4] = ["global", "us-government", "us-dod", "china"];

const FUNCTIONS: [&str; 7] = [
    "people",
    "groups",
    "licences",
    "passwords",
    "sessions",
    "restore",
    "federation",
];

const GRAPH: [Field; 12] = [
    field(
        "tenant",
        text("Tenant"),
        text("The tenant's id, one of its domains, or an address of its sign-in: all three are understood."),
        Shape::Id,
    )
    .required(),
    field(
        "client_id",
        text("Application (client) ID"),
        text("From the overview of the app registration."),
        Shape::Id,
    )
    .required(),
    field(
        "client_secret",
        text("Client secret"),
        text("The secret's value, not its id. It is kept sealed and shown nowhere."),
        Shape::Secret,
    ),
    field(
        "certificate",
        text("Certificate with its private key"),
        text("PEM, instead of the client secret; with both, the certificate counts. It is kept sealed."),
        Shape::Pem,
    ),
    field(
        "functions",
        text("What the connection does"),
        text("Only the permissions of what is chosen are asked for. Nothing chosen: people, groups, licences, sessions."),
        Shape::Some(&FUNCTIONS),
    ),
    field(
        "cloud",
        "cloud",
        "The cloud of the tenant; found out when the tenant is given by an address.",
        Shape::Choice(&CLOUDS),
    )
    .folded(),
    field(
        "graph_url",
        "graph_url",
        "The address of a Graph that is not Microsoft's own; together with login_url.",
        Shape::Address,
    )
    .folded(),
    field("login_url", "login_url", "The address of its sign-in.", Shape::Address).folded(),
    field(
        "allow_private_network",
        "allow_private_network",
        "Whether the target may be at a private address, and be reached over plain http there.",
        Shape::Switch,
    )
    .folded(),
    field(
        "allowed_networks",
        "allowed_networks",
        "Private networks that are allowed even so, such as 10.1.0.0/16.",
        Shape::List,
    )
    .folded(),
    field(
        "writes_per_second",
        "writes_per_second",
        "Steady writes per second, 19.6 where nothing is said. Leave a part to other software of the tenant by a lower number.",
        Shape::Number,
    )
    .folded(),
    field(
        "write_burst",
        "write_burst",
        "Writes that may go at once, 3000 where nothing is said.",
        Shape::Number,
    )
    .folded(),
];

const ADDRESS: Field = field(
    "url",
    text("Tenant URL"),
    text("The base address of the application's SCIM service, such as https://app.contoso.example/scim/v2."),
    Shape::Address,
)
.required();

const TOKEN: Field = field(
    "token",
    text("Secret token"),
    text("The bearer token that the application gave out. It is kept sealed and shown nowhere."),
    Shape::Secret,
);

const CLIENT_SECRET: Field = field(
    "client_secret",
    "client_secret",
    "The client secret for token_url. It is kept sealed and shown nowhere.",
    Shape::Secret,
)
.folded();

fn scim() -> Vec<Field> {
    let mut fields = vec![ADDRESS, TOKEN];
    let others = SETTINGS.iter().filter(|setting| setting.name != "url");
    fields.extend(
        others
            .map(|setting| field(setting.name, setting.name, setting.meaning, shape(setting.name)).folded()),
    );
    fields.push(CLIENT_SECRET);
    fields
}

fn shape(name: &str) -> Shape {
    match name {
        "server" => Shape::Choice(&["generic", "aws", "entra-scim"]),
        "dialect" => Shape::Choice(&["rfc", "entra"]),
        "paging" => Shape::Choice(&["auto", "cursor"]),
        "deprovision" => Shape::Choice(&["deactivate", "delete", "nothing"]),
        "media_type" => Shape::Choice(&["application/scim+json", "application/json"]),
        "allow_private_network" | "ignore_totals" | "read_back" | "hides_inactive" => Shape::Switch,
        "patch" | "put" | "value_paths" | "filter" | "one_value" | "members_shown" | "external_id"
        | "reactivate" => Shape::Maybe,
        "page_size" | "members_per_request" | "concurrency" | "writes_per_second" => Shape::Number,
        "allowed_networks" | "attributes" | "omit" => Shape::List,
        "read_back_ms" => Shape::Numbers,
        "token_url" => Shape::Address,
        _ => Shape::Text,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_connect::graph::cloud::Cloud;
    use provost_connect::graph::permission::Function;
    use provost_connect::{Secrets, http, open};
    use serde_json::{Map, json};

    fn read(connector: &str, typed: &[(&str, &[&str])]) -> Value {
        let all = of(connector);
        let mut settings = Map::new();
        for (name, values) in typed {
            let field = all.iter().find(|field| field.name == *name).unwrap();
            settings.insert((*name).to_owned(), field.value(values).unwrap().unwrap());
        }
        Value::Object(settings)
    }

    #[test]
    fn what_is_typed_is_what_the_connectors_read() {
        let scim = read(
            "scim",
            &[
                ("url", &["https://app.contoso.example/scim/v2"]),
                ("server", &["aws"]),
                ("patch", &["false"]),
                ("external_id", &["true"]),
                ("ignore_totals", &["on"]),
                ("page_size", &["50"]),
                ("writes_per_second", &["2.5"]),
                ("omit", &["title, emails"]),
                ("read_back_ms", &["250, 500"]),
                ("media_type", &["application/json"]),
                ("deprovision", &["delete"]),
            ],
        );
        assert_eq!(scim["omit"], json!(["title", "emails"]));
        let factory = http::Factory::new();
        let secrets = Secrets::new().with("token", "t");
        assert!(open("scim", &scim, &secrets, &factory).is_ok());
        let graph = read(
            "graph",
            &[
                ("tenant", &["contoso.onmicrosoft.com"]),
                ("client_id", &["0198c2d4-0000-7000-8000-000000000001"]),
                ("functions", &["people", "groups"]),
                ("cloud", &["global"]),
                ("write_burst", &["100"]),
            ],
        );
        let secrets = Secrets::new().with("client_secret", "t");
        assert!(open("graph", &graph, &secrets, &factory).is_ok());
    }

    #[test]
    fn every_setting_of_an_application_has_a_field() {
        let all = of("scim");
        for setting in SETTINGS {
            assert!(
                all.iter().any(|field| field.name == setting.name),
                "{}",
                setting.name
            );
        }
        assert!(of("graph").iter().any(Field::is_secret));
    }

    #[test]
    fn the_words_are_the_connectors() {
        assert_eq!(CLOUDS, Cloud::ALL.map(Cloud::name));
        assert_eq!(FUNCTIONS, Function::ALL.map(Function::name));
    }

    #[test]
    fn values_are_shown_as_they_are_typed() {
        let list = field("omit", "", "", Shape::List);
        assert_eq!(list.shown(&json!(["a", "b"])), "a, b");
        let number = field("page_size", "", "", Shape::Number);
        assert_eq!(number.shown(&json!(50)), "50");
        assert!(number.value(&["many"]).is_err());
        assert_eq!(number.value(&[" "]), Ok(None));
    }
}
