//! A target in memory: it keeps state, refuses what a real one refuses, and fails where a test wants it to. The same
//! calls give the same state, so that a run can be repeated.

use crate::estate::Estate;
use futures::FutureExt as _;
use provost_connect::Fault as Refusal;
use provost_connect::{
    Account, AccountPage, BoxFuture, ChangePage, Check, Description, DisableBy, Error, Kind, Member,
    MemberChange, MemberPage, MembersChanged, Record, Removal, Result, Target, Then,
};
use provost_connect::{HeldLicence, Licence, LicenceChange, Product, Receipt, Standing};
use provost_engine::rule::Rule;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// The attribute in which the model keeps the key of a create.
pub const KEY: &str = "hubKey";

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused, and nothing happened.
    Refused,
    /// It happened, but its answer is lost.
    Lost,
    /// The target cannot be reached.
    Down,
    /// The credential is refused.
    Locked,
}

/// What the model holds and how it behaves.
#[derive(Default)]
pub struct World {
    pub people: BTreeMap<String, Record>,
    pub groups: BTreeMap<String, Record>,
    pub members: BTreeMap<String, BTreeSet<String>>,
    /// Writes so far, by a short description of each.
    pub writes: Vec<String>,
    /// Requests that only read, by a short description of each.
    pub reads: Vec<String>,
    /// Faults by the number of the write, counted from 1.
    pub faults: BTreeMap<usize, Fault>,
    /// Lists end with an error after so many pages.
    pub broken_list: Option<usize>,
    /// Ids that lists leave out although the accounts are there.
    pub hidden: BTreeSet<String>,
    /// Whether it tells the members of groups.
    pub hides_members: bool,
    /// Accounts in one page; 0 counts as 100.
    pub page: usize,
    /// What the organisation owns; without products there are no licences.
    pub estate: Estate,
    /// Whose accounts and groups these are, where that is special.
    pub standing: BTreeMap<String, Standing>,
    /// Owners of groups.
    pub owners: BTreeMap<String, BTreeSet<String>>,
    /// Attributes of which the target would refuse any value.
    pub refused: BTreeSet<String>,
    /// Whether deleted objects lie in a bin for a while, and what lies there.
    pub keeps_deleted: bool,
    pub bin: BTreeMap<String, (Kind, Record)>,
    /// Whether it tells its changes, and whether it has lost the place.
    pub tells_changes: bool,
    pub lost_place: bool,
    /// What it was when its changes were read: a place is a number in this list.
    seen: Vec<Seen>,
    /// What a test of the connection fails with.
    pub refusal: Option<Error>,
    /// Whether people need a password, as the attribute `password`.
    pub wants_password: bool,
    made: u64,
}

/// What the model held at some time.
#[derive(Clone, Default)]
struct Seen {
    people: BTreeMap<String, Record>,
    groups: BTreeMap<String, Record>,
    members: BTreeMap<String, BTreeSet<String>>,
}

/// Called after each write with its number.
pub type Hook = Arc<dyn Fn(usize) + Send + Sync>;

/// The target.
#[derive(Default)]
pub struct Model {
    world: Mutex<World>,
    hook: Mutex<Option<Hook>>,
    question: Mutex<Option<Question>>,
}

/// Called before each question about one account.
pub type Question = Arc<dyn Fn() + Send + Sync>;

impl World {
    fn of(&mut self, kind: Kind) -> &mut BTreeMap<String, Record> {
        match kind {
            Kind::Person => &mut self.people,
            Kind::Group => &mut self.groups,
        }
    }

    /// The account of this user name, or the group of this display name.
    pub fn named(&self, name: &str) -> Option<(&String, &Record)> {
        let is = |record: &Record, attribute: &str| record.get(attribute) == Some(&json!(name));
        let person = self.people.iter().find(|(_, r)| is(r, "userName"));
        person.or_else(|| self.groups.iter().find(|(_, r)| is(r, "displayName")))
    }

    pub fn id(&self, name: &str) -> String {
        self.named(name)
            .unwrap_or_else(|| panic!("{name} is not in the target"))
            .0
            .clone()
    }

    pub fn get(&self, name: &str, attribute: &str) -> Value {
        self.named(name)
            .and_then(|(_, record)| record.get(attribute))
            .cloned()
            .unwrap_or(Value::Null)
    }

    /// Somebody changes an attribute in the target.
    pub fn tamper(&mut self, name: &str, attribute: &str, value: Value) {
        let id = self.id(name);
        let record = self
            .people
            .get_mut(&id)
            .or_else(|| self.groups.get_mut(&id))
            .unwrap();
        if value.is_null() {
            record.remove(attribute);
        } else {
            record.insert(attribute.to_owned(), value);
        }
    }

    /// Somebody deletes an account in the target.
    pub fn lose(&mut self, name: &str) {
        let id = self.id(name);
        self.people.remove(&id);
        self.groups.remove(&id);
        self.members.remove(&id);
        self.members.values_mut().for_each(|members| {
            members.remove(&id);
        });
    }

    /// Somebody makes an account in the target.
    pub fn plant(&mut self, kind: Kind, record: Value) -> String {
        self.made += 1;
        let id = format!("t{}", self.made);
        let record = record.as_object().unwrap().clone().into_iter().collect();
        self.of(kind).insert(id.clone(), record);
        id
    }

    /// The user names of a group's members.
    pub fn members_of(&self, name: &str) -> BTreeSet<String> {
        let group = self.id(name);
        let ids = self.members.get(&group).cloned().unwrap_or_default();
        let name = |id: &String| self.people[id]["userName"].as_str().unwrap().to_owned();
        ids.iter()
            .filter(|id| self.people.contains_key(*id))
            .map(name)
            .collect()
    }

    fn seen(&self) -> Seen {
        Seen {
            people: self.people.clone(),
            groups: self.groups.clone(),
            members: self.members.clone(),
        }
    }

    /// What changed since a place, and the place that follows.
    fn changes_since(&mut self, kind: Kind, place: Option<&str>) -> ChangePage {
        let before = place.map_or_else(Seen::default, |p| self.seen[p.parse::<usize>().unwrap()].clone());
        let was = match kind {
            Kind::Person => &before.people,
            Kind::Group => &before.groups,
        };
        let now = self.of(kind).clone();
        let changed = now.iter().filter(|(id, record)| was.get(*id) != Some(*record));
        let changed = changed.map(|(id, record)| account(id, record)).collect();
        let removed = was.keys().filter(|id| !now.contains_key(*id)).map(|id| Removal {
            id: id.clone(),
            restorable: self.bin.contains_key(id),
        });
        let removed = removed.collect();
        let members = match kind {
            Kind::Person => Vec::new(),
            Kind::Group => self.member_changes(&before),
        };
        self.seen.push(self.seen());
        ChangePage {
            changed,
            removed,
            members,
            then: Then::End((self.seen.len() - 1).to_string()),
        }
    }

    fn member_changes(&self, before: &Seen) -> Vec<MembersChanged> {
        let nobody = BTreeSet::new();
        let member = |id: &String| Member {
            id: id.clone(),
            kind: Some(Kind::Person),
        };
        self.groups
            .keys()
            .map(|group| {
                let was = before.members.get(group).unwrap_or(&nobody);
                let is = self.members.get(group).unwrap_or(&nobody);
                MembersChanged {
                    group: group.clone(),
                    added: is.difference(was).map(member).collect(),
                    removed: was.difference(is).map(member).collect(),
                }
            })
            .filter(|change| !change.added.is_empty() || !change.removed.is_empty())
            .collect()
    }

    /// Notes a write; answers how it fails, if it does.
    fn write(&mut self, text: String) -> (usize, Option<Fault>) {
        self.writes.push(text);
        let number = self.writes.len();
        (number, self.faults.remove(&number))
    }
}

impl Model {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn on_write(&self, hook: Hook) {
        *self.hook.lock().unwrap() = Some(hook);
    }

    pub fn on_question(&self, hook: Question) {
        *self.question.lock().unwrap() = Some(hook);
    }

    /// Carries out a write with its faults.
    fn write<T>(
        &self,
        text: String,
        creates: Option<Kind>,
        act: impl FnOnce(&mut World) -> Result<T>,
    ) -> Result<T> {
        let mut world = self.world();
        let (number, fault) = world.write(text);
        let result = match fault {
            Some(Fault::Refused) => Err(Error::Rejected {
                operation: "a write".into(),
                reason: "the test wants it".into(),
                attribute: None,
            }),
            Some(Fault::Down) => Err(Error::Unreachable {
                host: "model".into(),
                reason: "the test wants it".into(),
            }),
            Some(Fault::Locked) => Err(Error::Credential {
                host: "model".into(),
                reason: "the test wants it".into(),
                cause: None,
            }),
            Some(Fault::Lost) => {
                let _ = act(&mut world);
                Err(match creates {
                    Some(kind) => Error::AnswerLost {
                        kind,
                        reason: "the test wants it".into(),
                    },
                    None => Error::Interrupted {
                        host: "model".into(),
                        reason: "the test wants it".into(),
                    },
                })
            }
            None => act(&mut world),
        };
        drop(world);
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(number);
        }
        result
    }

    fn change(&self, kind: Kind, id: &str, text: &str, change: impl FnOnce(&mut Record)) -> Result<()> {
        self.write(format!("{text} {id}"), None, |world| {
            match world.of(kind).get_mut(id) {
                Some(record) => {
                    change(record);
                    Ok(())
                }
                None => Err(missing(kind, id)),
            }
        })
    }

    fn is_taken(world: &World, kind: Kind, record: &Record) -> Option<String> {
        let name = record.get("userName")?.as_str()?.to_lowercase();
        let has = |r: &Record| {
            r.get("userName").and_then(Value::as_str).map(str::to_lowercase) == Some(name.clone())
        };
        (kind == Kind::Person)
            .then(|| {
                world
                    .people
                    .iter()
                    .find(|(_, r)| has(r))
                    .map(|(id, _)| id.clone())
            })
            .flatten()
    }
}

fn missing(kind: Kind, id: &str) -> Error {
    Error::NotFound {
        operation: "a write".into(),
        kind,
        id: id.to_owned(),
    }
}

fn account(id: &str, record: &Record) -> Account {
    Account {
        id: id.to_owned(),
        record: record.clone(),
        enabled: Some(record.get("active") != Some(&Value::Bool(false))),
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

fn set(record: &mut Record, changes: &Record) {
    for (name, value) in changes {
        if value.is_null() {
            record.remove(name);
        } else {
            record.insert(name.clone(), value.clone());
        }
    }
}

impl Target for Model {
    fn describe(&self) -> Description {
        let world = self.world();
        Description {
            connector: "model",
            kinds: vec![Kind::Person, Kind::Group],
            person_matching: vec!["userName"],
            group_matching: vec!["displayName"],
            disable: DisableBy::Attribute("active"),
            references: vec!["manager"],
            safe_create: Vec::new(),
            page_size: 100,
            batch_size: 1,
            concurrency: 1,
            drops_members: true,
            hides_disabled: false,
            licences: !world.estate.products.is_empty(),
            tells_changes: world.tells_changes,
            keeps_deleted: world.keeps_deleted,
            settles_within: None,
            tells_members: !world.hides_members,
        }
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        let outcome = match self.world().refusal.clone() {
            None => Ok("it answers".to_owned()),
            Some(error) => Err(error),
        };
        async {
            vec![Check {
                name: "sign-in",
                outcome,
            }]
        }
        .boxed()
    }

    fn review(&self, _: &[Rule], after: &[Rule]) -> Vec<provost_connect::Fault> {
        let fault = |code: &str, attribute: &str| provost_connect::Fault {
            code: code.to_owned(),
            attribute: attribute.to_owned(),
            reason: "The model does not take it.".to_owned(),
            hint: "Map it otherwise.".to_owned(),
            stops: true,
        };
        let mut faults = Vec::new();
        for rule in after {
            let maps = |name: &str| rule.mappings.iter().any(|m| m.target == name);
            if maps("nonsense") {
                faults.push(fault("PRV-MAPPING-UNKNOWN", "nonsense"));
            }
            let wants = self.world().wants_password && rule.enabled && rule.object == Kind::Person;
            if wants && !maps("password") {
                faults.push(fault("PRV-RULE-PASSWORD", "password"));
            }
        }
        faults
    }

    fn changes<'a>(
        &'a self,
        kind: Kind,
        place: Option<&'a str>,
        _: &'a [String],
    ) -> BoxFuture<'a, Result<ChangePage>> {
        let mut world = self.world();
        world.reads.push(format!("changes {kind}"));
        let page = if world.broken_list.is_some() {
            Err(Error::Paging {
                kind,
                reason: "the test wants it".into(),
            })
        } else if place.is_some() && world.lost_place {
            Ok(ChangePage {
                changed: Vec::new(),
                removed: Vec::new(),
                members: Vec::new(),
                then: Then::Restart,
            })
        } else {
            Ok(world.changes_since(kind, place))
        };
        async { page }.boxed()
    }

    fn deleted<'a>(
        &'a self,
        kind: Kind,
        _: Option<&'a str>,
        _: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        let mut world = self.world();
        world.reads.push(format!("deleted {kind}"));
        let lies = world.bin.iter().filter(|(_, (of, _))| *of == kind);
        let accounts = lies.map(|(id, (_, record))| account(id, record)).collect();
        async { Ok(AccountPage { accounts, next: None }) }.boxed()
    }

    fn undelete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("undelete {id}"), None, |world| {
            match world.bin.remove(id) {
                Some((of, record)) => {
                    world.of(of).insert(id.to_owned(), record);
                    Ok(())
                }
                None => Err(missing(kind, id)),
            }
        });
        async { result }.boxed()
    }

    fn purge<'a>(&'a self, _: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("purge {id}"), None, |world| {
            world.bin.remove(id);
            Ok(())
        });
        async { result }.boxed()
    }

    fn normalize(&self, _: Kind, _: &mut Record) {}

    fn link_key(&self, _: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        Some((Cow::Borrowed(KEY), Value::from(key)))
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>> {
        let mut world = self.world();
        world.reads.push(format!("find {kind} {attribute}"));
        let found = world
            .of(kind)
            .iter()
            .filter(|(_, record)| record.get(attribute).is_some_and(|v| same(v, value)))
            .map(|(id, record)| account(id, record))
            .collect();
        async { Ok(found) }.boxed()
    }

    fn can_match<'a>(&'a self, _: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>> {
        let outcome = Ok(format!("it can be searched for by {attribute}"));
        async {
            Ok(Check {
                name: "filter",
                outcome,
            })
        }
        .boxed()
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a str, _: &'a [String]) -> BoxFuture<'a, Result<Option<Account>>> {
        let question = self.question.lock().unwrap().clone();
        if let Some(question) = question {
            question();
        }
        let mut world = self.world();
        world.reads.push(format!("get {kind} {id}"));
        let found = world.of(kind).get(id).map(|record| account(id, record));
        async { Ok(found) }.boxed()
    }

    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>> {
        let result = self.write(format!("create {kind}"), Some(kind), |world| {
            if let Some(existing) = Self::is_taken(world, kind, record) {
                return Err(Error::Conflict {
                    operation: "create".into(),
                    attribute: Some("userName".into()),
                    existing: Some(existing),
                    reason: "it is taken".into(),
                });
            }
            world.made += 1;
            let id = format!("t{}", world.made);
            let mut record = record.clone();
            record.insert(KEY.to_owned(), Value::from(key));
            let made = account(&id, &record);
            world.of(kind).insert(id, record);
            Ok(made)
        });
        async { result }.boxed()
    }

    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>> {
        let result = self.change(kind, id, "update", |record| set(record, changes));
        async { result }.boxed()
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.change(kind, id, "disable", |record| {
            record.insert("active".into(), Value::Bool(false));
        });
        async { result }.boxed()
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.change(kind, id, "enable", |record| {
            record.insert("active".into(), Value::Bool(true));
        });
        async { result }.boxed()
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("delete {id}"), None, |world| {
            if let (Some(record), true) = (world.of(kind).remove(id), world.keeps_deleted) {
                world.bin.insert(id.to_owned(), (kind, record));
            }
            world.estate.held.remove(id);
            world.members.remove(id);
            world.members.values_mut().for_each(|members| {
                members.remove(id);
            });
            Ok(())
        });
        async { result }.boxed()
    }

    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        target_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>> {
        let result = self.change(Kind::Person, id, "refer", |record| {
            match target_id {
                Some(target) => record.insert(attribute.to_owned(), Value::from(target)),
                None => record.remove(attribute),
            };
        });
        async { result }.boxed()
    }

    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>> {
        let one = |change: &MemberChange| {
            let word = if change.add { "add" } else { "remove" };
            self.write(format!("{word} {} {group}", change.member_id), None, |world| {
                if !world.groups.contains_key(group) {
                    return Err(missing(Kind::Group, group));
                }
                let members = world.members.entry(group.to_owned()).or_default();
                if change.add {
                    members.insert(change.member_id.clone());
                } else {
                    members.remove(&change.member_id);
                }
                Ok(())
            })
        };
        let results = changes.iter().map(one).collect();
        async { results }.boxed()
    }

    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        asked: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        let mut world = self.world();
        world.reads.push(format!("list {kind}"));
        let number: usize = page.map_or(0, |p| p.parse().unwrap());
        let size = if world.page == 0 { 100 } else { world.page };
        let result = if world.broken_list.is_some_and(|pages| number >= pages) {
            Err(Error::Paging {
                kind,
                reason: "the test wants it".into(),
            })
        } else {
            let hidden = world.hidden.clone();
            let shown: Vec<Account> = world
                .of(kind)
                .iter()
                .filter(|(id, _)| !hidden.contains(*id))
                .map(|(id, record)| account(id, record))
                .collect();
            let shown = world.estate.show(shown, kind, asked);
            let accounts: Vec<Account> = shown.iter().skip(number * size).take(size).cloned().collect();
            let next = ((number + 1) * size < shown.len()).then(|| (number + 1).to_string());
            Ok(AccountPage { accounts, next })
        };
        async { result }.boxed()
    }

    fn faults(&self, _: Kind, record: &Record, _: bool) -> Vec<Refusal> {
        let world = self.world();
        let refused = world
            .refused
            .iter()
            .filter(|name| record.get(*name).is_some_and(|v| !v.is_null()));
        refused
            .map(|name| Refusal {
                code: "PRV-VALUE-KIND".into(),
                attribute: name.clone(),
                reason: format!("{name} cannot have this value"),
                hint: "Correct the mapping.".into(),
                stops: true,
            })
            .collect()
    }

    fn standing<'a>(&'a self, _: Kind, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Standing>>> {
        let world = self.world();
        let found = ids
            .iter()
            .map(|id| world.standing.get(id).cloned().unwrap_or_default())
            .collect();
        async { Ok(found) }.boxed()
    }

    fn receipts(&self, about: &str) -> Vec<Receipt> {
        let mut world = self.world();
        let number = world.estate.receipts.remove(about);
        number
            .map(|status| Receipt {
                operation: "a write".into(),
                status,
                request_id: format!("request-{about}"),
                client_request_id: String::new(),
                reason: String::new(),
            })
            .into_iter()
            .collect()
    }

    fn products(&self) -> BoxFuture<'_, Result<Vec<Product>>> {
        let mut world = self.world();
        world.reads.push("products".into());
        let products = world.estate.products();
        async { Ok(products) }.boxed()
    }

    fn licences<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<HeldLicence>>> {
        let mut world = self.world();
        world.reads.push(format!("licences {id}"));
        let held = world.estate.licences(id);
        async { Ok(held) }.boxed()
    }

    fn change_licences<'a>(&'a self, changes: &'a [LicenceChange]) -> BoxFuture<'a, Vec<Result<()>>> {
        let one = |change: &LicenceChange| {
            let text = crate::estate::tell(change);
            self.write(text, None, |world| {
                if !world.people.contains_key(&change.id) {
                    return Err(missing(Kind::Person, &change.id));
                }
                world.estate.change(change)
            })
        };
        let answers = changes.iter().map(one).collect();
        async { answers }.boxed()
    }

    fn change_group_licences<'a>(
        &'a self,
        group: &'a str,
        add: &'a [Licence],
        remove: &'a [String],
    ) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("licences of group {group}"), None, |world| {
            world.estate.change_group(group, add, remove);
            Ok(())
        });
        async { result }.boxed()
    }

    fn end_sessions<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("end sessions {id}"), None, |_| Ok(()));
        async { result }.boxed()
    }

    fn owned_groups<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        let world = self.world();
        let owned = world.owners.iter().filter(|(_, owners)| owners.contains(id));
        let owned = owned.map(|(group, _)| group.clone()).collect();
        async { Ok(owned) }.boxed()
    }

    fn set_owner<'a>(&'a self, group: &'a str, id: &'a str, owns: bool) -> BoxFuture<'a, Result<()>> {
        let result = self.write(format!("owner {owns} {id} {group}"), None, |world| {
            let owners = world.owners.entry(group.to_owned()).or_default();
            if owns {
                owners.insert(id.to_owned());
            } else {
                owners.remove(id);
            }
            Ok(())
        });
        async { result }.boxed()
    }

    fn groups_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        let world = self.world();
        let groups = world.members.iter().filter(|(_, members)| members.contains(id));
        let groups = groups.map(|(group, _)| group.clone()).collect();
        async { Ok(groups) }.boxed()
    }

    fn members<'a>(&'a self, group: &'a str, _: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>> {
        let mut world = self.world();
        world.reads.push(format!("members {group}"));
        let result = if world.hides_members {
            Err(Error::Unsupported {
                operation: "members of groups".into(),
            })
        } else {
            let ids = world.members.get(group).cloned().unwrap_or_default();
            let members = ids.into_iter().map(|id| Member {
                id,
                kind: Some(Kind::Person),
            });
            Ok(MemberPage {
                members: members.collect(),
                next: None,
            })
        };
        async { result }.boxed()
    }
}
