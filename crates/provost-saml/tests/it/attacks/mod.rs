//! Every attack of which we know, as a vector, and the check that stops it. Each begins with a response that is accepted:
//! an attack that is refused for another reason proves nothing.

mod content;
mod signature;
mod transport;
mod wrapping;

use provost_saml::response::{Pending, ServiceProvider, Verified, receive};
use provost_saml::{Error, Result};

use crate::generator::{Response, field};
use crate::kit::{Memory, now, pending, provider};

/// What the verifier says about a text, as if it came for the first time.
pub fn verdict(text: &str) -> Result<Verified> {
    verdict_of(text, &provider(), Some(&pending()))
}

pub fn verdict_of(text: &str, provider: &ServiceProvider, pending: Option<&Pending>) -> Result<Verified> {
    let mut memory = Memory::default();
    let verdict = receive(&field(text), provider, pending, now(), &mut memory);
    if let Err(error) = &verdict
        && !matches!(error, Error::Replay | Error::ReplayUnknown)
    {
        assert_eq!(
            memory.asked, 0,
            "the memory was asked for a message that is refused: {error}"
        );
    }
    verdict
}

#[track_caller]
pub fn refused(text: &str, wanted: &Error) {
    assert_eq!(verdict(text).expect_err(text), *wanted, "{text}");
}

/// A genuine response with one thing changed before it was signed.
pub fn with(change: impl FnOnce(&mut Response)) -> String {
    let mut response = Response::default();
    change(&mut response);
    response.text()
}

#[test]
fn what_is_attacked_is_accepted_as_it_is() {
    for (assertion, response) in [(true, false), (true, true)] {
        let text = with(|genuine| {
            genuine.sign_assertion = assertion;
            genuine.sign_response = response;
        });
        let verified = verdict(&text).unwrap();
        assert_eq!(verified.name_id(), "anna@contoso.example");
        assert_eq!(verified.issuer(), crate::kit::ISSUER);
        assert_eq!(verified.session_index(), Some("_s1"));
        assert_eq!(verified.assertion_id(), Response::default().assertion_id);
    }
}
