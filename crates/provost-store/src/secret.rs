//! Secrets, sealed with AES-256-GCM under a key that lies outside the database. The place, owner and field
//! are bound into each seal, so a sealed value moved to another row does not open.

use crate::{Error, Result, Tx, credential};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::Path;

crate::statements! {
    PUT = "INSERT INTO secret (place, owner, field, sealed, created) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (place, owner, field) DO UPDATE SET sealed = excluded.sealed, created = excluded.created";
    GET = "SELECT sealed FROM secret WHERE place = $1 AND owner = $2 AND field = $3";
    FIELDS = "SELECT field, created FROM secret WHERE place = $1 AND owner = $2 ORDER BY field";
    ALL = "SELECT place, owner, field, sealed FROM secret ORDER BY place, owner, field";
    REMOVE = "DELETE FROM secret WHERE place = $1 AND owner = $2 AND field = $3";
    WIPE = "DELETE FROM secret WHERE place = $1 AND owner = $2";
}

/// Bytes of the sealing key.
const KEY_LEN: usize = 32;

/// The key that seals and opens secrets. It is never printed.
pub struct Key(RandomizedNonceKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads the key file, or makes it (mode 0600) when there is none yet.
    ///
    /// # Errors
    /// [`Error::Setup`] when the file can be read by others than its owner, has not 32 bytes, or cannot be
    /// read or made.
    pub fn open(path: &Path) -> Result<Key> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => {
                refuse_readable_by_others(path)?;
                bytes
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => make(path)?,
            Err(e) => {
                return Err(Error::Setup(format!(
                    "cannot read the key file {}: {e}",
                    path.display()
                )));
            }
        };
        if bytes.len() != KEY_LEN {
            return Err(Error::Setup(format!(
                "the key file {} has {} bytes where {KEY_LEN} are needed; restore it from your backup: \
                 without it the stored secrets cannot be opened",
                path.display(),
                bytes.len()
            )));
        }
        Key::of(&bytes)
    }

    /// A key that no file holds: what it seals opens in this process only.
    ///
    /// # Errors
    /// [`Error::Setup`] when the machine has no randomness.
    pub fn random() -> Result<Key> {
        Key::of(&credential::random::<KEY_LEN>()?)
    }

    fn of(bytes: &[u8]) -> Result<Key> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes)
            .map(Key)
            .map_err(|_| Error::Setup("the sealing key was refused by the cryptography library".into()))
    }

    /// Seals a text that goes out into the world and comes back, such as a cursor: base64url, which stands in
    /// an address as it is (RFC 3986 section 2.3). It opens only with the same `bound`.
    ///
    /// # Errors
    /// [`Error::Setup`] when the machine cannot seal.
    pub fn seal_text(&self, bound: &str, plain: &str) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.seal(&outside(bound), plain)?))
    }

    /// Opens what [`Key::seal_text`] sealed.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it was not sealed with this key for this `bound`, whatever else is wrong with it.
    pub fn open_text(&self, bound: &str, sealed: &str) -> Result<String> {
        URL_SAFE_NO_PAD
            .decode(sealed)
            .ok()
            .and_then(|bytes| self.open_sealed(&outside(bound), &bytes).ok())
            .ok_or_else(|| {
                Error::Damaged("a sealed text was not made by this installation for this use".into())
            })
    }

    fn seal(&self, bound: &str, plain: &str) -> Result<Vec<u8>> {
        let mut buffer = plain.as_bytes().to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(bound.as_bytes()), &mut buffer)
            .map_err(|_| Error::Setup("a secret could not be sealed".into()))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut buffer);
        Ok(sealed)
    }

    fn open_sealed(&self, bound: &str, sealed: &[u8]) -> Result<String> {
        let refused = || {
            Error::Damaged(format!(
                "the secret {bound} does not open with this key file: it was sealed with another key, or moved; enter it again"
            ))
        };
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let mut buffer = body.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(bound.as_bytes()), &mut buffer)
            .map_err(|_| refused())?;
        String::from_utf8(plain.to_vec()).map_err(|_| refused())
    }
}

/// What texts that go out are bound to. No stored secret is bound to anything that begins so.
fn outside(bound: &str) -> String {
    format!("text:{bound}")
}

fn make(path: &Path) -> Result<Vec<u8>> {
    let bytes = credential::random::<KEY_LEN>()?.to_vec();
    write_private(path, &bytes)
        .map_err(|e| Error::Setup(format!("cannot make the key file {}: {e}", path.display())))?;
    Ok(bytes)
}

/// Writes a new file that only its owner may read, and waits until it is on the disk. It gets its name when
/// it is whole, so that a crash leaves no half key behind, and never takes the place of another.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let named = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    named
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = std::fs::metadata(path)
        .map_err(|e| Error::Setup(format!("cannot look at {}: {e}", path.display())))?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::Setup(format!(
            "the key file {} can be read by others (mode {mode:o}); run: chmod 600 {}",
            path.display(),
            path.display()
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_: &Path) -> Result<()> {
    Ok(())
}

/// Where a secret belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table, e.g. `connection`.
    pub table: &'a str,
    /// The row's key.
    pub owner: i64,
    /// The field, e.g. `client_secret`; a rule's sealed password is `password.` and the rule's name.
    pub field: &'a str,
}

/// A secret as it is stored. What it is stays sealed; it only tells whether a key is the right one.
pub struct Sealed {
    bound: String,
    sealed: Vec<u8>,
}

impl Sealed {
    /// Whether this key opens it.
    pub fn opens_with(&self, key: &Key) -> bool {
        key.open_sealed(&self.bound, &self.sealed).is_ok()
    }
}

/// Every secret of the installation, to see whether a key file belongs to it.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx) -> Result<Vec<Sealed>> {
    tx.query(ALL, &[], |r| {
        let (table, field) = (r.text(0)?, r.text(2)?);
        let place = Place {
            table: &table,
            owner: r.int(1)?,
            field: &field,
        };
        Ok(Sealed {
            bound: place.bound(),
            sealed: r.bytes(3)?,
        })
    })
}

impl Place<'_> {
    fn bound(&self) -> String {
        format!("{}/{}/{}", self.table, self.owner, self.field)
    }
}

/// Seals and keeps a secret in the place of an older one.
///
/// # Errors
/// Any error of sealing or of the database.
pub fn put(tx: &mut Tx, key: &Key, now: i64, place: &Place, plain: &str) -> Result<()> {
    let sealed = key.seal(&place.bound(), plain)?;
    let params = [
        place.table.into(),
        place.owner.into(),
        place.field.into(),
        sealed.as_slice().into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    Ok(())
}

/// Opens a secret. Only the code that sends it to its own host calls this.
///
/// # Errors
/// [`Error::Damaged`] when it does not open.
pub fn get(tx: &mut Tx, key: &Key, place: &Place) -> Result<Option<String>> {
    let sealed = tx.first(
        GET,
        &[place.table.into(), place.owner.into(), place.field.into()],
        |r| r.bytes(0),
    )?;
    sealed
        .map(|bytes| key.open_sealed(&place.bound(), &bytes))
        .transpose()
}

/// Which fields have a secret and since when: all that is ever shown.
///
/// # Errors
/// Any error of the database.
pub fn fields(tx: &mut Tx, table: &str, owner: i64) -> Result<Vec<(String, i64)>> {
    tx.query(FIELDS, &[table.into(), owner.into()], |r| {
        Ok((r.text(0)?, r.int(1)?))
    })
}

/// Forgets one secret.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, place: &Place) -> Result<()> {
    tx.execute(
        REMOVE,
        &[place.table.into(), place.owner.into(), place.field.into()],
    )?;
    Ok(())
}

/// Forgets every secret of a row, as when its host changes.
///
/// # Errors
/// Any error of the database.
pub fn wipe(tx: &mut Tx, table: &str, owner: i64) -> Result<()> {
    tx.execute(WIPE, &[table.into(), owner.into()])?;
    Ok(())
}
