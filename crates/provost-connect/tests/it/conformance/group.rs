//! Groups and who is in them.

use std::collections::BTreeSet;

use provost_connect::{Error, Kind, Record};
use serde_json::json;

use super::{Subject, add, remove};

pub async fn life(subject: &Subject<'_>) {
    let target = subject.target;
    let before = subject.server.groups();
    let made = target
        .create(Kind::Group, "group-1", &(subject.group)(1))
        .await
        .unwrap();
    assert_eq!(subject.server.groups(), before + 1);
    if target.describe().safe_create.contains(&Kind::Group) {
        let again = target
            .create(Kind::Group, "group-1", &(subject.group)(1))
            .await
            .unwrap();
        assert_eq!(again.id, made.id, "a repeat finds the first one");
        assert_eq!(subject.server.groups(), before + 1);
    }
    let changes = Record::from([("displayName".to_owned(), json!("Crew of Contoso"))]);
    target.update(Kind::Group, &made.id, &changes).await.unwrap();
    let found = target
        .find(Kind::Group, "displayName", &json!("crew of contoso"))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    let error = target.disable(Kind::Group, &made.id).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    target.delete(Kind::Group, &made.id).await.unwrap();
    target.delete(Kind::Group, &made.id).await.unwrap();
    assert_eq!(subject.server.groups(), before);
    let changes = [add("00000000-0000-4000-8000-000000000000")];
    let outcomes = target.change_members(&made.id, &changes).await;
    let Err(Error::NotFound { kind, id, .. }) = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!((*kind, id.as_str()), (Kind::Group, made.id.as_str()));
}

pub async fn members(subject: &Subject<'_>) {
    let target = subject.target;
    let group = target
        .create(Kind::Group, "group-2", &(subject.group)(2))
        .await
        .unwrap()
        .id;
    let mut ids = Vec::new();
    for number in 20..45 {
        ids.push(subject.make(number).await.id);
    }
    let all: BTreeSet<String> = ids.iter().cloned().collect();
    let people = subject.server.people();

    let changes: Vec<_> = ids.iter().map(|id| add(id)).collect();
    for _ in 0..2 {
        let outcomes = target.change_members(&group, &changes).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(subject.server.members(&group), all);
    }
    let mut read = BTreeSet::new();
    let mut page = None;
    loop {
        let this = target.members(&group, page.as_deref()).await.unwrap();
        read.extend(this.members.into_iter().map(|member| member.id));
        page = this.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(read, all);

    one_unknown_member(subject, &ids).await;

    let changes: Vec<_> = ids[..5].iter().map(|id| remove(id)).collect();
    for _ in 0..2 {
        let outcomes = target.change_members(&group, &changes).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(subject.server.members(&group), ids[5..].iter().cloned().collect());
    }
    let changes = [add(&ids[0]), remove(&ids[10]), add(&ids[1]), remove(&ids[11])];
    let outcomes = target.change_members(&group, &changes).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let members = subject.server.members(&group);
    assert!(members.contains(&ids[0]) && members.contains(&ids[1]));
    assert!(!members.contains(&ids[10]) && !members.contains(&ids[11]));
    assert_eq!(
        subject.server.people(),
        people,
        "removing a member removes nobody"
    );
}

/// One stale id costs nobody else the membership.
async fn one_unknown_member(subject: &Subject<'_>, ids: &[String]) {
    let target = subject.target;
    let group = target
        .create(Kind::Group, "group-3", &(subject.group)(3))
        .await
        .unwrap()
        .id;
    let mut changes: Vec<_> = ids.iter().map(|id| add(id)).collect();
    changes.insert(7, add("00000000-0000-4000-8000-000000000000"));
    let outcomes = target.change_members(&group, &changes).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_err(), index == 7, "{index}: {outcome:?}");
    }
    let error = outcomes[7].as_ref().unwrap_err();
    assert!(
        matches!(error, Error::NotFound { .. } | Error::Rejected { .. }),
        "{error:?}"
    );
    assert_eq!(subject.server.members(&group), ids.iter().cloned().collect());
}
