//! Okta pushes people and groups in.

use super::facts::Facts;
use super::inbound;
use super::step::Step;
use crate::texts::text;

/// The steps.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = inbound::before(facts);
    let page = facts.provider_page();
    steps.extend([
        Step::new(
            "application",
            text("Add the SCIM application in Okta"),
            text("It takes a role that may add applications. The kind with a bearer token fits."),
        )
        .doing(&[
            text("Open Applications, Browse App Catalog, and look for SCIM 2.0 Test App (OAuth Bearer Token)."),
            text("Add it, give it a label, and finish with Done."),
        ])
        .sign(text("The application exists in Okta.")),
        Step::new(
            "credentials",
            text("Enter the address and the token, and test"),
            text("Okta asks for one user with a filter. We see the request at once."),
        )
        .doing(&[
            text("Open Provisioning, choose Configure API Integration, and tick Enable API integration."),
            text("Enter the tenant URL as SCIM 2.0 Base Url, and the token as OAuth Bearer Token."),
            text("Press Test API Credentials, then Save."),
        ])
        .value(text("Tenant URL"), facts.tenant_url())
        .check(inbound::first_request(facts)),
        Step::new(
            "to-app",
            text("Switch on what goes to the application"),
            text("Deactivate means that active becomes false here: the person stays with all data."),
        )
        .doing(&[text("Under To App tick Create Users, Update User Attributes and Deactivate Users, and save.")])
        .sign(text("Create, update and deactivate are ticked.")),
        Step::new(
            "people",
            text("Assign two people"),
            text("Okta creates each person as soon as they are assigned."),
        )
        .doing(&[text("Open Assignments and assign two people.")])
        .way(text("People who arrived"), facts.space.at("/people"))
        .way(text("Requests of the provider"), format!("{page}#requests"))
        .check(inbound::people(facts))
        .check(inbound::healthy(facts)),
        Step::new(
            "groups",
            text("Push groups, where they are wanted"),
            text("Assigning a group assigns its people; pushing it sends the group itself. Use another group for each of the two."),
        )
        .doing(&[text("Open Push Groups, choose a group by name, and push it now.")])
        .way(text("Groups who arrived"), facts.space.at("/groups"))
        .sign(text("Groups come as far as they are wanted.")),
    ]);
    steps
}
