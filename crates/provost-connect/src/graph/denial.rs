//! A refused permission, by its name.

use super::permission;
use super::step::Step;
use crate::Error;
use crate::error::ELSEWHERE;

/// The service says only that privileges are insufficient; what an administrator can do about it
/// depends on what was asked (Microsoft Graph, "Permissions reference"; about administrators:
/// "Who can perform sensitive actions").
pub(crate) fn in_words(step: &Step, error: Error) -> Error {
    let Error::Forbidden { operation, reason } = error else {
        return error;
    };
    if ELSEWHERE.contains(&reason.as_str()) {
        return Error::Forbidden { operation, reason };
    }
    let Some(needed) = permission::least(step.method.as_str(), &step.path) else {
        return Error::Forbidden { operation, reason };
    };
    // Sensitive actions are those on accounts, licences aside.
    let sensitive = step.path.starts_with("/users") && !step.path.ends_with("/assignLicense");
    let role = if sensitive {
        ", and an Entra role too where the account is an administrator's"
    } else {
        ""
    };
    Error::Forbidden {
        operation,
        reason: format!("{reason}; the application needs `{needed}`{role}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::step;
    use super::*;
    use crate::{Kind, Record};

    fn denied(step: &Step) -> String {
        let error = Error::Forbidden {
            operation: step.operation.to_owned(),
            reason: "Insufficient privileges.".to_owned(),
        };
        in_words(step, error).to_string()
    }

    #[test]
    fn each_write_names_what_it_needs() -> Result<(), Error> {
        let crew = step::create(Kind::Group, "g", &Record::new())?;
        let steps = [
            (
                step::create(Kind::Person, "k", &Record::new())?,
                "User.ReadWrite.All",
            ),
            (step::delete(Kind::Person, "a")?, "User.DeleteRestore.All"),
            (step::revoke_sessions("a"), "User.RevokeSessions.All"),
            (step::delete(Kind::Group, "a")?, "Group.ReadWrite.All"),
            (
                step::add_member("g", Kind::Person, "a"),
                "GroupMember.ReadWrite.All",
            ),
            (
                step::remove_member("g", Kind::Person, "a")?,
                "GroupMember.ReadWrite.All",
            ),
            (crew, "Group."),
        ];
        for (step, permission) in steps {
            let said = denied(&step);
            assert!(
                said.contains(&format!("needs `{permission}")),
                "{}: {said}",
                step.path
            );
            assert!(said.contains("Insufficient privileges."), "{said}");
        }
        Ok(())
    }

    #[test]
    fn another_error_stays_as_it_is() {
        let error = Error::Concurrent {
            operation: "x".to_owned(),
        };
        let said = in_words(&step::revoke_sessions("a"), error).to_string();
        assert_eq!(said, "x collided with another change");
    }
}
