//! Objects that Graph would never make, for tests of what a client does when it meets them.

use std::io;

use serde_json::Value;
use uuid::Uuid;

use crate::Simulator;
use crate::directory::{Change, Kind};

impl Simulator {
    /// Puts a user into the directory as it is, unchecked: a guest, or one that is synchronised from elsewhere
    /// (`onPremisesSyncEnabled`). Answers its id.
    ///
    /// # Errors
    /// When `properties` is no object, or the journal cannot be written.
    pub fn plant_user(&self, properties: Value) -> io::Result<String> {
        self.plant(Kind::User, properties)
    }

    /// The same for a group: a distribution list, a mail-enabled security group, a synchronised one.
    ///
    /// # Errors
    /// When `properties` is no object, or the journal cannot be written.
    pub fn plant_group(&self, properties: Value) -> io::Result<String> {
        self.plant(Kind::Group, properties)
    }

    fn plant(&self, kind: Kind, properties: Value) -> io::Result<String> {
        let Value::Object(properties) = properties else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "The properties must be a JSON object.",
            ));
        };
        let at = self.inner.now();
        let mut tenant = self.inner.tenant();
        let id = Uuid::new_v4().to_string();
        let create = Change::Create {
            serial: tenant.directory.next_serial(),
            id: id.clone(),
            kind,
            at,
            properties,
        };
        let made = tenant.commit(vec![create]);
        made.map_err(|error| io::Error::other(error.message))?;
        Ok(id)
    }
}
