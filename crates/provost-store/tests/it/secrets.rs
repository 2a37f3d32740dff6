use crate::harness::both;
use provost_store::Error;
use provost_store::secret::{self, Key, Place};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

both! {
    async fn a_secret_opens_only_where_it_was_sealed(fresh) {
        let path = fresh.folder.path().join("provost.key");
        let key = Arc::new(Key::open(&path).unwrap());
        let k = key.clone();
        let (here, moved) = fresh.db.write(move |tx| {
            let place = Place { table: "connection", owner: 7, field: "client_secret" };
            secret::put(tx, &k, 1, &place, "old")?;
            secret::put(tx, &k, 2, &place, "s3cret")?;
            let here = secret::get(tx, &k, &place)?;
            // Read as if the sealed bytes stood in another row.
            let moved = secret::get(tx, &k, &Place { owner: 8, ..place })?;
            Ok::<_, Error>((here, moved))
        }).await.unwrap();
        assert_eq!((here.as_deref(), moved), (Some("s3cret"), None));
        drop(key);
        // The same file opens it again; another key does not.
        let again = Arc::new(Key::open(&path).unwrap());
        let other = Arc::new(Key::open(&fresh.folder.path().join("other.key")).unwrap());
        let (right, wrong) = fresh.db.read(move |tx| {
            let place = Place { table: "connection", owner: 7, field: "client_secret" };
            Ok::<_, Error>((secret::get(tx, &again, &place), secret::get(tx, &other, &place)))
        }).await.unwrap();
        assert_eq!(right.unwrap().as_deref(), Some("s3cret"));
        assert!(matches!(wrong, Err(Error::Damaged(_))));
        fresh.db.write(|tx| secret::wipe(tx, "connection", 7)).await.unwrap();
        assert!(fresh.db.read(|tx| secret::fields(tx, "connection", 7)).await.unwrap().is_empty());
    }
}

#[test]
fn the_key_file_is_private_and_refused_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("provost.key");
    Key::open(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = Key::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("can be read by others (mode 640)") && error.contains("chmod 600"),
        "{error}"
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "short").unwrap();
    assert!(Key::open(&path).unwrap_err().to_string().contains("5 bytes"));
}

#[test]
fn a_sealed_text_opens_only_for_its_use_and_stands_in_an_address() {
    let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
    let plain = "a position \u{1F600} of some length";
    let sealed = key.seal_text("cursor/7/userName pr", plain).unwrap();
    assert!(
        sealed
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    assert_eq!(key.open_text("cursor/7/userName pr", &sealed).unwrap(), plain);
    assert_ne!(
        key.seal_text("cursor/7/userName pr", plain).unwrap(),
        sealed,
        "each has its own nonce"
    );
    assert!(key.open_text("cursor/8/userName pr", &sealed).is_err());
    assert!(other.open_text("cursor/7/userName pr", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(key.open_text("cursor/7/userName pr", &changed).is_err(), "{at}");
    }
    for odd in ["", "A", "a b", "%41", "é"] {
        assert!(key.open_text("cursor/7/userName pr", odd).is_err(), "{odd}");
    }
    assert_eq!(format!("{key:?}"), "Key(…)");
}
