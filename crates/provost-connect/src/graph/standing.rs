//! Whose an object is: guests, administrators, and what is written from elsewhere.
//!
//! Source: Microsoft Graph, "user resource type", "group resource type", "Group types in Microsoft
//! Entra ID and Microsoft Graph"; which groups cannot be written: "Manage groups in Microsoft Graph".

use serde_json::Value;

use super::exchange::Exchange;
use super::owner::member_of;
use super::read::success;
use super::step::Step;
use super::{Graph, odata};
use crate::{Account, Kind, ReadOnly, Result, Standing};

const PERSON: &str = "reading the standing of the account";
const GROUP: &str = "reading the standing of the group";
const ROLES: &str = "reading the roles of the account";
/// Says that the caller may not read what kind of role it is.
const NAMELESS: &str = "an administrative role";

impl Graph {
    /// One for each id, in order. Read in batches.
    pub(crate) async fn standings(&self, kind: Kind, ids: &[String]) -> Result<Vec<Standing>> {
        match kind {
            Kind::Person => self.of_people(ids).await,
            Kind::Group => self.of_groups(ids).await,
        }
    }

    async fn of_people(&self, ids: &[String]) -> Result<Vec<Standing>> {
        let steps: Vec<Step> = ids.iter().flat_map(|id| person_steps(id)).collect();
        let answers = self.look(&steps).await;
        let mut standings = Vec::with_capacity(ids.len());
        let mut answers = answers.into_iter();
        while let (Some(person), Some(roles)) = (answers.next(), answers.next()) {
            let (person, roles) = (person?, roles?);
            if person.status == 404 {
                standings.push(Standing::default());
                continue;
            }
            let mut standing = of_person(success(&person, PERSON)?);
            standing.roles = self.roles(&roles).await?;
            standings.push(standing);
        }
        Ok(standings)
    }

    async fn roles(&self, first: &Exchange) -> Result<Vec<String>> {
        // Roles that the connection may not read must not keep the rest from being known.
        if matches!(first.status, 403 | 404) {
            return Ok(Vec::new());
        }
        let all = self.to_its_end(first, ROLES).await?;
        Ok(roles(&all))
    }

    async fn of_groups(&self, ids: &[String]) -> Result<Vec<Standing>> {
        let steps: Vec<Step> = ids.iter().map(|id| group_step(id)).collect();
        let mut standings = Vec::with_capacity(ids.len());
        for answer in self.look(&steps).await {
            let answer = answer?;
            standings.push(match answer.status {
                404 => Standing::default(),
                _ => of_group(success(&answer, GROUP)?),
            });
        }
        Ok(standings)
    }
}

/// What an account or group is listed with, so that its standing need not be asked for.
pub(super) fn shown(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Person => &["userType", "onPremisesSyncEnabled"],
        Kind::Group => &[
            "groupTypes",
            "mailEnabled",
            "securityEnabled",
            "onPremisesSyncEnabled",
            "isAssignableToRole",
        ],
    }
}

/// The standing of what was listed with [`shown`]; the roles of a person never show in a list.
pub(super) fn of_listed(kind: Kind, account: &Account) -> Option<Standing> {
    let body: serde_json::Map<String, Value> = shown(kind)
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), account.record.get(*name)?.clone())))
        .collect();
    // A group without its kinds was not asked for them; one without a value is shown with an empty list.
    match kind {
        Kind::Person => Some(of_person(&Value::Object(body))),
        Kind::Group => body
            .contains_key("groupTypes")
            .then(|| of_group(&Value::Object(body))),
    }
}

fn person_steps(id: &str) -> [Step; 2] {
    let person = odata::object(Kind::Person, id);
    let own = format!("{person}?$select=id,{}", shown(Kind::Person).join(","));
    [Step::look(own, PERSON, id), Step::look(member_of(id), ROLES, id)]
}

fn group_step(id: &str) -> Step {
    let group = odata::object(Kind::Group, id);
    let select = shown(Kind::Group).join(",");
    Step::look(format!("{group}?$select=id,{select}"), GROUP, id)
}

fn of_person(body: &Value) -> Standing {
    let synchronised = body["onPremisesSyncEnabled"] == true;
    Standing {
        read_only: synchronised.then(|| {
            read_only(
                "PRV-TARGET-SYNCHRONISED",
                "the account is synchronised from a directory on premises, and is changed there",
            )
        }),
        guest: body["userType"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("guest")),
        roles: Vec::new(),
    }
}

/// Names of the directory roles among what an account is a member of.
fn roles(member_of: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = member_of
        .iter()
        .filter(|object| object["@odata.type"] == "#microsoft.graph.directoryRole")
        .map(|role| role["displayName"].as_str().unwrap_or(NAMELESS).to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn of_group(body: &Value) -> Standing {
    let types = body["groupTypes"].as_array().map_or(&[][..], Vec::as_slice);
    let is = |name: &str| types.iter().any(|kind| kind == name);
    let (mail, security) = (body["mailEnabled"] == true, body["securityEnabled"] == true);
    let why = if body["onPremisesSyncEnabled"] == true {
        Some((
            "PRV-TARGET-SYNCHRONISED",
            "the group is synchronised from a directory on premises, and is changed there",
        ))
    } else if is("DynamicMembership") {
        Some((
            "PRV-TARGET-DYNAMIC",
            "the members of the group are computed by a rule in Microsoft 365, and cannot be written",
        ))
    } else if mail && !is("Unified") && security {
        Some((
            "PRV-TARGET-MAIL-GROUP",
            "the group is a mail-enabled security group, which only Exchange can change",
        ))
    } else if mail && !is("Unified") {
        Some((
            "PRV-TARGET-DISTRIBUTION",
            "the group is a distribution list, which only Exchange can change",
        ))
    } else {
        None
    };
    let brings_roles = body["isAssignableToRole"] == true;
    Standing {
        read_only: why.map(|(code, reason)| read_only(code, reason)),
        guest: false,
        roles: brings_roles
            .then(|| "a group that administrative roles can be given to".to_owned())
            .into_iter()
            .collect(),
    }
}

fn read_only(code: &str, reason: &str) -> ReadOnly {
    ReadOnly {
        code: code.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_of_groups_that_cannot_be_written() {
        let code = |body: Value| of_group(&body).read_only.map(|why| why.code);
        let kind = |types: Value, mail: bool, security: bool| json!({"groupTypes": types, "mailEnabled": mail, "securityEnabled": security, "onPremisesSyncEnabled": null});
        assert_eq!(code(kind(json!([]), false, true)), None);
        assert_eq!(code(kind(json!(["Unified"]), true, false)), None);
        assert_eq!(code(kind(json!(["Unified"]), true, true)), None);
        assert_eq!(
            code(kind(json!([]), true, true)).unwrap(),
            "PRV-TARGET-MAIL-GROUP"
        );
        assert_eq!(
            code(kind(json!([]), true, false)).unwrap(),
            "PRV-TARGET-DISTRIBUTION"
        );
        let dynamic = json!(["Unified", "DynamicMembership"]);
        assert_eq!(code(kind(dynamic, true, false)).unwrap(), "PRV-TARGET-DYNAMIC");
        let mut synchronised = kind(json!([]), false, true);
        synchronised["onPremisesSyncEnabled"] = json!(true);
        assert_eq!(code(synchronised).unwrap(), "PRV-TARGET-SYNCHRONISED");
        let for_roles = json!({"groupTypes": [], "securityEnabled": true, "isAssignableToRole": true});
        assert_eq!(of_group(&for_roles).roles.len(), 1);
    }

    #[test]
    fn a_list_tells_the_standing_too() {
        let listed = |kind, values: Value| {
            let record = values.as_object().unwrap().clone().into_iter().collect();
            let account = Account {
                id: "a".to_owned(),
                record,
                enabled: None,
            };
            of_listed(kind, &account)
        };
        let plain = json!({"userType": "Member", "displayName": "Ann"});
        assert_eq!(listed(Kind::Person, plain), Some(Standing::default()));
        assert!(listed(Kind::Person, json!({"userType": "Guest"})).unwrap().guest);
        let synchronised = json!({"groupTypes": [], "securityEnabled": true, "onPremisesSyncEnabled": true});
        assert!(listed(Kind::Group, synchronised).unwrap().read_only.is_some());
        assert_eq!(listed(Kind::Group, json!({"displayName": "Sales"})), None);
    }

    #[test]
    fn guests_synchronised_people_and_roles() {
        let guest = of_person(&json!({"userType": "Guest", "onPremisesSyncEnabled": null}));
        assert!(guest.guest && guest.read_only.is_none());
        let synchronised = of_person(&json!({"userType": "Member", "onPremisesSyncEnabled": true}));
        assert!(!synchronised.guest);
        assert_eq!(synchronised.read_only.unwrap().code, "PRV-TARGET-SYNCHRONISED");
        assert_eq!(of_person(&json!({"userType": null})), Standing::default());
        let member_of = [
            json!({"@odata.type": "#microsoft.graph.group", "displayName": "Sales"}),
            json!({"@odata.type": "#microsoft.graph.directoryRole", "displayName": "User Administrator"}),
            json!({"@odata.type": "#microsoft.graph.directoryRole", "id": "r", "displayName": null}),
        ];
        assert_eq!(roles(&member_of), ["User Administrator", NAMELESS]);
    }
}
