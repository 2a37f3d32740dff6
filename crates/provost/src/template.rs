//! Templates of connections: the rules that most organisations begin with.

use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_engine::rule::Rule;
use serde::Deserialize;

/// A template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    /// The connector that its target attributes are for.
    pub connector: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// Its rules: people before groups.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Every template's name and text.
const TEXTS: [(&str, &str); 2] = [
    ("microsoft-365", include_str!("template/microsoft-365.toml")),
    ("scim", include_str!("template/scim.toml")),
];

/// The names of all templates.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}

impl Template {
    /// The template of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Template> {
        let Some((_, text)) = TEXTS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = names().collect();
            let hint = format!("Known templates: {}", known.join(", "));
            return Err(Failure::new(format!("there is no template {name}"), hint).into());
        };
        toml::from_str(text).with_context(|| format!("the template {name} cannot be read"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_engine::object::{Kind, Source};
    use provost_engine::rule::{Env, Evaluation};
    use serde_json::{Value, json};

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn evaluate(template: &str, kind: Kind, document: &Value) -> Evaluation {
        let template = Template::named(template).unwrap();
        let rule = template.rules.iter().find(|rule| rule.object == kind).unwrap();
        let source = Source {
            kind,
            id: "0198c2d4-0000-7000-8000-000000000001",
            document,
        };
        rule.compile()
            .unwrap()
            .evaluate(&source, &Env::default())
            .unwrap()
    }

    fn person() -> Value {
        json!({
            "userName": "Zoë.Müller@contoso.example", "externalId": "e-7", "displayName": "Zoë Müller", "title": "Buyer",
            "active": true, "name": {"givenName": "Zoë", "familyName": "Müller"}, "preferredLanguage": "de-DE",
            "emails": [{"type": "work", "value": "zoe@contoso.example", "primary": true}],
            "phoneNumbers": [{"type": "mobile", "value": "+49 170 0000000"}],
            "addresses": [{"type": "work", "locality": "Bonn", "country": "DE"}],
            ENTERPRISE: {"department": "Purchasing", "employeeNumber": "7", "manager": {"value": "boss"}}
        })
    }

    #[test]
    fn every_template_compiles_without_a_warning() {
        for name in names() {
            let template = Template::named(name).unwrap();
            assert_eq!(
                template.rules.iter().map(|rule| rule.object).collect::<Vec<_>>(),
                [Kind::Person, Kind::Group]
            );
            for rule in &template.rules {
                assert!(rule.compile().unwrap().warnings().is_empty(), "{name}");
            }
        }
        assert!(Template::named("nobody").is_err());
    }

    #[test]
    fn a_person_in_microsoft_365() {
        let made = evaluate("microsoft-365", Kind::Person, &person());
        assert_eq!(
            serde_json::to_value(&made.create).unwrap(),
            json!({
                "accountEnabled": true, "city": "Bonn", "country": "DE", "department": "Purchasing",
                "displayName": "Zoë Müller", "employeeId": "7", "givenName": "Zoë", "jobTitle": "Buyer",
                "mailNickname": "Zoe.Muller", "mobilePhone": "+49 170 0000000", "preferredLanguage": "de-DE",
                "onPremisesImmutableId": "0198c2d4-0000-7000-8000-000000000001", "surname": "Müller",
                "usageLocation": "DE", "userPrincipalName": "Zoe.Muller@contoso.example"
            })
        );
        assert_eq!(made.references["manager"].as_deref(), Some("boss"));
        assert!(
            !made.update.contains_key("onPremisesImmutableId") && !made.update.contains_key("mailNickname")
        );
    }

    #[test]
    fn what_is_emptied_in_the_directory_is_cleared_in_the_target() {
        let made = evaluate(
            "microsoft-365",
            Kind::Person,
            &json!({"userName": "a@contoso.example", "displayName": "A"}),
        );
        assert_eq!(made.update["department"], Value::Null);
        assert_eq!(made.references["manager"], None);
        assert!(
            !made.update.contains_key("usageLocation"),
            "Graph cannot clear it"
        );
        let made = evaluate("scim", Kind::Person, &json!({"userName": "a@contoso.example"}));
        assert_eq!(made.update["title"], Value::Null);
    }

    #[test]
    fn a_leaver_is_disabled_in_both() {
        let mut document = person();
        document["active"] = json!(false);
        assert_eq!(
            evaluate("microsoft-365", Kind::Person, &document).update["accountEnabled"],
            json!(false)
        );
        assert_eq!(
            evaluate("scim", Kind::Person, &document).update["active"],
            json!(false)
        );
    }

    #[test]
    fn a_group_in_each() {
        let group = json!({"displayName": "Sales & Café", "externalId": "g-1"});
        let made = evaluate("microsoft-365", Kind::Group, &group);
        assert_eq!(made.create["securityEnabled"], json!(true));
        assert_eq!(made.create["mailEnabled"], json!(false));
        assert_eq!(made.update.keys().collect::<Vec<_>>(), ["displayName"]);
        let made = evaluate("scim", Kind::Group, &group);
        assert_eq!(made.update["displayName"], json!("Sales & Café"));
    }
}
