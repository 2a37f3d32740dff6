//! Microsoft 365 moves to Provost: five steps that follow each other, of which this version has the first four.

use super::facts::Facts;
use super::moving_facts::OfMicrosoft365;
use super::step::{Check, Step};
use crate::console::address::Space;
use crate::console::microsoft_365::migration_word;
use crate::console::refusal::Result;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use provost_store::federation::State as Standing;
use provost_store::{Tx, guide_note};
use provost_sync::microsoft_365::{GUIDE, REGISTER};

/// The guide's name.
pub(super) const NAME: &str = GUIDE;

/// Why no provider can be added yet; a key of the catalogue.
pub(crate) const EARLY: &str = text(
    "A provider is added after step 2 of the guide, “Register the application in Entra”, is recorded: done with the guide, or elsewhere.",
);

/// The guide's page with a step opened; with none, the first that is open.
pub(crate) fn address(space: &Space, step: &str) -> String {
    let step = (!step.is_empty()).then(|| ("step", step.to_owned()));
    space.page(format!("/guides/{GUIDE}"), step.as_slice())
}

/// The step that has to be recorded before a provider is added.
pub(crate) fn registering(space: &Space) -> String {
    address(space, REGISTER)
}

/// Whether that step is recorded.
///
/// # Errors
/// Any error of the store.
pub(crate) async fn is_registered(state: &State, visitor: &Visitor) -> Result<bool> {
    let workspace = visitor.workspace()?.key;
    let read = move |tx: &mut Tx| guide_note::list(tx, workspace, GUIDE);
    let notes = state.db().read_short(read).await?;
    Ok(notes.iter().any(|note| note.step == REGISTER))
}

/// What a line of the checklist says, by its key.
pub(crate) fn checklist_word(key: &str) -> &'static str {
    match key {
        "active" => text("There is an active provider"),
        "general" => text("The four general fields are saved"),
        "credentials" => text("The three credentials are set"),
        _ => text("Nobody is assigned"),
    }
}

/// The steps, in their order.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let none = OfMicrosoft365::default();
    let known = facts.microsoft_365.as_ref().unwrap_or(&none);
    vec![
        prepare(facts, known),
        register(known),
        configure(facts, known),
        people(facts, known),
        federate(facts, known),
    ]
}

fn prepare(facts: &Facts, known: &OfMicrosoft365) -> Step {
    let language = facts.language;
    let count =
        |number: i64, one: &str, many: &str| (number > 0).then(|| (language.n(number, one, many), None));
    let name = |one: &Option<String>| one.clone().map(|name| (name, None));
    Step::new(
        "prepare",
        text("Prepare the workspace"),
        text("Somebody owns it, somebody configures it, and the people who are to move are in the directory, with a group to begin with."),
    )
    .way(text("Administrators"), facts.space.at("/administrators"))
    .way(text("People"), facts.space.at("/people"))
    .way(text("Groups"), facts.space.at("/groups"))
    .check(Check::of(
        text("Somebody owns the workspace"),
        name(&known.owner),
        text("Invite an owner: some decisions are theirs alone."),
    ))
    .check(Check::of(
        text("Somebody configures it"),
        name(&known.configuration),
        text("Invite a configuration admin: setting up needs no owner."),
    ))
    .check(Check::of(
        text("The directory has people"),
        count(known.people, "1 person", "{} people"),
        text("Add people, or let an identity provider send them."),
    ))
    .check(Check::of(
        text("The directory has a group"),
        count(known.groups, "1 group", "{} groups"),
        text("Add a group with the people who go first."),
    ))
}

fn register(known: &OfMicrosoft365) -> Step {
    let credentials = known.line("credentials").filter(|line| line.done);
    Step::new(
        REGISTER,
        text("Register the application in Entra"),
        text("Provost signs in to the tenant as an application of its own. Step 3 asks for its two ids and its secret, and tries them."),
    )
    .doing(&[
        text("Register an application in Entra: App registrations, New registration, this directory only."),
        text("Under API permissions add the application permissions User.ReadWrite.All, Group.ReadWrite.All and Directory.Read.All, and grant admin consent."),
        text("Under Certificates & secrets make a client secret, and note its value and its end."),
        text("Note the Application (client) ID and the Directory (tenant) ID from Overview."),
    ])
    .outside(
        text("Open App registrations in Entra"),
        "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    )
    .record(text("Record that the application is registered. If somebody did it elsewhere, say so: step 3 proves it."))
    .proof(Check::of(
        text("The tenant takes the application's ids and secret"),
        credentials.map(|line| (line.evidence.clone(), line.at)),
        text("Step 3 proves it, when the credentials are entered."),
    ).in_english())
}

fn configure(facts: &Facts, known: &OfMicrosoft365) -> Step {
    let added = known
        .provider
        .as_ref()
        .map(|one| (one.name.clone(), Some(one.created)));
    let saved = known.provider.as_ref().filter(|one| one.authentication > 0);
    let saved = saved.map(|one| {
        let told = facts.language.t(text("no parameters are needed"));
        (told.to_owned(), Some(one.authentication))
    });
    let line = |key: &'static str, missing: &'static str| {
        let found = known.line(key).filter(|line| line.done);
        Check::of(
            checklist_word(key),
            found.map(|line| (line.evidence.clone(), line.at)),
            missing,
        )
        .in_english()
    };
    let step = Step::new(
        "configure",
        text("Configure the connector"),
        text("Add the provider and enter its sections. No account is touched, and nobody can be assigned before step 5 is finished."),
    )
    .doing(&[
        text("Add provider: choose Microsoft 365, and enter the four fields of General."),
        text("Authentication: save it; nothing has to be entered."),
        text("Provisioning: paste Client ID, Tenant ID and client secret, and validate."),
    ]);
    let step = match &known.provider {
        None => step.way(text("Add provider"), facts.space.at("/add-provider")),
        Some(one) => step.way(
            text("Open the provider"),
            facts.space.to(&["microsoft-365", &one.name]),
        ),
    };
    step.check(Check::of(
        text("A provider is added"),
        added,
        text("Add the provider."),
    ))
    .check(Check::of(
        text("The section Authentication is saved"),
        saved,
        text("Open Authentication and save it."),
    ))
    .check(line(
        "active",
        text("The domain has to be proved: correct it, or verify it at Microsoft and ask again."),
    ))
    .check(line(
        "general",
        text("Enter display name, link key, domain and tenant name."),
    ))
    .check(line(
        "credentials",
        text("Enter Client ID, Tenant ID and client secret under Provisioning."),
    ))
    .check(line(
        "unassigned",
        text("Somebody is assigned: end that first, on the connection."),
    ))
}

fn people(facts: &Facts, known: &OfMicrosoft365) -> Step {
    Step::new(
        "people",
        text("Move the people"),
        text("In a window with a start, a deadline and an owner, each person signs in once at both sides, and is tied to their account."),
    )
    .doing(&[
        text("Make an enterprise application for the migration in Entra, with the two values of the section Migration."),
        text("Paste its Application ID and certificate, choose start, deadline, owner and contact, validate and save."),
        text("Announce where people join, and decide about those who wait or do not fit."),
        text("Link, create or exempt who is left on the page Identifiers, then close the migration."),
    ])
    .way(text("The section Migration"), section(facts, known, "migration"))
    .way(text("Onboarding"), section(facts, known, "onboarding"))
    .check(moved(known, "onboarded", text("Somebody is not onboarded, or waits for a decision.")))
    .check(moved(known, "linked", text("Read the accounts, and link, create or exempt who is left.")))
    .check(moved(known, "phase_two", text("Somebody is left on the page Identifiers.")))
    .check(moved(known, "closed", text("Close the migration: step 5 opens only then.")))
}

/// A line at the end of the migration.
fn moved(known: &OfMicrosoft365, key: &'static str, missing: &'static str) -> Check {
    let found = known.migration.iter().find(|line| line.key == key && line.done);
    let told = found.map(|line| (line.evidence.clone(), line.at));
    Check::of(migration_word(key), told, missing).in_english()
}

fn federate(facts: &Facts, known: &OfMicrosoft365) -> Step {
    Step::new(
        "federate",
        text("Federate the domain"),
        text("The domain is switched: from then on its people sign in at Provost. One button, and a printed command, take it back."),
    )
    .doing(&[
        text("Grant the application of step 2 three more application permissions in Entra, Domain.Read.All, Domain-InternalFederation.ReadWrite.All and Policy.Read.All, with admin consent."),
        text("Keep two global administrators on the initial domain, and name one of them under “Accounts of the target that are never written”, in the preferences of the connection."),
        text("Compute the checks, and do what each asks for; keep the roll-back command; sign off what somebody answers for."),
        text("Switch the domain, then have somebody sign in to Microsoft 365."),
    ])
    .way(text("The section Federation"), section(facts, known, "federation"))
    .check(checked(known))
    .check(kept(known))
    .check(switched(known))
}

/// Every check before the switch; once it is done, they have served.
fn checked(known: &OfMicrosoft365) -> Check {
    let missing =
        text("Compute the checks in the section Federation, and do what each asks for or sign it off.");
    let found = known.federation.as_ref().filter(|one| {
        let is_switched = one.record.state != Standing::Managed;
        is_switched || (!one.checks.is_empty() && one.open() == 0)
    });
    let evidence = found.map(|one| {
        (
            one.provider.domain.clone(),
            Some(one.record.checked).filter(|at| *at > 0),
        )
    });
    Check::of(
        text("Each check before the switch is green or signed off"),
        evidence,
        missing,
    )
}

fn kept(known: &OfMicrosoft365) -> Check {
    let found = known.federation.as_ref().filter(|one| one.record.saved > 0);
    let evidence = found.map(|one| (one.record.saved_by.clone(), Some(one.record.saved)));
    let missing = text("Print the roll-back command, and type its check word.");
    Check::of(text("Somebody keeps the roll-back command"), evidence, missing)
}

fn switched(known: &OfMicrosoft365) -> Check {
    let found = known
        .federation
        .as_ref()
        .filter(|one| one.record.state == Standing::Federated);
    let evidence = found.map(|one| (one.provider.domain.clone(), Some(one.record.since)));
    let missing =
        text("Switch the domain in the section Federation. Until then Microsoft goes on signing people in.");
    Check::of(text("The domain is federated"), evidence, missing)
}

/// A section of the provider, else the list of providers.
fn section(facts: &Facts, known: &OfMicrosoft365, path: &str) -> String {
    match &known.provider {
        Some(one) => facts.space.to(&["microsoft-365", &one.name, path]),
        None => facts.space.at("/providers"),
    }
}
