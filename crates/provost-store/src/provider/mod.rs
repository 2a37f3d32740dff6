//! Inbound providers: who pushes people and groups into a workspace, and what is set about each.

mod role;
mod settings;

pub use role::{ROLES, check as check_role};
pub use settings::{Permission, RequestLog, Settings, Takeover, UnknownMembers};

use crate::directory::Owner;
use crate::word::{check_name, words};
use crate::{Error, Result, Row, Tx, audit, extension, person_signin, team};
use provost_scim::leniency::Dialect;
use provost_scim::sheet::Sheet;
use uuid::Uuid;

/// The columns of [`Provider`], in its order.
macro_rules! columns {
    () => {
        "p.key, p.id, p.workspace, p.name, p.role, p.team, p.state, p.settings, p.seen, p.first_request, p.last_request"
    };
}
pub(crate) use columns;

crate::statements! {
    INSERT = "INSERT INTO inbound_provider (key, id, workspace, name, role, team, state, settings, created) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    UPDATE = "UPDATE inbound_provider SET role = $1, team = $2, state = $3, settings = $4 WHERE key = $5";
    SEEN = "UPDATE inbound_provider SET seen = COALESCE($1, seen), first_request = COALESCE(first_request, $2), \
            last_request = $3 WHERE key = $4";
    BY_NAME = concat!("SELECT ", columns!(), " FROM inbound_provider p WHERE p.workspace = $1 AND p.name = $2");
    BY_KEY = concat!("SELECT ", columns!(), " FROM inbound_provider p WHERE p.key = $1");
    ALL = concat!("SELECT ", columns!(), " FROM inbound_provider p WHERE p.workspace = $1 ORDER BY p.name");
}

words! {
    /// Whether a provider is answered.
    State, "state of a provider":
    /// Being set up: its tokens do not work yet.
    Draft = "draft",
    /// In use.
    Saved = "saved",
    /// Switched off: its tokens do not work and its people cannot sign in; they stay, and so do their accounts.
    Off = "off",
}

/// An inbound provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    /// The inside key; also the owner key of the objects it pushed.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The workspace it pushes into.
    pub workspace: i64,
    /// Its name, unique in the workspace.
    pub name: String,
    /// The role that its new people get.
    pub role: String,
    /// The team that its new people get.
    pub team: Option<String>,
    /// Whether it is answered.
    pub state: State,
    /// What is set about it.
    pub settings: Settings,
    /// The dialect that its requests showed last. It never narrows what is tolerated.
    pub seen: Option<Dialect>,
    /// When its first request was accepted.
    pub first_request: Option<i64>,
    /// When a request was last noted.
    pub last_request: Option<i64>,
}

impl Provider {
    /// Whose objects its tokens see and touch.
    pub fn owner(&self) -> Owner {
        Owner {
            workspace: self.workspace,
            key: self.key,
        }
    }
}

/// Reads a [`Provider`] from the columns that start at `at`.
pub(crate) fn read_at(row: &Row, at: usize) -> Result<Provider> {
    Ok(Provider {
        key: row.int(at)?,
        id: row.uuid(at + 1)?,
        workspace: row.int(at + 2)?,
        name: row.text(at + 3)?,
        role: row.text(at + 4)?,
        team: row.text_or_null(at + 5)?,
        state: row
            .str(at + 6)?
            .parse()
            .map_err(|e: Error| Error::Damaged(e.to_string()))?,
        settings: Settings::of_text(row.str(at + 7)?)?,
        // A dialect that only a newer version knows is as good as none.
        seen: row.text_or_null(at + 8)?.and_then(|word| word.parse().ok()),
        first_request: row.int_or_null(at + 9)?,
        last_request: row.int_or_null(at + 10)?,
    })
}

fn read(row: &Row) -> Result<Provider> {
    read_at(row, 0)
}

/// What a new provider is made of.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The public id to give it.
    pub id: Uuid,
    /// The workspace's key.
    pub workspace: i64,
    /// Its name, 1 to 100 characters.
    pub name: &'a str,
    /// The role that its people get: one of [`ROLES`].
    pub role: &'a str,
    /// The team that its people get; it must exist.
    pub team: Option<&'a str>,
    /// Whether it is answered at once.
    pub state: State,
    /// What is set about it.
    pub settings: &'a Settings,
}

/// Makes an inbound provider.
///
/// # Errors
/// [`Error::Conflict`] when the name is taken in the workspace; [`Error::Refused`] when the name, the role,
/// the team or the settings are not possible.
pub fn create(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Provider> {
    check_name("provider", new.name)?;
    let made = Provider {
        key: tx.key(),
        id: new.id,
        workspace: new.workspace,
        name: new.name.to_owned(),
        role: new.role.to_owned(),
        team: new.team.map(str::to_owned),
        state: new.state,
        settings: new.settings.clone(),
        seen: None,
        first_request: None,
        last_request: None,
    };
    check(tx, &made)?;
    let settings = made.settings.to_text()?;
    let params = [
        made.key.into(),
        new.id.into(),
        new.workspace.into(),
        new.name.into(),
        new.role.into(),
        new.team.into(),
        new.state.as_str().into(),
        (&settings).into(),
        now.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append(tx, new.workspace, now, actor, "provider.create", new.id, new.name)?;
    Ok(made)
}

/// What is to be changed about a provider; what is `None` stays. People who are there already keep the role,
/// the team and the permission that they have.
#[derive(Debug, Clone, Default)]
pub struct Edit<'a> {
    /// The role that new people get.
    pub role: Option<&'a str>,
    /// The team that new people get, or that they get none.
    pub team: Option<Option<&'a str>>,
    /// All settings, in place of those that it has.
    pub settings: Option<&'a Settings>,
    /// Whether it is answered.
    pub state: Option<State>,
}

/// Changes a provider and answers it as it is now. The audit log gets the names of what changed, and nothing
/// is written when nothing does.
///
/// # Errors
/// [`Error::Refused`] when the role, the team, the settings or the state are not possible.
pub fn edit(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, edit: &Edit) -> Result<Provider> {
    // What another administrator changed in the meantime is kept.
    let before = by_key(tx, provider.key)?.ok_or_else(|| {
        let sentence = format!("the inbound provider \"{}\" does not exist", provider.name);
        Error::refused(
            "PRV-PROVIDER-GONE",
            sentence,
            "List the providers that there are.",
        )
    })?;
    let mut after = before.clone();
    if let Some(role) = edit.role {
        role.clone_into(&mut after.role);
    }
    if let Some(team) = edit.team {
        after.team = team.map(str::to_owned);
    }
    if let Some(settings) = edit.settings {
        after.settings = settings.clone();
    }
    after.state = edit.state.unwrap_or(before.state);
    let changed = differences(&before, &after)?;
    if changed.is_empty() && after.state == before.state {
        return Ok(before);
    }
    if after.state == State::Draft && before.state != State::Draft {
        let sentence = format!(
            "the inbound provider \"{}\" was saved and cannot be a draft again",
            before.name
        );
        return Err(Error::refused(
            "PRV-PROVIDER-STATE",
            sentence,
            "Switch it off instead.",
        ));
    }
    check(tx, &after)?;
    let settings = after.settings.to_text()?;
    let params = [
        (&after.role).into(),
        after.team.as_deref().into(),
        after.state.as_str().into(),
        (&settings).into(),
        after.key.into(),
    ];
    tx.execute(UPDATE, &params)?;
    if after.state == State::Off && before.state != State::Off {
        person_signin::shut_all_of(tx, now, after.key)?;
    }
    let mut note =
        |action: &str, detail: &str| audit::append(tx, after.workspace, now, actor, action, after.id, detail);
    if !changed.is_empty() {
        note("provider.edit", &changed.join(", "))?;
    }
    if after.state != before.state {
        let action = if after.state == State::Off {
            "provider.off"
        } else {
            "provider.save"
        };
        note(action, before.state.as_str())?;
    }
    Ok(after)
}

/// The names of what differs, without the state.
fn differences(before: &Provider, after: &Provider) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if before.role != after.role {
        names.push("role".to_owned());
    }
    if before.team != after.team {
        names.push("team".to_owned());
    }
    names.extend(before.settings.differences(&after.settings)?);
    Ok(names)
}

/// Refuses a provider that could not do what is set about it.
fn check(tx: &mut Tx, provider: &Provider) -> Result<()> {
    check_role(&provider.role)?;
    provider.settings.check()?;
    check_sheet(tx, provider)?;
    match &provider.team {
        Some(name) if team::by_name(tx, provider.workspace, name)?.is_none() => Err(Error::refused(
            "PRV-TEAM-UNKNOWN",
            format!("the workspace has no team \"{name}\""),
            "Add the team first, or name one that exists.",
        )),
        None if provider.settings.permission.is_some() => Err(Error::refused(
            "PRV-PROVIDER-PERMISSION",
            "a permission says what people may do in a team, and the provider has no team",
            "Name a team too, or leave the permission out.",
        )),
        _ => Ok(()),
    }
}

/// Refuses an attribute sheet that does not fit what the workspace knows of people.
fn check_sheet(tx: &mut Tx, provider: &Provider) -> Result<()> {
    let Some(sheet) = &provider.settings.sheet else {
        return Ok(());
    };
    let refused = |e: &dyn std::fmt::Display| {
        let sentence = format!("the attribute sheet does not fit the workspace's schema: {e}");
        Error::refused(
            "PRV-PROVIDER-SHEET",
            sentence,
            "Correct the sheet, or define the extension first.",
        )
    };
    let catalogue = extension::catalogue(tx, provider.workspace)?;
    let sheet = serde_json::to_value(sheet).map_err(|e| refused(&e))?;
    Sheet::parse(&sheet, &catalogue)
        .map(drop)
        .map_err(|e| refused(&e))
}

/// Notes a request: the dialect that it showed, if any, and when. The caller sees to it that not every
/// request writes.
///
/// # Errors
/// Any error of the database.
pub fn note_seen(tx: &mut Tx, key: i64, dialect: Option<Dialect>, now: i64) -> Result<()> {
    let params = [
        dialect.map(Dialect::as_str).into(),
        now.into(),
        now.into(),
        key.into(),
    ];
    tx.execute(SEEN, &params)?;
    Ok(())
}

/// The workspace's provider of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Provider>> {
    tx.first(BY_NAME, &[workspace.into(), name.into()], read)
}

/// The provider with this key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Provider>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The workspace's providers by name.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<Provider>> {
    tx.query(ALL, &[workspace.into()], read)
}
