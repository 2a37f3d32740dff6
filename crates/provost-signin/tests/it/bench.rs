//! A hub to sign in to, and the people of Contoso who do.

use crate::authenticator::Authenticator;
use provost_connect::http::Factory;
use provost_signin::{Error, Opened, Result, Settings, SignIn, Signed, Step, Visit};
use provost_store::administrator::{Grant, Role};
use provost_store::secret::Key;
use provost_store::{Db, workspace};
use provost_testkit::Fresh;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use url::Url;
use uuid::Uuid;

/// When everything begins: 2027-01-15, 08:00 UTC.
pub const START: i64 = 1_800_000_000_000;
pub const MINUTE: i64 = 60_000;
/// A cookie of a browser that is not signed in.
pub const BROWSER: &str = "a browser's cookie";
pub const ORIGIN: &str = "https://hub.contoso.example";
/// A password that is long enough to stand alone.
pub const LONG: &str = "seven grey herons by the weir";

/// Signing in, over a database of its own.
pub struct Bench {
    pub signin: SignIn,
    pub db: Db,
    pub workspace: i64,
    fresh: Fresh,
}

impl Bench {
    pub async fn new() -> Self {
        Self::at(ORIGIN).await
    }

    /// A hub that browsers reach under this address.
    pub async fn at(public_url: &str) -> Self {
        let fresh = tokio::task::spawn_blocking(provost_testkit::sqlite)
            .await
            .unwrap()
            .unwrap();
        let db = fresh.db.clone();
        let workspace = db
            .write(|tx| {
                Ok::<_, provost_store::Error>(
                    workspace::create(tx, "test", START, Uuid::now_v7(), "Contoso")?.key,
                )
            })
            .await
            .unwrap();
        let settings = Settings {
            public_url: Url::parse(public_url).unwrap(),
            allow_private_network: true,
        };
        let key = Arc::new(Key::random().unwrap());
        Self {
            signin: SignIn::new(db.clone(), key, settings, Factory::new()),
            db,
            workspace,
            fresh,
        }
    }

    /// The same hub, started again: what is in memory only is gone, and the key is another one.
    pub fn started_again(&self) -> SignIn {
        let settings = Settings::new(Url::parse(ORIGIN).unwrap());
        let key = Arc::new(Key::random().unwrap());
        SignIn::new(self.db.clone(), key, settings, Factory::new())
    }

    /// The first owner, signed in by the link that the server prints.
    pub async fn owner(&self) -> Opened {
        let key = self.signin.owner_link(START).await.unwrap().unwrap();
        self.signin
            .become_owner(&key, "Olga Owner", "olga@contoso.example", &visit(), START)
            .await
            .unwrap()
    }

    /// The first owner, who has added a passkey.
    pub async fn owner_with_passkey(&self) -> (Signed, Authenticator) {
        let owner = self.owner().await.signed;
        let mut device = Authenticator::new(ORIGIN);
        self.add_passkey(&owner, &mut device, START).await.unwrap();
        (self.again(&owner, START).await, device)
    }

    /// Somebody whom the owner invited and who followed the link: they have this role in all workspaces.
    pub async fn invited(&self, owner: &Signed, name: &str, role: Role) -> Opened {
        let email = format!("{}@contoso.example", name.to_lowercase());
        let grant = Grant {
            workspace: None,
            role,
        };
        let (_, key) = self
            .signin
            .invite(owner, name, &email, &[grant], START)
            .await
            .unwrap();
        self.signin.follow(&key, &visit(), START).await.unwrap()
    }

    /// Adds what the device makes.
    pub async fn add_passkey(&self, signed: &Signed, device: &mut Authenticator, now: i64) -> Result<()> {
        let (ceremony, options) = self.signin.passkey_begin_registration(signed, now).await?;
        let answer = device.create(&options);
        self.signin
            .passkey_finish_registration(signed, &ceremony, answer, "A key", now)
            .await
            .map(drop)
    }

    /// Signs in with the device.
    pub async fn enter_by_passkey(&self, device: &mut Authenticator, now: i64) -> Result<Opened> {
        let (ceremony, options) = self.signin.passkey_begin_signin(BROWSER, &visit(), now).await?;
        let answer = device.get(&options);
        self.signin
            .passkey_finish_signin(&ceremony, BROWSER, answer, &visit(), now)
            .await
    }

    /// Signs in with a password, from an address of its own.
    pub async fn enter_by_password(&self, email: &str, password: &str, from: &str, now: i64) -> Result<Step> {
        self.signin
            .password_signin(email, password, BROWSER, &visit_from(from), now)
            .await
    }

    /// The same person as the next request sees them.
    pub async fn again(&self, signed: &Signed, now: i64) -> Signed {
        let whose = signed.administrator.key;
        self.signin
            .open(whose, signed.session.method, &visit(), now)
            .await
            .unwrap()
            .signed
    }

    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> i64 {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let connection = self.connection();
        connection.query_row(&count, [], |row| row.get(0)).unwrap()
    }

    /// What somebody does who has the database in their hands.
    pub fn run_sql(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap();
    }

    /// Whether a text stands anywhere in the files of the database.
    pub fn find_everywhere(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.fresh.folder.path()).unwrap();
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    }

    fn connection(&self) -> rusqlite::Connection {
        let provost_store::Location::Sqlite(path) = &self.fresh.location else {
            panic!("the bench is on SQLite");
        };
        rusqlite::Connection::open(path).unwrap()
    }
}

/// [`visit`], for calls that outlive the line.
pub static VISIT: LazyLock<Visit> = LazyLock::new(visit);

pub fn visit() -> Visit {
    visit_from("192.0.2.10")
}

pub fn visit_from(address: &str) -> Visit {
    Visit {
        address: address.parse::<IpAddr>().unwrap(),
        agent: "Test/1.0".to_owned(),
    }
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.expect_err("it should have been refused").code()
}

/// Whether it was refused without a word about the reason.
pub fn is_denied<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Denied))
}
