//! The request log: what providers sent, masked, and what it meant.

mod search;

pub(crate) use search::STATEMENTS as SEARCH_STATEMENTS;
pub use search::{Page, Search, search};

use crate::{Error, Param, Result, Row, Tx, retention};
use provost_scim::leniency::Habits;
use std::sync::LazyLock;
use uuid::Uuid;

/// The columns of [`Entry`], in its order.
macro_rules! columns {
    () => {
        "key, workspace, provider, at, micros, method, path, status, object, subject, meaning, error, habits, request"
    };
}
use columns;

crate::statements! {
    INSERT = concat!("INSERT INTO request_log (", columns!(), ") \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
    GET = concat!("SELECT ", columns!(), " FROM request_log WHERE key = $1 AND workspace = $2");
    OLDEST = "SELECT key, at FROM request_log WHERE provider = $1 ORDER BY key LIMIT $2";
    DELETE = "DELETE FROM request_log WHERE provider = $1 AND key <= $2";
    COUNTS = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN l.status >= 400 THEN 1 ELSE 0 END), 0) AS BIGINT) \
              FROM (SELECT at, status FROM request_log WHERE provider = $1 ORDER BY key DESC LIMIT $2) l \
              WHERE l.at >= $3";
}

/// Columns of a row.
const COLUMNS: usize = 14;
/// Rows of one INSERT. Fewer texts than sizes: each is prepared once and kept.
const SIZES: [usize; 4] = [64, 16, 4, 1];
/// Requests that are counted at most.
const COUNTED: i64 = 100_000;
/// The statements for [`SIZES`] rows.
static INSERTS: LazyLock<[String; 4]> = LazyLock::new(|| SIZES.map(insert));

/// A request to be logged. Its texts are masked already: what is not in memory cannot be logged by mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The workspace's key.
    pub workspace: i64,
    /// The provider's key.
    pub provider: i64,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
    /// How long the answer took, in microseconds.
    pub micros: i64,
    /// The HTTP method.
    pub method: String,
    /// The path with its query, masked.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The person or group that it was about.
    pub object: Option<Uuid>,
    /// What that one is called; may be empty.
    pub subject: String,
    /// What it meant, in one line for people.
    pub meaning: String,
    /// Why it failed; empty when it did not.
    pub error: String,
    /// The tolerated habits that it was understood by.
    pub habits: Habits,
    /// The body, masked; may be empty.
    pub request: String,
}

/// A logged request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The inside key; rises with time.
    pub key: i64,
    /// The workspace's key.
    pub workspace: i64,
    /// The provider's key.
    pub provider: i64,
    /// When it came.
    pub at: i64,
    /// How long the answer took, in microseconds.
    pub micros: i64,
    /// The HTTP method.
    pub method: String,
    /// The path with its query, masked.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The person or group that it was about.
    pub object: Option<Uuid>,
    /// What that one is called; may be empty.
    pub subject: String,
    /// What it meant, in one line for people.
    pub meaning: String,
    /// Why it failed; empty when it did not.
    pub error: String,
    /// The names of the tolerated habits that it was understood by.
    pub habits: Vec<String>,
    /// The body, masked; may be empty.
    pub request: String,
}

impl Entry {
    /// Whether it was refused or went wrong.
    pub fn is_failed(&self) -> bool {
        self.status >= 400
    }

    /// Whether it was meant to change something: everything but a read and a search.
    pub fn is_change(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
            && !path.to_ascii_lowercase().ends_with("/.search")
    }
}

fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        key: row.int(0)?,
        workspace: row.int(1)?,
        provider: row.int(2)?,
        at: row.int(3)?,
        micros: row.int(4)?,
        method: row.text(5)?,
        path: row.text(6)?,
        status: u16::try_from(row.int(7)?).map_err(|e| Error::Damaged(format!("a logged status: {e}")))?,
        object: row.uuid_or_null(8)?,
        subject: row.text(9)?,
        meaning: row.text(10)?,
        error: row.text(11)?,
        habits: row.str(12)?.split_whitespace().map(str::to_owned).collect(),
        request: row.text(13)?,
    })
}

/// Writes rows, many at a time.
///
/// # Errors
/// Any error of the database.
pub fn append(tx: &mut Tx, rows: &[New]) -> Result<()> {
    let habits: Vec<String> = rows.iter().map(|row| names(&row.habits)).collect();
    let mut params = Vec::with_capacity(rows.len() * COLUMNS);
    for (row, habits) in rows.iter().zip(&habits) {
        let key = tx.key();
        params.extend(row_params(key, row, habits));
    }
    let mut rest = params.as_slice();
    for (size, sql) in SIZES.into_iter().zip(&*INSERTS) {
        while let Some((now, later)) = rest.split_at_checked(size * COLUMNS) {
            tx.execute(sql, now)?;
            rest = later;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn row_params<'a>(key: i64, row: &'a New, habits: &'a str) -> [Param<'a>; COLUMNS] {
    [
        key.into(),
        row.workspace.into(),
        row.provider.into(),
        row.at.into(),
        row.micros.into(),
        row.method.as_str().into(),
        row.path.as_str().into(),
        i64::from(row.status).into(),
        row.object.into(),
        row.subject.as_str().into(),
        row.meaning.as_str().into(),
        row.error.as_str().into(),
        habits.into(),
        row.request.as_str().into(),
    ]
}

fn names(habits: &Habits) -> String {
    habits
        .iter()
        .map(|(habit, _)| habit.name())
        .collect::<Vec<_>>()
        .join(" ")
}

/// [`INSERT`] for several rows.
fn insert(rows: usize) -> String {
    let mut sql = INSERT.to_owned();
    for row in 1..rows {
        let numbers: Vec<String> = (1..=COLUMNS).map(|i| format!("${}", row * COLUMNS + i)).collect();
        sql.push_str(", (");
        sql.push_str(&numbers.join(", "));
        sql.push(')');
    }
    sql
}

/// One logged request of the workspace.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, workspace: i64, key: i64) -> Result<Option<Entry>> {
    tx.first(GET, &[key.into(), workspace.into()], read)
}

/// How many requests of a provider are kept since a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: i64,
    /// Those that failed.
    pub failed: i64,
    /// Whether there may be more: the newest 100,000 are counted.
    pub is_cut: bool,
}

/// Counts a provider's requests that came at `since` or later.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, provider: i64, since: i64) -> Result<Counts> {
    let counted = tx.first(COUNTS, &[provider.into(), COUNTED.into(), since.into()], |r| {
        Ok(Counts {
            all: r.int(0)?,
            failed: r.int(1)?,
            is_cut: r.int(0)? >= COUNTED,
        })
    })?;
    Ok(counted.unwrap_or_default())
}

/// Deletes the provider's oldest rows that came before `at`, at most `limit`. Answers how many.
pub(crate) fn forget(tx: &mut Tx, provider: i64, at: i64, limit: i64) -> Result<i64> {
    retention::forget_oldest(tx, (OLDEST, DELETE), provider, at, limit)
}

#[cfg(test)]
mod tests {
    use super::{Entry, insert};

    #[test]
    fn a_search_in_a_body_changes_nothing_in_any_letter_case() {
        let of = |method: &str, path: &str| {
            let (method, path) = (method.to_owned(), path.to_owned());
            Entry {
                method,
                path,
                ..Entry::default()
            }
            .is_change()
        };
        assert!(of("POST", "/scim/v2/Users") && of("DELETE", "/scim/v2/Users/1"));
        assert!(!of("GET", "/scim/v2/Users") && !of("POST", "/scim/v2/Users/.Search?count=1"));
    }

    #[test]
    fn an_insert_of_several_rows_numbers_its_parameters_in_order() {
        assert!(insert(1).ends_with("$13, $14)"));
        let three = insert(3);
        assert!(
            three.contains("$14), ($15, ") && three.ends_with("$41, $42)"),
            "{three}"
        );
        assert_eq!(three.matches('$').count(), 42);
    }
}
