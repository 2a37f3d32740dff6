//! Taking over: a provider wants a person whom another owner has. Whether it may is the provider's rule or an
//! administrator's decision; it is never silent.

use crate::directory::{self, Change, Object};
use crate::provider::{self, Provider};
use crate::{Error, Result, Row, Tx, audit, member};
use provost_engine::object::Kind;

macro_rules! columns {
    () => {
        "t.key, t.workspace, t.provider, p.name, t.object, t.label, t.asked, t.times, t.state, t.decided, t.decided_by"
    };
}

crate::statements! {
    INSERT = "INSERT INTO takeover (key, workspace, provider, object, label, asked, times, state) \
              VALUES ($1, $2, $3, $4, $5, $6, 1, 'pending')";
    AGAIN = "UPDATE takeover SET times = times + 1, asked = $1, label = $2 WHERE key = $3";
    LATEST = "SELECT t.key, t.state FROM takeover t WHERE t.provider = $1 AND t.object = $2 ORDER BY t.key DESC LIMIT 1";
    PENDING = concat!("SELECT ", columns!(), " FROM takeover t JOIN inbound_provider p ON p.key = t.provider \
               WHERE t.workspace = $1 AND t.state = 'pending' ORDER BY t.key LIMIT 1000");
    GET = concat!("SELECT ", columns!(), " FROM takeover t JOIN inbound_provider p ON p.key = t.provider WHERE t.key = $1");
    DECIDE = "UPDATE takeover SET state = $1, decided = $2, decided_by = $3 WHERE key = $4";
    SETTLE = "UPDATE takeover SET state = 'approved', decided = $1, decided_by = $2 \
              WHERE provider = $3 AND object = $4 AND state = 'pending'";
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for an administrator.
    Pending,
    /// The person was moved.
    Approved,
    /// The person stays where they are, and asking again opens no new request.
    Denied,
}

impl State {
    /// The word that stands for it, in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Approved => "approved",
            State::Denied => "denied",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "approved" => State::Approved,
            "denied" => State::Denied,
            _ => State::Pending,
        }
    }
}

/// A provider's wish to own a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its key.
    pub key: i64,
    /// The workspace's key.
    pub workspace: i64,
    /// The key of the provider that asks.
    pub provider: i64,
    /// The name of the provider that asks.
    pub provider_name: String,
    /// The person's inside key.
    pub object: i64,
    /// What the person is called.
    pub label: String,
    /// When it was asked last.
    pub asked: i64,
    /// How often it was asked.
    pub times: i64,
    /// What became of it.
    pub state: State,
    /// When it was decided.
    pub decided: Option<i64>,
    /// Who decided it.
    pub decided_by: Option<String>,
}

fn read(row: &Row) -> Result<Request> {
    Ok(Request {
        key: row.int(0)?,
        workspace: row.int(1)?,
        provider: row.int(2)?,
        provider_name: row.text(3)?,
        object: row.int(4)?,
        label: row.text(5)?,
        asked: row.int(6)?,
        times: row.int(7)?,
        state: State::of(row.str(8)?),
        decided: row.int_or_null(9)?,
        decided_by: row.text_or_null(10)?,
    })
}

/// Notes that a provider asked for a person of another owner, and says how that stands. Asking again raises
/// the count; a request that was denied stays denied.
///
/// The closure that calls this must end well, or the request is rolled back with the rest of it.
///
/// # Errors
/// Any error of the database.
pub fn ask(tx: &mut Tx, provider: &Provider, object: &Object, now: i64) -> Result<State> {
    let latest = tx.first(LATEST, &[provider.key.into(), object.key.into()], |row| {
        Ok((row.int(0)?, State::of(row.str(1)?)))
    })?;
    if let Some((key, state @ (State::Pending | State::Denied))) = latest {
        tx.execute(AGAIN, &[now.into(), (&object.label).into(), key.into()])?;
        return Ok(state);
    }
    let key = tx.key();
    let params = [
        key.into(),
        object.workspace.into(),
        provider.key.into(),
        object.key.into(),
        (&object.label).into(),
        now.into(),
    ];
    tx.execute(INSERT, &params)?;
    let actor = format!("provider {}", provider.name);
    let detail = format!("from {}", owner_name(tx, object)?);
    let action = "person.takeover_ask";
    audit::append(tx, object.workspace, now, &actor, action, object.id, &detail)?;
    Ok(State::Pending)
}

/// The workspace's requests that wait for a decision, oldest first, at most 1,000.
///
/// # Errors
/// Any error of the database.
pub fn pending(tx: &mut Tx, workspace: i64) -> Result<Vec<Request>> {
    tx.query(PENDING, &[workspace.into()], read)
}

/// The request with this key.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<Request>> {
    tx.first(GET, &[key.into()], read)
}

/// Moves the person to the provider that asked. A request that was denied can still be approved.
///
/// # Errors
/// [`Error::Refused`] when there is no such request, when it was approved before, and when the person was
/// deleted meanwhile.
pub fn approve(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<Object> {
    let request = undecided(tx, key, State::Approved)?;
    let provider = provider::by_key(tx, request.provider)?;
    let object = directory::by_key(tx, request.object)?;
    let (Some(provider), Some(object)) = (provider, object) else {
        let sentence = format!("{} is no longer in the directory", request.label);
        let hint = format!(
            "Deny the request; {} can now create the person itself.",
            request.provider_name
        );
        return Err(Error::refused("PRV-PERSON-GONE", sentence, hint));
    };
    decide(tx, actor, now, key, State::Approved)?;
    let change = Change {
        owner: provider.owner(),
        actor,
        now,
    };
    apply(tx, &change, &object)
}

/// Leaves the person where they are.
///
/// # Errors
/// [`Error::Refused`] when there is no such request, and when it was decided before.
pub fn deny(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<()> {
    let request = undecided(tx, key, State::Denied)?;
    decide(tx, actor, now, key, State::Denied)?;
    let action = "person.takeover_deny";
    let detail = format!("to provider {}", request.provider_name);
    let subject = match directory::by_key(tx, request.object)? {
        Some(object) => object.id.to_string(),
        None => request.label,
    };
    audit::append_named(tx, request.workspace, now, actor, action, &subject, &detail)
}

/// The request, unless it is decided already in a way that rules `wanted` out.
fn undecided(tx: &mut Tx, key: i64, wanted: State) -> Result<Request> {
    let refused =
        |sentence: String| Error::refused("PRV-TAKEOVER-DECIDED", sentence, "List the requests again.");
    let request = get(tx, key)?.ok_or_else(|| refused("there is no such takeover request".into()))?;
    match (request.state, wanted) {
        (State::Pending, _) | (State::Denied, State::Approved) => Ok(request),
        (state, _) => Err(refused(format!(
            "the takeover of {} was {} before",
            request.label,
            state.as_str()
        ))),
    }
}

fn decide(tx: &mut Tx, actor: &str, now: i64, key: i64, state: State) -> Result<()> {
    let params = [state.as_str().into(), now.into(), actor.into(), key.into()];
    tx.execute(DECIDE, &params)?;
    Ok(())
}

/// Moves a person to `change.owner` at once: the counters follow, memberships in the old owner's groups end,
/// and what the old owner called the person (`externalId`) is dropped. The id, the link and with it every
/// account stay, and so do the role, the team and an administrator's block.
///
/// Who owns the person already is left alone.
///
/// # Errors
/// [`Error::Refused`] for a group, and for a person of another workspace.
pub fn apply(tx: &mut Tx, change: &Change, object: &Object) -> Result<Object> {
    if object.kind == Kind::Group || object.workspace != change.owner.workspace {
        let sentence = format!("{} cannot be taken over", object.label);
        let hint = "Only people can change their owner, and only within their workspace.";
        return Err(Error::refused("PRV-TAKEOVER-KIND", sentence, hint));
    }
    if object.owner == change.owner.key {
        return Ok(object.clone());
    }
    let detail = format!(
        "from {} to {}",
        owner_name(tx, object)?,
        name_of(tx, change.owner.key)?
    );
    member::leave_owner(tx, change, object)?;
    let moved = directory::hand_over(tx, change, object, change.owner)?;
    let params = [
        change.now.into(),
        change.actor.into(),
        change.owner.key.into(),
        object.key.into(),
    ];
    tx.execute(SETTLE, &params)?;
    let (workspace, action) = (object.workspace, "person.takeover");
    audit::append(
        tx,
        workspace,
        change.now,
        change.actor,
        action,
        object.id,
        &detail,
    )?;
    Ok(moved)
}

fn owner_name(tx: &mut Tx, object: &Object) -> Result<String> {
    name_of(tx, object.owner)
}

fn name_of(tx: &mut Tx, owner: i64) -> Result<String> {
    Ok(match provider::by_key(tx, owner)? {
        Some(provider) => format!("provider {}", provider.name),
        None => "the administrators".into(),
    })
}
