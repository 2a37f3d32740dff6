//! Whether a case ended as it must, and whether every sentence that was shown is one that helps.

use super::case::{Case, Place, Told};
use super::scene::Scene;
use m365_sim::Settings;
use provost_store::sync_status::State as Sync;
use std::collections::BTreeSet;

/// Most characters of a sentence.
const LONGEST: usize = 400;

/// Plays a case. Answers the sentence an administrator reads, and what is wrong.
pub async fn play(case: &Case) -> (String, Vec<String>) {
    let mut scene = Scene::new(case).await;
    let mut wrong = Vec::new();
    if !case.changes.is_empty() {
        scene.settle().await;
    }
    for fault in &case.faults {
        scene.hub.simulator.inject(fault.clone()).unwrap();
    }
    for change in &case.changes {
        scene.change(*change).await;
    }
    let rests = scene.settle().await;
    if !rests {
        wrong.push("it does not come to rest".to_owned());
    }
    let unmet = scene
        .hub
        .simulator
        .faults()
        .into_iter()
        .filter(|fault| fault.struck == 0);
    wrong.extend(unmet.map(|fault| format!("never met: {}", fault.rule.operation)));
    compare(&mut wrong, "the tenant holds", &scene.tenant(), &case.holds);
    let connection = scene.connection().await;
    compare(
        &mut wrong,
        "the connection is",
        connection.state.name(),
        case.state.name(),
    );
    let sentence = match &case.told {
        Some(told) => sentence(&scene, told).await,
        None if case.by_chance => {
            Some("What stands in the log until it heals depends on the moment.".to_owned())
        }
        None => meanwhile(&scene).await,
    };
    match (&case.told, &sentence) {
        (Some(told), None) => wrong.push(format!("nothing is told: {told:?}; {}", joined(&scene).await)),
        (None, _) => wrong.extend(left(&scene).await),
        (Some(told), _) if told.place == Place::Log => wrong.extend(left(&scene).await),
        _ => {}
    }
    if let Some(mended) = &case.mended {
        scene.hub.simulator.clear_faults();
        case.mend.iter().for_each(|mend| mend(&scene.hub.simulator));
        scene.mend().await;
        scene.settle().await;
        compare(
            &mut wrong,
            "after the cause is gone the tenant holds",
            &scene.tenant(),
            mended,
        );
        compare(
            &mut wrong,
            "then the connection is",
            scene.connection().await.state.name(),
            "active",
        );
        wrong.extend(left(&scene).await);
    }
    wrong.extend(twins(&scene));
    wrong.extend(receipts(&scene).await);
    for text in all(&scene).await {
        wrong.extend(unclear(&text).map(|why| format!("{why}: {text}")));
    }
    (sentence.unwrap_or_default(), wrong)
}

/// What stood in the log until it had healed.
async fn meanwhile(scene: &Scene) -> Option<String> {
    let failed = scene
        .log()
        .await
        .into_iter()
        .rfind(|line| line.status == "failure");
    failed.map(|line| format!("Until it healed, {}: {}", line.label, line.reason))
}

fn compare(wrong: &mut Vec<String>, what: &str, found: &str, wanted: &str) {
    if found != wanted {
        wrong.push(format!("{what} `{found}`, not `{wanted}`"));
    }
}

/// What waits although nothing should.
async fn left(scene: &Scene) -> Vec<String> {
    let mut left: Vec<String> = Vec::new();
    left.extend(
        scene
            .retries()
            .await
            .iter()
            .map(|one| format!("waits: {} {}", one.label, one.reason)),
    );
    let statuses = scene.statuses().await;
    left.extend(
        statuses
            .iter()
            .map(|(label, one)| format!("is {}: {label} {}", one.state.as_str(), one.reason)),
    );
    left.extend(
        scene
            .staged()
            .await
            .iter()
            .map(|one| format!("staged: {} {}", one.action, one.label)),
    );
    left.extend(
        scene
            .doubts()
            .await
            .iter()
            .map(|one| format!("doubtful: {} {}", one.label, one.reason)),
    );
    left
}

/// The sentence at its place, with the object's name before it.
async fn sentence(scene: &Scene, told: &Told) -> Option<String> {
    let named = |label: &str, text: String| match label {
        "" => text,
        label => format!("{label}: {text}"),
    };
    let is = |state: Sync| match told.place {
        Place::Unsynced => state == Sync::Unsynced,
        Place::Partial => state == Sync::Partial,
        _ => state == Sync::Failed,
    };
    match told.place {
        Place::Connection => {
            let connection = scene.connection().await;
            (connection.code == told.code).then_some(connection.reason)
        }
        Place::Unsynced | Place::Partial | Place::Failed => {
            let all = scene.statuses().await;
            all.into_iter()
                .find(|(label, entry)| label == told.about && entry.code == told.code && is(entry.state))
                .map(|(label, entry)| named(&label, entry.reason))
        }
        Place::Retry => {
            let all = scene.retries().await;
            let found = all
                .into_iter()
                .find(|one| one.label == told.about && one.code == told.code);
            found.map(|one| named(&one.label, one.reason))
        }
        Place::Doubt => {
            let all = scene.doubts().await;
            let found = all
                .into_iter()
                .find(|one| one.label == told.about && one.code == told.code);
            found.map(|one| named(&one.label, one.reason))
        }
        Place::Staged => {
            let is_staged = scene.staged().await.iter().any(|one| one.label == told.about);
            let lines = scene.log().await;
            let found = lines
                .into_iter()
                .find(|one| one.label == told.about && one.code == told.code);
            found
                .filter(|_| is_staged)
                .map(|one| named(&one.label, one.reason))
        }
        Place::Log => {
            let lines = scene.log().await;
            let found = lines
                .into_iter()
                .find(|one| one.label == told.about && one.code == told.code);
            found.map(|one| named(&one.label, one.reason))
        }
        Place::Reading => scene.said.iter().find(|text| text.contains(told.code)).cloned(),
    }
}

/// Every sentence that was shown anywhere.
async fn all(scene: &Scene) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    all.insert(scene.connection().await.reason);
    all.extend(scene.retries().await.into_iter().map(|one| one.reason));
    all.extend(scene.statuses().await.into_iter().map(|(_, one)| one.reason));
    all.extend(scene.doubts().await.into_iter().map(|one| one.reason));
    all.extend(scene.log().await.into_iter().map(|one| one.reason));
    all.extend(scene.said.iter().cloned());
    all.retain(|text| !text.is_empty());
    all
}

/// All that is told, and where: for who mends a case.
async fn joined(scene: &Scene) -> String {
    let connection = scene.connection().await;
    let mut told = vec![format!(
        "connection {} {}",
        connection.state.name(),
        connection.code
    )];
    let statuses = scene.statuses().await;
    told.extend(
        statuses
            .iter()
            .map(|(label, one)| format!("{} {label} {}", one.state.as_str(), one.code)),
    );
    told.extend(
        scene
            .retries()
            .await
            .iter()
            .map(|one| format!("retry {} {}", one.label, one.code)),
    );
    told.extend(
        scene
            .doubts()
            .await
            .iter()
            .map(|one| format!("doubt {} {}", one.label, one.code)),
    );
    told.extend(
        scene
            .log()
            .await
            .iter()
            .map(|one| format!("log {} {} {}", one.label, one.action, one.code)),
    );
    told.join(" | ")
}

/// What keeps an administrator from understanding a sentence.
fn unclear(text: &str) -> Option<&'static str> {
    let secret = Settings::CONTOSO_CLIENT_SECRET;
    let lower = text.to_lowercase();
    let letters = text
        .split_whitespace()
        .filter(|word| word.chars().all(|c| c.is_alphabetic() || ",.;:'`".contains(c)));
    if text.chars().count() > LONGEST {
        Some("too long")
    } else if text.contains("{\"") || text.contains("[{") {
        Some("raw JSON")
    } else if text.contains(secret) || text.contains("Bearer ") || text.contains("eyJ") {
        Some("a secret")
    } else if lower.contains("unknown error") || lower.contains("unknownerror") {
        Some("says nothing")
    } else if letters.count() < 6 {
        Some("hardly a sentence")
    } else if !text.ends_with('.') {
        Some("no full stop")
    } else if text.contains("..") || text.contains(".)") || text.contains(". (") || text.contains("  ") {
        Some("badly joined")
    } else if !text.contains(". ") && !text.contains("; ") {
        Some("no next step")
    } else {
        None
    }
}

/// Nobody is in the tenant twice, and no group of ours.
fn twins(scene: &Scene) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let creations = scene.hub.simulator.creations();
    let allowed = usize::from(creations.iter().filter(|upn| upn.starts_with("ann@")).count() > 1);
    let live = scene.hub.simulator.users().len();
    let names: Vec<String> = creations
        .into_iter()
        .filter(|upn| !seen.insert(upn.clone()))
        .collect();
    // One that was deleted before may be made again.
    let binned = seen.len() + names.len() - live;
    (names.len() > allowed.min(binned))
        .then(|| format!("made twice: {names:?}"))
        .into_iter()
        .collect()
}

/// Every write that was answered badly is found in the log by the service's id of the answer.
async fn receipts(scene: &Scene) -> Vec<String> {
    let log = scene.log().await;
    let kept: BTreeSet<&str> = log
        .iter()
        .flat_map(|line| &line.trace.receipts)
        .map(|receipt| receipt.request_id.as_str())
        .collect();
    let calls = scene.hub.simulator.calls();
    let struck = calls.iter().filter(|call| {
        let is_write = !call.operation.starts_with("GET ")
            && call.operation.contains(" /")
            && !call.operation.contains("$batch");
        // A token is replaced and the request repeated: the answer that counts is the second one. A proxy's page
        // has no id.
        let is_repeated =
            matches!(call.status, 401 | 502) || (call.status == 404 && call.operation.contains("manager"));
        let is_write = is_write && !is_repeated;
        call.fault && is_write && call.status >= 400 && !call.operation.contains("token")
    });
    let missing: BTreeSet<String> = struck
        .filter(|call| !kept.contains(call.request_id.as_str()))
        .map(|call| {
            format!(
                "no receipt of {} {} {}",
                call.operation, call.status, call.in_batch
            )
        })
        .collect();
    missing.into_iter().collect()
}
