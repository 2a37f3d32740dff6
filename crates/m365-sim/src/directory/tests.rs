use serde_json::{Map, Value, json};

use super::*;

fn properties(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn deletion(serial: Serial, at: i64) -> Change {
    Change::Delete {
        serial,
        at,
        keeps_seats: false,
        keeps_name: false,
    }
}

fn user(directory: &mut Directory, name: &str) -> Serial {
    let serial = directory.next_serial();
    let properties =
        properties(json!({"userPrincipalName": format!("{name}@contoso.example"), "displayName": name}));
    let id = format!("00000000-0000-4000-8000-{serial:012}");
    directory.apply(Change::Create {
        serial,
        id,
        kind: Kind::User,
        at: 1,
        properties,
    });
    serial
}

#[test]
fn an_index_follows_every_change_of_its_property() {
    let mut directory = Directory::default();
    let ada = user(&mut directory, "ada");
    assert_eq!(
        directory
            .by_property(Kind::User, "userPrincipalName", "ADA@contoso.example")
            .unwrap()
            .serial,
        ada
    );
    directory.apply(Change::Update {
        serial: ada,
        properties: properties(json!({"displayName": "Countess"})),
    });
    assert!(directory.by_property(Kind::User, "displayName", "ada").is_none());
    assert_eq!(
        directory
            .by_property(Kind::User, "displayName", "countess")
            .unwrap()
            .serial,
        ada
    );
    directory.apply(deletion(ada, 2));
    assert!(
        directory
            .by_property(Kind::User, "displayName", "countess")
            .is_none()
    );
    directory.apply(Change::Restore { serial: ada });
    assert_eq!(
        directory
            .by_property(Kind::User, "userPrincipalName", "ada@contoso.example")
            .unwrap()
            .serial,
        ada
    );
    directory.apply(Change::Purge { serial: ada });
    assert!(
        directory
            .by_property(Kind::User, "userPrincipalName", "ada@contoso.example")
            .is_none()
    );
}

#[test]
fn objects_with_the_same_value_share_an_index_entry_and_leave_it_one_by_one() {
    let mut directory = Directory::default();
    let first = user(&mut directory, "same");
    let second = user(&mut directory, "same");
    assert_eq!(
        directory
            .indexes()
            .find("displayName", "same")
            .unwrap()
            .iter()
            .count(),
        2
    );
    directory.apply(Change::Purge { serial: first });
    assert_eq!(
        directory
            .by_property(Kind::User, "displayName", "same")
            .unwrap()
            .serial,
        second
    );
    directory.apply(Change::Purge { serial: second });
    assert!(directory.indexes().find("displayName", "same").is_none());
}

#[test]
fn a_purge_takes_the_object_out_of_every_relation() {
    let mut directory = Directory::default();
    let (boss, ada, team) = (
        user(&mut directory, "boss"),
        user(&mut directory, "ada"),
        user(&mut directory, "team"),
    );
    directory.apply(Change::Manager {
        user: ada,
        manager: Some(boss),
    });
    directory.apply(Change::Member {
        group: team,
        member: boss,
        add: true,
    });
    directory.apply(Change::Owner {
        group: team,
        owner: boss,
        add: true,
    });
    directory.apply(Change::Purge { serial: boss });
    assert_eq!(directory.object(ada).unwrap().manager, None);
    assert!(directory.object(team).unwrap().members.is_empty());
    assert!(directory.object(team).unwrap().owners.is_empty());
    assert_eq!(directory.id_of(boss).unwrap().0, Kind::User);
}

#[test]
fn a_replayed_journal_gives_the_same_directory_and_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let mut directory = Directory::default();
    let mut journal = Journal::open(&path, "t", &mut directory).unwrap();
    let change = |serial: Serial| Change::Create {
        serial,
        id: format!("id-{serial}"),
        kind: Kind::User,
        at: 5,
        properties: properties(json!({"userPrincipalName": format!("u{serial}@contoso.example")})),
    };
    for changes in [
        vec![change(1), change(2)],
        vec![Change::Manager {
            user: 1,
            manager: Some(2),
        }],
    ] {
        journal.append(&changes).unwrap();
        changes.into_iter().for_each(|change| directory.apply(change));
    }
    let mut again = Directory::default();
    Journal::open(&path, "t", &mut again).unwrap();
    assert_eq!(again.created_upns(), directory.created_upns());
    assert_eq!(again.log().since(0), directory.log().since(0));
    assert_eq!(again.object(1).unwrap().manager, Some(2));
}

#[test]
fn a_torn_last_line_is_dropped_and_writing_goes_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    let line = |serial: u64| {
        format!(
            "[{{\"do\":\"create\",\"serial\":{serial},\"id\":\"i{serial}\",\"kind\":\"user\",\"at\":1,\"properties\":{{}}}}]\n"
        )
    };
    let head = "{\"journal\":1,\"tenant_id\":\"t\"}\n";
    for cut in 1..line(2).len() {
        std::fs::write(&path, format!("{head}{}{}", line(1), &line(2)[..cut])).unwrap();
        let mut directory = Directory::default();
        let mut journal = Journal::open(&path, "t", &mut directory).unwrap();
        assert_eq!(directory.serials(Kind::User).len(), 1, "cut after {cut} bytes");
        journal.append(&[Change::ResetDelta]).unwrap();
        let mut again = Directory::default();
        Journal::open(&path, "t", &mut again).unwrap();
        assert_eq!((again.serials(Kind::User).len(), again.delta_epoch()), (1, 1));
    }
}

#[test]
fn a_journal_of_another_tenant_or_with_a_damaged_line_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.journal");
    drop(Journal::open(&path, "t", &mut Directory::default()).unwrap());
    let other = Journal::open(&path, "u", &mut Directory::default()).unwrap_err();
    assert!(other.to_string().contains("belongs to tenant t"), "{other}");
    std::fs::write(&path, "{\"journal\":1,\"tenant_id\":\"t\"}\n[{]\n[]\n").unwrap();
    let damaged = Journal::open(&path, "t", &mut Directory::default()).unwrap_err();
    assert!(damaged.to_string().contains("line 2"), "{damaged}");
}
