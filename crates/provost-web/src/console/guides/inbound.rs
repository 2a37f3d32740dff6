//! Steps and checks about an inbound provider, which the guides of identity providers share.

use super::checks;
use super::facts::{Facts, OfProvider};
use super::step::{Check, Step};
use crate::texts::text;
use provost_store::provider::State;

impl Facts {
    fn about<T>(&self, read: impl FnOnce(&OfProvider) -> Option<T>) -> Option<T> {
        self.provider.as_ref().and_then(read)
    }

    /// The page of the provider, else that of all of them.
    pub fn provider_page(&self) -> String {
        match &self.provider {
            Some(one) => self.space.to(&["providers", &one.provider.name]),
            None => self.space.at("/providers"),
        }
    }
}

/// The provider is there.
pub(super) fn exists(facts: &Facts) -> Check {
    Check::of(
        text("The inbound provider exists"),
        facts.about(|one| Some((one.provider.name.clone(), None))),
        text("Add an inbound provider: one system that pushes people in, and owns what it creates."),
    )
}

/// It is saved: until then its token does not work.
pub(super) fn live(facts: &Facts) -> Check {
    let language = facts.language;
    Check::of(
        text("The provider is saved"),
        facts.about(|one| {
            (one.provider.state == State::Saved).then(|| {
                (
                    language.f("new people get the role {}", &[&one.provider.role]),
                    None,
                )
            })
        }),
        text("Save the provider. Until then its endpoint answers 401, whatever the token."),
    )
}

/// It has a token that works.
pub(super) fn token(facts: &Facts) -> Check {
    let now = facts.now;
    Check::of(
        text("A token works"),
        facts.about(|one| {
            one.live_token(now)
                .map(|token| (token.label.clone(), Some(token.created)))
        }),
        text("Make a token. It is shown once; Provost keeps only its hash."),
    )
}

/// The first request came.
pub(super) fn first_request(facts: &Facts) -> Check {
    let language = facts.language;
    Check::of(
        text("We saw the first request"),
        facts.about(|one| {
            let first = one.provider.first_request?;
            let dialect = one.provider.seen.map(|dialect| dialect.to_string());
            let told = match dialect {
                Some(dialect) => language.f("it sends like {}", &[&dialect]),
                None => language.t("accepted").to_owned(),
            };
            Some((told, Some(first)))
        }),
        text("Nothing came yet. Press Test Connection there; this line changes by itself."),
    )
}

/// A person came.
pub(super) fn people(facts: &Facts) -> Check {
    let language = facts.language;
    Check::of(
        text("People arrive"),
        facts.about(|one| {
            let at = one.newest_change.as_ref().map(|request| request.at);
            (one.people > 0).then(|| (language.n(one.people, "1 person", "{} people"), at))
        }),
        text("Nobody came yet. Provision one person there on demand; this line changes by itself."),
    )
}

/// The newest request was taken.
pub(super) fn healthy(facts: &Facts) -> Check {
    let language = facts.language;
    Check::of(
        text("The newest request was taken"),
        facts.about(|one| {
            let newest = one.newest.as_ref()?;
            let told = language.f(
                "{} answered with {}",
                &[&newest.method, &newest.status.to_string()],
            );
            (!newest.is_failed()).then_some((told, Some(newest.at)))
        }),
        text("Open the requests of the provider: the newest one says why it was refused."),
    )
}

/// The consent of the tenant's administrator. It is computed from what was recorded; where no application is set, it can
/// only be signed off.
pub(super) fn consent(facts: &Facts) -> Step {
    let language = facts.language;
    let step = Step::new(
        "consent",
        text("Authenticate as Entra administrator"),
        text(
            "The administrator of the customer's tenant signs in at Microsoft and accepts. Personal accounts, guests and accounts without the role are told why not, and the tenant that Microsoft confirms is the only one from then on.",
        ),
    );
    let is_known = facts
        .about(|one| (one.may_consent || one.consent.is_some()).then_some(()))
        .is_some();
    if !is_known {
        return step
            .way(text("The application"), facts.space.at("/entra-application"))
            .sign(text(
                "The customer's administrator has consented, or no consent is asked for.",
            ));
    }
    let found = facts.about(|one| {
        let kept = one.consent.as_ref()?;
        let told = language.f(
            "tenant {}, by {}, through {}",
            &[&kept.tenant, &kept.account, &kept.actor],
        );
        Some((told, Some(kept.at)))
    });
    step.way(
        text("Authenticate"),
        format!("{}/authenticate", facts.provider_page()),
    )
    .check(Check::of(
        text("The tenant is recorded"),
        found,
        text(
            "Ask for the consent on the provider's page, or send the customer's administrator a setup link.",
        ),
    ))
}

/// The same where it is of use: the guide of a provider that may do without it.
pub(super) fn consent_if_asked(facts: &Facts) -> Option<Step> {
    let is_asked = facts.about(|one| (one.may_consent || one.consent.is_some()).then_some(()));
    is_asked.map(|()| consent(facts))
}

/// The steps before the identity provider's own pages.
pub(super) fn before(facts: &Facts) -> Vec<Step> {
    let page = facts.provider_page();
    vec![
        Step::new(
            "address",
            text("Have an address that the world reaches"),
            text("The identity provider pushes from outside, so it needs an https address with a certificate of a public authority."),
        )
        .check(checks::reachable(facts)),
        Step::new(
            "provider",
            text("Add the inbound provider"),
            text("It owns what it creates: no other provider sees or changes it. Choose the role and the team that new people get; a later change leaves those who are there alone."),
        )
        .way(text("Inbound providers"), facts.space.at("/providers"))
        .check(exists(facts)),
        Step::new(
            "token",
            text("Note the tenant URL and make a token"),
            text("These are the two things that the other side asks for. The token is shown once; put it where you keep secrets."),
        )
        .value(text("Tenant URL"), facts.tenant_url())
        .way(text("The provider's tokens"), format!("{page}#tokens"))
        .check(token(facts)),
        Step::new(
            "save",
            text("Save the provider"),
            text("While it is a draft, its token is answered 401, as if it did not exist."),
        )
        .way(text("The provider"), page)
        .check(live(facts)),
    ]
}
