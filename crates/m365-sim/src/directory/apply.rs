//! Carrying out changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Change, Directory, Kind, License, Object, Serial, What};

impl Directory {
    /// Carries out one change. A change about an object that does not exist has no effect.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Create {
                serial,
                id,
                kind,
                at,
                properties,
            } => self.create(serial, id, kind, at, properties),
            Change::Update { serial, properties } => self.update(serial, properties),
            Change::Delete {
                serial,
                at,
                keeps_seats,
                keeps_name,
            } => self.delete(serial, at, keeps_seats, keeps_name),
            Change::Restore { serial } => self.restore(serial),
            Change::Purge { serial } => self.purge(serial),
            Change::Member { group, member, add } => self.member(group, member, add),
            Change::Owner { group, owner, add } => self.owner(group, owner, add),
            Change::Manager { user, manager } => self.manager(user, manager),
            Change::Licenses { user, licenses } => self.licenses(user, licenses),
            Change::GroupLicenses { group, licenses } => self.group_licenses(group, licenses),
            Change::GroupProcessing { group, since } => self.group_processing(group, since),
            Change::Domain { name, domain } => self.records.put_domain(&name, domain),
            Change::Policy { id, policy } => put(&mut self.records.policies, id, policy),
            Change::Subscription { id, subscription } => {
                put(&mut self.records.subscriptions, id, subscription);
            }
            Change::Audit(audit) => self.records.push_audit(*audit),
            Change::Roles { user, roles } => {
                if let Some(object) = self.objects.get_mut(&user) {
                    object.roles = roles;
                }
            }
            Change::Load(snapshot) => *self = snapshot.into_directory(),
            Change::ResetDelta => self.delta_epoch += 1,
        }
    }

    fn create(&mut self, serial: Serial, id: String, kind: Kind, at: i64, properties: Map<String, Value>) {
        let object = Object {
            serial,
            id,
            kind,
            created: at,
            deleted: None,
            properties,
            manager: None,
            reports: Default::default(),
            members: Default::default(),
            owners: Default::default(),
            member_of: Default::default(),
            owner_of: Default::default(),
            licenses: Vec::new(),
            processing: None,
            keeps_seats: false,
            roles: Vec::new(),
        };
        if let (Kind::User, Some(upn)) = (kind, object.text("userPrincipalName")) {
            self.created_upns.push(upn.to_owned());
        }
        self.last_serial = self.last_serial.max(serial);
        self.indexes.add(&object);
        self.by_id.insert(object.id.clone(), serial);
        self.listing(kind).insert(serial);
        self.objects.insert(serial, object);
        self.log.push(serial, What::Created);
    }

    fn update(&mut self, serial: Serial, properties: Map<String, Value>) {
        let Some(object) = self.objects.get_mut(&serial) else {
            return;
        };
        let names = properties.keys().map(|name| name.as_str().into()).collect();
        // The indexes hold live objects only.
        if object.deleted.is_none() {
            self.indexes.remove(object);
        }
        object.properties.extend(properties);
        if object.deleted.is_none() {
            self.indexes.add(object);
        }
        self.log.push(serial, What::Changed(names));
    }

    /// The name is given free by writing the id before it, unless it is to be kept.
    fn delete(&mut self, serial: Serial, at: i64, keeps_seats: bool, keeps_name: bool) {
        let Some(object) = self.objects.get_mut(&serial) else {
            return;
        };
        self.indexes.remove(object);
        let before = seated(object);
        object.deleted = Some(at);
        object.keeps_seats = keeps_seats;
        let kind = object.kind;
        if let Some(upn) = object.text("userPrincipalName").filter(|_| !keeps_name) {
            let renamed = format!("{}{upn}", object.id.replace('-', ""));
            object
                .properties
                .insert("userPrincipalName".to_owned(), Value::String(renamed));
        }
        let after = seated(object);
        self.count_seats(&before, false);
        self.count_seats(&after, true);
        self.processing.remove(&serial);
        self.listing(kind).remove(&serial);
        self.bin.insert(serial);
        self.log.push(serial, What::Deleted);
    }

    fn restore(&mut self, serial: Serial) {
        let Some(object) = self.objects.get_mut(&serial) else {
            return;
        };
        let before = seated(object);
        object.deleted = None;
        if let Some(upn) = restored_upn(object) {
            object
                .properties
                .insert("userPrincipalName".to_owned(), Value::String(upn));
        }
        self.indexes.add(object);
        object.keeps_seats = false;
        let (kind, after) = (object.kind, seated(object));
        self.count_seats(&before, false);
        self.count_seats(&after, true);
        self.bin.remove(&serial);
        self.listing(kind).insert(serial);
        self.log.push(serial, What::Restored);
    }

    fn purge(&mut self, serial: Serial) {
        let Some(object) = self.objects.get(&serial).cloned() else {
            return;
        };
        for group in &object.member_of {
            self.member(*group, serial, false);
        }
        for group in &object.owner_of {
            self.owner(*group, serial, false);
        }
        for member in &object.members {
            self.member(serial, *member, false);
        }
        for owner in &object.owners {
            self.owner(serial, *owner, false);
        }
        for report in &object.reports {
            self.manager(*report, None);
        }
        self.manager(serial, None);
        if object.deleted.is_none() {
            self.indexes.remove(&object);
        }
        self.count_seats(&seated(&object), false);
        self.processing.remove(&serial);
        self.inheritors.remove(&serial);
        for users in self.inheritors.values_mut() {
            users.remove(&serial);
        }
        for policy in self.records.policies.values_mut() {
            policy.applies_to.remove(&serial);
        }
        self.listing(object.kind).remove(&serial);
        self.bin.remove(&serial);
        self.by_id.remove(&object.id);
        self.objects.remove(&serial);
        self.graves.insert(serial, (object.kind, object.id));
        self.log.push(serial, What::Purged);
    }

    fn member(&mut self, group: Serial, member: Serial, add: bool) {
        if let Some(group) = self.objects.get_mut(&group) {
            toggle(&mut group.members, member, add);
        }
        if let Some(object) = self.objects.get_mut(&member) {
            toggle(&mut object.member_of, group, add);
        }
        self.log.push(group, What::Member { member, add });
    }

    fn owner(&mut self, group: Serial, owner: Serial, add: bool) {
        if let Some(group) = self.objects.get_mut(&group) {
            toggle(&mut group.owners, owner, add);
        }
        if let Some(object) = self.objects.get_mut(&owner) {
            toggle(&mut object.owner_of, group, add);
        }
        self.log.push(group, What::Owner { owner, add });
    }

    fn manager(&mut self, user: Serial, manager: Option<Serial>) {
        let Some(object) = self.objects.get_mut(&user) else {
            return;
        };
        let before = std::mem::replace(&mut object.manager, manager);
        if before == manager {
            return;
        }
        if let Some(before) = before.and_then(|serial| self.objects.get_mut(&serial)) {
            before.reports.remove(&user);
        }
        if let Some(now) = manager.and_then(|serial| self.objects.get_mut(&serial)) {
            now.reports.insert(user);
        }
        self.log.push(user, What::Manager { before });
    }

    fn licenses(&mut self, user: Serial, licenses: Vec<License>) {
        let Some(object) = self.objects.get_mut(&user) else {
            return;
        };
        let before = seated(object);
        let gone = std::mem::replace(&mut object.licenses, licenses);
        let after = seated(object);
        for group in gone.iter().filter_map(|license| license.group) {
            if let Some(users) = self.inheritors.get_mut(&group) {
                users.remove(&user);
            }
        }
        for group in object.licenses.iter().filter_map(|license| license.group) {
            self.inheritors.entry(group).or_default().insert(user);
        }
        self.count_seats(&before, false);
        self.count_seats(&after, true);
        self.log.push(
            user,
            What::Changed(["assignedLicenses".into(), "licenseAssignmentStates".into()].into()),
        );
    }

    fn group_licenses(&mut self, group: Serial, licenses: Vec<License>) {
        if let Some(object) = self.objects.get_mut(&group) {
            object.licenses = licenses;
            self.log
                .push(group, What::Changed(["assignedLicenses".into()].into()));
        }
    }

    fn group_processing(&mut self, group: Serial, since: Option<i64>) {
        let Some(object) = self.objects.get_mut(&group) else {
            return;
        };
        object.processing = since;
        if since.is_some() {
            self.processing.insert(group);
        } else {
            self.processing.remove(&group);
        }
        self.log
            .push(group, What::Changed(["licenseProcessingState".into()].into()));
    }

    pub(super) fn count_seats(&mut self, products: &BTreeSet<String>, take: bool) {
        for product in products {
            let seats = self.seats.entry(product.clone()).or_default();
            *seats = if take {
                seats.saturating_add(1)
            } else {
                seats.saturating_sub(1)
            };
        }
    }

    pub(super) fn listing(&mut self, kind: Kind) -> &mut BTreeSet<Serial> {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }
}

/// The name that a user in the bin would get back.
pub(crate) fn restored_upn(object: &Object) -> Option<String> {
    let prefix = object.id.replace('-', "");
    object
        .text("userPrincipalName")
        .map(|upn| upn.strip_prefix(&prefix).unwrap_or(upn).to_owned())
}

/// The products that an object takes seats of. Groups give seats and take none; the bin takes them by a switch only.
fn seated(object: &Object) -> BTreeSet<String> {
    if object.kind == Kind::User && (object.deleted.is_none() || object.keeps_seats) {
        object.products()
    } else {
        BTreeSet::new()
    }
}

fn put<T>(table: &mut BTreeMap<String, T>, id: String, value: Option<T>) {
    match value {
        Some(value) => {
            table.insert(id, value);
        }
        None => {
            table.remove(&id);
        }
    }
}

fn toggle(set: &mut BTreeSet<Serial>, serial: Serial, add: bool) {
    if add {
        set.insert(serial);
    } else {
        set.remove(&serial);
    }
}
