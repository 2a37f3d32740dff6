//! Which template a connection was made from: it knows the application's attributes better than the standard does.

use crate::api::templates::Template;
use crate::console::refusal::Result;
use crate::state::State;
use provost_store::connection::Connection;
use provost_store::connection_template;

/// The template of a connection; none where it was made without one, or the template is gone.
///
/// # Errors
/// Any error of the store.
pub(super) async fn of<'a>(state: &'a State, connection: &Connection) -> Result<Option<&'a Template>> {
    let asked = connection.clone();
    let noted = state
        .db()
        .read(move |tx| connection_template::of(tx, &asked))
        .await?;
    let named = |name: &str| state.templates().iter().find(|one| one.name == name);
    Ok(noted.and_then(|noted| named(&noted.template)))
}

/// Forgets the template of a connection that is gone.
///
/// # Errors
/// Any error of the store.
pub(super) async fn forget(state: &State, connection: &Connection, actor: &str, now: i64) -> Result<()> {
    let (gone, actor) = (connection.clone(), actor.to_owned());
    state
        .db()
        .write(move |tx| connection_template::note(tx, &actor, now, &gone, None))
        .await?;
    Ok(())
}
