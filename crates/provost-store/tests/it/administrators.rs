use crate::harness::{audited, both, entra, read, write};
use provost_store::administrator::{self, Administrator, Edit, Grant, Role, State};
use provost_store::api_token::{self, Scope};
use provost_store::one_time_link::{self, Purpose};
use provost_store::session::{self, Method};
use provost_store::token::Refusal;
use provost_store::{Db, Error, audit, ceremony, password, recovery_code, signin_identity};
use uuid::Uuid;

/// Makes an administrator of Contoso.
pub async fn hire(db: &Db, name: &str) -> Administrator {
    let name = name.to_owned();
    write(db, move |tx| {
        let email = format!("{}@contoso.example", name.to_lowercase());
        administrator::create(tx, "test", 1, Uuid::now_v7(), &name, &email)
    })
    .await
}

/// Makes an owner of the installation who can sign in by password.
pub async fn hire_owner(db: &Db, name: &str) -> Administrator {
    let made = hire(db, name).await;
    let key = made.key;
    write(db, move |tx| {
        administrator::grant(tx, "test", 1, key, None, Role::Owner)?;
        password::set(tx, "test", 1, key, "$argon2id$")
    })
    .await;
    made
}

/// What a browser brings along.
pub fn visit(administrator: i64) -> session::New<'static> {
    session::New {
        administrator,
        method: Method::Password,
        csrf: "c",
        fresh: 10,
        expires: 1_000_000,
        address: "127.0.0.1",
        agent: "a browser",
    }
}

/// The code of a refusal.
pub async fn refused<T: Send + 'static>(
    db: &Db,
    f: impl FnMut(&mut provost_store::Tx) -> Result<T, Error> + Send + 'static,
) -> &'static str {
    let error = db.write(f).await.err().expect("a refusal");
    error.code().unwrap_or_else(|| panic!("{error}"))
}

both! {
    async fn administrators_are_found_by_key_id_and_address_in_any_case(fresh) {
        let db = &fresh.db;
        let ann = hire(db, "Ann").await;
        let (key, id) = (ann.key, ann.id);
        for found in [
            read(db, move |tx| administrator::by_key(tx, key)).await,
            read(db, move |tx| administrator::by_id(tx, id)).await,
            read(db, |tx| administrator::by_email(tx, "ANN@Contoso.EXAMPLE")).await,
        ] {
            assert_eq!(found.as_ref(), Some(&ann));
        }
        assert_eq!((ann.state, ann.stamp, ann.last_signin, ann.actor().as_str()), (State::Active, 0, None, "administrator ann@contoso.example"));
        assert_eq!(read(db, |tx| administrator::by_email(tx, "bob@contoso.example")).await, None);
        assert_eq!(refused(db, |tx| administrator::create(tx, "x", 2, Uuid::now_v7(), "Ann", "Ann@contoso.example")).await, "PRV-EMAIL-TAKEN");
        for wrong in ["", "ann", "@contoso.example", "ann@", "a nn@contoso.example", "ann@contoso.example\n"] {
            assert_eq!(refused(db, move |tx| administrator::create(tx, "x", 2, Uuid::now_v7(), "Ann", wrong)).await, "PRV-EMAIL", "{wrong:?}");
        }
        assert_eq!(refused(db, |tx| administrator::create(tx, "x", 2, Uuid::now_v7(), " Bob", "bob@contoso.example")).await, "PRV-NAME");
        assert_eq!(audited(db, audit::INSTALLATION, 9).await, ["administrator.create"]);
    }

    async fn the_list_is_walked_by_key(fresh) {
        let db = &fresh.db;
        let mut made = Vec::new();
        for name in ["Ann", "Bob", "Cat", "Dan", "Eve"] { made.push(hire(db, name).await.key); }
        let (mut after, mut walked) = (0, Vec::new());
        loop {
            let page = read(db, move |tx| administrator::list(tx, after, 2)).await;
            let Some(last) = page.last() else { break };
            after = last.key;
            walked.extend(page.iter().map(|a| a.key));
            let second = made[1];
            write(db, move |tx| match administrator::by_key(tx, second)? {
                Some(_) => administrator::remove(tx, "x", 2, second),
                None => Ok(()),
            }).await;
        }
        assert_eq!(walked, made, "who went after they were seen moves nobody");
    }

    async fn an_edit_changes_what_it_names(fresh) {
        let db = &fresh.db;
        let key = hire(db, "Ann").await.key;
        hire(db, "Bob").await;
        let edit = |edit: Edit<'static>| db.write(move |tx| administrator::edit(tx, "ann", 5, key, edit));
        let now = edit(Edit { zone: Some("Europe/Berlin"), language: Some("de"), ..Edit::default() }).await.unwrap();
        assert_eq!((now.name.as_str(), now.zone.as_str(), now.language.as_str()), ("Ann", "Europe/Berlin", "de"));
        let same = edit(Edit { email: Some("Ann@Contoso.example"), ..Edit::default() }).await.unwrap();
        assert_eq!(same.email, "Ann@Contoso.example", "her own address in another case");
        for (wrong, code) in [
            (Edit { email: Some("bob@contoso.example"), ..Edit::default() }, "PRV-EMAIL-TAKEN"),
            (Edit { zone: Some("a b"), ..Edit::default() }, "PRV-PREFERENCE"),
            (Edit { name: Some(""), ..Edit::default() }, "PRV-NAME"),
        ] {
            assert_eq!(edit(wrong).await.unwrap_err().code(), Some(code));
        }
        let log = audited(db, audit::INSTALLATION, 9).await;
        edit(Edit::default()).await.unwrap();
        assert_eq!(audited(db, audit::INSTALLATION, 9).await, log, "nothing differs, nothing is written");
        assert_eq!(log[..2], ["administrator.edit", "administrator.edit"]);
    }

    async fn a_role_holds_in_its_workspace_and_the_owner_wins(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let key = hire(db, "Ann").await.key;
        let role = || read(db, move |tx| Ok((administrator::role_in(tx, key, space)?, administrator::role_in(tx, key, space + 1)?)));
        assert_eq!(role().await, (None, None));
        write(db, move |tx| administrator::grant(tx, "bob", 2, key, None, Role::Auditor)).await;
        write(db, move |tx| administrator::grant(tx, "bob", 2, key, Some(space), Role::AccessAdmin)).await;
        assert_eq!(role().await, (Some(Role::AccessAdmin), Some(Role::Auditor)));
        write(db, move |tx| administrator::grant(tx, "bob", 2, key, None, Role::Owner)).await;
        assert_eq!(role().await, (Some(Role::Owner), Some(Role::Owner)), "an owner of all owns this one too");
        let list = read(db, move |tx| administrator::grants(tx, key)).await;
        assert_eq!(list, [Grant { workspace: None, role: Role::Owner }, Grant { workspace: Some(space), role: Role::AccessAdmin }]);
        assert!(write(db, move |tx| administrator::revoke(tx, "bob", 3, key, Some(space))).await);
        assert!(!write(db, move |tx| administrator::revoke(tx, "bob", 3, key, Some(space))).await);
        assert_eq!(audited(db, space, 2).await, ["administrator.revoke", "administrator.grant"], "in the workspace's own log");
        assert_eq!(refused(db, |tx| administrator::grant(tx, "bob", 3, 5, None, Role::Auditor)).await, "PRV-ADMINISTRATOR-GONE");
    }

    async fn blocked_is_blocked_for_everything_that_is_open(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let ann = hire(db, "Ann").await;
        let key = ann.key;
        let token = write(db, move |tx| {
            session::open(tx, 5, b"cookie", &visit(key))?;
            one_time_link::make(tx, "x", 5, b"link", Purpose::Signin, Some(key), 1_000)?;
            let begun = ceremony::New { kind: "code", administrator: Some(key), browser: b"b", state: "s", expires: 1_000 };
            ceremony::begin(tx, 5, b"ceremony", &begun)?;
            let new = api_token::New { workspace: space, label: "monitor", scope: Scope::Read, expires: None, administrator: Some(key) };
            api_token::make(tx, "ann", 5, &new)
        }).await.text;
        let accept = || { let text = token.clone(); read(db, move |tx| api_token::accept(tx, &text, 6)) };
        assert_eq!(accept().await.unwrap().administrator, Some(key));
        let blocked = write(db, move |tx| administrator::block(tx, "bob", 6, key)).await;
        assert_eq!((blocked.state, blocked.stamp), (State::Blocked, 1));
        assert_eq!(accept().await.unwrap_err(), Refusal::Revoked);
        assert_eq!(read(db, |tx| session::find(tx, b"cookie")).await, None);
        assert_eq!(read(db, |tx| one_time_link::look(tx, b"link", 7)).await, None);
        assert_eq!(write(db, |tx| ceremony::take(tx, b"ceremony", "code", b"b", 7)).await, None);
        assert_eq!(refused(db, move |tx| session::open(tx, 7, b"late", &visit(key))).await, "PRV-ADMINISTRATOR-BLOCKED", "a sign-in that was under way");
        // A link that is made for somebody who is blocked stays shut until they are not.
        write(db, move |tx| one_time_link::make(tx, "x", 7, b"second", Purpose::Enrol, Some(key), 1_000)).await;
        assert_eq!(read(db, |tx| one_time_link::look(tx, b"second", 8)).await, None);
        assert_eq!(write(db, |tx| one_time_link::use_up(tx, b"second", 8)).await, None);
        let again = write(db, move |tx| administrator::unblock(tx, "bob", 9, key)).await;
        assert!(again.is_active() && again.stamp > blocked.stamp);
        assert!(accept().await.is_ok());
        assert_eq!(read(db, |tx| session::find(tx, b"cookie")).await, None, "what was ended stays ended");
    }

    async fn removing_takes_every_way_in_along(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let key = hire(db, "Ann").await.key;
        let token = write(db, move |tx| {
            administrator::grant(tx, "x", 2, key, Some(space), Role::Owner)?;
            password::set(tx, "x", 2, key, "$argon2id$")?;
            recovery_code::replace(tx, "x", 2, key, &[vec![1]])?;
            let tie = signin_identity::Tie { administrator: key, issuer: "https://id.contoso.example", subject: "1", shown: "Ann" };
            signin_identity::tie(tx, "x", 2, &tie)?;
            session::open(tx, 2, b"cookie", &visit(key))?;
            let new = api_token::New { workspace: space, label: "monitor", scope: Scope::Read, expires: None, administrator: Some(key) };
            api_token::make(tx, "ann", 2, &new)
        }).await.text;
        write(db, move |tx| administrator::remove(tx, "bob", 3, key)).await;
        let left = read(db, move |tx| {
            Ok((
                administrator::by_key(tx, key)?.is_some(), administrator::grants(tx, key)?.len(), password::get(tx, key)?.is_some(),
                recovery_code::left(tx, key)?, signin_identity::find(tx, "https://id.contoso.example", "1")?, session::find(tx, b"cookie")?.is_some(),
                api_token::accept(tx, &token, 4)?.unwrap_err(),
            ))
        }).await;
        assert_eq!(left, (false, 0, false, 0, None, false, Refusal::Revoked));
        assert_eq!(audited(db, audit::INSTALLATION, 1).await, ["administrator.remove"]);
        assert_eq!(refused(db, move |tx| administrator::remove(tx, "bob", 3, key)).await, "PRV-ADMINISTRATOR-GONE");
    }
}
