//! Finding operations and schemas in an OpenAPI document.

use serde_json::Value;

/// What the document says about a body.
pub(super) enum Part {
    /// It has this schema, by JSON pointer.
    Schema(String),
    /// It is described, and has no content.
    Empty,
    /// It is not described.
    Absent,
}

pub(super) struct Document {
    root: Value,
    /// Path templates with their segments.
    paths: Vec<(String, Vec<String>)>,
}

impl Document {
    pub(super) fn new(root: Value) -> Result<Document, String> {
        let paths = root
            .get("paths")
            .and_then(Value::as_object)
            .ok_or("it has no paths")?;
        let split = |path: &String| (path.clone(), path.split('/').skip(1).map(str::to_owned).collect());
        let paths = paths.keys().map(split).collect();
        Ok(Document { root, paths })
    }

    pub(super) fn operations(&self) -> Vec<(String, String)> {
        let methods = |path: &String| {
            let item = self
                .root
                .get("paths")
                .and_then(|paths| paths.get(path))
                .and_then(Value::as_object);
            let names = item.into_iter().flatten().map(|(name, _)| name.to_uppercase());
            names
                .filter(|name| name != "PARAMETERS")
                .map(|name| (name, path.clone()))
                .collect::<Vec<_>>()
        };
        self.paths.iter().flat_map(|(path, _)| methods(path)).collect()
    }

    /// The operation at an address, written as `METHOD /path/{template}`. Fixed segments go before variable ones.
    pub(super) fn find(&self, method: &str, segments: &[String]) -> Option<String> {
        let variable = |part: &str| part.starts_with('{');
        let fits = |template: &[String]| {
            template.len() == segments.len()
                && template
                    .iter()
                    .zip(segments)
                    .all(|(wanted, found)| wanted == found || variable(wanted))
        };
        let candidates = self
            .paths
            .iter()
            .filter(|(path, template)| fits(template) && self.method(method, path).is_some());
        let best =
            candidates.min_by_key(|(_, template)| template.iter().filter(|part| variable(part)).count())?;
        Some(format!("{method} {}", best.0))
    }

    fn method(&self, method: &str, path: &str) -> Option<&Value> {
        self.root.get("paths")?.get(path)?.get(method.to_lowercase())
    }

    pub(super) fn request_schema(&self, operation: &str) -> Part {
        self.body(&format!("{}/requestBody", pointer(operation)))
    }

    pub(super) fn needs_body(&self, operation: &str) -> bool {
        let (found, _) = self.follow(&format!("{}/requestBody", pointer(operation)));
        found
            .and_then(|body| body.get("required"))
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// The described answer with this status: itself, its class (`2XX`), or for errors the default.
    pub(super) fn response_schema(&self, operation: &str, status: u16) -> Part {
        let class = format!("{}XX", status / 100);
        let exact = status.to_string();
        let names = if status < 400 {
            vec![exact, class]
        } else {
            vec![exact, class, "default".to_owned()]
        };
        for name in names {
            match self.body(&format!("{}/responses/{name}", pointer(operation))) {
                Part::Absent => {}
                found => return found,
            }
        }
        Part::Absent
    }

    fn body(&self, pointer: &str) -> Part {
        let (Some(found), pointer) = self.follow(pointer) else {
            return Part::Absent;
        };
        let Some(content) = found.get("content").and_then(Value::as_object) else {
            return Part::Empty;
        };
        let kind = content
            .keys()
            .find(|kind| *kind == "application/json")
            .or_else(|| content.keys().next());
        kind.map_or(Part::Empty, |kind| {
            Part::Schema(format!("{pointer}/content/{}/schema", escape(kind)))
        })
    }

    /// What is at a pointer, through one reference.
    fn follow(&self, pointer: &str) -> (Option<&Value>, String) {
        let found = self.root.pointer(pointer);
        match found
            .and_then(|found| found.get("$ref"))
            .and_then(Value::as_str)
            .and_then(|target| target.strip_prefix('#'))
        {
            Some(target) => (self.root.pointer(target), target.to_owned()),
            None => (found, pointer.to_owned()),
        }
    }
}

fn pointer(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').unwrap_or(("", operation));
    format!("/paths/{}/{}", escape(path), method.to_lowercase())
}

fn escape(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}
