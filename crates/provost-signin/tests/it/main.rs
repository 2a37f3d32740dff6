//! Signing in, as browsers, authenticators and providers do it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot begin must fail"
)]

mod administrator;
mod authenticator;
mod bench;
mod blocked;
mod code;
mod door;
mod federation;
mod limit;
mod link;
mod oidc;
mod openid;
mod owner;
mod passkey;
mod password;
mod people;
mod people_closed;
mod provider;
mod session;
mod staff;
