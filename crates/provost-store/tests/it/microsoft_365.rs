//! Microsoft 365 as a provider: its lock through every writer of the store, and what its removal keeps.

use crate::filled::fill;
use crate::harness::{
    a_rule, app, audited, both, change, create, entra, person, provider_named, read, write,
};
use crate::tables::rows;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::directory::{Object, Owner};
use provost_store::microsoft_365::{self as m365, DomainState, Edit, Look, Mode, New, Provider, State};
use provost_store::{Db, Error, assignment, config_version, directory, recycle, rule};
use serde_json::json;
use uuid::Uuid;

const TENANT: &str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
const OTHER: &str = "c0a1d7b4-3e52-4f6a-8b19-5d2f7e9a1c64";

fn look(domain: DomainState) -> Look {
    Look {
        domain,
        tenant_id: Some(TENANT.to_owned()),
    }
}

async fn add(
    db: &Db,
    workspace: i64,
    name: &'static str,
    domain: &'static str,
    state: DomainState,
) -> Result<Provider, Error> {
    db.write(move |tx| {
        let settings = json!({});
        let new = New {
            id: Uuid::now_v7(),
            workspace,
            name,
            label: "",
            link_key: "User: UDI",
            domain,
            tenant_name: "contoso",
            look: &look(state),
            settings: &settings,
        };
        m365::create(tx, "owner", 5, &new)
    })
    .await
}

/// An active provider of contoso.example.
async fn active(db: &Db, workspace: i64) -> Provider {
    add(
        db,
        workspace,
        "Microsoft 365",
        "contoso.example",
        DomainState::Verified,
    )
    .await
    .unwrap()
}

/// A provider whose connection leads to its tenant, with two rules that are off; nobody can be assigned.
async fn locked(db: &Db, owner: Owner) -> (Provider, Connection) {
    let provider = active(db, owner.workspace).await;
    write(db, move |tx| {
        let (settings, guard) = (json!({"tenant": TENANT, "client_id": "c"}), json!({}));
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace: provider.workspace,
            name: "Microsoft 365",
            connector: "graph",
            settings: &settings,
            guard: &guard,
        };
        let made = connection::create(tx, "owner", 6, &new)?;
        connection::set_preferences(tx, "owner", 6, &made, &nobody())?;
        rule::put(tx, "owner", 6, &made, 0, &off("People", Kind::Person))?;
        rule::put(tx, "owner", 6, &made, 1, &off("Groups", Kind::Group))?;
        let provider = m365::set_connection(tx, "owner", 7, &provider, made.key)?;
        Ok((provider, connection::by_key(tx, made.key)?.unwrap()))
    })
    .await
}

fn nobody() -> Preferences {
    Preferences {
        assignment: Assignment::Assigned,
        ..Preferences::default()
    }
}

fn off(name: &str, kind: Kind) -> Rule {
    Rule {
        enabled: false,
        ..a_rule(name, kind)
    }
}

async fn ann(db: &Db, owner: Owner) -> Object {
    create(db, owner, Kind::Person, person("ann@contoso.example"))
        .await
        .unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code().unwrap_or("none")
}

async fn set_mode(db: &Db, provider: &Provider, mode: Mode, reason: &'static str) -> Result<Provider, Error> {
    let provider = provider.clone();
    db.write(move |tx| m365::set_mode(tx, "owner", 9, &provider, mode, reason))
        .await
}

async fn assign(db: &Db, c: &Connection, object: &Object) -> Result<bool, Error> {
    let (c, object) = (c.clone(), object.clone());
    db.write(move |tx| assignment::add(tx, "owner", 10, &c, &object))
        .await
}

both! {
    async fn a_provider_is_found_by_each_of_its_names(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let made = active(db, owner.workspace).await;
        assert_eq!((made.state, made.since, made.mode, made.version), (State::Active, 5, Mode::Federation, 1));
        assert_eq!((made.tenant_id.as_deref(), made.domain_checked), (Some(TENANT), 5));
        assert!(!made.is_assignable());
        let (id, key, workspace) = (made.id, made.key, made.workspace);
        let found = read(db, move |tx| Ok((
            m365::by_name(tx, workspace, "Microsoft 365")?, m365::by_id(tx, id)?, m365::by_key(tx, key)?,
            m365::by_domain(tx, "contoso.example")?, m365::list(tx, workspace, "", 10)?,
            m365::list(tx, workspace, "Microsoft 365", 10)?, m365::by_name(tx, workspace + 1, "Microsoft 365")?,
        ))).await;
        let one = Some(made.clone());
        assert_eq!((&found.0, &found.1, &found.2), (&one, &one, &one));
        assert_eq!((found.3, found.4), (vec![made.clone()], vec![made]));
        assert_eq!((found.5, found.6), (vec![], None));
        assert_eq!(audited(db, owner.workspace, 1).await, ["microsoft_365.add"]);
    }

    async fn a_name_is_one_providers_and_a_domain_one_active_providers(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let w = owner.workspace;
        let elsewhere = provider_named(db, "Contoso Lab", "Entra").await.owner().workspace;
        let draft = add(db, w, "First", "contoso.example", DomainState::Unverified).await.unwrap();
        assert_eq!(draft.state, State::Draft);
        assert_eq!(code(add(db, w, "First", "b.contoso.example", DomainState::Unverified).await), "PRV-PROVIDER-NAME-TAKEN");
        assert_eq!(code(add(db, w, " x", "b.contoso.example", DomainState::Unverified).await), "PRV-NAME");
        let second = add(db, w, "Second", "contoso.example", DomainState::Verified).await.unwrap();
        let named = add(db, w, "Third", "contoso.example", DomainState::Unverified).await.unwrap_err();
        assert!(named.code() == Some("PRV-DOMAIN-TAKEN") && named.to_string().contains("\"Second\""), "{named}");
        let unnamed = add(db, elsewhere, "Third", "contoso.example", DomainState::Verified).await.unwrap_err();
        assert!(unnamed.to_string().contains("in another workspace") && !unnamed.to_string().contains("Second"), "{unnamed}");
        let (one, proved) = (draft.clone(), look(DomainState::Verified));
        let refused = db.write(move |tx| m365::note_look(tx, "owner", 6, &one, &proved)).await;
        assert_eq!(code(refused), "PRV-DOMAIN-TAKEN");
        let gone = second.clone();
        assert!(write(db, move |tx| m365::remove(tx, "owner", 7, &gone, 10)).await);
        let proved = look(DomainState::Verified);
        let now = write(db, move |tx| m365::note_look(tx, "owner", 8, &draft, &proved)).await;
        assert_eq!((now.state, now.since, now.version), (State::Active, 8, 3));
        let refused = db.write(move |tx| m365::set_authentication(tx, "owner", 9, &second)).await;
        assert_eq!(code(refused), "PRV-MICROSOFT-365-UNKNOWN");
    }

    async fn a_look_moves_the_state_and_a_domain_in_use_stays(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        let (one, lost) = (provider.clone(), Look { domain: DomainState::Unverified, tenant_id: None });
        let now = write(db, move |tx| m365::note_look(tx, "owner", 20, &one, &lost)).await;
        assert_eq!((now.state, now.domain_state, now.domain_checked), (State::Draft, DomainState::Unverified, 20));
        assert_eq!(now.tenant_id.as_deref(), Some(TENANT), "what is known stays");
        let other = Some("lab.contoso.example");
        let (one, proved) = (provider.clone(), look(DomainState::Verified));
        let moved = write(db, move |tx| {
            m365::edit(tx, "owner", 21, &one, Edit { domain: other, look: Some(&proved), label: Some("Lab"), ..Edit::default() })
        }).await;
        assert_eq!((moved.state, moved.domain.as_str(), moved.label.as_str()), (State::Active, "lab.contoso.example", "Lab"));
        set_mode(db, &provider, Mode::ProvisioningOnly, "a test").await.unwrap();
        let ann = ann(db, owner).await;
        assign(db, &c, &ann).await.unwrap();
        let one = provider.clone();
        let refused = db.write(move |tx| {
            m365::edit(tx, "owner", 22, &one, Edit { domain: Some("contoso.example"), ..Edit::default() })
        }).await;
        assert_eq!(code(refused), "PRV-FIELD-IMMUTABLE");
        let (one, lost) = (provider.clone(), Look { domain: DomainState::Unverified, tenant_id: None });
        let now = write(db, move |tx| m365::note_look(tx, "owner", 23, &one, &lost)).await;
        assert_eq!((now.state, now.domain_state), (State::Active, DomainState::Unverified), "somebody is assigned");
        let federated = write(db, move |tx| m365::set_state(tx, "owner", 24, &provider, State::Federated)).await;
        assert!(federated.is_assignable() && federated.since == 24);
    }

    async fn no_writer_brings_anybody_into_reach_before_federation(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        let ann = ann(db, owner).await;
        let locked = "PRV-PROVIDER-NOT-ASSIGNABLE";
        assert_eq!(code(assign(db, &c, &ann).await), locked);
        let one = c.clone();
        let all = Preferences { assignment: Assignment::All, ..Preferences::default() };
        assert_eq!(code(db.write(move |tx| connection::set_preferences(tx, "owner", 10, &one, &all)).await), locked);
        let one = c.clone();
        let on = a_rule("People", Kind::Person);
        assert_eq!(code(db.write(move |tx| rule::put(tx, "owner", 10, &one, 0, &on)).await), locked);
        let one = c.clone();
        let rules = [off("People", Kind::Person), a_rule("Groups", Kind::Group)];
        assert_eq!(code(db.write(move |tx| rule::replace_all(tx, "owner", 10, &one, &rules, "x")).await), locked);
        let key = c.key;
        let stands = read(db, move |tx| config_version::current(tx, key)).await;
        for change in [|to: &mut config_version::Definition| to.rules[0].enabled = true,
                       |to: &mut config_version::Definition| to.preferences.assignment = Assignment::All] {
            let (one, mut to) = (c.clone(), stands.clone());
            change(&mut to);
            assert_eq!(code(db.write(move |tx| connection::configure(tx, "owner", 10, &one, &to, "a file")).await), locked);
        }
        assert_eq!(read(db, move |tx| config_version::current(tx, key)).await, stands, "nothing was changed");
        assert_eq!(read(db, move |tx| assignment::count(tx, key)).await, 0);
        // What touches nobody is free.
        let one = c.clone();
        let wider = Preferences { nested: true, ..nobody() };
        write(db, move |tx| connection::set_preferences(tx, "owner", 11, &one, &wider)).await;
        let federated = write(db, move |tx| m365::set_state(tx, "owner", 12, &provider, State::Federated)).await;
        assert!(federated.is_assignable());
        assert!(assign(db, &c, &ann).await.unwrap());
    }

    async fn a_connection_without_a_provider_is_as_it_was(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        active(db, owner.workspace).await;
        let (c, _, _) = app(db, owner.workspace).await;
        let ann = ann(db, owner).await;
        assert!(assign(db, &c, &ann).await.unwrap());
        let one = c.clone();
        write(db, move |tx| connection::rename(tx, "owner", 8, &one, "Shop")).await;
        assert!(write(db, move |tx| connection::remove(tx, "owner", 9, &c, 1_000)).await);
    }

    async fn the_connection_of_a_provider_keeps_name_tenant_and_life(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        let one = c.clone();
        assert_eq!(code(db.write(move |tx| connection::rename(tx, "owner", 9, &one, "Other")).await), "PRV-PROVIDER-OWNS");
        let one = c.clone();
        let refused = db.write(move |tx| connection::remove(tx, "owner", 9, &one, 10)).await.unwrap_err();
        assert!(refused.code() == Some("PRV-PROVIDER-OWNS") && refused.to_string().contains("\"Microsoft 365\""), "{refused}");
        for settings in [
            json!({"tenant": OTHER, "client_id": "c"}),
            json!({"tenant": "lab.contoso.example", "client_id": "c"}),
            json!({"tenant": TENANT, "client_id": "c", "cloud": "china"}),
            json!({"tenant": TENANT, "client_id": "c", "login_url": "https://a.contoso.example", "graph_url": "https://b.contoso.example"}),
            json!({"client_id": "c"}),
        ] {
            let one = c.clone();
            let refused = db.write(move |tx| connection::set_settings(tx, "owner", 9, &one, &settings)).await;
            assert_eq!(code(refused), "PRV-TENANT-MISMATCH");
        }
        for settings in [
            json!({"tenant": TENANT.to_uppercase(), "client_id": "other"}),
            json!({"tenant": "contoso.example", "client_id": "c", "cloud": "global"}),
            json!({"tenant": "contoso.onmicrosoft.com", "client_id": "c"}),
        ] {
            let one = c.clone();
            write(db, move |tx| connection::set_settings(tx, "owner", 9, &one, &settings)).await;
        }
        let (second, key) = (active_elsewhere(db, owner.workspace).await, c.key);
        let taken = db.write(move |tx| m365::set_connection(tx, "owner", 9, &second, key)).await;
        assert_eq!(taken, Err(Error::Conflict), "a connection has one provider");
        assert_eq!(read(db, move |tx| m365::by_connection(tx, key)).await.map(|p| p.key), Some(provider.key));
    }

    async fn a_connection_that_reaches_somebody_cannot_become_a_locked_providers(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let provider = active(db, owner.workspace).await;
        let (c, _, _) = app(db, owner.workspace).await;
        let refused = db.write(move |tx| m365::set_connection(tx, "owner", 9, &provider, c.key)).await;
        assert_eq!(code(refused), "PRV-PROVIDER-NOT-ASSIGNABLE");
    }

    async fn the_mode_is_a_decision_with_a_reason_before_the_first_assignment(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        let refused = "PRV-PROVIDER-MODE";
        for reason in ["", "  ", "one\ntwo"] {
            assert_eq!(code(set_mode(db, &provider, Mode::ProvisioningOnly, reason).await), refused);
        }
        let now = set_mode(db, &provider, Mode::ProvisioningOnly, " No federation is planned ").await.unwrap();
        assert_eq!((now.mode, now.mode_changed, now.mode_reason.as_str()), (Mode::ProvisioningOnly, 9, "No federation is planned"));
        assert_eq!(audited(db, owner.workspace, 1).await, ["microsoft_365.mode"]);
        let ann = ann(db, owner).await;
        assert!(assign(db, &c, &ann).await.unwrap());
        assert_eq!(code(set_mode(db, &provider, Mode::Federation, "back").await), refused);
        let one = c.clone();
        write(db, move |tx| {
            assignment::remove(tx, "owner", 11, &one, ann.key)?;
            rule::put(tx, "owner", 11, &one, 0, &a_rule("People", Kind::Person))
        }).await;
        assert_eq!(code(set_mode(db, &provider, Mode::Federation, "back").await), refused, "a rule is on");
        let one = c.clone();
        write(db, move |tx| {
            rule::put(tx, "owner", 12, &one, 0, &off("People", Kind::Person))?;
            connection::set_preferences(tx, "owner", 12, &one, &Preferences::default())
        }).await;
        assert_eq!(code(set_mode(db, &provider, Mode::Federation, "back").await), refused, "everybody is meant");
        write(db, move |tx| connection::set_preferences(tx, "owner", 13, &c, &nobody())).await;
        let back = set_mode(db, &provider, Mode::Federation, "back").await.unwrap();
        assert_eq!(back.mode, Mode::Federation);
        let one = provider.clone();
        write(db, move |tx| m365::set_state(tx, "owner", 14, &one, State::Federated)).await;
        assert_eq!(code(set_mode(db, &provider, Mode::ProvisioningOnly, "why").await), refused);
    }

    async fn a_removed_provider_leaves_nothing_but_who_was_assigned(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let provider = active(db, owner.workspace).await;
        set_mode(db, &provider, Mode::ProvisioningOnly, "a test").await.unwrap();
        let (c, people, groups) = app(db, owner.workspace).await;
        let (full, key) = (c.clone(), c.key);
        let provider = write(db, move |tx| {
            fill(tx, &full, people, groups)?;
            m365::set_connection(tx, "owner", 20, &provider, full.key)
        }).await;
        let one = provider.clone();
        let refused = db.write(move |tx| m365::remove(tx, "owner", 200, &one, 4)).await.unwrap_err();
        assert!(refused.code() == Some("PRV-CONNECTION-IN-USE") && refused.to_string().contains("\"People\""), "{refused}");
        let one = c.clone();
        write(db, move |tx| {
            let rules = [off("People", Kind::Person), off("Groups", Kind::Group)];
            rule::replace_all(tx, "owner", 21, &one, &rules, "off")
        }).await;
        let assigned = read(db, move |tx| assignment::list(tx, key, 0, 10)).await;
        assert_eq!(assigned.len(), 1);
        let mut calls = 0;
        loop {
            let one = provider.clone();
            calls += 1;
            if write(db, move |tx| m365::remove(tx, "sam", 200, &one, 4)).await {
                break;
            }
            assert!(read(db, move |tx| m365::by_connection(tx, key)).await.is_some(), "it goes last");
        }
        assert!(calls > 3, "in stretches: {calls}");
        let left = rows(&fresh.location, key, &[people, groups]);
        assert!(left.iter().all(|(_, n)| *n == 0), "{left:?}");
        let workspace = owner.workspace;
        let (gone, kept, count) = read(db, move |tx| Ok((
            m365::by_key(tx, provider.key)?, m365::detached(tx, workspace, "contoso.example", 0, 10)?,
            m365::detached_count(tx, workspace, "contoso.example")?,
        ))).await;
        assert_eq!((gone, count), (None, 1));
        let (was, is) = (&assigned[0], &kept[0]);
        assert_eq!((is.object, is.id, is.kind, &is.label, is.assigned), (was.object, was.id, was.kind, &was.label, was.created));
        assert_eq!((is.detached, is.actor.as_str()), (200, "sam"));
        assert_eq!(audited(db, workspace, 2).await, ["microsoft_365.remove", "connection.remove"]);
    }

    async fn who_is_kept_comes_back_through_the_lock_only(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        set_mode(db, &provider, Mode::ProvisioningOnly, "a test").await.unwrap();
        let ann = ann(db, owner).await;
        let bob = create(db, owner, Kind::Person, person("bob@contoso.example")).await.unwrap();
        assign(db, &c, &ann).await.unwrap();
        assign(db, &c, &bob).await.unwrap();
        assert!(write(db, move |tx| m365::remove(tx, "owner", 30, &provider, 10_000)).await);
        let (provider, c) = locked(db, owner).await;
        let w = owner.workspace;
        let bring = |provider: &Provider, c: &Connection, object: i64| {
            let (provider, c) = (provider.clone(), c.clone());
            db.write(move |tx| m365::reattach(tx, "owner", 40, &provider, &c, object))
        };
        assert_eq!(code(bring(&provider, &c, ann.key).await), "PRV-PROVIDER-NOT-ASSIGNABLE");
        assert_eq!(read(db, move |tx| m365::detached_count(tx, w, "contoso.example")).await, 2, "nothing is lost by a refusal");
        set_mode(db, &provider, Mode::ProvisioningOnly, "a test").await.unwrap();
        assert!(bring(&provider, &c, ann.key).await.unwrap());
        assert!(!bring(&provider, &c, ann.key).await.unwrap(), "once");
        let key = c.key;
        assert_eq!(read(db, move |tx| assignment::set(tx, key)).await, [ann.key]);
        // A deleted person stays kept until the bin forgets them, and is then forgotten here too.
        let gone = bob.clone();
        write(db, move |tx| directory::delete(tx, &change(owner, 50), &gone)).await;
        assert!(!bring(&provider, &c, bob.key).await.unwrap());
        let kept = read(db, move |tx| m365::detached(tx, w, "contoso.example", 0, 10)).await;
        assert_eq!((kept.len(), kept[0].id, kept[0].label.is_empty()), (1, None, false));
        write(db, move |tx| recycle::purge(tx, "owner", 60, bob.key)).await;
        assert_eq!(read(db, move |tx| m365::detached_count(tx, w, "contoso.example")).await, 0);
    }

    async fn who_is_kept_can_be_forgotten_by_a_word_of_its_own(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (provider, c) = locked(db, owner).await;
        set_mode(db, &provider, Mode::ProvisioningOnly, "a test").await.unwrap();
        let ann = ann(db, owner).await;
        assign(db, &c, &ann).await.unwrap();
        assert_eq!(write(db, move |tx| m365::detach_all(tx, "owner", 30, &provider)).await, 1);
        let w = owner.workspace;
        assert_eq!(write(db, move |tx| m365::forget_detached(tx, "owner", 31, w, "contoso.example")).await, 1);
        assert_eq!(audited(db, w, 1).await, ["microsoft_365.forget"]);
        assert_eq!(write(db, move |tx| m365::forget_detached(tx, "owner", 32, w, "contoso.example")).await, 0);
        assert_eq!(read(db, move |tx| assignment::set(tx, c.key)).await, [ann.key], "the assignment itself stands");
    }
}

async fn active_elsewhere(db: &Db, workspace: i64) -> Provider {
    add(
        db,
        workspace,
        "Second",
        "lab.contoso.example",
        DomainState::Verified,
    )
    .await
    .unwrap()
}
