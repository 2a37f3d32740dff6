use crate::harness::{both, provider_named, read};
use provost_scim::leniency::Dialect;
use provost_scim::sheet::Sheet;
use provost_store::provider::{self, Edit, New, Permission, Provider, Settings, State, Takeover};
use provost_store::{Db, Error, audit, team, workspace};
use uuid::Uuid;

async fn space(db: &Db) -> i64 {
    db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso"))
        .await
        .unwrap()
        .key
}

async fn sales(db: &Db, workspace: i64) -> Result<team::Team, Error> {
    db.write(move |tx| team::create(tx, "owner", 2, workspace, Uuid::now_v7(), "Sales"))
        .await
}

/// Makes a provider in one go; what is not named is usual.
async fn make(
    db: &Db,
    workspace: i64,
    name: &'static str,
    role: &'static str,
    team: Option<&'static str>,
    settings: Settings,
) -> Result<Provider, Error> {
    db.write(move |tx| {
        let new = New {
            id: Uuid::now_v7(),
            workspace,
            name,
            role,
            team,
            state: State::Draft,
            settings: &settings,
        };
        provider::create(tx, "owner", 3, &new)
    })
    .await
}

async fn edit(
    db: &Db,
    provider: &Provider,
    with: fn(&Settings) -> Edit<'_>,
    settings: Settings,
) -> Result<Provider, Error> {
    let provider = provider.clone();
    db.write(move |tx| provider::edit(tx, "owner", 9, &provider, &with(&settings)))
        .await
}

/// The newest rows of the audit log, newest first, as `action detail`.
async fn audited(db: &Db, workspace: i64, rows: i64) -> Vec<String> {
    let entries = read(db, move |tx| audit::latest(tx, workspace, rows)).await;
    entries
        .into_iter()
        .map(|e| format!("{} {}", e.action, e.detail))
        .collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code().unwrap_or("no refusal")
}

both! {
    async fn a_provider_is_kept_with_its_settings(fresh) {
        let workspace = space(&fresh.db).await;
        sales(&fresh.db, workspace).await.unwrap();
        let settings = Settings {
            permission: Some(Permission::Write),
            dialect: Some(Dialect::EntraScim062020),
            sheet: Sheet::template("peripass"),
            takeover: Takeover::Unowned,
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            requests_per_second: 25,
            ..Settings::default()
        };
        let made = make(&fresh.db, workspace, "Entra", "auditor", Some("Sales"), settings.clone()).await.unwrap();
        assert_eq!((&made.settings, made.state, made.seen), (&settings, State::Draft, None));
        let by_name = read(&fresh.db, move |tx| provider::by_name(tx, workspace, "Entra")).await.unwrap();
        let key = made.key;
        let by_key = read(&fresh.db, move |tx| provider::by_key(tx, key)).await.unwrap();
        assert_eq!((&by_name, &by_key), (&made, &made));
        assert_eq!(read(&fresh.db, move |tx| provider::all(tx, workspace)).await, [made]);
        assert_eq!(make(&fresh.db, workspace, "Entra", "user", None, Settings::default()).await, Err(Error::Conflict));
    }

    async fn what_a_provider_cannot_do_is_refused(fresh) {
        let (db, workspace) = (&fresh.db, space(&fresh.db).await);
        let usual = Settings::default;
        assert_eq!(code(make(db, workspace, "Entra", "owner", None, usual()).await), "PRV-ROLE-OWNER");
        assert_eq!(code(make(db, workspace, "Entra", "king", None, usual()).await), "PRV-WORD");
        assert_eq!(code(make(db, workspace, "Entra", "user", Some("Sales"), usual()).await), "PRV-TEAM-UNKNOWN");
        let read_only = Settings { permission: Some(Permission::Read), ..usual() };
        assert_eq!(code(make(db, workspace, "Entra", "user", None, read_only).await), "PRV-PROVIDER-PERMISSION");
        assert_eq!(code(make(db, workspace, "Entra", "user", None, Settings { log_days: 0, ..usual() }).await), "PRV-PROVIDER-SETTINGS");
        for name in ["", " Entra", "En\ntra"] {
            assert_eq!(code(make(db, workspace, name, "user", None, usual()).await), "PRV-NAME", "{name:?}");
        }
        let mut sheet = Sheet::template("connecter").unwrap();
        sheet.attributes[0].name = "urn:contoso:scim:schemas:badge:1.0:User:number".into();
        let foreign = Settings { sheet: Some(sheet), ..usual() };
        assert_eq!(code(make(db, workspace, "Entra", "user", None, foreign).await), "PRV-PROVIDER-SHEET");
        assert!(read(db, move |tx| provider::all(tx, workspace)).await.is_empty());
        for role in provider::ROLES {
            provider::check_role(role).unwrap();
        }
    }

    async fn an_edit_is_audited_by_the_names_of_what_changed(fresh) {
        let (db, workspace) = (&fresh.db, space(&fresh.db).await);
        sales(db, workspace).await.unwrap();
        let draft = make(db, workspace, "Entra", "user", None, Settings::default()).await.unwrap();
        let saved = edit(db, &draft, |_| Edit { state: Some(State::Saved), ..Edit::default() }, Settings::default()).await.unwrap();
        assert_eq!(audited(db, workspace, 1).await, ["provider.save draft"]);
        let after = edit(db, &saved, |settings| Edit {
            role: Some("auditor"), team: Some(Some("Sales")), settings: Some(settings), ..Edit::default()
        }, Settings { takeover: Takeover::Always, burst: 7, ..Settings::default() }).await.unwrap();
        assert_eq!((after.role.as_str(), after.team.as_deref(), after.settings.burst), ("auditor", Some("Sales"), 7));
        assert_eq!(audited(db, workspace, 1).await, ["provider.edit role, team, burst, takeover"]);
        let key = after.key;
        assert_eq!(read(db, move |tx| provider::by_key(tx, key)).await, Some(after.clone()));
        // The same again changes nothing; a draft it cannot be again; the team goes only with the permission.
        let rows = audited(db, workspace, 100).await.len();
        edit(db, &after, |_| Edit { role: Some("auditor"), ..Edit::default() }, Settings::default()).await.unwrap();
        assert_eq!(audited(db, workspace, 100).await.len(), rows);
        assert_eq!(code(edit(db, &after, |_| Edit { state: Some(State::Draft), ..Edit::default() }, Settings::default()).await), "PRV-PROVIDER-STATE");
        let writing = Settings { permission: Some(Permission::Write), ..Settings::default() };
        let after = edit(db, &after, |settings| Edit { settings: Some(settings), ..Edit::default() }, writing).await.unwrap();
        assert_eq!(code(edit(db, &after, |_| Edit { team: Some(None), ..Edit::default() }, Settings::default()).await), "PRV-PROVIDER-PERMISSION");
        edit(db, &after, |_| Edit { state: Some(State::Off), ..Edit::default() }, Settings::default()).await.unwrap();
        assert_eq!(audited(db, workspace, 1).await, ["provider.off saved"]);
    }

    async fn an_edit_keeps_what_somebody_else_changed_meanwhile(fresh) {
        let (db, workspace) = (&fresh.db, space(&fresh.db).await);
        let stale = make(db, workspace, "Entra", "user", None, Settings::default()).await.unwrap();
        edit(db, &stale, |_| Edit { role: Some("auditor"), ..Edit::default() }, Settings::default()).await.unwrap();
        let after = edit(db, &stale, |_| Edit { state: Some(State::Saved), ..Edit::default() }, Settings::default()).await.unwrap();
        assert_eq!((after.role.as_str(), after.state), ("auditor", State::Saved));
    }

    async fn what_requests_showed_is_noted(fresh) {
        let owner = provider_named(&fresh.db, "Contoso", "Entra").await;
        let key = owner.key;
        for (dialect, now) in [(None, 50), (Some(Dialect::Entra), 60), (None, 70)] {
            fresh.db.write(move |tx| provider::note_seen(tx, key, dialect, now)).await.unwrap();
        }
        let found = read(&fresh.db, move |tx| provider::by_key(tx, key)).await.unwrap();
        assert_eq!((found.seen, found.first_request, found.last_request), (Some(Dialect::Entra), Some(50), Some(70)));
    }

    async fn teams_have_names_of_their_own(fresh) {
        let workspace = space(&fresh.db).await;
        let made = sales(&fresh.db, workspace).await.unwrap();
        assert_eq!(sales(&fresh.db, workspace).await, Err(Error::Conflict));
        assert_eq!(read(&fresh.db, move |tx| team::by_name(tx, workspace, "Sales")).await, Some(made.clone()));
        assert_eq!(read(&fresh.db, move |tx| team::all(tx, workspace)).await, [made]);
        assert_eq!(read(&fresh.db, move |tx| team::by_name(tx, workspace + 1, "Sales")).await, None);
    }
}
