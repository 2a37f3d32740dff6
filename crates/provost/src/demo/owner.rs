//! Who may look at the demo's console: an owner who is made once, and gets a link at every start.

use crate::{address, clock};
use anyhow::{Context as _, Result};
use provost_signin::{Actor, Listed, Purpose, SignIn, Visit};
use provost_store::administrator::{Grant, Role};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const NAME: &str = "Contoso owner";
const EMAIL: &str = "owner@contoso.example";
/// Administrators that are looked at.
const MOST: i64 = 1_000;

/// A link that opens the console at this address once.
///
/// # Errors
/// When the database cannot be written to.
pub(super) async fn link(signin: &SignIn, console: &str) -> Result<String> {
    make(signin).await?;
    let owner = find(signin).await?;
    let key = signin
        .link(Actor::Command, owner, Purpose::Signin, clock::now())
        .await?;
    Ok(address::of_link(console, &key))
}

/// Makes the owner of an installation that never had one.
async fn make(signin: &SignIn) -> Result<()> {
    let now = clock::now();
    let Some(key) = signin.owner_link(now).await? else {
        return Ok(());
    };
    let here = Visit {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        agent: "provost demo".to_owned(),
    };
    let opened = signin.become_owner(&key, NAME, EMAIL, &here, now).await?;
    let signed = opened.signed;
    signin.end(&signed, signed.session.key, now).await?;
    Ok(())
}

/// An owner who may sign in. Whoever played with the demo may have made others and removed this one.
async fn find(signin: &SignIn) -> Result<Uuid> {
    let owns = Grant {
        workspace: None,
        role: Role::Owner,
    };
    let is_owner = |one: &Listed| one.administrator.is_active() && one.grants.contains(&owns);
    let all = signin.administrators(0, MOST).await?;
    let owner = all.into_iter().find(is_owner);
    owner
        .map(|one| one.administrator.id)
        .context("the demo's console has no owner")
}
