//! Everything that is wrong in a workspace, oldest first: what a page of problems shows, in one order.
//!
//! Steps that failed, wait for a decision or are in doubt may be many: each sort of them is a walk along an index by
//! the time at which it began. Connections, credentials and imports are few and are looked at all.

mod ending;
mod standing;
mod waiting;

pub(crate) use ending::STATEMENTS as ENDING_STATEMENTS;
pub(crate) use standing::STATEMENTS as STANDING_STATEMENTS;
pub(crate) use waiting::STATEMENTS as WAITING_STATEMENTS;

use crate::{Error, Result, Tx, connection, word};
use uuid::Uuid;

/// Days before the end of a credential from which on it is a problem, and after it for which it still is one: an old
/// one that nobody misses is no news.
const NEAR_DAYS: i64 = 30;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

word::words! {
    /// What sort of problem it is.
    ProblemKind, "sort of problem":
    /// A connection that is not active.
    Connection = "connection",
    /// A step that failed, and is tried again until it is given up. Every object whose status is failed has one.
    Retry = "retry",
    /// A step that the guard holds for a decision.
    Staged = "staged",
    /// An object that may be one of several in the target, until somebody says which.
    Doubt = "doubt",
    /// A credential that ends soon.
    CredentialExpiring = "credential_expiring",
    /// A credential that has ended.
    CredentialExpired = "credential_expired",
    /// An import whose absences wait for a decision.
    ImportHeld = "import_held",
    /// A federated domain that stands otherwise at Microsoft than it should, or whose certificate ends soon.
    Federation = "federation",
    /// Letters of a migration that were given up.
    Letters = "letters",
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// The connection's name; none for what comes in.
    pub connection: Option<String>,
    /// The person, group, credential, provider or connection it is about.
    pub subject: String,
    /// The person's or group's public id, where it is about one that is in the directory or linked.
    pub object_id: Option<Uuid>,
    /// The stable word for it, `PRV-…`; may be empty.
    pub code: String,
    /// What is wrong, for people.
    pub sentence: String,
    /// Since when; for a credential, 30 days before it ends.
    pub since: i64,
    /// When it is tried again by itself; none when it waits for a person.
    pub next_try: Option<i64>,
    /// Tries so far.
    pub attempts: i64,
    /// The inside key of what it is about: a staged step's, a doubt's, a credential's, an import's, a connection's; of a
    /// retry, the object's.
    pub key: i64,
}

/// Which problems are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The workspace.
    pub workspace: i64,
    /// The time: what ends soon is measured by it.
    pub now: i64,
    /// Only after this place: the `next` of the page before.
    pub after: Option<String>,
    /// Only of this sort.
    pub kind: Option<ProblemKind>,
    /// Only of this connection.
    pub connection: Option<i64>,
}

/// A page of problems, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The problems.
    pub problems: Vec<Problem>,
    /// Where to go on; none at the end.
    pub next: Option<String>,
}

/// A place in the order of all problems: when it began, its sort, what it belongs to (a rule, a connection), and what
/// tells it from others there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    since: i64,
    kind: ProblemKind,
    source: i64,
    first: i64,
    second: i64,
}

impl Place {
    fn to_text(self) -> String {
        let kind = self.kind as usize;
        format!(
            "{}_{kind}_{}_{}_{}",
            self.since, self.source, self.first, self.second
        )
    }

    fn of(text: &str) -> Option<Self> {
        let numbers: Vec<i64> = text.split('_').map_while(|n| n.parse().ok()).collect();
        let [since, kind, source, first, second] = numbers.try_into().ok()?;
        Some(Self {
            since,
            kind: *ProblemKind::ALL.get(usize::try_from(kind).ok()?)?,
            source,
            first,
            second,
        })
    }
}

/// Where one source's walk goes on: after this time and these two numbers.
type After = (i64, i64, i64);

/// Where the walk along one source begins for what comes after a place.
fn after(place: Option<Place>, kind: ProblemKind, source: i64) -> After {
    let Some(place) = place else {
        return (i64::MIN, i64::MIN, i64::MIN);
    };
    match (kind, source).cmp(&(place.kind, place.source)) {
        std::cmp::Ordering::Less => (place.since, i64::MAX, i64::MAX),
        std::cmp::Ordering::Equal => (place.since, place.first, place.second),
        std::cmp::Ordering::Greater => (place.since, i64::MIN, i64::MIN),
    }
}

/// A problem that was found; what there is to say about it is read once it is known that the page shows it.
struct Found {
    place: Place,
    problem: Told,
}

enum Told {
    Whole(Box<Problem>),
    Later,
}

/// A page of a workspace's problems.
///
/// # Errors
/// [`Error::Refused`] (`PRV-LIST-POSITION`) for an `after` that is none of ours; any error of the database.
pub fn list(tx: &mut Tx, asked: &Asked, limit: usize) -> Result<Page> {
    let limit = limit.max(1);
    let from = match &asked.after {
        None => None,
        Some(text) => Some(Place::of(text).ok_or_else(unknown_place)?),
    };
    let mut connections = connection::all(tx, asked.workspace)?;
    connections.retain(|c| asked.connection.is_none_or(|key| key == c.key));
    let mut found = Vec::new();
    standing::find(tx, asked, &connections, &mut found)?;
    ending::find(tx, asked, &connections, &mut found)?;
    found.retain(|one| from.is_none_or(|from| one.place > from));
    waiting::find(tx, asked, &connections, from, limit + 1, &mut found)?;
    found.retain(|one| asked.kind.is_none_or(|kind| kind == one.place.kind));
    found.sort_unstable_by_key(|one| one.place);
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|last| last.place.to_text());
    let mut problems = Vec::with_capacity(found.len());
    for one in found {
        problems.extend(match one.problem {
            Told::Whole(problem) => Some(*problem),
            Told::Later => waiting::tell(tx, &connections, one.place)?,
        });
    }
    Ok(Page { problems, next })
}

fn unknown_place() -> Error {
    Error::refused(
        "PRV-LIST-POSITION",
        "this place in the list is not known",
        "Begin with the first page.",
    )
}
