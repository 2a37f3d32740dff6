//! A provider creates a person whom another owner has: the rule decides, and nothing happens in silence.

use crate::harness::{Answer, Server, both, make_provider, make_provider_with};
use provost_store::provider::{self, Edit, Settings, State, Takeover};
use provost_store::{audit, takeover};
use serde_json::json;

async fn second(server: &Server, rule: Takeover) -> String {
    let settings = Settings {
        takeover: rule,
        ..Settings::default()
    };
    make_provider_with(&server.db, "Second", State::Saved, settings)
        .await
        .1
}

async fn create(server: &Server, token: &str) -> Answer {
    let body = json!({"userName": "ANN@contoso.example", "displayName": "Ann of the second", "externalId": "second-1"});
    Answer::of(server.as_other(token, "POST", "/Users").body(body.to_string())).await
}

async fn pending(server: &Server) -> usize {
    let workspace = server.provider.workspace;
    server
        .db
        .read(move |tx| takeover::pending(tx, workspace))
        .await
        .unwrap()
        .len()
}

async fn switch_off(server: &Server) {
    let owner = server.provider.clone();
    let edit = move |tx: &mut provost_store::Tx| {
        provider::edit(
            tx,
            "test",
            2,
            &owner,
            &Edit {
                state: Some(State::Off),
                ..Edit::default()
            },
        )
    };
    server.db.write(edit).await.unwrap();
}

async fn assert_adopted(server: &Server, token: &str, id: &str, answer: &Answer) {
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.json();
    assert_eq!(
        (&made["id"], &made["displayName"], &made["externalId"]),
        (&json!(id), &json!("Ann of the second"), &json!("second-1"))
    );
    assert_eq!(
        answer.header("location"),
        format!("{}/scim/v2/Users/{id}", server.address)
    );
    let read = Answer::of(server.as_other(token, "GET", &format!("/Users/{id}"))).await;
    assert_eq!((read.status, read.json()), (200, made));
    let workspace = server.provider.workspace;
    let log = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 20))
        .await
        .unwrap();
    assert!(log.iter().any(|row| row.action == "person.takeover"), "{log:?}");
}

both! {
    async fn never_is_a_name_that_is_taken(server) {
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = second(server, Takeover::Never).await;
        assert_eq!(create(server, &token).await.error(409).0, "uniqueness");
        assert_eq!(pending(server).await, 0);
    }

    async fn ask_is_refused_with_the_same_words_and_waits_for_a_person(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = second(server, Takeover::Ask).await;
        let asked = create(server, &token).await;
        assert_eq!(asked.error(409).0, "uniqueness");
        assert_eq!(create(server, &token).await.text, asked.text);
        let own = server.send("POST", "/Users", json!({"userName": "ANN@contoso.example"})).await;
        assert_eq!(own.text, asked.text, "who has the name is not told");
        assert_eq!(pending(server).await, 1, "asked twice, and only of another owner's person");
        assert_eq!(server.get(&format!("/Users/{id}")).await.status, 200);
        assert_eq!(Answer::of(server.as_other(&token, "GET", &format!("/Users/{id}"))).await.status, 404);
    }

    async fn unowned_takes_whose_provider_is_off(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = second(server, Takeover::Unowned).await;
        create(server, &token).await.error(409);
        assert_eq!(pending(server).await, 1);
        switch_off(server).await;
        let answer = create(server, &token).await;
        assert_adopted(server, &token, &id, &answer).await;
        assert_eq!(pending(server).await, 0, "what was asked for is settled");
    }

    async fn always_takes_from_anybody_and_memberships_there_end(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": id}]})).await;
        let token = second(server, Takeover::Always).await;
        let answer = create(server, &token).await;
        assert_adopted(server, &token, &id, &answer).await;
        server.get(&format!("/Users/{id}")).await.error(404);
        assert_eq!(server.read(&format!("/Groups/{group}")).await["members"], json!([]));
    }

    async fn a_group_of_the_same_name_is_nobody_elses(server) {
        server.make("/Groups", json!({"displayName": "Sales"})).await;
        let (_, token) = make_provider(&server.db, "Second").await;
        let body = json!({"displayName": "Sales"}).to_string();
        assert_eq!(Answer::of(server.as_other(&token, "POST", "/Groups").body(body)).await.status, 201);
        assert_eq!(pending(server).await, 0);
    }
}
