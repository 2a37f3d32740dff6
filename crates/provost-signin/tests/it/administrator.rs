//! Who may decide who administers, and what nobody may do.

use crate::authenticator::Authenticator;
use crate::bench::{Bench, ORIGIN, START, code, is_denied, visit};
use provost_signin::{Actor, Details, Signed};
use provost_store::administrator::{Grant, Role, State};
use provost_store::api_token::{self, Scope};

fn everywhere(role: Role) -> Grant {
    Grant {
        workspace: None,
        role,
    }
}

fn within(workspace: i64, role: Role) -> Grant {
    Grant {
        workspace: Some(workspace),
        role,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_somebody_who_adds_a_way_in() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let grants = [within(bench.workspace, Role::AccessAdmin)];
    let (ann, key) = bench
        .signin
        .invite(&owner, "Ann", "ann@contoso.example", &grants, START)
        .await
        .unwrap();
    let opened = bench.signin.follow(&key, &visit(), START).await.unwrap();
    assert_eq!(opened.signed.administrator.id, ann.id);
    assert_eq!(opened.signed.role_in(bench.workspace), Some(Role::AccessAdmin));
    assert_eq!(opened.signed.role_in(bench.workspace + 1), None);
    assert_eq!(opened.signed.role_everywhere(), None);
    let mut device = Authenticator::new(ORIGIN);
    bench
        .add_passkey(&opened.signed, &mut device, START)
        .await
        .unwrap();
    assert!(bench.enter_by_passkey(&mut device, START).await.is_ok());
    let listed = bench.signin.administrators(0, 10).await.unwrap();
    let names: Vec<_> = listed.iter().map(|one| one.administrator.name.as_str()).collect();
    assert_eq!(names, ["Olga Owner", "Ann"]);
    assert_eq!(listed[1].ways.passkeys.len(), 1);
    let none = bench
        .signin
        .invite(&owner, "Bob", "bob@contoso.example", &[], START)
        .await;
    assert_eq!(code(none), "PRV-ADMINISTRATOR-ROLELESS");
    let taken = bench
        .signin
        .invite(&owner, "Ann", "ANN@contoso.example", &grants, START)
        .await;
    assert_eq!(code(taken), "PRV-EMAIL-TAKEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_workspace_decides_there_and_nowhere_else() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let here = bench.workspace;
    let grants = [within(here, Role::Owner)];
    let invite = bench
        .signin
        .invite(&owner, "Wanda", "wanda@contoso.example", &grants, START);
    let (_, key) = invite.await.unwrap();
    let wanda = bench.signin.follow(&key, &visit(), START).await.unwrap().signed;
    let signin = &bench.signin;
    let olga = owner.administrator.id;
    let (ann, _) = signin
        .invite(
            &wanda,
            "Ann",
            "ann@contoso.example",
            &[within(here, Role::Auditor)],
            START,
        )
        .await
        .unwrap();
    signin
        .set_role(&wanda, ann.id, Some(here), Role::AccessAdmin, START)
        .await
        .unwrap();
    for refused in [
        signin.set_role(&wanda, ann.id, None, Role::Auditor, START).await,
        signin
            .set_role(&wanda, ann.id, Some(here + 1), Role::Auditor, START)
            .await,
        signin
            .set_role(&wanda, wanda.administrator.id, None, Role::Owner, START)
            .await,
        signin.block(&wanda, olga, START).await.map(drop),
        signin.block(&wanda, ann.id, START).await.map(drop),
        signin.unblock(&wanda, ann.id, START).await.map(drop),
        signin.remove(&wanda, ann.id, START).await,
        signin.reset(&wanda, olga, START).await.map(drop),
        signin.end_sessions(&wanda, olga, START).await.map(drop),
        signin
            .edit(&wanda, ann.id, Details::default(), START)
            .await
            .map(drop),
        signin.take_role(&wanda, olga, None, START).await.map(drop),
        signin
            .invite(
                &wanda,
                "Eve",
                "eve@contoso.example",
                &[within(here, Role::Auditor), everywhere(Role::Owner)],
                START,
            )
            .await
            .map(drop),
    ] {
        assert_eq!(code(refused), "PRV-SIGNIN-ROLE");
    }
    assert_eq!(
        bench.rows("administrator"),
        3,
        "a refused invitation leaves nobody behind"
    );
    assert!(signin.take_role(&wanda, ann.id, Some(here), START).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_role_decides_anything() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    for role in [
        Role::ConfigurationAdmin,
        Role::ProvisioningOperator,
        Role::AccessAdmin,
        Role::Auditor,
    ] {
        let one = bench.invited(&owner, role.as_str(), role).await.signed;
        let own = one.administrator.id;
        for workspace in [None, Some(bench.workspace)] {
            let raised = bench
                .signin
                .set_role(&one, own, workspace, Role::Owner, START)
                .await;
            assert_eq!(code(raised), "PRV-SIGNIN-ROLE", "{role}");
        }
        let removed = bench.signin.remove(&one, owner.administrator.id, START).await;
        assert_eq!(code(removed), "PRV-SIGNIN-ROLE", "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_is_neither_blocked_nor_removed_nor_demoted() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let own = owner.administrator.id;
    let signin = &bench.signin;
    for refused in [
        signin.block(Actor::Command, own, START).await.map(drop),
        signin.remove(Actor::Command, own, START).await,
        signin.set_role(&owner, own, None, Role::Auditor, START).await,
        signin.take_role(&owner, own, None, START).await.map(drop),
    ] {
        assert_eq!(code(refused), "PRV-OWNER-LAST");
    }
    let found = signin.administrator(own).await.unwrap().unwrap();
    assert_eq!(found.administrator.state, State::Active);
    assert_eq!(found.grants, [everywhere(Role::Owner)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_remove_each_other_one_stays() {
    let bench = Bench::new().await;
    let (olga, _device) = bench.owner_with_passkey().await;
    let pia = bench.invited(&olga, "Pia", Role::Owner).await.signed;
    let mut hers = Authenticator::new(ORIGIN);
    bench.add_passkey(&pia, &mut hers, START).await.unwrap();
    let pia = bench.again(&pia, START).await;
    let race = |actor: Signed, other: &Signed| {
        let (signin, other) = (bench.signin.clone(), other.administrator.id);
        tokio::spawn(async move { signin.remove(&actor, other, START).await.is_ok() })
    };
    let (one, other) = (race(olga.clone(), &pia), race(pia.clone(), &olga));
    let done = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(bench.rows("administrator"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_blocks_removes_or_resets_themselves() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let pia = bench.invited(&owner, "Pia", Role::Owner).await.signed;
    let own = pia.administrator.id;
    for refused in [
        bench.signin.block(&pia, own, START).await.map(drop),
        bench.signin.remove(&pia, own, START).await,
        bench.signin.reset(&pia, own, START).await.map(drop),
    ] {
        assert_eq!(code(refused), "PRV-ADMINISTRATOR-SELF");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_demoted_or_blocked_decides_nothing_more() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let pia = bench.invited(&owner, "Pia", Role::Owner).await.signed;
    let eve = bench
        .invited(&owner, "Eve", Role::Auditor)
        .await
        .signed
        .administrator
        .id;
    // What Pia's request saw when it came in is older than what holds now.
    bench
        .signin
        .set_role(&owner, pia.administrator.id, None, Role::Auditor, START)
        .await
        .unwrap();
    assert_eq!(
        code(bench.signin.remove(&pia, eve, START).await),
        "PRV-SIGNIN-ROLE"
    );
    bench
        .signin
        .set_role(&owner, pia.administrator.id, None, Role::Owner, START)
        .await
        .unwrap();
    bench
        .signin
        .block(&owner, pia.administrator.id, START)
        .await
        .unwrap();
    assert!(is_denied(&bench.signin.remove(&pia, eve, START).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_everything_and_gives_a_new_beginning() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let opened = bench.invited(&owner, "Ann", Role::ConfigurationAdmin).await;
    let mut device = Authenticator::new(ORIGIN);
    bench
        .add_passkey(&opened.signed, &mut device, START)
        .await
        .unwrap();
    let ann = bench.again(&opened.signed, START).await;
    let (whose, id, workspace) = (ann.administrator.key, ann.administrator.id, bench.workspace);
    let token = bench
        .db
        .write(move |tx| {
            let new = api_token::New {
                workspace,
                label: "Ann's",
                scope: Scope::Read,
                expires: None,
                administrator: Some(whose),
            };
            api_token::make(tx, "test", START, &new)
        })
        .await
        .unwrap();
    let old = bench
        .signin
        .link(&owner, id, provost_signin::Purpose::Signin, START)
        .await
        .unwrap();
    let key = bench.signin.reset(&owner, id, START).await.unwrap();
    assert!(is_denied(&bench.enter_by_passkey(&mut device, START).await));
    assert!(bench.signin.check(&opened.cookie, START).await.unwrap().is_none());
    assert_eq!(
        code(bench.signin.follow(&old, &visit(), START).await),
        "PRV-SIGNIN-LINK"
    );
    let accepted = bench
        .db
        .read(move |tx| api_token::accept(tx, &token.text, START))
        .await
        .unwrap();
    assert!(accepted.is_err());
    let again = bench.signin.follow(&key, &visit(), START).await.unwrap().signed;
    assert!(bench.signin.ways(&again).await.unwrap().is_empty());
    assert_eq!(again.role_everywhere(), Some(Role::ConfigurationAdmin));
    bench
        .add_passkey(&again, &mut Authenticator::new(ORIGIN), START)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_gives_an_owner_who_lost_everything_a_new_beginning() {
    let bench = Bench::new().await;
    let (owner, mut device) = bench.owner_with_passkey().await;
    let id = owner.administrator.id;
    let key = bench.signin.reset(Actor::Command, id, START).await.unwrap();
    assert!(is_denied(&bench.enter_by_passkey(&mut device, START).await));
    let again = bench.signin.follow(&key, &visit(), START).await.unwrap().signed;
    assert!(again.is_owner());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_change_their_own_details() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let late = START + 3_600_000;
    let german = Details {
        language: Some("de".to_owned()),
        zone: Some("Europe/Berlin".to_owned()),
        ..Details::default()
    };
    let after = bench.signin.edit_self(&owner, german, late).await.unwrap();
    assert_eq!(
        (after.language.as_str(), after.zone.as_str()),
        ("de", "Europe/Berlin")
    );
    let address = Details {
        email: Some("olga.owner@contoso.example".to_owned()),
        ..Details::default()
    };
    let stale = bench.signin.edit_self(&owner, address.clone(), late).await;
    assert_eq!(code(stale), "PRV-SIGNIN-STALE");
    let after = bench.signin.edit_self(&owner, address, START).await.unwrap();
    assert_eq!(after.email, "olga.owner@contoso.example");
}
