//! The directory of a world, and the administrator before it: steps become calls of the store's own functions.

use super::configuration::ENTERPRISE;
use super::step::{Edit, GROUPS, PEOPLE, Step, Who};
use crate::world::World;
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::{assignment, connection, member, protection, recycle, revisit, staged};
use serde_json::{Map, Value, json};
use std::sync::Mutex;
use uuid::Uuid;

const TITLES: [&str; 3] = ["Boss", "Clerk", "Chief"];
const DEPARTMENTS: [&str; 3] = ["Sales", "Support", "Legal"];

/// What is in a place: somebody, or those who were deleted from it, the last one at the end.
#[derive(Default, Clone)]
struct Place {
    here: Option<Object>,
    gone: Vec<i64>,
}

pub struct Source {
    pub world: World,
    people: Mutex<Vec<Place>>,
    groups: Mutex<Vec<Place>>,
}

fn change(owner: Owner, now: i64) -> Change<'static> {
    Change {
        owner,
        actor: "source",
        now,
    }
}

/// A user name, one of two for each place.
pub fn user_name(place: usize, other: bool) -> String {
    format!("u{place}{}", if other { ".b" } else { "" })
}

impl Source {
    pub fn new(world: World) -> Self {
        Self {
            world,
            people: Mutex::new(vec![Place::default(); PEOPLE]),
            groups: Mutex::new(vec![Place::default(); GROUPS]),
        }
    }

    fn places(&self, kind: Kind) -> &Mutex<Vec<Place>> {
        match kind {
            Kind::Person => &self.people,
            Kind::Group => &self.groups,
        }
    }

    /// Who is in a place.
    pub fn at(&self, who: Who) -> Option<Object> {
        let (kind, place) = split(who);
        self.places(kind).lock().unwrap()[place].here.clone()
    }

    /// Who is, or was last, in a place.
    pub fn key_at(&self, who: Who) -> Option<i64> {
        let (kind, place) = split(who);
        let places = self.places(kind).lock().unwrap();
        let place = &places[place];
        place.here.as_ref().map(|o| o.key).or(place.gone.last().copied())
    }

    fn put(&self, who: Who, object: Option<Object>) {
        let (kind, place) = split(who);
        let place = &mut self.places(kind).lock().unwrap()[place];
        if let (Some(before), None) = (&place.here, &object) {
            place.gone.push(before.key);
        }
        place.here = object;
    }

    /// Carries out a step that happens in the directory; `false`: it is not such a step.
    pub async fn play(&self, step: &Step) -> bool {
        match step {
            Step::Hire(place, staff) => self.hire(*place, *staff).await,
            Step::Change(place, edit) => self.change(*place, *edit).await,
            Step::Dismiss(place) => self.remove(Who::Person(*place)).await,
            Step::Close(place) => self.remove(Who::Group(*place)).await,
            Step::Return(place) => self.bring_back(Who::Person(*place)).await,
            Step::Reopen(place) => self.bring_back(Who::Group(*place)).await,
            Step::Found(place, people) => self.found(*place, people).await,
            Step::Rename(place, other) => {
                let name = group_name(*place, *other);
                self.edit(Who::Group(*place), move |document| {
                    document.insert("displayName".into(), json!(name));
                })
                .await;
            }
            Step::Enter(group, who) => self.member(*group, *who, true).await,
            Step::Leave(group, who) => self.member(*group, *who, false).await,
            Step::Assign(who) => self.assign(*who).await,
            Step::Unassign(who) => self.unassign(*who).await,
            _ => return false,
        }
        true
    }

    async fn hire(&self, place: usize, staff: bool) {
        let who = Who::Person(place);
        if self.at(who).is_some() {
            return;
        }
        let kind = if staff { "Employee" } else { "Guest" };
        let person = self
            .world
            .person(&user_name(place, false), json!({"userType": kind}))
            .await;
        self.put(who, Some(person));
    }

    async fn found(&self, place: usize, people: &[usize]) {
        let who = Who::Group(place);
        if self.at(who).is_some() {
            return;
        }
        let first: Vec<Object> = people.iter().filter_map(|p| self.at(Who::Person(*p))).collect();
        let (owner, now, name) = (self.world.owner, self.world.now(), group_name(place, false));
        let group = self
            .world
            .write(move |tx| {
                let document = json!({"displayName": name}).as_object().unwrap().clone();
                let placement = Placement {
                    role: "user",
                    team: None,
                    permission: None,
                };
                let change = change(owner, now);
                let group =
                    directory::create(tx, &change, Kind::Group, Uuid::now_v7(), &document, &placement)?;
                let joining: Vec<_> = first.iter().map(member::Joining::from).collect();
                member::add(tx, &change, &group, &joining)?;
                Ok(group)
            })
            .await;
        self.put(who, Some(group));
    }

    async fn edit(&self, who: Who, edit: impl Fn(&mut Map<String, Value>) + Send + 'static) {
        let Some(object) = self.at(who) else { return };
        let (owner, now) = (self.world.owner, self.world.now());
        self.world
            .write(move |tx| {
                let found = directory::by_key(tx, object.key)?.unwrap();
                let mut document: Map<String, Value> = serde_json::from_str(&found.document).unwrap();
                edit(&mut document);
                directory::replace(tx, &change(owner, now), &found, &document).map(drop)
            })
            .await;
    }

    async fn change(&self, place: usize, edit: Edit) {
        let manager = match edit {
            Edit::Manager(Some(other)) => self
                .at(Who::Person(other))
                .filter(|_| other != place)
                .map(|o| o.id),
            _ => None,
        };
        self.edit(Who::Person(place), move |document| match edit {
            Edit::Active(active) => put(document, "active", json!(active)),
            Edit::Name(other) => put(document, "userName", json!(user_name(place, other))),
            Edit::Staff(staff) => put(
                document,
                "userType",
                json!(if staff { "Employee" } else { "Guest" }),
            ),
            Edit::Title(title) => put(document, "title", json!(title.map(|n| TITLES[usize::from(n)]))),
            Edit::Department(n) => {
                put(
                    extension(document),
                    "department",
                    json!(n.map(|n| DEPARTMENTS[usize::from(n)])),
                );
            }
            Edit::Manager(_) => {
                let value = manager.map_or(Value::Null, |id| json!({"value": id.to_string()}));
                put(extension(document), "manager", value);
            }
        })
        .await;
    }

    async fn remove(&self, who: Who) {
        let Some(object) = self.at(who) else { return };
        self.world.delete(&object).await;
        self.put(who, None);
    }

    async fn bring_back(&self, who: Who) {
        let (kind, place) = split(who);
        let key = {
            let mut places = self.places(kind).lock().unwrap();
            let place = &mut places[place];
            if place.here.is_some() {
                None
            } else {
                place.gone.pop()
            }
        };
        let (Some(key), now) = (key, self.world.now()) else {
            return;
        };
        let back = self
            .world
            .db
            .write(move |tx| recycle::restore(tx, "owner", now, key))
            .await;
        match back {
            Ok(object) => self.put(who, Some(object)),
            Err(provost_store::Error::Refused { .. }) => {
                self.places(kind).lock().unwrap()[place].gone.push(key)
            }
            Err(e) => panic!("{e}"),
        }
    }

    async fn member(&self, group: usize, who: Who, joins: bool) {
        let (Some(group), Some(member)) = (self.at(Who::Group(group)), self.at(who)) else {
            return;
        };
        match joins {
            true => self.world.join(&group, &[&member]).await,
            false => self.world.leave(&group, &[&member]).await,
        }
    }

    async fn assign(&self, who: Who) {
        let Some(object) = self.at(who) else { return };
        let (connection, now) = (self.world.connection().await, self.world.now());
        self.world
            .write(move |tx| assignment::add(tx, "owner", now, &connection, &object))
            .await;
    }

    async fn unassign(&self, who: Who) {
        let Some(key) = self.key_at(who) else { return };
        let (connection, now) = (self.world.connection().await, self.world.now());
        self.world
            .write(move |tx| assignment::remove(tx, "owner", now, &connection, key))
            .await;
    }

    pub async fn protect(&self, who: Who) {
        let Some(object) = self.at(who) else { return };
        let (connection, now) = (self.world.connection().await, self.world.now());
        self.world
            .write(move |tx| {
                protection::add(tx, "owner", now, Some(&connection), &object, "the test wants it")
            })
            .await;
    }

    pub async fn unprotect(&self, who: Who) {
        let Some(key) = self.key_at(who) else { return };
        let (workspace, connection, now) = (
            self.world.owner.workspace,
            self.world.connection,
            self.world.now(),
        );
        self.world
            .write(move |tx| {
                for one in protection::list(tx, workspace, Some(connection), 0, 100)? {
                    if one.object == key {
                        protection::remove(tx, "owner", now, workspace, one.key)?;
                    }
                }
                Ok(())
            })
            .await;
    }

    /// Decides what waits.
    pub async fn decide(&self, which: Option<usize>, approve: bool) {
        let (connection, now) = (self.world.connection().await, self.world.now());
        let decision = if approve {
            staged::Decision::Approved
        } else {
            staged::Decision::Rejected
        };
        self.world
            .write(move |tx| {
                let Some(which) = which else {
                    return staged::decide_all(tx, "owner", now, &connection, decision).map(drop);
                };
                let all = staged::list(tx, connection.key, 10_000)?;
                if all.is_empty() {
                    return Ok(());
                }
                staged::decide_one(
                    tx,
                    "owner",
                    now,
                    &connection,
                    all[which % all.len()].key,
                    decision,
                )
                .map(drop)
            })
            .await;
    }

    pub async fn rewind(&self, share: u8) {
        let (key, now) = (self.world.connection, self.world.connection().await.watermark);
        if now >= 0 {
            let back = now * i64::from(share) / 256;
            self.world
                .write(move |tx| connection::set_watermark(tx, key, back))
                .await;
        }
    }

    pub async fn revisit(&self, who: Who) {
        let Some(object) = self.key_at(who) else { return };
        let (key, now) = (self.world.connection, self.world.now());
        self.world
            .write(move |tx| revisit::ask(tx, key, object, 0, now, "test"))
            .await;
    }
}

fn split(who: Who) -> (Kind, usize) {
    match who {
        Who::Person(place) => (Kind::Person, place),
        Who::Group(place) => (Kind::Group, place),
    }
}

fn group_name(place: usize, other: bool) -> String {
    format!("Group {place}{}", if other { " new" } else { "" })
}

fn put(document: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        document.remove(name);
    } else {
        document.insert(name.to_owned(), value);
    }
}

fn extension(document: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let entry = document.entry(ENTERPRISE).or_insert_with(|| json!({}));
    entry.as_object_mut().unwrap()
}
