//! `GET /api/v1/openapi.json`: the interface for programs (OpenAPI 3.1), made of the declared routes and of the types
//! that they read and write.

use super::problem::Shown;
use super::route::{Operation, Placed, Shape};
use crate::policy::Act;
use axum::http::Method;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

/// Where schemas stand in the document.
const SCHEMAS: &str = "/components/schemas";

/// What the parts in braces of an address are.
const PARTS: &[(&str, &str)] = &[
    ("name", "the name of the connection or the Microsoft 365 provider"),
    ("provider", "the inbound provider's name or id"),
    ("who", "a person's id or userName, or a group's id"),
    ("id", "the plan's id"),
    ("cycle", "the cycle's key"),
    ("doubt", "the doubt's key"),
    ("guide", "the guide's name"),
    ("key", "the key, from the list"),
    ("line", "the line of what is done in Entra"),
    ("number", "the version's number"),
    ("product", "the product's id or short name"),
    ("rule", "the rule's name"),
    ("run", "the import run's key"),
    ("status", "which of the numbers"),
    ("step", "the step of the guide"),
    ("template", "the template's name"),
    ("urn", "the extension's URN"),
];

/// The whole description.
pub(super) fn document(placed: &[Placed]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for one in placed {
        let described = schemas.operation(one);
        let path = paths.entry(one.path).or_insert_with(|| json!({}));
        path[one.method.as_str().to_ascii_lowercase()] = described;
    }
    let problem = schemas.answered(SchemaGenerator::subschema_for::<Shown>);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Provost",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The administrators' interface. Fields are added, never changed or removed.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.into_definitions(),
            "responses": {"Problem": {
                "description": "why the request is not answered as it was meant, with a stable code",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "a token of the interface; its scope is read, operate or configure, each with those before",
            }},
        },
    });
    plain(&mut document);
    document
}

/// The schemas of both directions. A field with a default may be left out of what is sent, and is always there in
/// what is answered.
struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = SCHEMAS.into();
                settings.meta_schema = None;
            })
        };
        Self {
            sent: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    /// A schema of what is answered.
    fn answered(&mut self, shape: Shape) -> Value {
        shape(&mut self.answered).into()
    }

    /// A schema of what is sent; its types carry a name of their own.
    fn sent(&mut self, shape: Shape) -> Value {
        let mut schema: Value = shape(&mut self.sent).into();
        rename(&mut schema);
        schema
    }

    fn operation(&mut self, placed: &Placed) -> Value {
        let operation = &placed.operation;
        let mut described = json!({
            "operationId": name(placed),
            "tags": [operation.tag],
            "summary": operation.summary,
            "security": [{"token": [scope(placed.act)]}],
            "parameters": self.parameters(placed),
            "responses": self.responses(placed),
        });
        if let Some(body) = operation.body {
            let schema = self.sent(body);
            described["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        described
    }

    fn parameters(&mut self, placed: &Placed) -> Vec<Value> {
        let mut all: Vec<Value> = parts(placed.path)
            .map(|part| {
                let meaning = PARTS.iter().find(|(name, _)| *name == part).map(|(_, meaning)| *meaning);
                json!({"name": part, "in": "path", "required": true, "description": meaning, "schema": {"type": "string"}})
            })
            .collect();
        all.extend(self.query(&placed.operation));
        if placed.operation.is_conditional {
            all.push(header(
                "If-Match",
                "strong entity tags of which one must be the present one, or `*`",
            ));
        }
        if placed.method == Method::POST {
            all.push(header(
                "Idempotency-Key",
                "the same key with the same request is carried out once, and answered alike for 24 hours",
            ));
        }
        all
    }

    fn query(&mut self, operation: &Operation) -> Vec<Value> {
        let Some(shape) = operation.query else {
            return Vec::new();
        };
        let schema: Value = shape(&mut self.sent).into();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        let one = |(name, mut field): (String, Value)| {
            let meaning = field
                .as_object_mut()
                .and_then(|field| field.remove("description"));
            rename(&mut field);
            let is_required = required.contains(&name.as_str());
            json!({"name": name, "in": "query", "required": is_required, "description": meaning, "schema": field})
        };
        fields.into_iter().map(one).collect()
    }

    fn responses(&mut self, placed: &Placed) -> Value {
        let problem = json!({"$ref": "#/components/responses/Problem"});
        let mut all = json!({"401": problem, "403": problem, "429": problem, "default": problem});
        if placed.operation.is_conditional {
            all["412"] = problem;
        }
        for (status, meaning, shape) in &placed.operation.answers {
            let mut answer = json!({"description": meaning});
            if let Some(shape) = shape {
                answer["content"] = json!({"application/json": {"schema": self.answered(*shape)}});
            }
            if placed.operation.is_tagged {
                answer["headers"] =
                    json!({"ETag": {"description": "a strong entity tag", "schema": {"type": "string"}}});
            }
            all[status.to_string()] = answer;
        }
        all
    }

    fn into_definitions(mut self) -> Map<String, Value> {
        let mut all = self.answered.take_definitions(true);
        for (name, mut schema) in self.sent.take_definitions(true) {
            rename(&mut schema);
            all.insert(format!("{name}{SENT}"), schema);
        }
        all
    }
}

/// What stands behind the name of a type that is sent.
const SENT: &str = "Sent";

/// Makes references to types mean those that are sent.
fn rename(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "$ref" => text.push_str(SENT),
                    other => rename(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        _ => {}
    }
}

/// Takes away what the generator adds for itself: number formats that JSON Schema does not know, defaults of types that
/// are only described, and descriptions that nobody wrote.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !(value.is_null() && name == "description"));
            let is_own = |format: &Value| {
                format
                    .as_str()
                    .is_some_and(|text| text.starts_with("uint") || text.starts_with("int"))
            };
            if fields.get("format").is_some_and(is_own) {
                fields.remove("format");
            }
            fields.remove("default");
            for (name, value) in fields {
                match value.as_object_mut() {
                    // Names of fields, of answers and of schemas are no words of a schema.
                    Some(named) if NAMED.contains(&name.as_str()) => named.values_mut().for_each(plain),
                    _ => plain(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// What holds names instead of words of a schema.
const NAMED: [&str; 4] = ["properties", "schemas", "responses", "paths"];

fn header(name: &str, meaning: &str) -> Value {
    json!({"name": name, "in": "header", "required": false, "description": meaning, "schema": {"type": "string"}})
}

/// The parts in braces of an address.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The operation's name for programs: `get_connections_name_rules`.
fn name(placed: &Placed) -> String {
    let path = placed.path.trim_start_matches("/api/v1/");
    let words = path.split(['/', '-']).map(|part| part.trim_matches(['{', '}']));
    let mut name = placed.method.as_str().to_ascii_lowercase();
    for word in words {
        name.push('_');
        name.push_str(word);
    }
    name
}

/// The word of the scope that a token needs.
fn scope(act: Act) -> &'static str {
    act.scope().map_or("none", |scope| scope.as_str())
}
