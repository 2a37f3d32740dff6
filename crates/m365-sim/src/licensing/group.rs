//! Licences that groups give: worked out behind the scenes, some time after the change that made it necessary.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mailbox, clashes_with, free_seats, is_prohibited, lacking, mailbox, reached};
use crate::directory::{Change, Directory, License, LicenseError, Object, Serial};
use crate::settings::Settings;

/// The groups whose time has come.
pub(crate) fn due(directory: &Directory, settings: &Settings, now: i64) -> Vec<Serial> {
    let delay = i64::try_from(settings.license_processing_ms).unwrap_or(i64::MAX);
    let is_due = |serial: &&Serial| {
        let since = directory.live(**serial).and_then(|group| group.processing);
        since.is_some_and(|since| since.saturating_add(delay) <= now)
    };
    directory.processing().iter().filter(is_due).copied().collect()
}

/// The groups that have to be worked out again because of these changes.
pub(crate) fn waiting(
    directory: &Directory,
    settings: &Settings,
    changes: &[Change],
    now: i64,
) -> Vec<Change> {
    let mut groups = BTreeSet::new();
    for change in changes {
        match change {
            Change::GroupLicenses { group, .. } => {
                groups.insert(*group);
            }
            Change::Member { group, .. } => {
                let nested = settings.unproved_directory.nested_members_inherit;
                groups.extend(licensed(directory, *group, nested));
            }
            _ => {}
        }
    }
    let since = Some(now);
    let wait = |group| Change::GroupProcessing { group, since };
    groups.into_iter().map(wait).collect()
}

/// The group, if it gives licences, and with `above` those that it is nested in.
fn licensed(directory: &Directory, group: Serial, above: bool) -> BTreeSet<Serial> {
    let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![group]);
    while let Some(serial) = open.pop() {
        let Some(object) = directory.live(serial).filter(|_| seen.insert(serial)) else {
            continue;
        };
        if !object.licenses.is_empty() {
            found.insert(serial);
        }
        if above {
            open.extend(&object.member_of);
        }
    }
    found
}

/// The changes that bring a group's members up to date, or only some of them.
pub(crate) fn recompute(
    directory: &Directory,
    settings: &Settings,
    group: &Object,
    only: Option<Serial>,
    now: i64,
) -> Vec<Change> {
    let concerns = |serial: &Serial| only.is_none_or(|only| only == *serial);
    let reached: BTreeSet<Serial> = reached(directory, settings, group)
        .into_iter()
        .filter(concerns)
        .collect();
    let mut round = Round {
        directory,
        settings,
        group,
        now,
        spare: BTreeMap::new(),
    };
    // Who has left gives seats back before others are served.
    let left = directory
        .inheritors(group.serial)
        .filter(|serial| concerns(serial) && !reached.contains(serial));
    let users = left.chain(reached.iter().copied());
    users
        .filter_map(|serial| directory.object(serial))
        .flat_map(|user| round.bring_up(user, reached.contains(&user.serial)))
        .collect()
}

/// One pass over a group's members.
struct Round<'a> {
    directory: &'a Directory,
    settings: &'a Settings,
    group: &'a Object,
    now: i64,
    /// Free seats by product, as this pass has left them.
    spare: BTreeMap<String, i64>,
}

impl Round<'_> {
    /// The changes to one user.
    fn bring_up(&mut self, user: &Object, entitled: bool) -> Vec<Change> {
        let is_own = |license: &&License| license.group == Some(self.group.serial);
        let (before, others): (Vec<&License>, Vec<&License>) = user.licenses.iter().partition(is_own);
        let held = user.products();
        let own = if entitled {
            self.entries(user, &before, &others, &held)
        } else {
            Vec::new()
        };
        if before.len() == own.len() && before.iter().zip(&own).all(|(before, now)| *before == now) {
            return Vec::new();
        }
        let licenses: Vec<License> = others.into_iter().cloned().chain(own).collect();
        self.settle_seats(&held, &licenses);
        let mut changes = Vec::new();
        if let Mailbox::New(change) = mailbox(self.directory, self.settings, user, &licenses) {
            changes.push(change);
        }
        changes.insert(
            0,
            Change::Licenses {
                user: user.serial,
                licenses,
            },
        );
        changes
    }

    /// The group's licences as this user gets them. One that fails holds back the others.
    fn entries(
        &mut self,
        user: &Object,
        before: &[&License],
        others: &[&License],
        held: &BTreeSet<String>,
    ) -> Vec<License> {
        let given = self.group.licenses.clone();
        let causes: Vec<Option<LicenseError>> = given
            .iter()
            .map(|license| self.cause(user, license, others, held))
            .collect();
        let held_back = causes.iter().any(Option::is_some).then_some(LicenseError::Other);
        let entry = |(license, cause): (License, Option<LicenseError>)| {
            let new = License {
                group: Some(self.group.serial),
                error: cause.or(held_back),
                at: self.now,
                ..license
            };
            let same = |old: &&&License| {
                License {
                    at: old.at,
                    ..new.clone()
                } == ***old
            };
            let at = before.iter().find(same).map_or(self.now, |old| old.at);
            License { at, ..new }
        };
        given.into_iter().zip(causes).map(entry).collect()
    }

    fn cause(
        &mut self,
        user: &Object,
        license: &License,
        others: &[&License],
        held: &BTreeSet<String>,
    ) -> Option<LicenseError> {
        let country = user.text("usageLocation").unwrap_or(&self.settings.country);
        if is_prohibited(self.settings, license, country) {
            return Some(LicenseError::ProhibitedInUsageLocationViolation);
        }
        let same = |other: &&&License| !other.sku_id.eq_ignore_ascii_case(&license.sku_id);
        let active = others.iter().filter(|other| other.error.is_none());
        let together = active.copied().chain(&self.group.licenses);
        if clashes_with(self.settings, license, together.filter(|other| same(&other))) {
            return Some(LicenseError::MutuallyExclusiveViolation);
        }
        // What an add-on needs has to come from the same group.
        if lacking(self.settings, license, &self.group.licenses).is_some() {
            return Some(LicenseError::DependencyViolation);
        }
        let product = license.sku_id.to_lowercase();
        if !held.contains(&product) && *self.spare(&product) <= 0 {
            return Some(LicenseError::CountViolation);
        }
        match mailbox(self.directory, self.settings, user, std::slice::from_ref(license)) {
            Mailbox::Taken => Some(LicenseError::UniquenessViolation),
            Mailbox::AsItIs | Mailbox::New(_) => None,
        }
    }

    fn spare(&mut self, product: &str) -> &mut i64 {
        let (directory, settings) = (self.directory, self.settings);
        self.spare.entry(product.to_owned()).or_insert_with(|| {
            settings
                .sku(product)
                .map_or(0, |sku| free_seats(directory, settings, sku))
        })
    }

    /// Seats that this user takes or gives back.
    fn settle_seats(&mut self, held: &BTreeSet<String>, licenses: &[License]) {
        let given = licenses.iter().filter(|license| license.error.is_none());
        let after: BTreeSet<String> = given.map(|license| license.sku_id.to_lowercase()).collect();
        for product in after.difference(held) {
            *self.spare(product) -= 1;
        }
        for product in held.difference(&after) {
            *self.spare(product) += 1;
        }
    }
}
