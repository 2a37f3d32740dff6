//! What is decided about those who signed in and are not tied to their account yet.

use super::attempt;
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use provost_store::directory::Object;
use provost_store::microsoft_365::Provider;
use provost_store::migration::{self, Request, Standing};
use provost_store::{Tx, directory, identifier};
use uuid::Uuid;

impl Engine {
    /// Approves a sign-in that waits: its person is linked to the account, by the object id, and signs in once more.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-ONBOARDING-UNKNOWN`, `PRV-ONBOARDING-STATE` for what does not wait for an approval;
    /// those of [`Engine::link_identifier`].
    pub async fn approve_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let result = self.approved_onboarding(workspace, name, account, actor).await;
        self.audited(attempt(workspace, actor, "onboarding.approve", account), result)
            .await
    }

    async fn approved_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let (_, request) = self.onboarding(workspace, name, account).await?;
        let (Standing::Pending, Some(person)) = (request.standing, request.person_id) else {
            return Err(state(
                &request,
                "Merge it with the right person, who is shown first, or deny it.",
            ));
        };
        self.link_identifier(workspace, name, person, account, actor)
            .await?;
        let after = (Standing::Approved, request.person);
        self.decide_onboarding(request, after, ("onboarding.approve", ""), actor)
            .await
    }

    /// Denies a sign-in, with a reason: this account does not come in any more.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-ONBOARDING-UNKNOWN`, `PRV-ONBOARDING-STATE` for who is onboarded, `PRV-MIGRATION-REASON`.
    pub async fn deny_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        reason: &str,
        actor: &str,
    ) -> Result<()> {
        let result = self
            .denied_onboarding(workspace, name, account, reason, actor)
            .await;
        self.audited(attempt(workspace, actor, "onboarding.deny", account), result)
            .await
    }

    async fn denied_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        reason: &str,
        actor: &str,
    ) -> Result<()> {
        let reason = migration::require_reason(reason)?.to_owned();
        let (_, request) = self.onboarding(workspace, name, account).await?;
        if matches!(request.standing, Standing::Onboarded | Standing::Denied) {
            return Err(state(
                &request,
                "Block the person, or unlink the account, if they must not come in.",
            ));
        }
        let after = (Standing::Denied, request.person);
        self.decide_onboarding(request, after, ("onboarding.deny", &reason), actor)
            .await
    }

    /// Ties a sign-in to the person who is meant, once both sides were seen: the account and the person. They sign in
    /// once more then.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-ONBOARDING-MERGE`, which shows both sides; [`Error::Refused`]:
    /// `PRV-ONBOARDING-UNKNOWN`, `PRV-ONBOARDING-STATE`, `PRV-OBJECT-UNKNOWN`; those of [`Engine::link_identifier`].
    pub async fn merge_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        person: Uuid,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<()> {
        let result = self
            .merged_onboarding(workspace, name, account, person, confirm, actor)
            .await;
        self.audited(attempt(workspace, actor, "onboarding.merge", account), result)
            .await
    }

    async fn merged_onboarding(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        person: Uuid,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<()> {
        let (provider, request) = self.onboarding(workspace, name, account).await?;
        if request.standing == Standing::Onboarded {
            return Err(state(&request, "Unlink the account first, if it is another's."));
        }
        let asked = self
            .db
            .read(move |tx| question(tx, &provider, &request, workspace, person))
            .await?;
        let Some((object, question)) = asked else {
            return Err(Error::refused(
                "PRV-OBJECT-UNKNOWN",
                format!("the directory has no person {person}"),
                "Choose one of the list of people; its page shows the id.",
            ));
        };
        settle(vec![question], confirm)?;
        self.link_identifier(workspace, name, person, account, actor)
            .await?;
        let (_, request) = self.onboarding(workspace, name, account).await?;
        let after = (Standing::Approved, object.key);
        self.decide_onboarding(request, after, ("onboarding.merge", ""), actor)
            .await
    }

    async fn decide_onboarding(
        &self,
        request: Request,
        after: (Standing, i64),
        (action, reason): (&'static str, &str),
        actor: &str,
    ) -> Result<()> {
        let (actor, reason, now) = (actor.to_owned(), reason.to_owned(), self.now());
        self.db
            .write(move |tx| migration::decide(tx, &actor, now, &request, after, (action, &reason)))
            .await?;
        Ok(())
    }

    /// The sign-in of an account.
    async fn onboarding(&self, workspace: i64, name: &str, account: &str) -> Result<(Provider, Request)> {
        let provider = self.provider_named(workspace, name).await?;
        let (key, wanted) = (provider.key, account.trim().to_ascii_lowercase());
        let found = self
            .db
            .read(move |tx| migration::request(tx, key, &wanted))
            .await?;
        let found = found.ok_or_else(|| {
            let shown: String = account.chars().filter(|c| !c.is_control()).take(60).collect();
            Error::refused(
                "PRV-ONBOARDING-UNKNOWN",
                format!("no account \"{shown}\" has signed in during this migration"),
                "Choose one of the list of those who signed in, by its object id.",
            )
        })?;
        Ok((provider, found))
    }
}

fn state(request: &Request, hint: &'static str) -> Error {
    let why = match request.conflict {
        migration::Conflict::None => String::new(),
        conflict => format!(" ({conflict})"),
    };
    Error::refused(
        "PRV-ONBOARDING-STATE",
        format!("the sign-in of {} is {}{why}", request.name, request.standing),
        hint,
    )
}

/// Both sides, for a person's eyes.
fn question(
    tx: &mut Tx,
    provider: &Provider,
    request: &Request,
    workspace: i64,
    person: Uuid,
) -> provost_store::Result<Option<(Object, Question)>> {
    let Some((key, _)) = directory::key_by_id(tx, workspace, person)? else {
        return Ok(None);
    };
    let Some(object) = directory::by_key(tx, key)? else {
        return Ok(None);
    };
    let held = identifier::account_of(tx, provider.connection.unwrap_or(0), key)?;
    let document: serde_json::Value = serde_json::from_str(&object.document).unwrap_or_default();
    let user_name = document["userName"].as_str().unwrap_or_default();
    let mails: Vec<&str> = document["emails"]
        .as_array()
        .map(|all| all.iter().filter_map(|one| one["value"].as_str()).collect())
        .unwrap_or_default();
    let typed = match request.typed.as_str() {
        "" => "no mail address was typed".to_owned(),
        typed => format!("{typed} was typed"),
    };
    let list = vec![
        format!(
            "Account: {}, {}, object id {}; {typed}",
            request.label, request.name, request.account
        ),
        format!(
            "Person: {}, {user_name}, mail {}, id {}; {}",
            object.label,
            if mails.is_empty() {
                "none".to_owned()
            } else {
                mails.join(", ")
            },
            object.id,
            held.map_or_else(
                || "linked to no account of the tenant".to_owned(),
                |id| format!("linked to the account {id}")
            ),
        ),
    ];
    let question = Question {
        code: "PRV-ONBOARDING-MERGE",
        sentence: format!(
            "The account {} becomes {}'s, by its object id; whoever signs in with it is let in as this person.",
            request.name, object.label
        ),
        hint: "Compare both sides, then confirm it.",
        list,
    };
    Ok(Some((object, question)))
}
