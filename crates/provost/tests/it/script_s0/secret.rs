//! G0-10: the secret goes in and never comes out. Everything is done with it that can be done, and then it is looked for
//! in all that was said, logged, exported and kept.

use super::world::{NAME, WRONG, World};
use m365_sim::Settings;
use serde_json::json;
use std::path::{Path, PathBuf};

/// A secret as it would stand in an address or a form.
fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    // The credentials of HTTP's own scheme, and what a program prints of bytes.
    let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    vec![secret.to_owned(), encoded, bytes.join(", ")]
}

/// The files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    spellings(secret)
        .iter()
        .any(|text| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}

#[test]
fn g10_the_secret_is_nowhere() {
    let world = World::added();
    let (tenant, client) = (Settings::CONTOSO_TENANT, Settings::CONTOSO_CLIENT_ID);
    let words = format!("microsoft-365 provisioning {NAME} --tenant {tenant} --client-id {client}");
    go_wrong(&world, &words);
    go_right(&world, &words);
    look_everywhere(&world);
    // It is there, sealed: the connection works with it.
    let tested = world.post(&World::connection("/test"), &json!({}));
    assert_eq!(tested.body["state"], "active", "{}", tested.body);
    let said = world.everything_said();
    assert!(
        said.len() > 100_000 && said.contains(client),
        "the log and the answers were kept"
    );
    for secret in [Settings::CONTOSO_CLIENT_SECRET, WRONG] {
        for text in spellings(secret) {
            let place = said
                .find(&text)
                .map(|at| said[at.saturating_sub(400)..at].to_owned());
            assert_eq!(place, None, "{secret} was said");
        }
        let mut all = Vec::new();
        files(&world.place.beside("."), &mut all);
        assert!(all.iter().any(|path| path.ends_with("copy.db")), "{all:?}");
        for path in all {
            assert!(
                !holds(&std::fs::read(&path).unwrap(), secret),
                "{secret} is in {}",
                path.display()
            );
        }
    }
}

/// Every refusal that has the secret before its eyes.
fn go_wrong(world: &World, words: &str) {
    for more in [
        json!({"client_secret": WRONG}),
        json!({"client_secret": WRONG, "tenant": "nowhere.example"}),
        json!({"tenant": "no tenant"}),
        json!({"client_id": "aaaaaaaa-4e3d-4c55-8f0a-1d2c3b4a5e6f"}),
        json!({"certificate": WRONG, "client_secret": null}),
        json!({"client_id": Settings::CONTOSO_CLIENT_SECRET}),
        json!({"tenant": Settings::CONTOSO_CLIENT_SECRET}),
    ] {
        let refused = world.try_to_connect(more.clone());
        assert!(matches!(refused.status, 400..=499), "{more}: {}", refused.body);
        world.post(&World::at("/provisioning/test"), &World::credentials(more));
    }
    // A body that is not what it is to be is refused before anybody looks at its values.
    let misplaced = world.try_to_connect(json!({"expires": Settings::CONTOSO_CLIENT_SECRET}));
    assert_eq!(misplaced.status, 400, "{}", misplaced.body);
    world
        .tenant
        .simulator
        .change(|settings| settings.applications[0].roles.clear());
    assert_ne!(world.try_to_connect(json!({})).status, 200);
    world.tenant.simulator.change(|settings| {
        settings.applications[0].roles = [
            "User.ReadWrite.All",
            "Group.ReadWrite.All",
            "Organization.Read.All",
        ]
        .map(str::to_owned)
        .to_vec();
    });
    let said = world.say(&format!("{words} --secret-env client_secret=WRONG"));
    assert!(said.ends_with("exit 1"), "{said}");
    let said = world.say(&format!("{words} --secret-env client_secret=WRONG --json"));
    assert!(said.ends_with("exit 1"), "{said}");
    // There is no argument that takes it.
    let help = world.run("microsoft-365 provisioning --help");
    assert!(
        !help.contains("--secret ") && !help.contains("--client-secret"),
        "{help}"
    );
}

/// It is saved by each door, changed and used.
fn go_right(world: &World, words: &str) {
    world.run(&format!("{words} --secret-env client_secret=SECRET"));
    world.run(&format!(
        "{words} --secret-env client_secret=SECRET --test-only --json"
    ));
    world.connect();
    world.post(&World::connection("/test"), &json!({}));
    world.provisioning_only();
    world.run(&format!("assign {NAME} ada@contoso.example"));
    world.say(&format!("cycle run {NAME}"));
    world.run(&format!("connection test {NAME}"));
}

/// Everything that shows, exports or keeps something.
fn look_everywhere(world: &World) {
    for path in [
        World::at(""),
        World::at("/checklist"),
        World::at("/detached"),
        "/microsoft-365-providers".to_owned(),
        World::connection(""),
        World::connection("/definition"),
        World::connection("/versions"),
        World::connection("/preferences"),
        "/connections".to_owned(),
        "/credentials".to_owned(),
        "/problems".to_owned(),
        "/audit".to_owned(),
        "/logs".to_owned(),
    ] {
        assert_eq!(world.get(&path).status, 200, "{path}");
    }
    for words in [
        format!("microsoft-365 show {NAME}"),
        format!("microsoft-365 show {NAME} --json"),
        "microsoft-365 list --json".to_owned(),
        format!("connection show {NAME}"),
        format!("connection show {NAME} --json"),
        "credential list --json".to_owned(),
        "audit list --limit 1000".to_owned(),
        "audit export".to_owned(),
        "audit export --csv audit.csv".to_owned(),
        format!("log export {NAME}"),
        "problem list --json".to_owned(),
        "config show --json".to_owned(),
        format!("config export {NAME} --folder files"),
        format!("config versions {NAME}"),
        "backup write copy.db".to_owned(),
        "explain ada@contoso.example --json".to_owned(),
    ] {
        world.run(&words);
    }
}
