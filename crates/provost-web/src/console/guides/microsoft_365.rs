//! Microsoft 365: the connection and its rule.

use super::checks;
use super::facts::Facts;
use super::step::{Check, Step};
use crate::texts::text;
use provost_engine::object::Kind;
use provost_engine::rule::{LICENCES, RemoveAction};

/// What every account needs.
const NEEDED: [&str; 5] = [
    "userPrincipalName",
    "accountEnabled",
    "displayName",
    "mailNickname",
    "passwordProfile.password",
];

/// The steps, in their order.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    vec![
        before(facts),
        new(facts),
        credentials(facts),
        test(facts),
        preferences(facts),
        actions(facts),
        toggle(facts),
        rule(facts),
        mappings(facts),
        licences(facts),
        preview(facts),
        run(facts),
        actions_off(facts),
        groups(facts),
        leavers(facts),
        removing(facts),
        expiry(facts),
    ]
}

fn before(facts: &Facts) -> Step {
    let (label, address) = match &facts.connection {
        None => (
            text("Check them without saving"),
            facts.space.at("/new-connection/microsoft-365"),
        ),
        Some(_) => (text("Check them now"), facts.connection_page("#tested")),
    };
    let step = Step::new(
        "before",
        text("Before you begin"),
        text("You need a subscription with Microsoft 365, the tenant's domain or id, an app registration with its id and secret, and its permissions with admin consent."),
    )
    .doing(&[
        text("Register an application in Entra: App registrations, New registration, this directory only."),
        text("Under API permissions add the application permissions User.ReadWrite.All, Group.ReadWrite.All and Directory.Read.All, and grant admin consent. Organization.Read.All is enough in the place of the third, but then Provost does not see who is an administrator there. Application.ReadWrite.All is never needed."),
        text("Under Certificates & secrets make a client secret, and note its value and its end."),
    ])
    .outside(
        text("Open App registrations in Entra"),
        "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    )
    .way(label, address)
    .sign_ahead(text("You have all four; the test of the connection checks each of them."));
    NEEDS.iter().fold(step, |step, (tried, sentence, missing)| {
        step.check(checks::step_works(facts, tried, sentence, missing))
    })
}

/// What is needed: the step of the connection's test that shows it, and what is missing without.
const NEEDS: [(&str, &str, &str); 4] = [
    (
        "licences",
        text("The subscription has seats"),
        text("Not tested yet, or the seats cannot be read."),
    ),
    (
        "tenant",
        text("The tenant is the one that you mean"),
        text("Not tested yet, or the tenant cannot be read."),
    ),
    (
        "sign-in",
        text("The app registration takes its id and secret"),
        text("Not tested yet, or the credential is refused."),
    ),
    (
        "permissions",
        text("The permissions are granted, with admin consent"),
        text("Not tested yet, or a permission is missing."),
    ),
];

fn new(facts: &Facts) -> Step {
    Step::new(
        "new",
        text("New connection"),
        text("It adds a connection; no account is touched. The name is unique in the workspace, and it is listed once it is saved."),
    )
    .doing(&[text("Choose Microsoft 365, and give it a name and a description.")])
    .way(text("New connection"), facts.space.at("/new-connection"))
    .check(checks::saved(facts))
}

fn credentials(facts: &Facts) -> Step {
    let found = facts.connection.as_ref().and_then(|one| {
        let tenant = one
            .connection
            .settings
            .get("tenant")
            .and_then(serde_json::Value::as_str)?;
        Some((tenant.to_owned(), None))
    });
    Step::new(
        "credentials",
        text("Tenant domain ID, client ID, client secret"),
        text("An id, a domain or an endpoint URL is understood. The secret is sealed, and goes to no other host than the one it was saved for."),
    )
    .way(text("Settings of the connection"), facts.connection_page("/settings"))
    .check(Check::of(text("The tenant is entered"), found, text("Enter the tenant's domain or its id.")))
    .check(checks::secrets(facts))
}

fn test(facts: &Facts) -> Step {
    Step::new(
        "test",
        text("Test connection"),
        text("A test that fails names cause, code and what to correct. Saved nevertheless, the connection is invalid: it cannot be enabled. A good one shows the tenant, its domains and its seats."),
    )
    .way(text("The connection"), facts.connection_page(""))
    .check(checks::tested(facts))
}

fn preferences(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.connection.as_ref().map(|one| {
        let told = if one.connection.preferences.remove_licences_when_empty {
            text("on")
        } else {
            text("off, the default")
        };
        (language.t(told).to_owned(), None)
    });
    Step::new(
        "preferences",
        text("Preferences: licences without a product"),
        text("Not mapped and off: no licence is touched. Not mapped and on: licences of linked people are taken back. Mapped and empty: what Provost gave is taken back, and with the preference on, everything directly on the account. Turning it on shows who would lose what."),
    )
    .way(text("Preferences"), facts.connection_page("/preferences"))
    .check(Check::of(text("Remove licences when the product is empty"), found, text("Save the connection first.")))
}

fn actions(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.connection.as_ref().map(|one| {
        let allowed = &one.connection.preferences.allowed;
        let words = [
            (allowed.create, text("create")),
            (allowed.update, text("update")),
            (allowed.disable, text("disable")),
            (allowed.deprovision, text("deprovision")),
        ];
        let on: Vec<&str> = words
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, word)| language.t(word))
            .collect();
        (on.join(", "), None)
    });
    Step::new(
        "actions",
        text("Actions: create, update, disable, deprovision"),
        text("A set that contradicts itself is refused, such as deleting while deprovisioning is off."),
    )
    .way(text("Preferences"), facts.connection_page("/preferences"))
    .check(Check::of(
        text("What the connection may do"),
        found,
        text("Save the connection first."),
    ))
}

fn toggle(facts: &Facts) -> Step {
    Step::new(
        "toggle",
        text("Save; toggle at the top"),
        text("Off means no write at all, also in the middle of a run: it stops within one operation."),
    )
    .way(text("The connection"), facts.connection_page(""))
    .check(checks::on(facts))
}

fn rule(facts: &Facts) -> Step {
    Step::new(
        "rule",
        text("New rule"),
        text("The directory is the source, this connection the target. The scope counts heads as you write it; everybody, or nobody, needs a confirmation."),
    )
    .way(text("Rules"), facts.connection_page("/rules"))
    .way(text("Scope"), facts.rule_page(Kind::Person, "/scope"))
    .check(checks::rule(facts, Kind::Person))
    .check(checks::assigned(facts))
}

fn mappings(facts: &Facts) -> Step {
    Step::new(
        "mappings",
        text("Mappings"),
        text("A password is mapped before the rule can be enabled; made for each person is best, and it is used at creation only. The suffix of userPrincipalName must be a verified domain. The immutable id is never empty, never reused, and frozen once the domain is federated."),
    )
    .way(text("Mappings"), facts.rule_page(Kind::Person, "/mappings"))
    .way(text("Matching"), facts.rule_page(Kind::Person, "/matching"))
    .check(checks::mapped(
        facts,
        Kind::Person,
        &NEEDED,
        text("What every account needs is mapped, the password too"),
        text("Map userPrincipalName, accountEnabled, displayName, mailNickname and the password."),
    ))
    .check(checks::mapped(
        facts,
        Kind::Person,
        &["onPremisesImmutableId"],
        text("The immutable id ties person and account"),
        text("Map onPremisesImmutableId, for example to the person's id."),
    ))
    .check(checks::matching(facts, Kind::Person))
}

fn licences(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.connection.as_ref().and_then(|one| {
        let rule = one.rule(Kind::Person)?;
        match (checks::maps(rule, LICENCES), checks::maps(rule, "usageLocation")) {
            (false, _) => Some((language.t(text("no licence is mapped")).to_owned(), None)),
            (true, true) => Some((
                language.t(text("licence and country are mapped")).to_owned(),
                None,
            )),
            (true, false) => None,
        }
    });
    Step::new(
        "licences",
        text("Usage location and licences"),
        text("The usage location has two letters: de becomes DE, Germany is refused unless the rule maps it. No licence is given without one; the person's page says so."),
    )
    .way(text("Mappings"), facts.rule_page(Kind::Person, "/mappings"))
    .way(text("Licences and seats"), facts.connection_page("/licences"))
    .check(Check::of(
        text("No licence without a usage location"),
        found,
        text("Map usageLocation: a licence is mapped, and nobody gets it without a country."),
    ))
}

fn preview(facts: &Facts) -> Step {
    Step::new(
        "preview",
        text("Preview, then enable"),
        text("The plan shows creates, updates, disables, moves of licences and the seats afterwards. Where seats are short, it says so before the run."),
    )
    .way(text("Plans"), facts.narrowed("/plans"))
    .way(text("Rules"), facts.connection_page("/rules"))
    .check(checks::planned(facts))
    .check(checks::rule_on(facts))
}

fn run(facts: &Facts) -> Step {
    Step::new(
        "run",
        text("Run; sync status"),
        text("Impacted, success, unsynced, partially synced and failed: they add up, and each number opens its list. The same stands on each person's page."),
    )
    .way(text("The connection"), facts.connection_page("#status"))
    .way(text("Cycles"), facts.connection_page("/cycles"))
    .check(checks::ran(facts))
    .check(checks::settled(facts))
}

fn actions_off(facts: &Facts) -> Step {
    Step::new(
        "actions-off",
        text("Try what is not allowed"),
        text("With create off, five new people are 5 unsynced. With update off, one change is 1 partially synced; turning it on again shows run full resync."),
    )
    .way(text("Preferences"), facts.connection_page("/preferences"))
    .sign(text("You have seen the numbers change, or do not need to."))
}

fn groups(facts: &Facts) -> Step {
    Step::new(
        "groups",
        text("Groups"),
        text("Where Microsoft 365 has a group of the same name, you choose: merge or overwrite, and tick that you understand. Nothing is merged silently."),
    )
    .way(text("Rules"), facts.connection_page("/rules"))
    .way(text("To decide"), facts.connection_page("/doubts"))
    .sign(text("The rule about groups is as it is meant, or no groups are sent."))
}

fn leavers(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.connection.as_ref().and_then(|one| {
        let told = match one.rule(Kind::Person)?.remove {
            RemoveAction::Delete => text("their account is deleted"),
            RemoveAction::Disable => text("their account is disabled"),
            RemoveAction::Leave => text("their account is left as it is"),
        };
        Some((language.t(told).to_owned(), None))
    });
    let protected = facts.connection.as_ref().and_then(|one| {
        let names = &one.connection.preferences.protected_accounts;
        (!names.is_empty()).then(|| (names.join(", "), None))
    });
    Step::new(
        "leavers",
        text("Disable, delete, protect"),
        text("Disabling sets accountEnabled to false and revokes sessions, also where updates are not allowed. Protected accounts are skipped: name those that open the door when nothing else does."),
    )
    .way(text("Rules"), facts.connection_page("/rules"))
    .way(text("Preferences"), facts.connection_page("/preferences"))
    .check(Check::of(text("What happens to who leaves"), found, text("Make the rule first.")))
    .check(Check::of(
        text("Emergency accounts are protected"),
        protected,
        text("Name the emergency administrators under protected accounts."),
    ))
}

fn removing(facts: &Facts) -> Step {
    Step::new(
        "removing",
        text("Deleting a rule or the connection"),
        text("Deleting a rule with its accounts counts heads, lists them, asks for the rule's name and obeys the threshold; who is still in another rule stays. A connection that a rule uses cannot be deleted."),
    )
    .way(text("Rules"), facts.connection_page("/rules"))
    .sign(text("You know what deleting the rule would do."))
}

fn expiry(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.connection.as_ref().and_then(|one| {
        let days = (one.expires? - facts.now) / crate::console::time::DAY;
        (days > 0).then(|| (language.n(days, "1 day left", "{} days left"), None))
    });
    Step::new(
        "expiry",
        text("The secret expires"),
        text("Alarms come before its end, then the connection is invalid and the rule rests. Nothing is deleted because of a credential."),
    )
    .way(text("Credentials"), facts.space.at("/credentials"))
    .check(Check::of(
        text("The end of the client secret is known and not past"),
        found,
        text("Enter when the client secret ends, in the settings of the connection."),
    ))
    .check(checks::notified(facts))
    .way(text("Mail settings"), facts.space.at("/settings"))
}
