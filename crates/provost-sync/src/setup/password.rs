//! Constants for passwords: checked, taken out of the rule and sealed. The rule keeps the name of the secret.

use super::fault::RuleFault;
use provost_connect::Secret;
use provost_engine::mapping::{Mapping, MappingSource};
use provost_engine::policy::password;
use provost_engine::rule::Rule;
use serde_json::Value;

/// The stable word for a password that is not good enough.
const WEAK: &str = "PRV-PASSWORD-WEAK";
const HINT: &str = "Choose another one, or have one generated for each person, which nobody has to know.";

/// The name of the secret that holds a rule's password.
fn field(rule: &str) -> String {
    format!("password.{rule}")
}

/// Rules without passwords in them, and the passwords that were in them by the name of their secret.
#[derive(Default)]
pub(super) struct Sealed {
    pub rules: Vec<Rule>,
    pub secrets: Vec<(String, Secret)>,
}

/// Takes the passwords out of rules.
///
/// # Errors
/// Each password that is not good enough, without the password.
pub(super) fn seal(rules: &[Rule]) -> Result<Sealed, Vec<RuleFault>> {
    let (mut sealed, mut faults) = (Sealed::default(), Vec::new());
    for rule in rules {
        let mut rule = rule.clone();
        let name = field(&rule.name);
        for mapping in rule.mappings.iter_mut().filter(|m| is_password(&m.target)) {
            let Some(plain) = plain(mapping) else { continue };
            if let Err(reasons) = password::check(&plain) {
                faults.push(weak(&rule.name, &mapping.target, &reasons));
                continue;
            }
            mapping.source = MappingSource::Secret { name: name.clone() };
            sealed.secrets.push((name.clone(), Secret::new(plain)));
        }
        sealed.rules.push(rule);
    }
    if faults.is_empty() {
        Ok(sealed)
    } else {
        Err(faults)
    }
}

/// Whether values of this target are passwords: `passwordProfile.password`, but not `passwordPolicies`.
fn is_password(target: &str) -> bool {
    target.to_ascii_lowercase().ends_with("password")
}

/// The password that stands in a mapping.
fn plain(mapping: &Mapping) -> Option<String> {
    match &mapping.source {
        MappingSource::Constant {
            value: Value::String(text),
        } => Some(text.clone()),
        _ => None,
    }
}

fn weak(rule: &str, target: &str, reasons: &[&'static str]) -> RuleFault {
    RuleFault {
        rule: rule.to_owned(),
        code: WEAK.to_owned(),
        attribute: target.to_owned(),
        reason: reasons.join(" "),
        hint: HINT.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_engine::object::Kind;

    fn rule(value: &str) -> Rule {
        let mut rule = Rule::new("People", Kind::Person);
        rule.mappings = vec![Mapping::constant("password", value)];
        rule
    }

    #[test]
    fn a_weak_password_is_refused_and_not_told() {
        let faults = seal(&[rule("Password1")]).err().unwrap();
        assert_eq!(faults[0].code, WEAK);
        assert!(!faults[0].to_string().contains("Password1"));
    }

    #[test]
    fn a_good_one_leaves_the_rule() {
        let sealed = seal(&[rule("vK7#qTz9!mLw2xRb")]).ok().unwrap();
        assert_eq!(sealed.secrets[0].0, "password.People");
        assert_eq!(
            sealed.rules[0].mappings[0].source,
            MappingSource::Secret {
                name: "password.People".to_owned()
            }
        );
        assert!(!serde_json::to_string(&sealed.rules).unwrap().contains("vK7#"));
    }
}
