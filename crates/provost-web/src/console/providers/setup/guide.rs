//! The steps at each identity provider, in its own words, and the pictures that go with them.

use super::pictures;
use crate::texts::{Language, text};

/// An identity provider whose steps are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Entra,
    Okta,
    Other,
}

/// A step.
pub(super) struct Step {
    pub heading: String,
    pub sentences: Vec<String>,
    /// The address of a picture and what it shows.
    pub picture: Option<(String, String)>,
    /// Whether the address and the token are entered here.
    pub has_values: bool,
}

/// A step as it is written down: keys of the catalogue.
struct Written {
    heading: &'static str,
    sentences: &'static [&'static str],
    /// The picture's name, and what it shows.
    picture: Option<(&'static str, &'static str)>,
    has_values: bool,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Entra, Self::Okta, Self::Other];

    /// The word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::Other => "other",
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::Okta => "Okta",
            Self::Other => text("Another system"),
        }
    }

    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Its steps, in the reader's language.
    pub fn steps(self, language: Language) -> Vec<Step> {
        let written: &[Written] = match self {
            Self::Entra => &ENTRA,
            Self::Okta => &OKTA,
            Self::Other => &OTHER,
        };
        written.iter().map(|one| one.in_language(language)).collect()
    }
}

impl Written {
    fn in_language(&self, language: Language) -> Step {
        let t = |english: &&'static str| language.t(english).to_owned();
        Step {
            heading: t(&self.heading),
            sentences: self.sentences.iter().map(t).collect(),
            picture: self
                .picture
                .and_then(|(name, shows)| Some((pictures::address(name)?, t(&shows)))),
            has_values: self.has_values,
        }
    }
}

const ENTRA: [Written; 5] = [
    Written {
        heading: text("Make the application"),
        sentences: &[
            text(
                "In the Entra admin center open Enterprise applications and choose New application, then Create your own application.",
            ),
            text(
                "Give it a name and choose to integrate an application that is not in the gallery. You need the role Application Administrator or Cloud Application Administrator.",
            ),
        ],
        picture: Some((
            "entra-application",
            text(
                "The form Create your own application with a name and three choices; the third, any other application that is not in the gallery, is chosen.",
            ),
        )),
        has_values: false,
    },
    Written {
        heading: text("Enter address and token"),
        sentences: &[
            text(
                "In the application open Provisioning, choose Get started, and set the provisioning mode to Automatic.",
            ),
            text(
                "Under Admin credentials put the tenant URL and the secret token that stand here, choose Test connection, and then Save.",
            ),
        ],
        picture: Some((
            "entra-provisioning",
            text(
                "The form Provisioning with the mode Automatic, the fields Tenant URL and Secret Token, and the button Test Connection.",
            ),
        )),
        has_values: true,
    },
    Written {
        heading: text("Look through the mappings"),
        sentences: &[text(
            "Open Mappings and keep the attributes that are needed here; delete the others. userName stays the matching attribute.",
        )],
        picture: Some((
            "entra-mappings",
            text(
                "A table of attribute mappings; the line userPrincipalName to userName carries the matching precedence 1.",
            ),
        )),
        has_values: false,
    },
    Written {
        heading: text("Assign two people first"),
        sentences: &[
            text(
                "Under Settings choose Sync only assigned users and groups, and enter an e-mail address for failures.",
            ),
            text(
                "Under Users and groups assign two people, and send one of them with Provision on demand. The checks on this page show what arrives.",
            ),
        ],
        picture: Some((
            "entra-scope",
            text(
                "The settings with a notification e-mail and the scope Sync only assigned users and groups.",
            ),
        )),
        has_values: false,
    },
    Written {
        heading: text("Switch it on"),
        sentences: &[text(
            "When both people are right, assign the rest and set the provisioning status to On. The first cycle begins within minutes, later ones run every 40 minutes.",
        )],
        picture: None,
        has_values: false,
    },
];

const OKTA: [Written; 4] = [
    Written {
        heading: text("Let the application provision"),
        sentences: &[text(
            "In the Okta admin console open Applications and your application. Under General, App Settings, choose Edit, set Provisioning to SCIM, and save.",
        )],
        picture: Some((
            "okta-application",
            text("The application's General tab with the setting Provisioning set to SCIM."),
        )),
        has_values: false,
    },
    Written {
        heading: text("Enter address and token"),
        sentences: &[
            text(
                "Under Provisioning, Integration, choose Edit. Enter the address as SCIM connector base URL and userName as the unique identifier field for users.",
            ),
            text(
                "Choose Push New Users, Push Profile Updates and Push Groups, set the authentication mode to HTTP Header and enter the token. Choose Test Connector Configuration, then Save.",
            ),
        ],
        picture: Some((
            "okta-integration",
            text(
                "The Integration form with the base URL, the unique identifier userName, three ticked actions, the mode HTTP Header and the token.",
            ),
        )),
        has_values: true,
    },
    Written {
        heading: text("Allow what is to be sent"),
        sentences: &[text(
            "Under Provisioning, To App, enable Create Users, Update User Attributes and Deactivate Users.",
        )],
        picture: Some((
            "okta-to-app",
            text("The page To App with Create Users, Update User Attributes and Deactivate Users enabled."),
        )),
        has_values: false,
    },
    Written {
        heading: text("Assign one person first"),
        sentences: &[
            text("Under Assignments assign one person. The checks on this page show what arrives."),
            text("Then assign the rest, and push the groups that are needed under Push Groups."),
        ],
        picture: None,
        has_values: false,
    },
];

const OTHER: [Written; 3] = [
    Written {
        heading: text("Enter address and token"),
        sentences: &[text(
            "The system must speak SCIM 2.0 (RFC 7644) and send a bearer token. Enter the address as the base URL: it ends in /scim/v2.",
        )],
        picture: None,
        has_values: true,
    },
    Written {
        heading: text("Send one person first"),
        sentences: &[text(
            "userName is required and unique. Deactivate people by active = false; a deleted one can be restored here for a while.",
        )],
        picture: None,
        has_values: false,
    },
    Written {
        heading: text("Send the rest"),
        sentences: &[text(
            "When the first person is right, send the others and the groups.",
        )],
        picture: None,
        has_values: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_of_a_step_is_there_and_values_stand_once() {
        for system in System::ALL {
            let written: &[Written] = match system {
                System::Entra => &ENTRA,
                System::Okta => &OKTA,
                System::Other => &OTHER,
            };
            let pictured = written.iter().filter(|one| one.picture.is_some()).count();
            let steps = system.steps(Language::English);
            assert_eq!(steps.iter().filter(|one| one.picture.is_some()).count(), pictured);
            assert_eq!(steps.iter().filter(|one| one.has_values).count(), 1);
            assert_eq!(System::of(system.word()), Some(system));
        }
    }
}
