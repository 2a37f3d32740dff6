//! The federation of a domain: one act at a time, ten minutes between two switches, and the provider's state with it.

use crate::harness::{audited, both, entra, read, write};
use provost_store::federation::{self, Act, ActKind, Mfa, Order, Outcome, Protocol, Seen, SignOff, State};
use provost_store::microsoft_365::{self as m365, DomainState, Look, New, Provider, State as Standing};
use provost_store::problems::{self, Asked};
use provost_store::{Db, Error};
use serde_json::{Value, json};
use uuid::Uuid;

const REST: i64 = 600_000;
const DAY: i64 = 86_400_000;

async fn active(db: &Db, workspace: i64) -> Provider {
    write(db, move |tx| {
        let (settings, look) = (
            json!({}),
            Look {
                domain: DomainState::Verified,
                tenant_id: None,
            },
        );
        let new = New {
            id: Uuid::now_v7(),
            workspace,
            name: "Microsoft 365",
            label: "",
            link_key: "User: UDI",
            domain: "contoso.example",
            tenant_name: "contoso",
            look: &look,
            settings: &settings,
        };
        m365::create(tx, "owner", 5, &new)
    })
    .await
}

async fn begin(db: &Db, provider: &Provider, act: ActKind, now: i64) -> Result<Act, Error> {
    let found = provider.clone();
    db.write(move |tx| {
        let (before, sent) = (
            Value::Null,
            json!({"issuerUri": "https://hub.contoso.example/idp/1"}),
        );
        let order = Order {
            act,
            before: &before,
            sent: &sent,
            rest: REST,
        };
        federation::begin(tx, "owner", now, &found, order)?;
        Ok(federation::open(tx, found.key)?.unwrap())
    })
    .await
}

async fn end(db: &Db, provider: &Provider, act: &Act, now: i64, state: Option<State>) {
    let (found, act) = (provider.clone(), act.clone());
    write(db, move |tx| {
        federation::end(tx, "owner", now, &found, &act, state, "told")
    })
    .await;
}

async fn of(db: &Db, provider: &Provider) -> federation::Federation {
    let key = provider.key;
    read(db, move |tx| federation::of(tx, key)).await
}

async fn standing(db: &Db, provider: &Provider) -> Standing {
    let key = provider.key;
    read(db, move |tx| m365::by_key(tx, key)).await.unwrap().state
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().code().unwrap_or_default().to_owned()
}

both! {
    async fn one_act_at_a_time_and_the_provider_follows(fresh) {
        let (db, workspace) = (&fresh.db, entra(&fresh.db).await.workspace);
        let provider = active(db, workspace).await;
        assert_eq!(code(begin(db, &provider, ActKind::RollBack, 10).await), "PRV-FEDERATION-STATE");
        let act = begin(db, &provider, ActKind::Switch, 10).await.unwrap();
        assert_eq!((of(db, &provider).await.state, standing(db, &provider).await), (State::Switching, Standing::Active));
        assert_eq!(code(begin(db, &provider, ActKind::Switch, 11).await), "PRV-FEDERATION-STATE", "somebody was first");
        end(db, &provider, &act, 12, None).await;
        assert_eq!(of(db, &provider).await.state, State::Switching, "nobody knows yet");
        end(db, &provider, &act, 13, Some(State::Federated)).await;
        let now = of(db, &provider).await;
        assert_eq!((now.state, now.since, now.switched), (State::Federated, 13, 13));
        assert_eq!(standing(db, &provider).await, Standing::Federated);
        assert_eq!(now.sent["issuerUri"], "https://hub.contoso.example/idp/1");
        // Ended twice is ended once.
        end(db, &provider, &act, 14, Some(State::Managed)).await;
        assert_eq!(of(db, &provider).await.state, State::Federated);

        // Its certificate is told of two months before its end; within the last one it stands among the credentials.
        let (found, ends) = (provider.clone(), 100 * DAY);
        write(db, move |tx| federation::put_checks(tx, 14, &found, &json!({"checks": []}), ends)).await;
        for (left, is_told) in [(61, false), (59, true), (31, true), (29, false)] {
            let asked = Asked { workspace, now: ends - left * DAY, ..Asked::default() };
            let told = read(db, move |tx| problems::list(tx, &asked, 9)).await.problems;
            assert_eq!(told.iter().any(|one| one.code == "PRV-FEDERATION-CERTIFICATE"), is_told, "{left}: {told:?}");
        }

        assert_eq!(code(begin(db, &provider, ActKind::RollBack, 13 + REST - 1).await), "PRV-FEDERATION-LOCKED");
        let back = begin(db, &provider, ActKind::RollBack, 13 + REST).await.unwrap();
        assert_eq!(standing(db, &provider).await, Standing::Federated, "until it is known");
        end(db, &provider, &back, 14 + REST, Some(State::Managed)).await;
        let now = of(db, &provider).await;
        assert_eq!((now.state, &now.sent), (State::Managed, &Value::Null));
        assert_eq!(standing(db, &provider).await, Standing::Active);
        let key = provider.key;
        let acts = read(db, move |tx| federation::acts(tx, key, i64::MAX, 10)).await;
        let seen: Vec<_> = acts.iter().map(|one| (one.act, one.outcome)).collect();
        assert_eq!(seen, [(ActKind::RollBack, Outcome::Done), (ActKind::Switch, Outcome::Done)]);
    }

    async fn a_switch_that_failed_locks_nothing(fresh) {
        let (db, workspace) = (&fresh.db, entra(&fresh.db).await.workspace);
        let provider = active(db, workspace).await;
        let act = begin(db, &provider, ActKind::Switch, 10).await.unwrap();
        end(db, &provider, &act, 11, Some(State::Managed)).await;
        assert_eq!(of(db, &provider).await.switched, 0);
        begin(db, &provider, ActKind::Switch, 12).await.unwrap();
    }

    async fn what_is_kept_goes_with_the_provider(fresh) {
        let (db, workspace) = (&fresh.db, entra(&fresh.db).await.workspace);
        let provider = active(db, workspace).await;
        let found = provider.clone();
        write(db, move |tx| {
            federation::choose(tx, "owner", 6, &found, Protocol::WsFederation, Mfa::Enforce)?;
            federation::save_roll_back_command(tx, "owner", 7, &found, "ABCD-0123")?;
            federation::put_checks(tx, 8, &found, &json!({"checks": []}), 99)?;
            let one = SignOff {
                line: "pilot".into(), digest: "1".into(), person: "Ann".into(), reason: "seen".into(), signed: 0,
                actor: "owner".into(),
            };
            federation::sign_off(tx, 9, &found, &one)?;
            let seen = Seen { trouble: "it is otherwise.".into(), is_everywhere: true };
            federation::note_seen(tx, "owner", 10, &found, &seen)
        }).await;
        let now = of(db, &provider).await;
        assert_eq!((now.protocol, now.mfa, now.saved, now.checked, now.ends), (Protocol::WsFederation, Mfa::Enforce, 7, 8, 99));
        assert_eq!((now.trouble.as_str(), now.trouble_since, now.everywhere), ("it is otherwise.", 10, 10));
        let nameless = SignOff {
            line: "pilot".into(), digest: "1".into(), person: " ".into(), reason: "seen".into(), signed: 0, actor: "owner".into(),
        };
        let found = provider.clone();
        assert_eq!(code(db.write(move |tx| federation::sign_off(tx, 9, &found, &nameless)).await), "PRV-FEDERATION-SIGN-OFF");
        let actions = audited(db, workspace, 100).await;
        for what in ["choose", "roll_back_command", "sign_off", "otherwise"] {
            assert!(actions.iter().any(|one| one.contains(&format!("microsoft_365.federation.{what}"))), "{what}: {actions:?}");
        }
        let found = provider.clone();
        assert!(write(db, move |tx| m365::remove(tx, "owner", 11, &found, 100)).await);
        let key = provider.key;
        let (left, signed) = read(db, move |tx| Ok::<_, Error>((federation::of(tx, key)?, federation::sign_offs(tx, key)?))).await;
        assert!(left.saved == 0 && signed.is_empty());
    }
}
