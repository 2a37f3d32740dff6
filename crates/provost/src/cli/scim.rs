//! `provost scim`: SCIM servers, our own and others.

mod self_test;
mod text;

use super::Place;
use anyhow::Result;

/// SCIM servers, our own and others.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Scim {
    /// Ask a SCIM server what the validators of Microsoft Entra and Okta ask
    ///
    /// Runs against any SCIM 2.0 server. It makes people and groups whose names begin with
    /// provost-self-test-, changes only those, and deletes them when it is done. The status is 0 only when
    /// no required check failed.
    SelfTest(self_test::SelfTest),
}

impl Scim {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let Scim::SelfTest(command) = self;
        command.run(place).await
    }
}
