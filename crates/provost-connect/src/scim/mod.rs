//! Any SCIM 2.0 application (RFC 7643, RFC 7644), with the habits that real ones have.

mod capability;
mod lenient;
mod member;
mod patch;
mod path;
mod read;
mod record;
pub mod self_test;
mod settings;
mod test;
mod wire;
mod write;

use std::borrow::Cow;

use futures::FutureExt;
use serde_json::Value;

use self::capability::Capabilities;
use self::path::Path;
use self::settings::{Dialect, Settings};
use self::wire::Wire;
use crate::open::{base_url, policy, secret};
use crate::{
    Account, AccountPage, BoxFuture, Check, Description, DisableBy, Error, Kind, MemberChange, MemberPage,
    Record, Result, Secrets, Target, http,
};

const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const CORE_GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A connection to one application.
///
/// Settings: `url`, and optionally `dialect` (`rfc`, `entra`), `allow_private_network`,
/// `allowed_networks`, `value_paths`, `patch`, `external_id`, `page_size` (100), `media_type`,
/// `writes_per_second`. Secret: `token`.
pub struct Scim {
    wire: Wire,
    capabilities: Capabilities,
    dialect: Dialect,
    value_paths: bool,
    patch: Option<bool>,
    external_id: bool,
    page_size: usize,
}

impl Scim {
    /// Opens a connection; no request is made.
    ///
    /// # Errors
    /// As [`crate::open`].
    pub fn open(settings: &Value, secrets: &Secrets, factory: &http::Factory) -> Result<Self> {
        let settings = Settings::parse(settings)?;
        let token = secret(secrets, "token")?;
        let base = base_url("url", &settings.url)?;
        let private = settings.allow_private_network;
        let client = factory.client(policy("url", &base, private, &settings.allowed_networks)?)?;
        let key = (base.as_str().to_owned(), String::new(), String::new());
        Ok(Self {
            wire: Wire {
                client,
                pacer: factory.pacer(key, settings.pace()),
                base,
                token,
                media_type: settings.media_type,
            },
            capabilities: Capabilities::default(),
            dialect: settings.dialect,
            value_paths: settings.value_paths(),
            patch: settings.patch,
            external_id: settings.external_id,
            page_size: settings.page_size,
        })
    }

    async fn set_active(&self, kind: Kind, id: &str, active: bool) -> Result<()> {
        if kind == Kind::Group {
            return Err(Error::Unsupported {
                operation: "disabling and enabling groups".to_owned(),
            });
        }
        let changes = Record::from([("active".to_owned(), Value::Bool(active))]);
        self.change(kind, id, &changes).await
    }

    async fn refer(&self, id: &str, attribute: &str, target: Option<&str>) -> Result<()> {
        if !Path::parse(attribute)?.is_manager() {
            return Err(Error::Unsupported {
                operation: "references other than `manager`".to_owned(),
            });
        }
        let changes = Record::from([(attribute.to_owned(), target.map_or(Value::Null, Value::from))]);
        self.change(Kind::Person, id, &changes).await
    }
}

/// The name of a kind's endpoint.
fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "Users",
        Kind::Group => "Groups",
    }
}

impl Target for Scim {
    fn describe(&self) -> Description {
        Description {
            connector: "scim",
            kinds: vec![Kind::Person, Kind::Group],
            person_matching: vec!["userName", "externalId", "emails[type eq \"work\"].value"],
            group_matching: vec!["displayName", "externalId"],
            disable: DisableBy::Attribute("active"),
            references: vec!["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"],
            safe_create: Vec::new(),
            page_size: self.page_size,
            batch_size: 1,
            concurrency: 6,
            drops_members: false,
        }
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        self.checks().boxed()
    }

    fn normalize(&self, _kind: Kind, record: &mut Record) {
        record::normalize(record);
    }

    fn link_key(&self, _kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        self.external_id
            .then(|| (Cow::Borrowed("externalId"), Value::from(key)))
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>> {
        self.find_by(kind, attribute, value).boxed()
    }

    fn get<'a>(
        &'a self,
        kind: Kind,
        id: &'a str,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<Option<Account>>> {
        self.get_by_id(kind, id, attributes).boxed()
    }

    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>> {
        self.create_one(kind, key, record).boxed()
    }

    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>> {
        self.change(kind, id, changes).boxed()
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.set_active(kind, id, false).boxed()
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.set_active(kind, id, true).boxed()
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.remove(kind, id).boxed()
    }

    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        target_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>> {
        self.refer(id, attribute, target_id).boxed()
    }

    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>> {
        self.change_group(group, changes).boxed()
    }

    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        self.list_page(kind, page, attributes).boxed()
    }

    fn members<'a>(&'a self, group: &'a str, _page: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>> {
        self.member_page(group).boxed()
    }
}
