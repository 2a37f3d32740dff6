//! Who a rule is meant for, without evaluating a single mapping: for previews of a changed scope, and for showing
//! every condition to a person.

use super::compiled::Compiled;
use super::error::MapError;
use crate::object::Source;
use crate::scope::Condition;

impl Compiled {
    /// Whether the object is assigned and the scoping filters let it in.
    ///
    /// # Errors
    /// A scoping filter that cannot be applied to the object: there is no verdict.
    pub fn admits(&self, source: &Source) -> Result<bool, MapError> {
        if !source.assigned || self.rule.removing {
            return Ok(false);
        }
        let refusal = self.scope.refusal(source).map_err(|e| self.scope_error(e))?;
        Ok(refusal.is_none())
    }

    /// Every condition of the scoping filters with its verdict; empty where the rule is meant for everybody.
    pub fn conditions(&self, source: &Source) -> Vec<Condition> {
        self.scope.conditions(source)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::object::{Kind, Source};
    use crate::rule::Rule;
    use serde_json::{Value, json};

    fn source<'a>(document: &'a Value, assigned: bool) -> Source<'a> {
        Source {
            kind: Kind::Person,
            id: "1",
            document,
            assigned,
        }
    }

    #[test]
    fn each_condition_has_a_verdict_and_one_whole_filter_is_enough() {
        let rule: Rule = serde_json::from_value(json!({
            "name": "People", "object": "person",
            "scope": {"filters": [
                {"name": "Sales", "clauses": [
                    {"attribute": "title", "operator": "EQUALS", "value": "Seller"},
                    {"attribute": "userType", "operator": "IS TRUE"}]},
                {"name": "Berlin", "scim": "locale eq \"de-DE\""}]},
            "matching": [{"target": "userName", "precedence": 1}],
            "mappings": [{"target": "userName", "direct": "userName"}]
        }))
        .unwrap();
        let rule = rule.compile().unwrap();
        let seller = json!({"userName": "ada", "title": "Seller", "userType": "yes", "locale": "de-DE"});
        let found: Vec<_> = rule
            .conditions(&source(&seller, true))
            .iter()
            .map(|c| (c.filter, c.holds))
            .collect();
        assert_eq!(found, [(1, Some(true)), (1, None), (2, Some(true))]);
        let berlin = json!({"userName": "bo", "title": "Cook", "locale": "de-DE"});
        assert!(rule.admits(&source(&berlin, true)).unwrap());
        assert!(!rule.admits(&source(&berlin, false)).unwrap());
        let paris = json!({"userName": "cy", "title": "Cook", "locale": "fr-FR"});
        assert!(!rule.admits(&source(&paris, true)).unwrap());
    }
}
