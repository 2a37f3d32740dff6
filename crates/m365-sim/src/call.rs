//! What a handler gets: one authenticated, authorised, paid request, and the tenant it is about.

use crate::consequence::{self, Actor};
use crate::directory::record::Domain;
use crate::directory::{Change, Directory, Kind, Object};
use crate::error::{Error, Result};
use crate::message::{ALTERNATE, Method, Request};
use crate::query::render::View;
use crate::settings::Settings;
use crate::tenant::Tenant;
use crate::token::Caller;

/// One call.
pub(crate) struct Call<'a> {
    pub tenant: &'a mut Tenant,
    pub settings: &'a Settings,
    pub caller: &'a Caller,
    pub request: &'a Request,
    /// The variable segments of the path, in order.
    pub keys: Vec<&'a str>,
    pub now: i64,
}

impl<'a> Call<'a> {
    /// A variable segment of the path.
    pub(crate) fn key(&self, index: usize) -> &'a str {
        self.keys.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.tenant.directory
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            directory: &self.tenant.directory,
            settings: self.settings,
            now: self.now,
        }
    }

    /// Whether a read meets a copy of the directory that has the object already.
    pub(crate) fn sees(&self, object: &Object) -> bool {
        self.tenant.sees(self.settings, object, self.now)
    }

    /// The live user that the first variable segment names, by id or user principal name.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn user(&self) -> Result<&Object> {
        let key = self.key(0);
        let (key, found) = match &self.request.alternate {
            Some((name, value)) if key == ALTERNATE && name == "userPrincipalName" => (
                value.as_str(),
                self.directory()
                    .by_property(Kind::User, "userPrincipalName", value),
            ),
            Some((name, _)) if key == ALTERNATE => return Err(not_a_key(name)),
            _ => (key, self.user_by_id_or_name(key)),
        };
        found
            .filter(|object| self.sees(object))
            .map(|object| self.copy(object))
            .ok_or_else(|| Error::not_found(key))
    }

    /// The copy of an object that this call meets. Only reads meet old ones.
    fn copy<'b>(&'b self, object: &'b Object) -> &'b Object {
        match self.request.method {
            Method::Get => self.tenant.copy(self.settings, object, self.now),
            _ => object,
        }
    }

    fn user_by_id_or_name(&self, key: &str) -> Option<&Object> {
        let directory = self.directory();
        let by_id = directory
            .by_id(key)
            .filter(|object| object.kind == Kind::User && object.deleted.is_none());
        by_id.or_else(|| directory.by_property(Kind::User, "userPrincipalName", key))
    }

    /// The live group that the first variable segment names, by id or unique name.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn group(&self) -> Result<&Object> {
        let key = self.key(0);
        let (key, found) = match &self.request.alternate {
            Some((name, value)) if key == ALTERNATE && name == "uniqueName" => (
                value.as_str(),
                self.directory().by_property(Kind::Group, "uniqueName", value),
            ),
            Some((name, _)) if key == ALTERNATE => return Err(not_a_key(name)),
            _ => (key, self.directory().by_id(key)),
        };
        found
            .filter(|object| object.kind == Kind::Group && object.deleted.is_none() && self.sees(object))
            .map(|object| self.copy(object))
            .ok_or_else(|| Error::not_found(key))
    }

    /// The live object with this id.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn live(&self, id: &str) -> Result<&Object> {
        let found = self
            .directory()
            .by_id(id)
            .filter(|object| object.deleted.is_none() && self.sees(object));
        found.ok_or_else(|| Error::not_found(id))
    }

    /// The live object that a reference such as `https://…/v1.0/directoryObjects/{id}` points at.
    ///
    /// # Errors
    /// 400 for something that is no reference, 404 for an object that is not there.
    pub(crate) fn referenced(&self, reference: &str) -> Result<&Object> {
        let mut parts = reference.trim_end_matches('/').rsplit('/');
        let (id, collection) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if !matches!(collection, "directoryObjects" | "users" | "groups") || id.is_empty() {
            return Err(Error::bad_request(format!(
                "Invalid URL format specified in payload: '{reference}'."
            )));
        }
        let found = self.live(id)?;
        let fits = match collection {
            "users" => found.kind == Kind::User,
            "groups" => found.kind == Kind::Group,
            _ => true,
        };
        if fits {
            Ok(found)
        } else {
            Err(Error::not_found(id))
        }
    }

    /// The domain of that name.
    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.directory().records().domain(name)
    }

    /// Makes changes, or none of them, and what follows from them: entries of the audit log, licences that reach other
    /// people, notifications.
    ///
    /// # Errors
    /// 503 when the journal cannot be written.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> Result<()> {
        let name = self.settings.applications.iter().find_map(|application| {
            (application.client_id == self.caller.client_id).then(|| application.display_name.clone())
        });
        let actor = Actor {
            application: Some(self.caller.client_id.clone()),
            name: name.unwrap_or_default(),
            correlation: self.request.headers.get("client-request-id").map(str::to_owned),
        };
        self.tenant.keep_copies(self.settings, &changes, self.now);
        consequence::commit(self.tenant, self.settings, &actor, changes, self.now)
    }

    /// What puts an object into the bin, or takes it away when its kind has no bin.
    pub(crate) fn deletion(&self, object: &Object) -> Change {
        let unproved = &self.settings.unproved_directory;
        let serial = object.serial;
        if object.kind == Kind::Group && !object.is_unified() && !unproved.security_groups_in_bin {
            return Change::Purge { serial };
        }
        Change::Delete {
            serial,
            at: self.now,
            keeps_seats: unproved.bin_keeps_seats,
            keeps_name: unproved.bin_keeps_names,
        }
    }

    /// # Errors
    /// 403 unless the caller has one of these permissions.
    pub(crate) fn need(&self, any: &[&str]) -> Result<()> {
        if self.caller.has_any(any) {
            Ok(())
        } else {
            Err(insufficient())
        }
    }
}

/// 403 for a permission that was not granted.
pub(crate) fn insufficient() -> Error {
    Error::denied("Insufficient privileges to complete the operation.")
}

fn not_a_key(name: &str) -> Error {
    Error::malformed(format!("'{name}' is not an alternate key of the resource."))
}
