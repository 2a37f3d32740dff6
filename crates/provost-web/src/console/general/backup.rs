//! `/backup`: a copy of the whole database, which belongs to every workspace.

use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use provost_store::{Error as Store, audit};

/// Copies that the page lists.
const LINES: usize = 50;

/// A copy.
struct Line {
    path: String,
    size: String,
    at: Moment,
}

#[derive(Template)]
#[template(path = "general/backup.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    /// Whether Provost can write one itself.
    is_possible: bool,
    name: String,
    lines: Vec<Line>,
}

/// The page.
pub(crate) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    render(&state, &visitor, None, Faults::none(), StatusCode::OK)
}

/// Writes a copy.
pub(crate) async fn write(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let name = form.text("name").unwrap_or_default().to_owned();
    match state.db().backup(&name).await {
        Ok(written) => {
            let (actor, path) = (visitor.actor(), written.path.display().to_string());
            let detail = format!("{} bytes", written.bytes);
            state
                .db()
                .write(move |tx| {
                    audit::append_installation(tx, now(), &actor, "backup.write", &path, &detail)
                })
                .await?;
            Ok(page::elsewhere(&done::after("/backup", "backup")))
        }
        Err(Store::Refused { sentence, hint, .. }) => {
            let faults = Faults::one("name", format!("{sentence}. {hint}"));
            render(
                &state,
                &visitor,
                Some(name),
                faults,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
        }
        Err(error) => Err(error.into()),
    }
}

fn render(
    state: &State,
    visitor: &Visitor,
    typed: Option<String>,
    faults: Faults,
    status: StatusCode,
) -> Result<Response> {
    let clock = Clock::of(visitor, now());
    let is_possible = state.db().has_backups();
    let found = if is_possible {
        state.db().backups(LINES)?
    } else {
        Vec::new()
    };
    let lines = found.into_iter().map(|one| Line {
        path: one.path.display().to_string(),
        size: size(one.bytes),
        at: clock.moment(one.at),
    });
    let page = Page {
        frame: Frame::new(visitor, text("Backup")),
        faults,
        is_possible,
        name: typed.unwrap_or_else(|| suggested(clock.now)),
        lines: lines.collect(),
    };
    Ok(page::html(status, &page))
}

/// `provost-20261121-160509.db`, in UTC.
fn suggested(now: i64) -> String {
    let day = Timestamp::from_millisecond(now).map(|at| at.strftime("%Y%m%d-%H%M%S").to_string());
    format!("provost-{}.db", day.unwrap_or_else(|_| now.to_string()))
}

/// Bytes in the unit in which they are read.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let word = UNITS.get(unit).copied().unwrap_or_default();
    format!("{size:.1} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_names_can_be_read() {
        assert_eq!(
            (size(512), size(1_572_864)),
            ("0.5 KiB".to_owned(), "1.5 MiB".to_owned())
        );
        assert_eq!(suggested(0), "provost-19700101-000000.db");
    }
}
