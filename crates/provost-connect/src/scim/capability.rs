//! What an application says and shows it can do. Discovery documents are hints: they are missing,
//! stale or wrong often enough, so what a request taught wins.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::lenient::{member, truth};
use super::wire::{Call, Wire};

/// Hints and lessons.
#[derive(Default)]
pub(crate) struct Capabilities {
    hints: OnceCell<Hints>,
    no_patch: AtomicBool,
    no_value_paths: AtomicBool,
}

/// What `/ServiceProviderConfig` says (RFC 7643 section 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Whether there was a readable document at all.
    pub told: bool,
    pub patch: Option<bool>,
    pub filter: Option<bool>,
    pub etag: bool,
}

impl Capabilities {
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

    /// Whether to try PATCH.
    pub(crate) async fn patches(&self, wire: &Wire, setting: Option<bool>) -> bool {
        if self.no_patch.load(Ordering::Relaxed) {
            return false;
        }
        match setting {
            Some(patch) => patch,
            None => self.hints(wire).await.patch.unwrap_or(true),
        }
    }

    pub(crate) fn learn_no_patch(&self) {
        self.no_patch.store(true, Ordering::Relaxed);
    }

    /// Whether value paths were refused before.
    pub(crate) fn refuses_value_paths(&self) -> bool {
        self.no_value_paths.load(Ordering::Relaxed)
    }

    pub(crate) fn learn_no_value_paths(&self) {
        self.no_value_paths.store(true, Ordering::Relaxed);
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
        filter: supported("filter"),
        etag: supported("etag").unwrap_or(false),
    }
}
