use m365_sim::Settings;
use serde_json::{Value, json};

use crate::world::{Answer, START, World, user};

async fn controlled() -> World {
    World::start(|settings| settings.control = true).await
}

impl World {
    /// A call of the control interface.
    pub async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}/_sim{path}", self.url));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        crate::world::read(request.send().await.unwrap()).await
    }

    /// A change that has to work.
    pub async fn order(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.control(method, &format!("/control{path}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }
}

#[tokio::test]
async fn it_is_there_only_when_it_was_switched_on_and_only_for_this_machine() {
    let off = World::contoso().await;
    for path in ["", "/control", "/control/settings", "/control/state", "/page.css"] {
        assert_eq!(off.control("GET", path, None).await.status, 404, "{path}");
    }
    let world = controlled().await;
    assert_eq!(world.control("GET", "/control", None).await.status, 200);
    let elsewhere = world
        .http
        .get(format!("{}/_sim/control", world.url))
        .header("host", "contoso.example")
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.status(), 404, "a name that leads here from elsewhere");
}

#[tokio::test]
async fn settings_change_while_it_runs_and_what_is_not_named_stays() {
    let world = controlled().await;
    let before = world.control("GET", "/control/settings", None).await.body;
    assert!(
        !before.to_string().contains(Settings::CONTOSO_CLIENT_SECRET),
        "no secrets"
    );
    let after = world
        .order(
            "PATCH",
            "/settings",
            json!({
                "token_lifetime_s": 600,
                "delta_page": 3,
                "seats": {"SPE_E3": 1},
                "unproved": {"ext_expires_in": false},
                "throttle": {"model": "token_bucket", "writes": 2, "window_ms": 10_000, "retry_after": "date"},
                "latency_spread": {"p50_ms": 1, "p90_ms": 2, "p99_ms": 3, "max_ms": 4},
            }),
        )
        .await;
    assert_eq!(after["delta_page"], 3);
    assert_eq!(
        after["throttle"]["tenant_writes"],
        before["throttle"]["tenant_writes"]
    );
    assert_eq!(
        after["unproved"]["outlived_delta"],
        before["unproved"]["outlived_delta"]
    );
    assert_eq!(world.post("/users", user("ada")).await.status, 201);
    assert_eq!(world.post("/users", user("bob")).await.status, 201);
    let refused = world.post("/users", user("cleo")).await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        refused.header("retry-after"),
        Some("Mon, 05 Jan 2026 09:00:05 GMT")
    );
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        Settings::CONTOSO_CLIENT_ID,
        Settings::CONTOSO_CLIENT_SECRET
    );
    let token = world
        .form("/contoso.example/oauth2/v2.0/token", &form, None)
        .await;
    assert_eq!(token.body["expires_in"], 600);
    assert!(token.body.get("ext_expires_in").is_none());
    for wrong in [
        json!({"no_such": 1}),
        json!({"throttle": {"window_ms": 0}}),
        json!({"read_delay_percent": 101}),
        json!({"latency_spread": {"p50_ms": 5}}),
        json!({"unproved": {"no_such": true}}),
        json!({"seats": {"NO_SUCH": 1}}),
        json!({"applications": [{"client_id": "unknown", "roles": []}]}),
    ] {
        let answer = world
            .control("PATCH", "/control/settings", Some(wrong.clone()))
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.body["error"].is_string());
    }
}

#[tokio::test]
async fn permissions_are_granted_and_taken_away_and_stay_in_the_token() {
    let mut world = controlled().await;
    let grant =
        |roles: Value| json!({"applications": [{"client_id": Settings::CONTOSO_CLIENT_ID, "roles": roles}]});
    world
        .order("PATCH", "/settings", grant(json!(["Group.Read.All"])))
        .await;
    assert_eq!(world.get("/users").await.status, 200, "the token is older");
    world.renew_token().await;
    assert_eq!(
        world.get("/users").await.refusal(),
        (403, "Authorization_RequestDenied")
    );
    let disable = json!({"applications": [{"client_id": Settings::CONTOSO_CLIENT_ID, "enabled": false}]});
    world.order("PATCH", "/settings", disable).await;
    assert_eq!(
        world.get("/groups").await.refusal(),
        (403, "Authorization_IdentityDisabled")
    );
    world
        .order(
            "PATCH",
            "/settings",
            json!({"unproved": {"disabled_at_once": false}}),
        )
        .await;
    assert_eq!(world.get("/groups").await.status, 200, "until the token ends");
}

#[tokio::test]
async fn the_clock_is_put_forward() {
    let world = controlled().await;
    world.user("ada").await;
    let day = 24 * 60 * 60 * 1_000;
    let answer = world.order("POST", "/clock", json!({"advance_ms": day})).await;
    assert_eq!(answer["now"], "2026-01-06T09:00:00Z");
    assert_eq!(
        world.get("/users").await.refusal(),
        (401, "InvalidAuthenticationToken")
    );
    world
        .order("POST", "/clock", json!({"at": "2026-01-05T09:00:00Z"}))
        .await;
    assert_eq!(world.get("/users").await.status, 200);
    assert_eq!(
        world
            .control("POST", "/control/clock", Some(json!({})))
            .await
            .status,
        400
    );
    world.simulator.advance(day);
    assert_eq!(world.get("/users").await.status, 401);
    assert_eq!(START % 1_000, 0);
}

#[tokio::test]
async fn everything_is_saved_and_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let (world, other) = (controlled().await, {
        let journal = journal.clone();
        World::start(move |settings| {
            settings.control = true;
            settings.journal = Some(journal);
        })
        .await
    });
    let (ada, bob, cleo) = (
        world.user("ada").await,
        world.user("bob").await,
        world.user("cleo").await,
    );
    let team = world.group("team").await;
    world.add(&team, &ada).await;
    world
        .simulator
        .set_directory_roles("ada@contoso.example", &["Reports Reader"])
        .unwrap();
    let sku = world.simulator.settings().skus[0].sku_id.clone();
    world
        .patch(&format!("/users/{ada}"), json!({"usageLocation": "NO"}))
        .await;
    let licence = json!({"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []});
    assert_eq!(
        world
            .post(&format!("/users/{ada}/assignLicense"), licence)
            .await
            .status,
        200
    );
    let link = world.get("/users/delta").await.link("delta").unwrap();
    world.delete(&format!("/users/{bob}")).await;
    let saved = world.control("GET", "/control/state", None).await.body;
    other.user("somebody").await;
    other.order("PUT", "/state", saved.clone()).await;
    let both = |path: &'static str| async {
        (
            world.get(path).await.body["value"].clone(),
            other.get(path).await.body["value"].clone(),
        )
    };
    for path in [
        "/users?$select=id,displayName,assignedLicenses",
        "/groups?$select=id",
        "/directory/deletedItems/microsoft.graph.user?$select=id",
        "/subscribedSkus",
    ] {
        let (here, there) = both(path).await;
        let text = |value: Value| value.to_string().replace(&world.url, "").replace(&other.url, "");
        assert_eq!(text(here), text(there), "{path}");
    }
    assert_eq!(other.simulator.members(&team), [ada.as_str()]);
    let changes = other.get(&link.replace(&world.url, &other.url)).await;
    assert_eq!(
        changes.column("id"),
        [bob.as_str()],
        "links of delta are still good"
    );
    let restored = other
        .post(&format!("/directory/deletedItems/{bob}/restore"), json!({}))
        .await;
    assert_eq!(restored.status, 200, "{restored:?}");
    drop(other);
    let again = World::start(move |settings| settings.journal = Some(journal)).await;
    assert_eq!(
        again.simulator.users().len(),
        3,
        "what was loaded survives a restart"
    );
    assert_eq!(again.simulator.users()[2]["id"], cleo);
    let broken = world
        .control("PUT", "/control/state", Some(json!({"objects": 1})))
        .await;
    assert_eq!(broken.status, 400);
}

#[tokio::test]
async fn calls_are_counted_by_operation_and_status() {
    let world = controlled().await;
    let ada = world.user("ada").await;
    world.post("/users", user("ada")).await;
    world.get(&format!("/users/{ada}")).await;
    world
        .call(
            "GET",
            "/groups",
            &[("client-request-id", "a-request-of-ours")],
            None,
        )
        .await;
    let counters = world.control("GET", "/control/counters", None).await.body;
    assert_eq!(counters["operations"]["POST /users"], json!({"201": 1, "400": 1}));
    assert_eq!(counters["operations"]["GET /users/*"], json!({"200": 1}));
    assert_eq!(counters["resourceUnits"], 1 + 1 + 2 + 1);
    assert_eq!(counters["totals"]["writes"], 1);
    assert_eq!(counters["peak"]["calls_per_second"], 4);
    assert_eq!(counters["budget"]["unitsPerWindow"], 3_500.0, "a small tenant");
    let calls = world.control("GET", "/control/calls", None).await.body;
    assert_eq!(calls["calls"][0]["client_request_id"], "a-request-of-ours");
    assert_eq!(calls["calls"][0]["operation"], "GET /groups");
    let empty = world.control("DELETE", "/control/counters", None).await.body;
    assert_eq!(empty["operations"], json!({}));
}

#[tokio::test]
async fn the_page_shows_what_there_is_and_escapes_it() {
    let world = controlled().await;
    let mut odd = user("ada");
    odd["displayName"] = json!("<b>Ada & co</b>");
    world.post("/users", odd).await;
    world.group("team").await;
    world
        .simulator
        .set_directory_roles("ada@contoso.example", &["Global Administrator"])
        .unwrap();
    world
        .order("POST", "/faults", json!({"operation": "GET /groups", "when": {"every": 2, "percent": 50.0}, "effect": {"do": "garbage"}}))
        .await;
    let page = world
        .http
        .get(format!("{}/_sim", world.url))
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    let text = page.text().await.unwrap();
    for shown in [
        "&#60;b&#62;Ada &#38; co&#60;/b&#62;",
        "Global Administrator",
        "team",
        "SPE_E3",
        "contoso.example",
        "POST /users",
        "one in 2, 50 %",
        "garbage",
        "request-id",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(
        !text.contains("<script") && !text.contains("style="),
        "no script and no inline style"
    );
    for number in 0..120 {
        world.user(&format!("u{number}")).await;
    }
    let first = world.control("GET", "", None).await.body;
    let first = first.as_str().unwrap();
    assert!(
        first.contains("/_sim?people=100#people") && !first.contains("u115@"),
        "pages"
    );
    let second = world.control("GET", "?people=100", None).await.body;
    assert!(second.as_str().unwrap().contains("u115@"));
    let style = world.control("GET", "/page.css", None).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}
