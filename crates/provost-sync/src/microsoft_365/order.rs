//! The order of the guide "Move Microsoft 365 to Provost": a provider comes after the application was registered.

use crate::{Engine, Error, Result};
use provost_store::guide_note;

/// The name of the guide, as its notes have it.
pub const GUIDE: &str = "move-microsoft-365";
/// Its second step, which a person records: done here, or done elsewhere.
pub const REGISTER: &str = "register";

impl Engine {
    /// Refuses a provider before the application was registered.
    pub(super) async fn refuse_early(&self, workspace: i64) -> Result<()> {
        let notes = self
            .db
            .read(move |tx| guide_note::list(tx, workspace, GUIDE))
            .await?;
        if notes.iter().any(|note| note.step == REGISTER) {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-GUIDE-ORDER",
            "a Microsoft 365 provider is added after step 2 of the guide, \"Register the application in Entra\", is recorded",
            "Record step 2 of the guide, also when it was done elsewhere: `provost guide sign move-microsoft-365 register`.",
        ))
    }
}
