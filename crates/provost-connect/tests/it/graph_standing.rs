//! Whose an object is, and which groups an account is in and owns.

use m365_sim::{Effect, Rule, Settings, When};
use provost_connect::http::Factory;
use provost_connect::{Error, Kind, Record, Target};
use serde_json::json;

use crate::conformance::{add, remove};
use crate::graph::{Microsoft, person};

fn reading_roles() -> Settings {
    let mut settings = Settings::contoso();
    settings.applications[0]
        .roles
        .push("Directory.Read.All".to_owned());
    settings
}

async fn group(target: &dyn Target, key: &str) -> String {
    let record = Record::from([("displayName".to_owned(), json!(key))]);
    target.create(Kind::Group, key, &record).await.unwrap().id
}

#[tokio::test]
async fn guests_synchronised_people_and_administrators() {
    let microsoft = Microsoft::start(reading_roles()).await;
    let target = microsoft.connect(&Factory::new());
    let plain = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let admin = target.create(Kind::Person, "2", &person(2)).await.unwrap().id;
    microsoft
        .simulator
        .set_directory_roles(&admin, &["Global Administrator"])
        .unwrap();
    let planted = |name: &str, extra: serde_json::Value| {
        let mut user = json!({"displayName": name, "userPrincipalName": format!("{name}@contoso.example"),
            "mailNickname": name, "accountEnabled": true, "userType": "Member"});
        user.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        microsoft.simulator.plant_user(user).unwrap()
    };
    let guest = planted("guest", json!({"userType": "Guest"}));
    let synchronised = planted("synchronised", json!({"onPremisesSyncEnabled": true}));
    let crew = group(target.as_ref(), "crew").await;
    assert!(target.change_members(&crew, &[add(&plain), add(&admin)]).await[0].is_ok());
    let nobody = "00000000-0000-4000-8000-000000000365".to_owned();
    let mut ids = vec![plain, admin, guest, synchronised, nobody];
    // More than fits into one batch, and in order.
    ids.extend(vec![ids[1].clone(); 25]);
    let standing = target.standing(Kind::Person, &ids).await.unwrap();
    assert_eq!(standing.len(), 30);
    assert_eq!(standing[0], Default::default());
    assert_eq!(standing[1].roles, ["Global Administrator"]);
    assert!(standing[2].guest && standing[2].read_only.is_none());
    assert_eq!(
        standing[3].read_only.as_ref().unwrap().code,
        "PRV-TARGET-SYNCHRONISED"
    );
    assert_eq!(
        standing[4],
        Default::default(),
        "who is not there is like any other"
    );
    assert!(standing[5..].iter().all(|standing| standing.roles.len() == 1));
}

#[tokio::test]
async fn groups_that_cannot_be_written() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let planted = |name: &str, mail: bool, security: bool, extra: serde_json::Value| {
        let mut group = json!({"displayName": name, "mailNickname": name, "mailEnabled": mail,
            "securityEnabled": security, "groupTypes": []});
        group
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        microsoft.simulator.plant_group(group).unwrap()
    };
    let dynamic = json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -eq \"Oslo\""});
    let ids = [
        group(target.as_ref(), "crew").await,
        planted("mail", true, true, json!({})),
        planted("list", true, false, json!({})),
        planted("dynamic", false, true, dynamic),
        planted(
            "synchronised",
            false,
            true,
            json!({"onPremisesSyncEnabled": true}),
        ),
    ];
    let standing = target.standing(Kind::Group, &ids).await.unwrap();
    let codes: Vec<Option<&str>> = standing
        .iter()
        .map(|standing| standing.read_only.as_ref().map(|why| why.code.as_str()))
        .collect();
    assert_eq!(
        codes,
        [
            None,
            Some("PRV-TARGET-MAIL-GROUP"),
            Some("PRV-TARGET-DISTRIBUTION"),
            Some("PRV-TARGET-DYNAMIC"),
            Some("PRV-TARGET-SYNCHRONISED"),
        ]
    );
}

#[tokio::test]
async fn a_standing_that_cannot_be_read_is_not_harmless() {
    let microsoft = Microsoft::start(reading_roles()).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let refuse = |operation: &str| {
        let effect = Effect::Status { status: 403 };
        let rule = Rule::next(operation, 1, effect);
        microsoft.simulator.inject(rule).unwrap();
    };
    refuse("GET /users/*");
    let error = target.standing(Kind::Person, std::slice::from_ref(&id)).await;
    assert!(matches!(error, Err(Error::Forbidden { .. })), "{error:?}");
    // Roles need a permission of their own: without it the rest is known all the same.
    refuse("GET /users/*/memberOf");
    let standing = target.standing(Kind::Person, std::slice::from_ref(&id)).await;
    assert_eq!(standing.unwrap().len(), 1);
}

#[tokio::test]
async fn groups_of_an_account_and_those_it_owns_are_handed_over() {
    let microsoft = Microsoft::start(reading_roles()).await;
    let target = microsoft.connect(&Factory::new());
    let target = target.as_ref();
    let leaver = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let heir = target.create(Kind::Person, "2", &person(2)).await.unwrap().id;
    microsoft
        .simulator
        .set_directory_roles(&leaver, &["Groups Administrator"])
        .unwrap();
    let (crew, band) = (group(target, "crew").await, group(target, "band").await);
    for group in [&crew, &band] {
        assert!(target.change_members(group, &[add(&leaver)]).await[0].is_ok());
    }
    target.set_owner(&crew, &leaver, true).await.unwrap();
    target.set_owner(&crew, &leaver, true).await.unwrap();
    let mut groups = target.groups_of(&leaver).await.unwrap();
    groups.sort();
    let mut both = [crew.clone(), band.clone()];
    both.sort();
    assert_eq!(groups, both, "a role is no group");
    assert_eq!(
        target.owned_groups(&leaver).await.unwrap(),
        std::slice::from_ref(&crew)
    );
    target.set_owner(&crew, &heir, true).await.unwrap();
    target.set_owner(&crew, &leaver, false).await.unwrap();
    target.set_owner(&crew, &leaver, false).await.unwrap();
    assert!(target.owned_groups(&leaver).await.unwrap().is_empty());
    let held = microsoft.simulator.groups();
    let crew = held.iter().find(|group| group["id"] == json!(crew)).unwrap();
    assert_eq!(crew["owners"], json!([heir]));
    assert_eq!(microsoft.simulator.users().len(), 2, "an owner is never deleted");
    let error = target
        .groups_of("00000000-0000-4000-8000-000000000365")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

/// Sessions are ended with every disable, unless that function is switched off.
#[tokio::test]
async fn disabling_ends_the_sessions_where_that_is_switched_on() {
    for (functions, ended, licences) in [
        (json!(["people", "licences", "sessions"]), 3, true),
        (json!(["people"]), 1, false),
    ] {
        let microsoft = Microsoft::start(Settings::contoso()).await;
        let target = microsoft.connect_with(json!({"functions": functions}), &Factory::new());
        assert_eq!(target.describe().licences, licences);
        assert!(target.describe().tells_changes && !target.describe().keeps_deleted);
        // Whether the bin may be read is known once the connection is made ready.
        target.prepare().await.unwrap();
        assert!(target.describe().keeps_deleted);
        let id = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
        target.disable(Kind::Person, &id).await.unwrap();
        let off = Record::from([("accountEnabled".to_owned(), json!(false))]);
        target.update(Kind::Person, &id, &off).await.unwrap();
        // Asked for by name, it is done all the same.
        target.end_sessions(&id).await.unwrap();
        let answered = microsoft.simulator.answered();
        let ends: u64 = answered
            .iter()
            .filter(|(operation, ..)| operation.ends_with("revokeSignInSessions"))
            .map(|(.., count)| count)
            .sum();
        assert_eq!(ends, ended, "{answered:?}");
        assert_eq!(microsoft.simulator.users()[0]["accountEnabled"], json!(false));
    }
}

/// An object that another process has made is not everywhere yet either, once its age is told.
#[tokio::test]
async fn what_is_remembered_is_waited_for() {
    let microsoft = Microsoft::start(Settings {
        read_delay_ms: 250,
        ..Settings::contoso()
    })
    .await;
    let maker = microsoft.connect(&Factory::new());
    let id = maker.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let stranger = microsoft.connect(&Factory::new());
    assert!(stranger.get(Kind::Person, &id, &[]).await.unwrap().is_none());
    let successor = microsoft.connect(&Factory::new());
    successor.remember(&id);
    assert!(successor.get(Kind::Person, &id, &[]).await.unwrap().is_some());
}

/// A removal whose answer was lost meets a 404 when it is repeated. That the object is fresh is no reason to wait then:
/// it lies in the bin, or both ends of the membership are there.
#[tokio::test]
async fn what_is_removed_already_is_not_waited_for() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let maker = microsoft.connect(&Factory::new());
    let leaver = maker.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let member = maker.create(Kind::Person, "2", &person(2)).await.unwrap().id;
    let crew = group(maker.as_ref(), "crew").await;
    maker.delete(Kind::Person, &leaver).await.unwrap();
    let patient = json!({"fresh_retry_ms": [50, 600_000]});
    let successor = microsoft.connect_with(patient, &Factory::new());
    for id in [&leaver, &member, &crew] {
        successor.remember(id);
    }
    let again = async {
        successor.delete(Kind::Person, &leaver).await.unwrap();
        assert!(successor.change_members(&crew, &[remove(&member)]).await[0].is_ok());
        successor.set_reference(&member, "manager", None).await.unwrap();
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), again)
        .await
        .unwrap();
}

/// A removal whose answer is lost is repeated at once: its repeat says that it was carried out.
#[tokio::test]
async fn a_lost_answer_to_a_removal_is_asked_for_again() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let rule = Rule {
        operation: "DELETE /users/*".to_owned(),
        when: When::next(1),
        effect: Effect::Drop { after: true },
    };
    microsoft.simulator.inject(rule).unwrap();
    target.delete(Kind::Person, &id).await.unwrap();
    assert!(microsoft.simulator.users().is_empty());
}
