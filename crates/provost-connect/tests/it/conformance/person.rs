//! A person from creation to deletion.

use provost_connect::{Error, Kind, Record, Retry};
use serde_json::{Value, json};

use super::Subject;

pub async fn life(subject: &Subject<'_>) {
    let target = subject.target;
    let made = subject.make(1).await;
    let sample = (subject.person)(1);
    assert_eq!(
        subject.server.person(&made.id, subject.name).as_ref(),
        sample.get(subject.name)
    );
    assert_eq!(
        subject.server.person(&made.id, subject.enabled),
        Some(json!(true))
    );

    let attributes = [subject.name, subject.text].map(str::to_owned);
    let read = target
        .get(Kind::Person, &made.id, &attributes)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.id, made.id);
    assert_eq!(read.enabled, Some(true));
    assert_eq!(read.record.get(subject.name), sample.get(subject.name));
    assert_eq!(read.record.get(subject.text), sample.get(subject.text));

    let set = |value: Value| Record::from([(subject.text.to_owned(), value)]);
    for value in [json!("O'Neil \"& Søn\""), json!("plain"), json!("plain")] {
        target
            .update(Kind::Person, &made.id, &set(value.clone()))
            .await
            .unwrap();
        assert_eq!(subject.server.person(&made.id, subject.text), Some(value));
    }
    target
        .update(Kind::Person, &made.id, &set(Value::Null))
        .await
        .unwrap();
    assert_eq!(subject.server.person(&made.id, subject.text), None);
    let read = target
        .get(Kind::Person, &made.id, &attributes)
        .await
        .unwrap()
        .unwrap();
    assert!(!read.record.contains_key(subject.text));
    target
        .update(Kind::Person, &made.id, &Record::new())
        .await
        .unwrap();

    target.disable(Kind::Person, &made.id).await.unwrap();
    assert_eq!(
        subject.server.person(&made.id, subject.enabled),
        Some(json!(false))
    );
    let read = target
        .get(Kind::Person, &made.id, &attributes)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.enabled, Some(false));
    target.enable(Kind::Person, &made.id).await.unwrap();
    assert_eq!(
        subject.server.person(&made.id, subject.enabled),
        Some(json!(true))
    );
    let off = Record::from([(subject.enabled.to_owned(), json!(false))]);
    target.update(Kind::Person, &made.id, &off).await.unwrap();
    assert_eq!(
        subject.server.person(&made.id, subject.enabled),
        Some(json!(false))
    );

    let before = subject.server.people();
    target.delete(Kind::Person, &made.id).await.unwrap();
    assert_eq!(subject.server.people(), before - 1);
    target.delete(Kind::Person, &made.id).await.unwrap();
    assert_eq!(
        target.get(Kind::Person, &made.id, &attributes).await.unwrap(),
        None
    );
    let error = target
        .update(Kind::Person, &made.id, &set(json!("x")))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::NotFound { id, .. } if *id == made.id),
        "{error:?}"
    );
    assert_eq!(error.retry(), Retry::Now);
}

pub async fn finding(subject: &Subject<'_>) {
    let target = subject.target;
    let made = subject.make(2).await;
    subject.make(3).await;
    let name = (subject.person)(2)[subject.name].clone();
    let shouted = Value::from(name.as_str().unwrap().to_uppercase());
    for value in [&name, &shouted] {
        let found = target.find(Kind::Person, subject.name, value).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|account| account.id.as_str()).collect();
        assert_eq!(ids, [made.id.as_str()], "{value}");
    }
    let by_id = target.find(Kind::Person, "id", &json!(made.id)).await.unwrap();
    assert_eq!(by_id.len(), 1);
    for nobody in [
        "no.body@contoso.example",
        "o'neil \"or\" 1 eq 1 + & # % / ø@contoso.example",
    ] {
        let found = target
            .find(Kind::Person, subject.name, &json!(nobody))
            .await
            .unwrap();
        assert!(found.is_empty(), "{nobody}");
    }
    if let Some((attribute, value)) = target.link_key(Kind::Group, "key-9") {
        target
            .create(Kind::Group, "key-9", &(subject.group)(9))
            .await
            .unwrap();
        let found = target.find(Kind::Group, &attribute, &value).await.unwrap();
        assert_eq!(found.len(), 1, "a group is found by its link key");
    }
}

/// A second person with the same name is a conflict that names the first, not a twin.
pub async fn conflict(subject: &Subject<'_>) {
    let first = subject.make(4).await;
    let before = subject.server.people();
    let record = (subject.person)(4);
    let error = subject
        .target
        .create(Kind::Person, "another-key", &record)
        .await
        .unwrap_err();
    let Error::Conflict {
        attribute, existing, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(attribute.as_deref(), Some(subject.name));
    assert_eq!(existing.as_deref(), Some(first.id.as_str()));
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(subject.server.people(), before);
}

pub async fn references(subject: &Subject<'_>) {
    let target = subject.target;
    let (one, two, boss) = (
        subject.make(5).await,
        subject.make(6).await,
        subject.make(7).await,
    );
    for manager in [Some(&two.id), Some(&boss.id), None, None] {
        let id = manager.map(String::as_str);
        target.set_reference(&one.id, subject.manager, id).await.unwrap();
        assert_eq!(
            subject.server.person(&one.id, subject.manager),
            id.map(Value::from)
        );
        let attributes = [subject.manager.to_owned()];
        let read = target
            .get(Kind::Person, &one.id, &attributes)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(read.record.get(subject.manager), id.map(Value::from).as_ref());
    }
    let error = target
        .set_reference(&one.id, "nickName", Some(&two.id))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
}
