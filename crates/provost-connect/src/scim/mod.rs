//! Any SCIM 2.0 application (RFC 7643, RFC 7644), with the habits that real ones have.

mod capability;
mod change;
mod credential;
mod failure;
mod find;
mod index;
mod lenient;
mod listing;
mod member;
mod patch;
mod path;
mod preset;
mod read;
mod record;
mod reference;
pub mod self_test;
mod settings;
mod test;
mod took;
mod twin;
mod wire;
mod write;

use std::borrow::Cow;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use serde_json::Value;

use self::capability::{Capabilities, Lesson};
use self::credential::Credential;
use self::find::Searches;
use self::index::Indexes;
use self::listing::Listings;
use self::path::Path;
use self::preset::Server;
pub use self::reference::{SETTINGS, Setting};
use self::settings::{Deprovision, Dialect, Paging, Settings};
use self::wire::Wire;
use crate::account::apply_one;
use crate::fresh::Fresh;
use crate::open::{base_url, policy};
use crate::{
    Account, AccountPage, BoxFuture, Check, Description, DisableBy, Error, Kind, MemberChange, MemberPage,
    Record, Result, Secrets, Target, Write, http,
};

const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const CORE_GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A connection to one application.
///
/// Settings: [`SETTINGS`]. Secret: `token`, or `client_secret` together with the setting
/// `token_url`.
///
/// What is found out about an application (that it has no PATCH, ignores filters, counts pages
/// from 0) is kept as long as this value lives; nothing of it has to be entered.
pub struct Scim {
    wire: Wire,
    capabilities: Capabilities,
    searches: Searches,
    indexes: Indexes,
    listings: Listings,
    fresh: Fresh,
    pauses: Vec<Duration>,
    dialect: Dialect,
    value_paths: bool,
    patch: Option<bool>,
    filters: Option<bool>,
    paging: Paging,
    page_size: usize,
    ignore_totals: bool,
    external_id: bool,
    only: Vec<String>,
    omit: Vec<String>,
    one_value: bool,
    by_element: bool,
    read_back: bool,
    reactivate: bool,
    deprovision: Deprovision,
    hides_inactive: bool,
    concurrency: usize,
}

impl Scim {
    /// Opens a connection; no request is made.
    ///
    /// # Errors
    /// As [`crate::open`].
    pub fn open(settings: &Value, secrets: &Secrets, factory: &http::Factory) -> Result<Self> {
        let settings = Settings::parse(settings)?;
        let credential = Credential::open(&settings, secrets, factory)?;
        let base = base_url("url", &settings.url)?;
        let private = settings.allow_private_network;
        let client = factory.client(policy("url", &base, private, &settings.allowed_networks)?)?;
        let key = (base.as_str().to_owned(), String::new(), String::new());
        Ok(Self {
            wire: Wire {
                client,
                pacer: factory.pacer(key, settings.pace()),
                base,
                credential,
                media_type: settings.media_type,
                plain_json: Lesson::default(),
            },
            capabilities: Capabilities::new(&settings),
            searches: Searches::default(),
            indexes: Indexes::default(),
            listings: Listings::default(),
            fresh: Fresh::default(),
            pauses: settings.pauses(),
            dialect: settings.dialect,
            value_paths: settings.value_paths(),
            patch: settings.patch,
            filters: settings.filter,
            paging: settings.paging,
            page_size: settings.page_size(),
            ignore_totals: settings.ignore_totals,
            external_id: settings.external_id,
            by_element: settings.server == Server::EntraScim,
            one_value: settings.one_value.unwrap_or(false),
            read_back: settings.read_back,
            reactivate: settings.reactivate,
            deprovision: settings.deprovision,
            hides_inactive: settings.hides_inactive,
            concurrency: settings.window() as usize,
            only: settings.attributes,
            omit: settings.omit,
        })
    }

    async fn set_active(&self, kind: Kind, id: &str, active: bool) -> Result<()> {
        if kind == Kind::Group {
            return Err(Error::Unsupported {
                operation: "disabling and enabling groups".to_owned(),
            });
        }
        match (self.deprovision, active) {
            (Deprovision::Delete, false) => return self.remove(kind, id).await,
            (Deprovision::Nothing, _) => {
                return Err(Error::Unsupported {
                    operation: "disabling and enabling accounts (the setting `deprovision` is `nothing`)"
                        .to_owned(),
                });
            }
            _ => {}
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
            disable: match self.deprovision {
                Deprovision::Deactivate => DisableBy::Attribute("active"),
                Deprovision::Delete | Deprovision::Nothing => DisableBy::Nothing,
            },
            references: vec!["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"],
            safe_create: Vec::new(),
            page_size: self.page_size,
            batch_size: 1,
            concurrency: self.concurrency,
            drops_members: false,
            tells_members: self.capabilities.members_shown.get() != Some(false),
            hides_disabled: self.hides_inactive,
            licences: false,
            tells_changes: false,
            keeps_deleted: false,
            settles_within: None,
        }
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        self.checks().boxed()
    }

    fn can_match<'a>(&'a self, kind: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>> {
        self.probe_matching(kind, attribute).boxed()
    }

    fn normalize(&self, _kind: Kind, record: &mut Record) {
        record::normalize(record);
    }

    fn comparable(&self, _kind: Kind, record: &mut Record) {
        record::comparable(record);
    }

    fn link_key(&self, _kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        let echoed = !self.capabilities.no_external_id.is_known();
        (self.external_id && echoed).then(|| (Cow::Borrowed("externalId"), Value::from(key)))
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

    fn apply<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Vec<Result<Option<Account>>>> {
        // Boxed: the futures of a batch have one type, and the pacer decides how many are sent.
        let all: Vec<BoxFuture<'a, _>> = writes
            .iter()
            .map(|write| apply_one(self, write).boxed())
            .collect();
        futures::stream::iter(all)
            .buffered(self.concurrency)
            .collect::<Vec<_>>()
            .boxed()
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
