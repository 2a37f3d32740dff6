//! What an application says and shows it can do. Discovery documents are hints: they are missing,
//! stale or wrong often enough, so what a request taught wins.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::lenient::{member, truth};
use super::settings::Settings;
use super::wire::{Call, Wire};

/// Hints and lessons. A lesson holds for the life of the connection object: a cycle, or a run of
/// the command; the next one looks again.
pub(crate) struct Capabilities {
    hints: OnceCell<Hints>,
    pub no_patch: Lesson,
    pub no_put: Lesson,
    /// A PATCH has worked, so that a 404 is about the object.
    pub patch_works: Lesson,
    pub no_value_paths: Lesson,
    /// `externalId` does not come back as it was sent.
    pub no_external_id: Lesson,
    /// Versions change on every read.
    pub no_versions: Lesson,
    /// `startIndex` counts from 0.
    pub zero_based: Lesson,
    /// `totalResults` was seen to be more than a page.
    pub honest_totals: Lesson,
    pub members_shown: Shown,
    members_per_request: AtomicUsize,
}

/// Something that is found out once.
#[derive(Debug, Default)]
pub(crate) struct Lesson(AtomicBool);

impl Lesson {
    pub(crate) fn known(value: bool) -> Self {
        Self(AtomicBool::new(value))
    }

    pub(crate) fn learn(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_known(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Yes, no, or not known yet.
#[derive(Debug, Default)]
pub(crate) struct Shown(AtomicU8);

impl Shown {
    fn of(setting: Option<bool>) -> Self {
        let shown = Self::default();
        if let Some(setting) = setting {
            shown.learn(setting);
        }
        shown
    }

    pub(crate) fn learn(&self, value: bool) {
        self.0.store(if value { 1 } else { 2 }, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        }
    }
}

/// What `/ServiceProviderConfig` says (RFC 7643 section 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Whether there was a readable document at all.
    pub told: bool,
    pub patch: Option<bool>,
    pub etag: bool,
}

impl Capabilities {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            hints: OnceCell::new(),
            no_patch: Lesson::default(),
            no_put: Lesson::known(settings.put == Some(false)),
            patch_works: Lesson::default(),
            no_value_paths: Lesson::default(),
            no_external_id: Lesson::default(),
            no_versions: Lesson::default(),
            zero_based: Lesson::default(),
            honest_totals: Lesson::default(),
            members_shown: Shown::of(settings.members_shown),
            members_per_request: AtomicUsize::new(settings.members_per_request()),
        }
    }

    /// The hints; read once, and again next time when the application could not be asked.
    pub(crate) async fn hints(&self, wire: &Wire) -> Hints {
        let read = self.hints.get_or_try_init(|| async {
            let url = wire.url(&["ServiceProviderConfig"])?;
            let answer = wire.send(&Call::read(url, "reading the capabilities")).await?;
            let body = if answer.is_success() {
                answer.try_json()
            } else {
                None
            };
            Ok::<_, crate::Error>(
                body.as_ref()
                    .and_then(Value::as_object)
                    .map_or_else(Hints::default, hints),
            )
        });
        read.await.copied().unwrap_or_default()
    }

    /// Whether to begin with PATCH.
    pub(crate) async fn patches(&self, wire: &Wire, setting: Option<bool>) -> bool {
        if self.no_patch.is_known() {
            return false;
        }
        match setting {
            Some(patch) => patch,
            None => self.patch_works.is_known() || self.hints(wire).await.patch.unwrap_or(true),
        }
    }

    /// Most memberships in one request.
    pub(crate) fn members_per_request(&self) -> usize {
        self.members_per_request.load(Ordering::Relaxed).max(1)
    }

    /// A request with this many memberships was too large.
    pub(crate) fn learn_too_large(&self, members: usize) {
        self.members_per_request
            .fetch_min((members / 2).max(1), Ordering::Relaxed);
    }
}

fn hints(config: &Map<String, Value>) -> Hints {
    let supported = |name: &str| {
        let feature = member(config, name)?.as_object()?;
        truth(member(feature, "supported")?)
    };
    Hints {
        told: true,
        patch: supported("patch"),
        etag: supported("etag").unwrap_or(false),
    }
}
