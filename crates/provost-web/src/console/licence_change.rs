//! What the page of licences does: reads the seats, and has a group bring a product or no more.

use super::confirm::{self, Question};
use super::done;
use super::faults::Faults;
use super::licences::{self, Typed, shown_product};
use super::page;
use super::place::{self, Place};
use super::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::group_licence::{self, GroupLicence, New, Way};
use provost_store::{Error as Store, Tx, product};
use provost_sync::Error as Sync;

/// An address that names a connection.
type Named = std::result::Result<Path<(String, String)>, PathRejection>;

/// Reads the products and seats from the target.
pub(crate) async fn read(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    name: Named,
) -> Result<Response> {
    let place = find(&state, &visitor, name).await?;
    let (engine, key) = (place::engine(&state)?.clone(), place.connection.key);
    // It must not end half way when the browser goes away.
    let deed = tokio::spawn(async move { engine.read_products(key).await });
    deed.await
        .map_err(|broken| crate::error::Error::from(Store::Database(broken.to_string())))??;
    Ok(back(&place, "read"))
}

/// Has a group bring a product.
pub(crate) async fn bring(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    name: Named,
    form: Form,
) -> Result<Response> {
    let place = find(&state, &visitor, name).await?;
    let typed = Typed::of(&form);
    let faults = match wanted(&state, &place, &visitor, &typed).await? {
        Ok((group, product, way)) => {
            let (connection, actor, at) = (place.connection.clone(), visitor.actor(), now());
            let write = move |tx: &mut Tx| {
                let new = New {
                    group: &group,
                    product,
                    disabled_plans: &[],
                    way,
                };
                group_licence::add(tx, &actor, at, &connection, &new)
            };
            match state.db().write(write).await {
                Ok(_) => return Ok(back(&place, "saved")),
                Err(Store::Refused { code, sentence, hint }) => {
                    Faults::one("group", format!("{sentence}. {hint} {code}"))
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(faults) => faults,
    };
    licences::again(
        &state,
        &visitor,
        &place,
        None,
        typed,
        faults,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

/// The group, the product and the way that were typed, or what is wrong with them.
async fn wanted(
    state: &State,
    place: &Place,
    visitor: &Visitor,
    typed: &Typed,
) -> Result<std::result::Result<(Object, i64, Way), Faults>> {
    let (connection, workspace) = (place.connection.key, place.connection.workspace);
    let (group, sku) = (typed.group.clone(), typed.product.clone());
    let read = move |tx: &mut Tx| {
        let mut groups = directory::find(tx, workspace, group.trim())?;
        groups.retain(|one| one.kind == Kind::Group);
        Ok::<_, Store>((groups, product::by_sku(tx, connection, &sku)?))
    };
    let (mut groups, product) = state.db().read(read).await?;
    let mut faults = Faults::none();
    let t = |sentence| visitor.language.t(sentence).to_owned();
    if groups.len() != 1 {
        faults.add(
            "group",
            t(match groups.len() {
                0 => text("There is no such group. Type its name as it is, or its id."),
                _ => text("Several groups are called so. Type the id of the one that is meant."),
            }),
        );
    }
    if product.is_none() {
        faults.add("product", t(text("Choose one of the products.")));
    }
    let way = match typed.way.as_str() {
        "group" => Way::Group,
        _ => Way::Member,
    };
    Ok(match (groups.pop(), product) {
        (Some(group), Some(product)) if faults.is_empty() => Ok((group, product.key, way)),
        _ => Err(faults),
    })
}

/// Has a group bring a product no more. It says first what follows.
pub(crate) async fn end(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<(String, String, i64)>, PathRejection>,
    form: Form,
) -> Result<Response> {
    let Path((_, name, key)) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &name).await?;
    let connection = place.connection.key;
    let found = state
        .db()
        .read(move |tx| group_licence::get(tx, connection, key))
        .await?;
    let one = found.ok_or_else(|| {
        Refusal::Absent("No group of this connection brings such a licence any more.".to_owned())
    })?;
    let digest = format!("group licence {key}");
    if confirm::given(&form).digest.as_deref() != Some(digest.as_str()) {
        return Ok(question(&visitor, &place, &one, digest, &form));
    }
    let (connection, actor, at) = (place.connection.clone(), visitor.actor(), now());
    state
        .db()
        .write(move |tx| group_licence::remove(tx, &actor, at, &connection, key))
        .await?;
    Ok(back(&place, "ended"))
}

fn question(visitor: &Visitor, place: &Place, one: &GroupLicence, digest: String, form: &Form) -> Response {
    let product = shown_product(&one.product_name, &one.sku);
    let error = Sync::Confirm {
        code: "PRV-GROUP-LICENCE-CONFIRM",
        sentence: format!(
            "Whoever has {product} only because of the group {} loses it with the next cycle. The deletion guard weighs \
             how many that are.",
            one.label
        ),
        hint: "A plan made before the next cycle names them.",
        digest,
        list: Vec::new(),
    };
    let name = &place.connection.name;
    let action = place.space.to(&[
        "connections",
        name,
        "licences",
        "groups",
        &one.key.to_string(),
        "end",
    ]);
    let question = Question {
        verb: visitor.language.f("End {} for this group", &[product]),
        action: &action,
        back: place.space.licences(name, None),
        undo: visitor
            .language
            .t("Have the group bring it again, and the next cycle gives it back as long as there are seats.")
            .to_owned(),
        typed: None,
    };
    question.ask(visitor, &error, form)
}

async fn find(state: &State, visitor: &Visitor, name: Named) -> Result<Place> {
    let Path((_, name)) = name.map_err(Refusal::address)?;
    place::connection(state, visitor, &name).await
}

fn back(place: &Place, word: &str) -> Response {
    page::elsewhere(&done::after(
        &place.space.licences(&place.connection.name, None),
        word,
    ))
}
