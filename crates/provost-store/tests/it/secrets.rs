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
