//! What every target must do, whatever its protocol. A subject brings the target, samples in its
//! attribute names, and a way to look at what its server really holds.

mod group;
mod person;

use std::collections::BTreeSet;

use provost_connect::{Account, Kind, MemberChange, Record, Target};
use serde_json::Value;

/// A target under test.
pub struct Subject<'a> {
    pub target: &'a dyn Target,
    /// A sample person: number to attributes.
    pub person: fn(usize) -> Record,
    /// A sample group.
    pub group: fn(usize) -> Record,
    /// The attribute that names a person uniquely.
    pub name: &'static str,
    /// A text attribute that is in the sample and may be cleared.
    pub text: &'static str,
    /// The attribute that refers to a manager.
    pub manager: &'static str,
    /// The attribute that disables.
    pub enabled: &'static str,
    pub server: &'a dyn Server,
}

/// The server's own view.
pub trait Server {
    /// Value of an attribute of a live person; `None` when the person or the value is not there.
    fn person(&self, id: &str, attribute: &str) -> Option<Value>;
    fn people(&self) -> usize;
    fn groups(&self) -> usize;
    fn members(&self, group: &str) -> BTreeSet<String>;
}

/// Runs everything.
pub async fn run(subject: &Subject<'_>) {
    connection_test(subject).await;
    person::life(subject).await;
    person::finding(subject).await;
    person::conflict(subject).await;
    person::references(subject).await;
    group::life(subject).await;
    group::members(subject).await;
    batch(subject).await;
    listing(subject).await;
    normal_form(subject);
}

impl Subject<'_> {
    pub async fn make(&self, number: usize) -> Account {
        let key = format!("key-{number}");
        let record = (self.person)(number);
        self.target.create(Kind::Person, &key, &record).await.unwrap()
    }
}

pub fn add(id: &str) -> MemberChange {
    MemberChange {
        member_id: id.to_owned(),
        kind: Kind::Person,
        add: true,
    }
}

pub fn remove(id: &str) -> MemberChange {
    MemberChange {
        add: false,
        ..add(id)
    }
}

async fn connection_test(subject: &Subject<'_>) {
    let checks = subject.target.test().await;
    assert!(checks.len() >= 3, "{checks:?}");
    assert!(checks.iter().all(|check| check.outcome.is_ok()), "{checks:?}");
}

/// Many writes in one call, one of them bad: each has its own outcome.
async fn batch(subject: &Subject<'_>) {
    use provost_connect::{Error, Write};
    let (one, two) = (subject.make(50).await, subject.make(51).await);
    let mut writes: Vec<Write> = (60..85)
        .map(|number| Write::Create {
            kind: Kind::Person,
            key: format!("key-{number}"),
            record: (subject.person)(number),
        })
        .collect();
    let changes = Record::from([(subject.text.to_owned(), Value::from("Batch"))]);
    let update = |id: &str| Write::Update {
        kind: Kind::Person,
        id: id.to_owned(),
        changes: changes.clone(),
    };
    writes.push(update(&one.id));
    writes.push(update("00000000-0000-4000-8000-000000000000"));
    writes.push(Write::Disable {
        kind: Kind::Person,
        id: two.id.clone(),
    });
    let before = subject.server.people();
    let outcomes = subject.target.apply(&writes).await;
    assert_eq!(outcomes.len(), writes.len());
    let made: BTreeSet<&str> = outcomes[..25]
        .iter()
        .map(|outcome| outcome.as_ref().unwrap().as_ref().unwrap().id.as_str())
        .collect();
    assert_eq!(made.len(), 25);
    assert_eq!(subject.server.people(), before + 25);
    for (number, outcome) in (60..85).zip(&outcomes) {
        let id = &outcome.as_ref().unwrap().as_ref().unwrap().id;
        let name = subject.server.person(id, subject.name).unwrap();
        assert_eq!(&name, (subject.person)(number).get(subject.name).unwrap());
    }
    assert_eq!(subject.server.person(&one.id, subject.text), Some("Batch".into()));
    assert!(
        matches!(&outcomes[26], Err(Error::NotFound { .. })),
        "{:?}",
        outcomes[26]
    );
    assert_eq!(
        subject.server.person(&two.id, subject.enabled),
        Some(false.into())
    );
}

/// A complete read shows everybody exactly once.
async fn listing(subject: &Subject<'_>) {
    for (kind, wanted) in [
        (Kind::Person, subject.server.people()),
        (Kind::Group, subject.server.groups()),
    ] {
        let name = if kind == Kind::Person {
            subject.name
        } else {
            "displayName"
        };
        let attributes = [name.to_owned()];
        let (mut ids, mut page, mut pages) = (BTreeSet::new(), None, 0);
        loop {
            let this = subject
                .target
                .list(kind, page.as_deref(), &attributes)
                .await
                .unwrap();
            for account in this.accounts {
                assert!(account.record.contains_key(name), "{account:?}");
                assert!(ids.insert(account.id), "an object came twice");
            }
            pages += 1;
            assert!(pages < 1000, "the listing does not end");
            page = this.next;
            if page.is_none() {
                break;
            }
        }
        assert_eq!(ids.len(), wanted, "{kind:?}");
    }
}

/// Normalizing twice is normalizing once.
fn normal_form(subject: &Subject<'_>) {
    let mut record = (subject.person)(1);
    record.insert(subject.text.to_owned(), Value::from(""));
    record.insert(subject.enabled.to_owned(), Value::from("False"));
    subject.target.normalize(Kind::Person, &mut record);
    assert_eq!(record.get(subject.text), Some(&Value::Null));
    assert_eq!(record.get(subject.enabled), Some(&Value::Bool(false)));
    let once = record.clone();
    subject.target.normalize(Kind::Person, &mut record);
    assert_eq!(record, once);
}
