//! One provider's token against what belongs to another provider, of the same workspace and of another one:
//! every route, and every place of a request where an id can stand.
//!
//! Each request is sent with an id that belongs to somebody else, and once more with an id that nobody has.
//! Both answers must be the same to the last byte apart from that id, nothing of the others may stand in
//! them, and nothing of the others may have changed. The routes come from the product: one without a row
//! here fails the test.

mod rows;
mod world;

use crate::service::harness::{Hub, both};
use crate::service::http::{Answer, encoded, exchange};
use serde_json::json;
use std::time::{Duration, Instant};
use world::World;

/// An id that nobody has.
const NOBODY: &str = "018f0000-0000-7000-8000-00000000dead";

/// Sends a request with this id in its place.
type Send = fn(&World, &str) -> Answer;

/// A request with a place for an id.
struct Row {
    /// Where the id stands.
    place: &'static str,
    send: Send,
}

both! {
    fn refusal_looks_like_absence_on_every_route(hub) {
        let world = World::new(hub);
        let untouched = world.others();
        let mut tried = 0;
        for route in provost_web::routes() {
            for method in route.methods {
                let rows = rows::of(method, route.path);
                world.reading.set(if method == "HEAD" { "HEAD" } else { "GET" });
                for row in &rows {
                    let name = format!("{method} {}, {}", route.path, row.place);
                    let nobodys = (row.send)(&world, NOBODY);
                    let addressed = route.path.ends_with("{id}") && row.place.starts_with("path");
                    assert!(!addressed || matches!(nobodys.status, 400 | 404), "{name}: {}", nobodys.status);
                    let absent = shown(&nobodys, NOBODY);
                    for id in world.foreign_ids() {
                        let answer = (row.send)(&world, id);
                        assert_eq!(shown(&answer, id), absent, "{name}");
                        assert!(!answer.text.contains(world::SECRET), "{name}: {}", answer.text);
                        assert_eq!(world.others(), untouched, "{name} changed something");
                        tried += 1;
                    }
                }
            }
        }
        assert!(tried > 200, "only {tried} requests were tried");
    }

    fn lists_hold_nothing_of_others(hub) {
        let world = World::new(hub);
        for path in ["/Users", "/Groups", "/", "/Users?sortBy=userName", "/Users?cursor", "/Groups?cursor", "/Users?filter=active%20pr", "/Groups?filter=members%20pr", "/?filter=id%20pr", "/?cursor"] {
            let answer = world.us.get(path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(!answer.text.contains(world::SECRET), "{path}: {}", answer.text);
            for id in world.foreign_ids() {
                assert!(!answer.text.contains(id), "{path}: {}", answer.text);
            }
        }
    }

    fn a_schema_of_another_workspace_is_unknown(hub) {
        let world = World::new(hub);
        let theirs = "urn:contoso:scim:secretive:1.0:User";
        let unknown = "urn:contoso:scim:nobodys00:1.0:User";
        let text = json!({"id": theirs, "name": world::SECRET, "resource": "User", "required": false, "attributes": [{"name": "badge", "type": "string"}]});
        hub.place().write("extension.json", &text.to_string());
        let added = hub.place().run("schema add extension.json --workspace Elsewhere");
        assert!(added.ends_with("exit 0"), "{added}");
        let deadline = Instant::now() + Duration::from_secs(10);
        while world.stranger.get(&format!("/Schemas/{theirs}")).status != 200 {
            assert!(Instant::now() < deadline, "its own workspace does not know it");
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(!world.us.get("/Schemas").text.contains("secretive"));
        assert!(!world.us.get("/ResourceTypes/User").text.contains("secretive"));
        let person = format!("/Users/{}", world.person(0));
        let filter = |urn: &str| format!("/Users?filter={}", encoded(&format!(r#"{urn}:badge eq "7""#)));
        let patch = |urn: &str| json!([{"op": "replace", "path": format!("{urn}:badge"), "value": "7"}]);
        let sends: [&dyn Fn(&str) -> Answer; 4] = [
            &|urn| world.us.get(&format!("/Schemas/{urn}")),
            &|urn| world.us.get(&filter(urn)),
            &|urn| world.us.try_patch(&person, patch(urn)),
            &|urn| world.us.post("/Users", &json!({"schemas": [urn], "userName": format!("{}@contoso.example", world.name()), urn: {"badge": "7"}})),
        ];
        for send in sends {
            let (about_theirs, about_nobodys) = (send(theirs), send(unknown));
            assert_eq!(shown(&about_theirs, theirs), shown(&about_nobodys, unknown));
        }
    }

    fn a_client_of_others_is_unknown(hub) {
        let world = World::new(hub);
        let client = |words: &str| hub.place().json(&format!("client add {words}"));
        let ours = client("Us --workspace Main");
        let secret = ours["client_secret"].as_str().unwrap();
        let ask = |id: &str| {
            let body = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", encoded(id));
            exchange(world.us.host(), "POST", "/oauth/token", &[("Content-Type", "application/x-www-form-urlencoded")], &body)
        };
        assert_eq!(ask(ours["client_id"].as_str().unwrap()).status, 200);
        for other in [client("Neighbour --workspace Main"), client("Stranger --workspace Elsewhere")] {
            let theirs = other["client_id"].as_str().unwrap();
            let unknown = turned(theirs);
            let answer = ask(theirs);
            assert!(matches!(answer.status, 400 | 401), "{}", answer.text);
            assert_eq!(shown(&answer, theirs), shown(&ask(&unknown), &unknown));
        }
    }

    fn a_cursor_is_of_no_use_to_others(hub) {
        let world = World::new(hub);
        for i in 0..3 {
            world.person(i);
        }
        for path in ["/Users", "/"] {
            let cursor = |client: &crate::service::http::Client| {
                let page = client.read(&format!("{path}?count=1&cursor"));
                page["nextCursor"].as_str().expect("there is more").to_owned()
            };
            let own = cursor(&world.us);
            assert_eq!(world.us.get(&format!("{path}?count=1&cursor={own}")).status, 200);
            let forged = world.us.get(&format!("{path}?count=1&cursor={}", turned(&own)));
            assert_eq!(forged.error(400).0, "invalidCursor");
            for other in [&world.neighbour, &world.stranger] {
                let theirs = cursor(other);
                let answer = world.us.get(&format!("{path}?count=1&cursor={theirs}"));
                assert_eq!(shown(&answer, &theirs), shown(&forged, &turned(&own)), "{path}");
                let other_filter = world.us.get(&format!("{path}?count=1&filter=id%20pr&cursor={own}"));
                assert_eq!(other_filter.error(400).0, "invalidCursor", "a cursor belongs to its filter");
            }
        }
    }
}

/// The same cursor with its last character changed.
fn turned(cursor: &str) -> String {
    let (rest, last) = cursor.split_at(cursor.len() - 1);
    format!("{rest}{}", if last == "A" { "Q" } else { "A" })
}

/// An answer in one text: everything but the date, with what differs between two runs of the same request
/// made the same.
fn shown(answer: &Answer, id: &str) -> String {
    let mut out = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if name != "date" {
            out.push_str(&format!("{name}: {value}\n"));
        }
    }
    out.push_str(&answer.text);
    made_the_same(&out.replace(id, "<the id>"))
}

/// Other ids, times and running numbers.
fn made_the_same(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (String::new(), 0);
    while at < bytes.len() {
        let skipped = [
            (36, "<id>", is_id as fn(&[u8]) -> bool),
            (24, "<time>", is_time),
            (world::NAME.len() + 4, "<name>", is_name),
        ]
        .into_iter()
        .find(|(length, _, is)| bytes.get(at..at + length).is_some_and(is));
        match skipped {
            Some((length, word, _)) => {
                out.push_str(word);
                at += length;
            }
            None => {
                let character = text[at..].chars().next().unwrap();
                out.push(character);
                at += character.len_utf8();
            }
        }
    }
    out
}

fn is_id(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(i, b)| match i {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_hexdigit(),
    })
}

fn is_time(bytes: &[u8]) -> bool {
    bytes[4] == b'-' && bytes[10] == b'T' && bytes[23] == b'Z'
}

fn is_name(bytes: &[u8]) -> bool {
    let (name, number) = bytes.split_at(world::NAME.len());
    name == world::NAME.as_bytes() && number.iter().all(u8::is_ascii_digit)
}
