//! Rules of fault injection: whom they strike, and how often.

use serde::{Deserialize, Serialize};

use super::Effect;

/// Operations of the sign-in service, by their first segment: they are no requests to Graph.
const SIGN_IN: [&str; 4] = ["token", "openid-configuration", "saml2", "federationmetadata"];

/// A rule of fault injection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Method and path, such as `POST /users` or `GET /groups/*/members`: `*` is any method or one segment, `**` at the
    /// end is any rest. `POST /token` is the token endpoint, `GET /openid-configuration` the document that tells whose a
    /// domain is, `* /saml2` an answer to an application's sign-in by SAML, `GET /federationmetadata` the metadata of
    /// that, `POST /$batch` a batch as a whole; entries of a batch count as the operations that they are. Empty:
    /// every request to Graph.
    #[serde(default)]
    pub operation: String,
    /// How often it strikes.
    #[serde(default)]
    pub when: When,
    /// What happens then.
    pub effect: Effect,
}

/// How often a rule strikes the requests that it fits. All conditions have to hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// So many fitting requests go well first.
    pub skip: u32,
    /// Every n-th fitting request, counted after those. 1: each.
    pub every: u32,
    /// So many in a hundred of them, by the seed. 100: each.
    pub percent: f64,
    /// At most so many in all; then the rule ends. `None`: no end.
    pub times: Option<u32>,
}

impl Default for When {
    fn default() -> Self {
        When {
            skip: 0,
            every: 1,
            percent: 100.0,
            times: None,
        }
    }
}

impl When {
    /// The next so many.
    #[must_use]
    pub fn next(times: u32) -> When {
        When {
            times: Some(times),
            ..When::default()
        }
    }
}

impl Rule {
    /// A rule that strikes the next so many requests of an operation.
    #[must_use]
    pub fn next(operation: &str, times: u32, effect: Effect) -> Rule {
        Rule {
            operation: operation.to_owned(),
            when: When::next(times),
            effect,
        }
    }

    /// # Errors
    /// A sentence about what cannot be meant.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0.0..=100.0).contains(&self.when.percent) {
            return Err(format!(
                "`percent` is {}, it must be from 0 to 100.",
                self.when.percent
            ));
        }
        if self.when.every == 0 {
            return Err("`every` is 0, it must be at least 1.".to_owned());
        }
        if !self.operation.is_empty() && !self.operation.contains(" /") {
            return Err(format!(
                "The operation `{}` must be a method, a space and a path, such as `POST /users`.",
                self.operation
            ));
        }
        self.effect.check()
    }

    /// Whether the rule's operation covers this request.
    pub(super) fn covers(&self, method: &str, path: &[String]) -> bool {
        let Some((wanted, pattern)) = self.operation.split_once(' ') else {
            return path
                .first()
                .is_none_or(|first| !SIGN_IN.contains(&first.as_str()));
        };
        if wanted != "*" && !wanted.eq_ignore_ascii_case(method) {
            return false;
        }
        let mut found = path.iter();
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            match (part, found.next()) {
                ("**", _) => return true,
                // Functions and `$ref` are not keys.
                ("*", Some(segment)) if segment != "delta" && !segment.starts_with('$') => {}
                (part, Some(segment)) if part == segment => {}
                _ => return false,
            }
        }
        found.next().is_none()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn covers(operation: &str, method: &str, path: &str) -> bool {
        let segments: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
        Rule::next(operation, 1, Effect::Hang).covers(method, &segments)
    }

    #[test]
    fn patterns_name_operations() {
        for (operation, method, path, expected) in [
            ("POST /users", "POST", "/users", true),
            ("POST /users", "GET", "/users", false),
            ("POST /users", "POST", "/users/x/assignLicense", false),
            ("GET /users/*", "GET", "/users/x", true),
            ("GET /users/*", "GET", "/users/delta", false),
            ("GET /users/delta", "GET", "/users/delta", true),
            ("* /groups/**", "PATCH", "/groups/x/members/y/$ref", true),
            ("* /groups/**", "PATCH", "/users/x", false),
            (
                "DELETE /groups/*/members/*/$ref",
                "DELETE",
                "/groups/x/members/y/$ref",
                true,
            ),
            (
                "DELETE /groups/*/members/*",
                "DELETE",
                "/groups/x/members/$ref",
                false,
            ),
            ("", "GET", "/users", true),
            ("", "POST", "/token", false),
            ("POST /token", "POST", "/token", true),
            ("", "GET", "/openid-configuration", false),
            ("GET /openid-configuration", "GET", "/openid-configuration", true),
        ] {
            assert_eq!(
                covers(operation, method, path),
                expected,
                "{operation}: {method} {path}"
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let rule = |operation: &str, when: When| Rule {
            operation: operation.to_owned(),
            when,
            effect: Effect::Hang,
        };
        assert!(rule("POST /users", When::default()).check().is_ok());
        assert!(rule("/users", When::default()).check().is_err());
        let percent = When {
            percent: 101.0,
            ..When::default()
        };
        assert!(rule("", percent).check().is_err());
        let every = When {
            every: 0,
            ..When::default()
        };
        assert!(rule("", every).check().is_err());
        let unknown = Effect::answer("no such name");
        let nested = Effect::OneOf {
            of: vec![Effect::LostTokenAfterRetry],
        };
        for effect in [
            unknown.clone(),
            nested,
            Effect::OneOf { of: vec![unknown] },
            Effect::OneOf { of: vec![] },
        ] {
            assert!(Rule::next("", 1, effect).check().is_err());
        }
    }
}
