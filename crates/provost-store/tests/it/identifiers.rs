//! Identifiers of Microsoft 365: nobody holds what another holds, whoever writes; the numbers of both sides add up.

use crate::harness::{a_rule, both, change, create, entra, person, read, write};
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection, Reset};
use provost_store::directory::{self, Object, Owner};
use provost_store::identifier::{
    self, AccountsAsked, Facts, ImmutableState, LinkState, Mark, PeopleAsked, Place, Suggestion,
};
use provost_store::link::{self, Link, Relink};
use provost_store::{Db, Error, recycle, rule};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// A connection to a tenant, with a rule for people.
async fn tenant(db: &Db, workspace: i64, name: &'static str) -> (Connection, i64) {
    write(db, move |tx| {
        let (settings, guard) = (json!({"tenant": "t", "client_id": "c"}), json!({}));
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace,
            name,
            connector: "graph",
            settings: &settings,
            guard: &guard,
        };
        let made = connection::create(tx, "owner", 1, &new)?;
        rule::put(tx, "owner", 1, &made, 0, &a_rule("People", Kind::Person))?;
        let key = rule::of_connection(tx, made.key)?[0].key;
        Ok((connection::by_key(tx, made.key)?.unwrap(), key))
    })
    .await
}

fn account(id: &str) -> Facts {
    Facts {
        id: id.to_owned(),
        name: format!("{id}@contoso.example"),
        label: format!("Account {id}"),
        mail: format!("{id}@contoso.example"),
        enabled: true,
        ..Facts::default()
    }
}

/// Reads these accounts, and puts everybody into the list of people.
async fn reading(db: &Db, c: &Connection, began: i64, accounts: Vec<Facts>) {
    let c = c.clone();
    write(db, move |tx| {
        identifier::begin(tx, began, &c, &["federated.example".to_owned()])?;
        let place = Place {
            connection: &c,
            began,
        };
        identifier::put_accounts(tx, began, &place, &accounts)?;
        let mut people = Vec::new();
        let range = directory::Range {
            after: 0,
            upto: i64::MAX,
        };
        directory::for_each(tx, c.workspace, Kind::Person, range, |row| {
            people.push((row.key()?, row.label()?.to_owned()));
            Ok(())
        })?;
        identifier::add_people(tx, c.key, &people)?;
        identifier::end(tx, began, c.key, accounts.len() as i64, "")
    })
    .await;
}

async fn someone(db: &Db, owner: Owner, name: &str) -> Object {
    create(db, owner, Kind::Person, person(name)).await.unwrap()
}

async fn tie(db: &Db, c: &Connection, who: &Object, id: &'static str) -> Result<(), Error> {
    let (c, who) = (c.clone(), who.clone());
    db.write(move |tx| identifier::tie(tx, "owner", 9, &c, &who, id))
        .await
}

async fn at(db: &Db, c: &Connection, id: &'static str) -> identifier::Account {
    let key = c.key;
    read(db, move |tx| identifier::account(tx, key, id))
        .await
        .unwrap()
}

async fn standing(db: &Db, c: &Connection, who: &Object) -> LinkState {
    let (key, object) = (c.key, who.key);
    read(db, move |tx| identifier::person(tx, key, object))
        .await
        .unwrap()
        .state
}

/// Linked, suggested, unlinked and exempt: of the accounts, and of the people.
async fn numbers(db: &Db, c: &Connection) -> [[i64; 4]; 2] {
    let key = c.key;
    let (a, p) = read(db, move |tx| {
        Ok((
            identifier::account_counts(tx, key)?,
            identifier::people_counts(tx, key)?,
        ))
    })
    .await;
    [a, p].map(|n| [n.linked, n.suggested, n.unlinked, n.exempt])
}

fn link_of(rule: i64, who: &Object, target: &str) -> Link {
    Link {
        rule,
        object: who.key,
        object_id: who.id,
        target_id: target.to_owned(),
        label: who.label.clone(),
        ..Link::default()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code().unwrap_or("none"), error.to_string())
}

both! {
    async fn an_account_belongs_to_one_person_and_the_refusal_names_them(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let (ann, bob) = (someone(db, owner, "ann").await, someone(db, owner, "bob").await);
        reading(db, &c, 5, vec![account("a"), account("b")]).await;
        assert_eq!(numbers(db, &c).await, [[0, 0, 2, 0], [0, 0, 2, 0]]);
        tie(db, &c, &ann, "a").await.unwrap();
        tie(db, &c, &ann, "a").await.unwrap();
        let (word, sentence) = code(tie(db, &c, &bob, "a").await);
        assert!(word == "PRV-IDENTIFIER-TAKEN" && sentence.contains("ann"), "{sentence}");
        assert_eq!(code(tie(db, &c, &ann, "b").await).0, "PRV-IDENTIFIER-LINKED");
        assert_eq!(code(tie(db, &c, &bob, "z").await).0, "PRV-IDENTIFIER-UNKNOWN");
        // The engine's own links are held by the same key, in this connection and in any other of the workspace.
        let (other, elsewhere) = tenant(db, owner.workspace, "Second").await;
        for rule in [people, elsewhere] {
            let link = link_of(rule, &bob, "a");
            let (word, sentence) = code(db.write(move |tx| link::put(tx, 7, &link)).await);
            assert!(word == "PRV-IDENTIFIER-TAKEN" && sentence.contains("ann"), "{sentence}");
        }
        let (to, who) = (other.clone(), bob.clone());
        let by_hand = db.write(move |tx| {
            let to_make = Relink { rule: elsewhere, object: &who, target_id: "a" };
            link::relink(tx, "owner", 8, &to, &to_make)
        }).await;
        assert_eq!(code(by_hand).0, "PRV-IDENTIFIER-TAKEN");
        assert_eq!(numbers(db, &c).await, [[1, 0, 1, 0], [1, 0, 1, 0]]);
        let one = c.clone();
        assert!(write(db, move |tx| identifier::untie(tx, "owner", 10, &one, "a")).await);
        tie(db, &c, &bob, "a").await.unwrap();
        assert_eq!((standing(db, &c, &ann).await, standing(db, &c, &bob).await), (LinkState::Unlinked, LinkState::Linked));
    }

    async fn two_who_write_at_once_do_not_both_get_it(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _) = tenant(db, owner.workspace, "Microsoft 365").await;
        let mut all = Vec::new();
        for i in 0..8 { all.push(someone(db, owner, &format!("u{i}")).await); }
        reading(db, &c, 5, vec![account("a")]).await;
        let mut tries = tokio::task::JoinSet::new();
        for who in all {
            let (db, c) = (db.clone(), c.clone());
            tries.spawn(async move { tie(&db, &c, &who, "a").await });
        }
        let done = tries.join_all().await;
        assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
        assert_eq!(numbers(db, &c).await, [[1, 0, 0, 0], [1, 0, 7, 0]]);
    }

    async fn an_immutable_id_is_held_by_one_person_too(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _) = tenant(db, owner.workspace, "Microsoft 365").await;
        let (ann, bob) = (someone(db, owner, "ann").await, someone(db, owner, "bob").await);
        let synchronised = |id: &str, value: &str| Facts { synchronised: true, immutable_id: value.to_owned(), ..account(id) };
        let accounts = vec![
            synchronised("a", "QUJD"), synchronised("b", "qujd"),
            Facts { immutable_id: ann.id.to_string(), ..account("c") },
            Facts { name: "d@federated.example".into(), immutable_id: "x1".into(), ..account("d") },
            Facts { immutable_id: "foreign".into(), ..account("e") },
        ];
        reading(db, &c, 5, accounts).await;
        let (word, sentence) = code(tie(db, &c, &bob, "c").await);
        assert!(word == "PRV-IDENTIFIER-TAKEN" && sentence.contains("ann"), "it carries ann's id: {sentence}");
        tie(db, &c, &ann, "a").await.unwrap();
        assert_eq!(at(db, &c, "a").await.immutable, ImmutableState::Kept, "a directory on premises writes it");
        let (word, sentence) = code(tie(db, &c, &bob, "b").await);
        assert!(word == "PRV-IDENTIFIER-TAKEN" && sentence.contains("ann"), "it differs by letter case only: {sentence}");
        let one = c.clone();
        write(db, move |tx| identifier::untie(tx, "owner", 10, &one, "a")).await;
        tie(db, &c, &bob, "b").await.unwrap();
        tie(db, &c, &ann, "c").await.unwrap();
        assert_eq!(at(db, &c, "c").await.immutable, ImmutableState::Same);
        let carl = someone(db, owner, "carl").await;
        tie(db, &c, &carl, "d").await.unwrap();
        assert_eq!(at(db, &c, "d").await.immutable, ImmutableState::Kept, "the domain is federated");
        let dora = someone(db, owner, "dora").await;
        tie(db, &c, &dora, "e").await.unwrap();
        let key = c.key;
        let (to_write, count) = read(db, move |tx| identifier::to_write(tx, key, "", 10)).await;
        assert_eq!((to_write[0].facts.id.as_str(), to_write.len(), count), ("e", 1, 1));
        let (one, own, found) = (c.clone(), dora.id.to_string(), to_write[0].clone());
        write(db, move |tx| identifier::noted_immutable(tx, 11, &one, &found, &own)).await;
        assert_eq!(at(db, &c, "e").await.immutable, ImmutableState::Same);
    }

    async fn what_a_cycle_links_and_unlinks_shows_at_once(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let (ann, bob) = (someone(db, owner, "ann").await, someone(db, owner, "bob").await);
        reading(db, &c, 5, vec![account("a")]).await;
        let links = [link_of(people, &ann, "a"), link_of(people, &bob, "new")];
        write(db, move |tx| link::put_all(tx, 7, &links)).await;
        assert_eq!(numbers(db, &c).await, [[2, 0, 0, 0], [2, 0, 0, 0]], "also the account that nobody has read");
        let key = bob.key;
        write(db, move |tx| link::remove(tx, people, key)).await;
        assert_eq!(numbers(db, &c).await, [[1, 0, 1, 0], [1, 0, 1, 0]]);
        let moved = link_of(people, &ann, "new");
        write(db, move |tx| link::put(tx, 8, &moved)).await;
        assert_eq!((at(db, &c, "a").await.state, at(db, &c, "new").await.person), (LinkState::Unlinked, ann.key));
        // Who is deleted keeps what they hold, and has it again when they come back.
        let who = ann.clone();
        write(db, move |tx| directory::delete(tx, &change(owner, 9), &who)).await;
        assert_eq!(numbers(db, &c).await, [[1, 0, 1, 0], [0, 0, 1, 0]]);
        let (word, sentence) = code(tie(db, &c, &bob, "new").await);
        assert!(word == "PRV-IDENTIFIER-TAKEN" && sentence.contains("recycle bin"), "{sentence}");
        let key = ann.key;
        write(db, move |tx| recycle::restore(tx, "owner", 10, key)).await;
        assert_eq!(standing(db, &c, &ann).await, LinkState::Linked);
    }

    async fn an_exemption_has_a_reason_and_an_owner_and_can_be_taken_back(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _) = tenant(db, owner.workspace, "Microsoft 365").await;
        let ann = someone(db, owner, "ann").await;
        reading(db, &c, 5, vec![account("a"), account("b")]).await;
        for why in [("", "Bob"), ("a robot", ""), (" ", "Bob"), ("a robot", "\t")] {
            let (one, who) = (c.clone(), ann.clone());
            let bare = db.write(move |tx| identifier::exempt_account(tx, "owner", 6, &one, "a", why)).await;
            assert_eq!(code(bare).0, "PRV-EXEMPTION-INCOMPLETE");
            let one = c.clone();
            let bare = db.write(move |tx| identifier::exempt_person(tx, "owner", 6, &one, &who, why)).await;
            assert_eq!(code(bare).0, "PRV-EXEMPTION-INCOMPLETE");
        }
        let (one, who, why) = (c.clone(), ann.clone(), ("a robot", "Bob"));
        write(db, move |tx| {
            assert!(identifier::exempt_account(tx, "owner", 6, &one, "a", why)?);
            assert!(!identifier::exempt_account(tx, "owner", 6, &one, "z", why)?);
            identifier::exempt_person(tx, "owner", 6, &one, &who, why)
        }).await;
        assert_eq!(numbers(db, &c).await, [[0, 0, 1, 1], [0, 0, 0, 1]]);
        // Read again, it is still exempt.
        reading(db, &c, 7, vec![account("a"), account("b")]).await;
        let shown = at(db, &c, "a").await;
        assert_eq!((shown.state, shown.reason.as_str(), shown.owner.as_str()), (LinkState::Exempt, "a robot", "Bob"));
        let (one, who) = (c.clone(), ann.clone());
        let back = write(db, move |tx| {
            let both = (identifier::withdraw_account(tx, "owner", 8, &one, "a")?, identifier::withdraw_person(tx, "owner", 8, &one, &who)?);
            Ok((both, identifier::withdraw_account(tx, "owner", 8, &one, "a")?))
        }).await;
        assert_eq!(back, ((true, true), false));
        assert_eq!(numbers(db, &c).await, [[0, 0, 2, 0], [0, 0, 1, 0]]);
        tie(db, &c, &ann, "a").await.unwrap();
        let one = c.clone();
        let linked = db.write(move |tx| identifier::exempt_account(tx, "owner", 9, &one, "a", why)).await;
        assert_eq!(code(linked).0, "PRV-EXEMPTION-LINKED");
    }

    async fn the_lists_begin_with_who_needs_something(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _) = tenant(db, owner.workspace, "Microsoft 365").await;
        let mut all = Vec::new();
        for i in 0..9 { all.push(someone(db, owner, &format!("u{i}")).await); }
        let accounts = (0..9).map(|i| Facts { guest: i == 4, enabled: i != 5, ..account(&format!("a{i}")) }).collect();
        reading(db, &c, 5, accounts).await;
        for (who, id) in all.iter().zip(["a0", "a1"]) { tie(db, &c, who, id).await.unwrap(); }
        let (key, third) = (c.key, all[2].key);
        let suggested = Suggestion { account: "a2".into(), object: third, score: 90, why: "same".into() };
        let again = suggested.clone();
        assert!(write(db, move |tx| identifier::suggest(tx, key, &suggested)).await);
        assert!(!write(db, move |tx| identifier::suggest(tx, key, &again)).await, "one of them is not free any more");
        let (mut asked, mut walked) = (AccountsAsked { connection: key, ..AccountsAsked::default() }, Vec::new());
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| identifier::accounts(tx, &one, 2)).await;
            walked.extend(page.accounts.into_iter().map(|a| a.facts.id));
            let Some(next) = page.next else { break };
            asked.after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(walked, ["a3", "a4", "a5", "a6", "a7", "a8", "a2", "a0", "a1"]);
        let narrow = async |asked: AccountsAsked| {
            let page = read(db, move |tx| identifier::accounts(tx, &asked, 50)).await;
            page.accounts.into_iter().map(|a| a.facts.id).collect::<Vec<_>>()
        };
        let of = || AccountsAsked { connection: key, ..AccountsAsked::default() };
        assert_eq!(narrow(AccountsAsked { mark: Some(Mark::Guest), ..of() }).await, ["a4"]);
        assert_eq!(narrow(AccountsAsked { mark: Some(Mark::Disabled), ..of() }).await, ["a5"]);
        assert_eq!(narrow(AccountsAsked { state: Some(LinkState::Linked), ..of() }).await, ["a0", "a1"]);
        assert_eq!(narrow(AccountsAsked { text: Some("ACCOUNT A7".into()), ..of() }).await, ["a7"]);
        let (mut asked, mut walked) = (PeopleAsked { connection: key, ..PeopleAsked::default() }, Vec::new());
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| identifier::people(tx, &one, 3)).await;
            walked.extend(page.people.into_iter().map(|p| p.name));
            let Some(next) = page.next else { break };
            asked.after = Some(next);
        }
        assert_eq!(walked, ["u3", "u4", "u5", "u6", "u7", "u8", "u2"], "who is linked is on the other list");
        // Somebody who arrives is in the list at once, and one who is linked takes no suggestion with them.
        let late = someone(db, owner, "a-late").await;
        assert_eq!(standing(db, &c, &late).await, LinkState::Unlinked);
        tie(db, &c, &late, "a2").await.unwrap();
        assert_eq!(standing(db, &c, &all[2]).await, LinkState::Unlinked);
        assert_eq!(numbers(db, &c).await, [[3, 0, 6, 0], [3, 0, 7, 0]]);
    }

    async fn a_connection_that_goes_takes_what_it_knew(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let (ann, bob) = (someone(db, owner, "ann").await, someone(db, owner, "bob").await);
        reading(db, &c, 5, vec![account("a"), account("b")]).await;
        tie(db, &c, &ann, "a").await.unwrap();
        let link = link_of(people, &bob, "b");
        write(db, move |tx| link::put(tx, 7, &link)).await;
        let one = c.clone();
        while !write(db, { let one = one.clone(); move |tx| connection::remove(tx, "owner", 9, &one, 2) }).await {}
        let workspace = owner.workspace;
        let held = read(db, move |tx| identifier::holders(tx, workspace, &["a", "b"])).await;
        assert!(held.is_empty(), "{held:?}");
    }

    async fn links_that_are_all_broken_hold_nothing_any_more(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let (ann, bob) = (someone(db, owner, "ann").await, someone(db, owner, "bob").await);
        let link = link_of(people, &ann, "a");
        write(db, move |tx| link::put(tx, 7, &link)).await;
        write(db, move |tx| connection::restart(tx, "owner", 9, &c, &[Reset::Links])).await;
        let link = link_of(people, &bob, "a");
        write(db, move |tx| link::put(tx, 10, &link)).await;
    }

    async fn two_people_who_are_one_become_one_and_nothing_is_lost(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let own = Owner { workspace: owner.workspace, key: owner.workspace };
        let ann = someone(db, owner, "ann").await;
        let placeholder = someone(db, own, "ann@contoso.example").await;
        let third = someone(db, own, "third").await;
        reading(db, &c, 5, vec![account("a"), account("b")]).await;
        tie(db, &c, &placeholder, "a").await.unwrap();
        let merge = async |stays: &Object, goes: &Object| {
            let (stays, goes) = (stays.clone(), goes.clone());
            db.write(move |tx| identifier::merge(tx, "owner", 9, &stays, &goes)).await
        };
        assert_eq!(code(merge(&ann, &ann).await).0, "PRV-MERGE-SAME");
        assert_eq!(code(merge(&placeholder, &ann).await).0, "PRV-MERGE-OWNER");
        tie(db, &c, &third, "b").await.unwrap();
        assert_eq!(code(merge(&third, &placeholder).await).0, "PRV-MERGE-ACCOUNTS");
        let (blocked, reason) = (placeholder.clone(), "left");
        write(db, move |tx| directory::block(tx, "owner", 9, &blocked, reason)).await;
        let key = placeholder.key;
        let goes = read(db, move |tx| directory::by_key(tx, key)).await.unwrap();
        let done = merge(&ann, &goes).await.unwrap();
        assert_eq!(done.accounts, ["a@contoso.example"]);
        assert!(done.blocked, "a block is not got rid of by a merge");
        assert_eq!((at(db, &c, "a").await.person, standing(db, &c, &ann).await), (ann.key, LinkState::Linked));
        let key = ann.key;
        assert!(read(db, move |tx| directory::by_key(tx, key)).await.unwrap().blocked.is_some());
        assert_eq!(numbers(db, &c).await, [[2, 0, 0, 0], [2, 0, 0, 0]]);
        let key = placeholder.key;
        write(db, move |tx| recycle::restore(tx, "owner", 10, key)).await;
        assert_eq!(numbers(db, &c).await, [[2, 0, 0, 0], [2, 0, 1, 0]], "restored, they are without an account");
        // The engine's links are made again for the one who stays.
        let (one, other) = (someone(db, own, "one").await, someone(db, own, "other").await);
        let link = link_of(people, &other, "c");
        write(db, move |tx| link::put(tx, 11, &link)).await;
        merge(&one, &other).await.unwrap();
        let key = one.key;
        let links = read(db, move |tx| link::of_object(tx, key)).await;
        assert_eq!(links.iter().map(|l| l.target_id.as_str()).collect::<Vec<_>>(), ["c"]);
    }

    async fn whatever_is_done_the_numbers_add_up_and_nobody_holds_anothers(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people) = tenant(db, owner.workspace, "Microsoft 365").await;
        let own = Owner { workspace: owner.workspace, key: owner.workspace };
        const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let mut all: Vec<Object> = Vec::new();
        for i in 0..6 { all.push(someone(db, own, &format!("u{i}")).await); }
        reading(db, &c, 2, IDS.iter().map(|id| account(id)).collect()).await;
        let mut seed: u64 = 0x5eed;
        let mut roll = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % most
        };
        for step in 0..300_i64 {
            let (who, id, act) = (all[roll(all.len())].clone(), IDS[roll(IDS.len())], roll(12));
            let (c1, now, other) = (c.clone(), 10 + step, all[roll(all.len())].clone());
            let fresh_id = format!("n{step}");
            // Many of these are refused: what counts is how it stands afterwards.
            let _ = db.write(move |tx| {
                let live = directory::by_key(tx, who.key)?;
                match (act, live) {
                    (0..=2, Some(who)) => identifier::tie(tx, "owner", now, &c1, &who, id)?,
                    (3, _) => { identifier::untie(tx, "owner", now, &c1, id)?; }
                    (4, Some(who)) => link::put(tx, now, &link_of(people, &who, id))?,
                    (5, _) => link::remove(tx, people, who.key)?,
                    (6, Some(who)) => { identifier::exempt_person(tx, "owner", now, &c1, &who, ("r", "o"))?; }
                    (7, _) => { identifier::exempt_account(tx, "owner", now, &c1, id, ("r", "o"))?; }
                    (8, Some(who)) => {
                        identifier::withdraw_person(tx, "owner", now, &c1, &who)?;
                        identifier::withdraw_account(tx, "owner", now, &c1, id)?;
                    }
                    (9, _) => { identifier::suggest(tx, c1.key, &Suggestion { account: id.into(), object: who.key, score: 50, why: "w".into() })?; }
                    (10, Some(who)) => directory::delete(tx, &change(own, now), &who)?,
                    (10, None) => { recycle::restore(tx, "owner", now, who.key)?; }
                    (11, Some(who)) => match directory::by_key(tx, other.key)? {
                        Some(other) => { identifier::merge(tx, "owner", now, &who, &other)?; }
                        None => { identifier::put_accounts(tx, now, &Place { connection: &c1, began: now }, &[account(id), account(&fresh_id)])?; }
                    },
                    _ => {}
                }
                Ok::<_, Error>(())
            }).await;
            let (key, workspace) = (c.key, owner.workspace);
            let (accounts, lines, live, counts) = read(db, move |tx| {
                let accounts = identifier::accounts_after(tx, key, "", 1_000)?;
                let mut lines = Vec::new();
                for state in LinkState::ALL {
                    let asked = PeopleAsked { connection: key, state: Some(*state), ..PeopleAsked::default() };
                    lines.extend(identifier::people(tx, &asked, 1_000)?.people);
                }
                let live = directory::count(tx, workspace, Kind::Person)?;
                Ok((accounts, lines, live, (identifier::account_counts(tx, key)?, identifier::people_counts(tx, key)?)))
            }).await;
            assert_eq!(counts.0.total(), accounts.len() as i64, "step {step}, act {act}");
            assert_eq!((counts.1.total(), lines.len() as i64), (live, live), "step {step}, act {act}");
            let ids: Vec<String> = accounts.iter().map(|a| a.facts.id.clone()).collect();
            let held = read(db, move |tx| {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                identifier::holders(tx, workspace, &ids)
            }).await;
            let mut owners: HashMap<i64, &str> = HashMap::new();
            for one in &accounts {
                let holder = held.get(&one.facts.id).copied();
                assert_eq!(one.state == LinkState::Linked, holder.is_some(), "step {step}, act {act}: {one:?}");
                if let Some(holder) = holder {
                    assert_eq!(one.person, holder, "step {step}, act {act}");
                    assert!(owners.insert(holder, &one.facts.id).is_none(), "step {step}, act {act}: one person, one account");
                }
            }
            for line in &lines {
                let expected = owners.get(&line.person.object).copied();
                let shown = (line.person.state == LinkState::Linked).then_some(line.person.account.as_str());
                assert_eq!(shown, expected, "step {step}, act {act}: {}", line.name);
                if line.person.state == LinkState::Suggested {
                    let other = accounts.iter().find(|a| a.facts.id == line.person.account).unwrap();
                    assert_eq!((other.state, other.person), (LinkState::Suggested, line.person.object), "step {step}, act {act}");
                }
            }
        }
    }
}
