use crate::world::World;
use provost_sync::{Answer, Error, Evaluated, Subject};
use serde_json::json;

async fn evaluate(world: &World, text: &str, who: Subject) -> Evaluated {
    world
        .engine
        .evaluate(world.owner.workspace, text, &who)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_expression_is_tried_for_a_real_person() {
    let world = World::new().await;
    let ada = world.person("ada", json!({"title": "Boss"})).await;
    let found = evaluate(
        &world,
        "Join(\" \", [userName], ToUpper([title], ))",
        Subject::Object(ada.key),
    )
    .await;
    assert_eq!(found.result, Some(Answer::Value(json!("ada BOSS"))), "{found:?}");
    assert!(found.errors.is_empty() && found.tree.is_some());
    let sample = Subject::Sample(json!({"title": "Cook"}));
    assert_eq!(
        evaluate(&world, "[title]", sample).await.result,
        Some(Answer::Value(json!("Cook")))
    );
    assert_eq!(
        evaluate(&world, "[title]", Subject::Nobody).await.result,
        Some(Answer::Value(json!(null)))
    );
    let ignored = evaluate(&world, "IgnoreAttributeFlow", Subject::Nobody).await;
    assert_eq!(ignored.result, Some(Answer::IgnoreAttribute));
    let secret = evaluate(&world, "Redact([userName])", Subject::Object(ada.key)).await;
    assert_eq!(secret.result, Some(Answer::Value(json!("[Redact]"))));
}

#[tokio::test]
async fn every_mistake_is_told_with_its_place_in_characters() {
    let world = World::new().await;
    let found = evaluate(
        &world,
        "Append(\"Zoë\", Nonsense([title])) & Other()",
        Subject::Nobody,
    )
    .await;
    assert_eq!((found.result, found.tree), (None, None));
    let places: Vec<_> = found.errors.iter().map(|e| e.start).collect();
    assert_eq!(places, [14, 35], "{:?}", found.errors);
    assert!(
        found
            .errors
            .iter()
            .all(|e| !e.message.is_empty() && !e.hint.is_empty() && e.start < e.end)
    );
}

#[tokio::test]
async fn nobody_of_another_workspace_is_read() {
    let world = World::new().await;
    let ada = world.person("ada", json!({})).await;
    let other = world.owner.workspace + 1;
    let refused = world
        .engine
        .evaluate(other, "[userName]", &Subject::Object(ada.key))
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Refused {
                code: "PRV-OBJECT-UNKNOWN",
                ..
            }
        ),
        "{refused}"
    );
}
