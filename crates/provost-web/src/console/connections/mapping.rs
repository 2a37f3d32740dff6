//! `/connections/{name}/rules/{rule}/mappings/{attribute}`: the mapping editor. What is typed is tried for a chosen
//! person before it is saved, with each mistake at its place; saving asks the target what it thinks of it.

use super::aside;
use super::base::{Base, OfMapping, rule_frame};
use super::catalogue::Attribute;
use super::editor::{Addresses, Choices, Page, Tried};
use super::evaluated;
use super::save::{self, Found, How, Saved};
use super::sources;
use super::trouble::{self, Edited, Mark};
use super::typed::{Typed, Way};
use super::words::{self, Suggestions};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page;
use crate::console::refusal::{Refusal, Result};
use crate::form::{CSRF_HEADER, Form};
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_engine::mapping::Mapping;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_sync::Error as Sync;
use serde::Deserialize;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The list of mappings for those who leave.
    leavers: Option<String>,
    /// Whom the saved mapping is tried for.
    person: String,
}

type OfPath = std::result::Result<Path<OfMapping>, PathRejection>;
type OfQuery = std::result::Result<Query<Asked>, QueryRejection>;

/// A mapping that is being edited.
struct Editing {
    found: Found,
    attribute: Attribute,
    is_leaver: bool,
    before: Option<Mapping>,
}

/// How the page is to look after something was sent.
#[derive(Default)]
struct After {
    faults: Faults,
    marks: Vec<Mark>,
    warnings: Vec<String>,
    is_done: bool,
}

/// The editor.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    asked: OfQuery,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let editing = Editing::find(&state, &visitor, path, &asked).await?;
    let typed = match &editing.before {
        Some(mapping) => Typed::of(mapping),
        None => Typed::new(&editing.attribute),
    };
    let page = editing
        .page(&state, &visitor, typed, &asked.person, After::default())
        .await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Tries what was typed: a part of the page for the script, the whole page without.
pub(super) async fn attempt(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    asked: OfQuery,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let editing = Editing::find(&state, &visitor, path, &asked).await?;
    let typed = Typed::read(&form, editing.before.as_ref());
    let person = form.get("person");
    if !headers.contains_key(CSRF_HEADER) {
        let page = editing
            .page(&state, &visitor, typed, person, After::default())
            .await?;
        return Ok(page::html(StatusCode::OK, &page));
    }
    let rule = editing.found.rule();
    let workspace = editing.found.place.connection.workspace;
    let paths = sources::of_workspace(&state, workspace, rule.object).await?;
    let whom = evaluated::whom(&state, workspace, rule.object, person).await?;
    let tried = Tried {
        frame: rule_frame(&visitor, &editing.found.place, &rule.name, text("Mapping")),
        suggestions: suggestions(&typed, form.get("cursor"), &paths),
        shown: evaluated::attempt(&state, workspace, &typed, whom, &paths, visitor.language)
            .await?
            .fit(&editing.attribute.name, &typed),
    };
    Ok(page::html(StatusCode::OK, &tried))
}

/// Saves what was typed.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    asked: OfQuery,
    form: Form,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let mut editing = Editing::find(&state, &visitor, path, &asked).await?;
    let typed = Typed::read(&form, editing.before.as_ref());
    let Some(mapping) = typed.mapping(&editing.attribute.name) else {
        let sentence = visitor
            .language
            .t(text("Type the password, or have one generated for each person."));
        let after = After::about("password", sentence);
        return editing
            .again(
                &state,
                &visitor,
                typed,
                &form,
                StatusCode::UNPROCESSABLE_ENTITY,
                after,
            )
            .await;
    };
    if editing.found.is_outdated(&form) {
        let after = After::about("", &editing.found.outdated());
        return editing
            .again(&state, &visitor, typed, &form, StatusCode::CONFLICT, after)
            .await;
    }
    let addresses = editing.addresses();
    let how = How {
        verb: visitor.language.t(text("Save the mapping")),
        action: &addresses.here,
        back: &addresses.here,
        note: &format!("mapping of {}", editing.attribute.name),
    };
    let rule = editing.with(mapping);
    let mistakes = editing.found.mistakes(&rule);
    let saved = if mistakes.is_empty() {
        let key = editing.found.place.connection.key;
        save::save(&state, &visitor, key, editing.found.with(rule), &form, &how).await?
    } else {
        Saved::Refused(Sync::Rules(mistakes))
    };
    match saved {
        Saved::Asked(question) => Ok(question),
        Saved::Done(warnings) if warnings.is_empty() => {
            Ok(page::elsewhere(&done::after(&addresses.here, "saved")))
        }
        Saved::Done(warnings) => {
            editing = editing.again_from(&state, &visitor).await?;
            let after = After {
                warnings,
                is_done: true,
                ..After::default()
            };
            editing
                .again(&state, &visitor, typed, &form, StatusCode::OK, after)
                .await
        }
        Saved::Refused(error) => {
            let edited = Edited {
                rule: &editing.found.rule().name,
                target: &editing.attribute.name,
                field: typed.field(),
                text: typed.text(),
            };
            let (faults, marks) = edited.faults(&error);
            let after = After {
                faults,
                marks,
                ..After::default()
            };
            editing
                .again(&state, &visitor, typed, &form, aside::status(&error), after)
                .await
        }
    }
}

/// Removes the mapping, unless the target or the matching needs it.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    asked: OfQuery,
    form: Form,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let editing = Editing::find(&state, &visitor, path, &asked).await?;
    let typed = editing.before.as_ref().map_or_else(Typed::default, Typed::of);
    let kept = editing.kept(&visitor);
    // The target says by itself, and with its code, that it wants a password.
    if !kept.is_empty() && !editing.attribute.is_password {
        let after = After::about("", &kept);
        return editing
            .again(&state, &visitor, typed, &form, StatusCode::CONFLICT, after)
            .await;
    }
    let addresses = editing.addresses();
    let how = How {
        verb: visitor.language.t(text("Remove the mapping")),
        action: &addresses.remove,
        back: &addresses.here,
        note: &format!("mapping of {} removed", editing.attribute.name),
    };
    let rules = editing.found.with(editing.without());
    let key = editing.found.place.connection.key;
    match save::save(&state, &visitor, key, rules, &form, &how).await? {
        Saved::Asked(question) => Ok(question),
        Saved::Done(_) => Ok(page::elsewhere(&done::after(&addresses.all, "removed"))),
        Saved::Refused(error) => {
            let after = After {
                faults: trouble::all(&error),
                ..After::default()
            };
            editing
                .again(&state, &visitor, typed, &form, aside::status(&error), after)
                .await
        }
    }
}

impl After {
    fn about(field: &str, sentence: &str) -> Self {
        Self {
            faults: Faults::one(field, sentence),
            ..Self::default()
        }
    }
}

impl Editing {
    async fn find(state: &State, visitor: &Visitor, path: OfPath, asked: &Asked) -> Result<Self> {
        let Path(path) = path.map_err(Refusal::address)?;
        let found = save::find(state, visitor, &path.name, &path.rule).await?;
        let is_leaver = asked.leavers.is_some();
        Ok(Self::of(found, &path.attribute, is_leaver))
    }

    fn of(found: Found, name: &str, is_leaver: bool) -> Self {
        let rule = found.rule();
        let list = if is_leaver { &rule.leaver } else { &rule.mappings };
        let before = list.iter().find(|mapping| mapping.target == name).cloned();
        let attribute = found.target.find_or_unknown(name);
        // One that is saved keeps the name under which it is.
        let attribute = match &before {
            Some(mapping) => Attribute {
                name: mapping.target.clone(),
                ..attribute
            },
            None => attribute,
        };
        Self {
            found,
            attribute,
            is_leaver,
            before,
        }
    }

    /// The same, as it is saved by now.
    async fn again_from(self, state: &State, visitor: &Visitor) -> Result<Self> {
        let rule = self.found.rule().name.clone();
        let found = save::find(state, visitor, &self.found.place.connection.name, &rule).await?;
        Ok(Self::of(found, &self.attribute.name, self.is_leaver))
    }

    fn addresses(&self) -> Addresses {
        Addresses::of(&self.found, &self.attribute.name, self.is_leaver)
    }

    /// The rule without the mapping.
    fn without(&self) -> Rule {
        let mut rule = self.found.rule().clone();
        let list = if self.is_leaver {
            &mut rule.leaver
        } else {
            &mut rule.mappings
        };
        list.retain(|mapping| mapping.target != self.attribute.name);
        rule
    }

    /// The rule with the mapping in its old place, or behind the others.
    fn with(&self, new: Mapping) -> Rule {
        let mut rule = self.found.rule().clone();
        let list = if self.is_leaver {
            &mut rule.leaver
        } else {
            &mut rule.mappings
        };
        match list.iter_mut().find(|mapping| mapping.target == new.target) {
            Some(old) => *old = new,
            None => list.push(new),
        }
        rule
    }

    /// Why the mapping cannot be removed; empty where it can.
    fn kept(&self, visitor: &Visitor) -> String {
        let (rule, name, language) = (self.found.rule(), &self.attribute.name, visitor.language);
        let is_matching = rule.matching.iter().any(|one| one.target == *name);
        match () {
            () if self.is_leaver => String::new(),
            () if is_matching => language
                .t(text(
                    "Accounts are recognised by it. Take it out of the matching attributes first.",
                ))
                .to_owned(),
            () if self.attribute.is_required && self.attribute.is_password && !rule.enabled => String::new(),
            () if self.attribute.is_required => language
                .t(text(
                    "The target refuses an account without it, so this mapping cannot be removed.",
                ))
                .to_owned(),
            () => String::new(),
        }
    }

    async fn again(
        &self,
        state: &State,
        visitor: &Visitor,
        typed: Typed,
        form: &Form,
        status: StatusCode,
        after: After,
    ) -> Result<Response> {
        let page = self
            .page(state, visitor, typed, form.get("person"), after)
            .await?;
        Ok(page::html(status, &page))
    }

    async fn page(
        &self,
        state: &State,
        visitor: &Visitor,
        typed: Typed,
        person: &str,
        after: After,
    ) -> Result<Page> {
        let rule = self.found.rule();
        let workspace = self.found.place.connection.workspace;
        let paths = sources::of_workspace(state, workspace, rule.object).await?;
        let whom = evaluated::whom(state, workspace, rule.object, person).await?;
        let shown = evaluated::attempt(state, workspace, &typed, whom, &paths, visitor.language)
            .await?
            .fit(&self.attribute.name, &typed);
        let base = Base::of_rule(visitor, &self.found.place, &rule.name, "mappings").with(after.faults);
        Ok(Page {
            frame: rule_frame(visitor, &self.found.place, &rule.name, text("Mapping")),
            base,
            at: self.addresses(),
            seen: self.found.seen(),
            is_person: rule.object == Kind::Person,
            is_leaver: self.is_leaver,
            is_saved: self.before.is_some(),
            choices: Choices::of(&self.attribute, visitor.language),
            marks: after.marks,
            warnings: after.warnings,
            is_done: after.is_done,
            suggestions: suggestions(&typed, "", &paths),
            kept: self.kept(visitor),
            functions: Page::all_functions(),
            attribute: self.attribute.clone(),
            shown,
            typed: Typed {
                password: String::new(),
                ..typed
            },
            paths,
        })
    }
}

/// What fits the word at the cursor; at the end where the browser does not say where it is.
fn suggestions(typed: &Typed, cursor: &str, paths: &[sources::Path]) -> Suggestions {
    if typed.way != Way::Expression {
        return Suggestions::default();
    }
    let cursor = cursor
        .trim()
        .parse()
        .unwrap_or_else(|_| typed.expression.chars().count());
    words::suggest(&typed.expression, cursor, paths)
}
