//! Everything that a directory holds, as one value: for saving it and loading it again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Directory, Indexes, Kind, Log, Object, Records, Serial};

/// A whole directory. Positions in its log stay what they are, so links of delta queries are good after a load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    objects: Vec<Object>,
    /// Kinds and ids of what was purged; a list, because numbers cannot be keys inside a tagged value.
    graves: Vec<(Serial, Kind, String)>,
    log: Log,
    last_serial: Serial,
    created_upns: Vec<String>,
    delta_epoch: u64,
    records: Records,
}

impl Directory {
    /// Everything, in the order in which it was made.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let objects: BTreeMap<Serial, &Object> = self
            .objects
            .iter()
            .map(|(serial, object)| (*serial, object))
            .collect();
        let graves: BTreeMap<&Serial, &(Kind, String)> = self.graves.iter().collect();
        Snapshot {
            objects: objects.into_values().cloned().collect(),
            graves: graves
                .into_iter()
                .map(|(serial, (kind, id))| (*serial, *kind, id.clone()))
                .collect(),
            log: self.log.clone(),
            last_serial: self.last_serial,
            created_upns: self.created_upns.clone(),
            delta_epoch: self.delta_epoch,
            records: self.records.clone(),
        }
    }
}

impl Snapshot {
    /// The directory, with its indexes made anew.
    pub(super) fn into_directory(self) -> Directory {
        let mut directory = Directory {
            graves: self
                .graves
                .into_iter()
                .map(|(serial, kind, id)| (serial, (kind, id)))
                .collect(),
            log: self.log,
            last_serial: self.last_serial,
            created_upns: self.created_upns,
            delta_epoch: self.delta_epoch,
            records: self.records,
            indexes: Indexes::default(),
            ..Directory::default()
        };
        for object in self.objects {
            directory.enter(object);
        }
        directory
    }
}

impl Directory {
    fn enter(&mut self, object: Object) {
        let serial = object.serial;
        self.by_id.insert(object.id.clone(), serial);
        if object.deleted.is_some() {
            self.bin.insert(serial);
        } else {
            self.indexes.add(&object);
            self.listing(object.kind).insert(serial);
        }
        if object.processing.is_some() && object.deleted.is_none() {
            self.processing.insert(serial);
        }
        if object.kind == Kind::User && (object.deleted.is_none() || object.keeps_seats) {
            let products: BTreeSet<String> = object.products();
            self.count_seats(&products, true);
        }
        let groups = object.licenses.iter().filter_map(|license| license.group);
        for group in groups {
            self.inheritors.entry(group).or_default().insert(serial);
        }
        self.objects.insert(serial, object);
    }
}
