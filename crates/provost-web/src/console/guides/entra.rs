//! Microsoft Entra pushes people and groups in.

use super::facts::Facts;
use super::inbound;
use super::step::Step;
use crate::texts::text;

/// The steps.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = inbound::before(facts);
    steps.extend(inbound::consent_if_asked(facts));
    let page = facts.provider_page();
    steps.extend([
        Step::new(
            "application",
            text("Create the enterprise application in Entra"),
            text("It takes a role that may create applications: Application Administrator or Cloud Application Administrator."),
        )
        .doing(&[
            text("Open Enterprise applications and choose New application."),
            text("Choose Create your own application, give it a name, and choose the non-gallery kind."),
            text("Open Provisioning, choose Get started, and set the mode to Automatic."),
        ])
        .outside(text("Open Enterprise applications in Entra"), ENTERPRISE_APPLICATIONS)
        .sign(text("The application exists and its provisioning mode is Automatic.")),
        Step::new(
            "credentials",
            text("Enter the tenant URL and the token, and test"),
            text("Entra looks for a person who cannot exist and expects an empty list. We see the request at once."),
        )
        .doing(&[
            text("Enter the tenant URL and, as secret token, the token."),
            text("Press Test Connection, then Save."),
        ])
        .value(text("Tenant URL"), facts.tenant_url())
        .check(inbound::first_request(facts)),
        Step::new(
            "mappings",
            text("Keep the mappings that you need"),
            text("The matching attribute is userName unless you know why not: it must be unique and filterable."),
        )
        .doing(&[
            text("Open Mappings, keep what your provider's sheet lists, and delete the rest."),
            text("Under Settings enter an address for failures, and choose Sync only assigned users and groups."),
        ])
        .way(text("The provider's sheet"), format!("{page}#sheet"))
        .sign(text("The mappings are those of the sheet, and only assigned users and groups are synced.")),
        Step::new(
            "people",
            text("Assign two people and provision one on demand"),
            text("Nobody assigned means nobody provisioned. Begin small: when both are right, assign the rest."),
        )
        .doing(&[
            text("Open Users and groups and assign two people."),
            text("Open Provision on demand, choose one of them, and press Provision."),
        ])
        .way(text("People who arrived"), facts.space.at("/people"))
        .way(text("Requests of the provider"), format!("{page}#requests"))
        .check(inbound::people(facts))
        .check(inbound::healthy(facts)),
        Step::new(
            "on",
            text("Set the provisioning status to On"),
            text("The first cycle begins within minutes, later ones run every 40 minutes."),
        )
        .doing(&[text("Set Provisioning Status to On and save."), text("Assign a group when groups are to come too.")])
        .check(inbound::healthy(facts))
        .sign(text("The status in Entra is On, and groups come as far as they are wanted.")),
    ]);
    steps
}

/// Microsoft's own page.
const ENTERPRISE_APPLICATIONS: &str =
    "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview";
