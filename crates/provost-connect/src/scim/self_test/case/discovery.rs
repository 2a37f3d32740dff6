//! What the server says of itself (RFC 7644 section 4).

use serde_json::{Map, Value};

use crate::Kind;
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Stop};
use crate::scim::self_test::session::Session;
use crate::scim::{CORE_GROUP, CORE_USER, collection};

const WHY: &str = "Clients read here what they may use. Entra reads /Schemas when an administrator opens the \
                   mapping, and offers only what it finds.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "discovery-config",
        title: "Say what the server can do: /ServiceProviderConfig",
        group: Group::Discovery,
        level: Level::Recommended,
        needs: &[],
        expected: "status 200 with patch, bulk, filter, changePassword, sort, etag and authenticationSchemes",
        why: WHY,
        remedy: "Answer GET /ServiceProviderConfig with one object; advertise only what works.",
        run: |session| Box::pin(config(session)),
    },
    Check {
        id: "discovery-schemas",
        title: "Describe the attributes: /Schemas",
        group: Group::Discovery,
        level: Level::Recommended,
        needs: &[],
        expected: "status 200 with a list that holds the User schema with its attributes, and no null",
        why: WHY,
        remedy: "Answer GET /Schemas with a ListResponse of all schemas, each attribute with its characteristics.",
        run: |session| Box::pin(schemas(session)),
    },
    Check {
        id: "discovery-resource-types",
        title: "Name the endpoints: /ResourceTypes",
        group: Group::Discovery,
        level: Level::Recommended,
        needs: &[],
        expected: "status 200 with a list that holds User with its endpoint and schema",
        why: WHY,
        remedy: "Answer GET /ResourceTypes with a ListResponse, User and Group in it.",
        run: |session| Box::pin(resource_types(session)),
    },
    Check {
        id: "discovery-single",
        title: "Give one schema and one resource type by name",
        group: Group::Discovery,
        level: Level::Recommended,
        needs: &[],
        expected: "status 200 with the object itself, and 404 for a schema that does not exist",
        why: WHY,
        remedy: "Serve /Schemas/{urn} and /ResourceTypes/{name}; answer 404 with an error body for others.",
        run: |session| Box::pin(single(session)),
    },
    Check {
        id: "discovery-groups",
        title: "Serve groups",
        group: Group::Discovery,
        level: Level::Recommended,
        needs: &[],
        expected: "status 200 with a list of at most one group",
        why: "Without /Groups the checks on groups are left out: memberships cannot be provisioned.",
        remedy: "Serve /Groups as /Users, if the application knows groups at all.",
        run: |session| Box::pin(groups(session)),
    },
];

async fn config(session: &mut Session) -> Judged {
    let reply = session.send(Call::get(["ServiceProviderConfig"])).await?;
    let config = reply.is(&[200])?.object()?;
    session.known.config = Some(Value::Object(config.clone()));
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        if !session
            .known
            .said(&[feature, "supported"])
            .is_some_and(Value::is_boolean)
        {
            return Err(Stop::wrong(
                format!("`{feature}.supported` as true or false"),
                "it is not there",
            ));
        }
    }
    if !config.get("authenticationSchemes").is_some_and(Value::is_array) {
        return Err(Stop::wrong("a list `authenticationSchemes`", "it is not there"));
    }
    if !session.known.supports("patch") {
        session.warn("PATCH is not advertised: Entra and Okta need it");
    }
    Ok(())
}

async fn schemas(session: &mut Session) -> Judged {
    let reply = session.send(Call::get(["Schemas"])).await?;
    let list = reply.list()?;
    let all: Vec<Value> = list
        .resources
        .iter()
        .map(|one| Value::Object((*one).clone()))
        .collect();
    session.known.learn_schemas(all.iter());
    named(&list.resources, "id", CORE_USER)?;
    if all.iter().any(holds_null) {
        return Err(Stop::wrong("no null anywhere", "null among the characteristics"));
    }
    if session.known.attributes.is_none() {
        return Err(Stop::wrong(
            "schemas with their attributes",
            "no attribute at all",
        ));
    }
    Ok(())
}

async fn resource_types(session: &mut Session) -> Judged {
    let reply = session.send(Call::get(["ResourceTypes"])).await?;
    let list = reply.list()?;
    let user = named(&list.resources, "schema", CORE_USER)?;
    match user.get("endpoint").and_then(Value::as_str) {
        Some(endpoint) if endpoint.trim_end_matches('/').ends_with("/Users") => Ok(()),
        other => Err(Stop::wrong(
            "the endpoint /Users for people",
            format!("{other:?}"),
        )),
    }
}

async fn single(session: &mut Session) -> Judged {
    let schema = session.send(Call::get(["Schemas", CORE_USER])).await?;
    schema.is(&[200])?.holds("id", &Value::from(CORE_USER))?;
    let kind = session.send(Call::get(["ResourceTypes", "User"])).await?;
    kind.is(&[200])?.holds("schema", &Value::from(CORE_USER))?;
    let unknown = session
        .send(Call::get(["Schemas", "urn:provost-self-test:unknown"]))
        .await?;
    unknown.refuses(&[404])
}

async fn groups(session: &mut Session) -> Judged {
    let call = Call::get([collection(Kind::Group)])
        .query("startIndex", 1)
        .query("count", 1)
        .query("excludedAttributes", "members");
    let reply = session.send(call).await?;
    if matches!(reply.status, 404 | 405 | 501) {
        session.known.groups = Some(false);
        let types = session.send(Call::get(["ResourceTypes"])).await?;
        let advertised = types
            .list()
            .is_ok_and(|list| named(&list.resources, "schema", CORE_GROUP).is_ok());
        if !advertised {
            return Err(Stop::skip("the server has no /Groups and does not advertise any"));
        }
        // Said to be there: then the checks on groups apply, and will fail.
        session.known.groups = None;
    }
    reply.list().map(|_| ())
}

fn named<'a>(list: &[&'a Map<String, Value>], member: &str, urn: &str) -> Judged<&'a Map<String, Value>> {
    let is_it = |one: &&&Map<String, Value>| {
        one.get(member)
            .and_then(Value::as_str)
            .is_some_and(|found| found.eq_ignore_ascii_case(urn))
    };
    list.iter()
        .find(is_it)
        .copied()
        .ok_or_else(|| Stop::wrong(format!("an element with `{member}` {urn}"), "none"))
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(holds_null),
        Value::Object(object) => object.values().any(holds_null),
        _ => false,
    }
}
