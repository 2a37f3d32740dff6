//! Answers that were lost after the effect or before it, Microsoft's delay, and a process that ends in the middle: what
//! came of the switch, the roll-back and the renewal is read and never guessed (decision 30).

use super::*;
use std::time::{Duration, Instant};

const CHANGE: &str = "PATCH /domains/*/federationConfiguration/*";
const LOOK: &str = "GET /domains/*/federationConfiguration";

fn error(after: bool) -> Value {
    json!({"do": "answer", "error": "internal_error", "after": after})
}

impl Switchable {
    async fn renew(&self, step: Renewal) -> Result<Cockpit, Error> {
        self.engine
            .renew_federation(self.workspace(), NAME, step, "owner")
            .await
    }

    /// The federation that stands at Microsoft; null for none.
    async fn kept(&self) -> Value {
        let path = format!("/domains/{DOMAIN}/federationConfiguration");
        self.graph("GET", &path, None).await["value"][0].clone()
    }

    /// Certificates that this hub signs with: the current one, and the one beside it.
    async fn own(&self) -> (Value, Value) {
        let key = self.provider().await.key;
        let read = move |tx: &mut provost_store::Tx| signing_key::certificates(tx, key);
        let all = self.stage.hub.db.read(read).await.unwrap();
        let of = |slot| {
            let found = all.iter().find(|one| one.slot == slot);
            found.map_or(Value::Null, |one| json!(one.certificate.base64()))
        };
        (of(signing_key::Slot::Current), of(signing_key::Slot::Next))
    }

    async fn outcome(&self) -> (ActKind, Outcome, State) {
        let shown = self.show().await;
        (shown.acts[0].act, shown.acts[0].outcome, shown.record.state)
    }

    /// Begins the work, whose request of this operation is never answered, and ends it as the end of a process does once
    /// its intention is on the disk. What a new process knows is in the database alone.
    async fn killed<T: Send + 'static>(
        &self,
        operation: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) {
        self.fault(operation, json!({"do": "hang"}));
        let work = tokio::spawn(work);
        let deadline = Instant::now() + Duration::from_secs(60);
        while self
            .show()
            .await
            .acts
            .first()
            .is_none_or(|act| act.outcome != Outcome::Open)
        {
            assert!(Instant::now() < deadline, "{operation} was never reached");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        work.abort();
        assert!(work.await.is_err(), "it has ended by itself");
    }

    /// A process that ends in the switch.
    async fn killed_in_the_switch(&self) {
        let ready = self.ready().await;
        let (engine, workspace) = (self.engine.clone(), self.workspace());
        let switch = async move {
            let typed = (DOMAIN, ready.digest.as_str());
            let done = engine
                .switch_federation(workspace, NAME, URL, typed, "owner")
                .await;
            done.map(drop)
        };
        self.killed(CREATE, switch).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_the_effect_is_no_failure() {
    for effect in [
        error(true),
        json!({"do": "answer", "error": "unavailable", "after": true}),
    ] {
        let one = Switchable::new().await;
        let ready = one.ready().await;
        one.fault(CREATE, effect.clone());
        one.switch(&ready.digest).await.unwrap();
        let done = (ActKind::Switch, Outcome::Done, State::Federated);
        assert_eq!(
            (one.outcome().await, one.stands().await),
            (done, true),
            "{effect}"
        );
        one.wait(REST);
        one.fault(DELETE, effect.clone());
        one.roll_back().await.unwrap();
        let done = (ActKind::RollBack, Outcome::Done, State::Managed);
        assert_eq!(
            (one.outcome().await, one.stands().await),
            (done, false),
            "{effect}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_before_the_effect_is_a_failure_only_after_a_minute() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.fault(CREATE, error(false));
    assert_eq!(
        code(one.switch(&ready.digest).await),
        "PRV-FEDERATION-UNKNOWN-YET"
    );
    assert_eq!(one.show().await.record.state, State::Switching);
    one.wait(SETTLES);
    one.probe().await.unwrap();
    let failed = (ActKind::Switch, Outcome::Failed, State::Managed);
    assert_eq!((one.outcome().await, one.stands().await), (failed, false));

    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    one.wait(REST);
    one.fault(DELETE, error(false));
    assert_eq!(code(one.roll_back().await), "PRV-FEDERATION-UNKNOWN-YET");
    assert_eq!(one.show().await.record.state, State::RollingBack);
    one.wait(SETTLES);
    one.probe().await.unwrap();
    let failed = (ActKind::RollBack, Outcome::Failed, State::Federated);
    assert_eq!((one.outcome().await, one.stands().await), (failed, true));
}

/// Each step is answered by an error after it was done: Microsoft and this hub end with the same certificates.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_follows_what_stands() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    let (first, _) = one.own().await;
    let second = json!(sign(&one.stage, true).await);
    for (step, effect, current, next) in [
        (Renewal::Announce, error(true), &first, &second),
        (
            Renewal::Swap,
            json!({"do": "drop", "after": true}),
            &second,
            &first,
        ),
        (Renewal::Finish, error(true), &second, &Value::Null),
    ] {
        one.fault(CHANGE, effect);
        let after = one.renew(step).await.unwrap();
        assert!(
            after.record.trouble.is_empty(),
            "{step:?}: {}",
            after.record.trouble
        );
        let there = one.kept().await;
        assert_eq!(
            (&there["signingCertificate"], &there["nextSigningCertificate"]),
            (current, next),
            "{step:?}"
        );
        assert_eq!(one.own().await, (current.clone(), next.clone()), "{step:?}");
    }
}

/// The request may still be on its way: this hub neither changes over nor says that it failed, and sends nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_nobody_knows_of_stays_open_for_a_minute() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    sign(&one.stage, true).await;
    let before = one.own().await;
    one.renew(Renewal::Announce).await.unwrap();
    one.fault(CHANGE, error(false));
    assert_eq!(code(one.renew(Renewal::Swap).await), "PRV-FEDERATION-UNKNOWN-YET");
    let writes = one.stage.hub.simulator.counters().writes;
    assert_eq!(code(one.renew(Renewal::Swap).await), "PRV-FEDERATION-UNKNOWN-YET");
    assert_eq!(code(one.probe().await), "PRV-FEDERATION-UNKNOWN-YET");
    assert_eq!(
        one.stage.hub.simulator.counters().writes,
        writes,
        "nothing is sent"
    );
    assert_eq!(one.own().await, before);
    one.wait(SETTLES);
    let seen = one.probe().await.unwrap();
    assert!(seen.record.trouble.is_empty(), "{}", seen.record.trouble);
    let failed = (ActKind::Certificate, Outcome::Failed, State::Federated);
    assert_eq!((one.outcome().await, one.own().await), (failed, before.clone()));
    one.renew(Renewal::Swap).await.unwrap();
    assert_eq!(one.own().await, (before.1, before.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_renewal_has_failed_at_once() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    sign(&one.stage, true).await;
    one.fault(CHANGE, json!({"do": "answer", "error": "unknown_property"}));
    assert_eq!(code(one.renew(Renewal::Announce).await), "PRV-FEDERATION-FAILED");
    one.renew(Renewal::Announce).await.unwrap();
}

/// Graph knows the switch at once, the sign-in service twenty minutes later, in both directions.
#[tokio::test(flavor = "multi_thread")]
async fn that_it_is_known_everywhere_is_seen_and_not_assumed() {
    let mut settings = settings();
    settings.federation_delay_ms = 20 * 60_000;
    let one = Switchable::with(settings).await;
    one.close_migration().await;
    let ready = one.ready().await;
    let after = one.switch(&ready.digest).await.unwrap();
    assert_eq!(
        (after.record.state, after.record.everywhere),
        (State::Federated, 0)
    );
    one.wait(REST);
    assert_eq!(one.probe().await.unwrap().record.everywhere, 0, "too early");
    one.wait(11 * 60_000);
    let known = one.probe().await.unwrap().record;
    assert!(known.everywhere > known.since, "{known:?}");
    one.roll_back().await.unwrap();
    let back = one.show().await.record;
    assert_eq!((back.state, back.everywhere), (State::Managed, 0));
    assert!(back.trouble.is_empty(), "{}", back.trouble);
    one.wait(21 * 60_000);
    let known = one.probe().await.unwrap().record;
    assert!(known.everywhere > 0 && known.trouble.is_empty(), "{known:?}");
}

/// The request had no effect, or has it after the process has ended: both are read.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ended_in_a_switch_finds_out_what_came_of_it() {
    for has_effect in [false, true] {
        let one = Switchable::new().await;
        one.killed_in_the_switch().await;
        assert_eq!(one.show().await.record.state, State::Switching);
        assert!(one.assign().await.is_err(), "not while nobody knows");
        let found = match has_effect {
            true => {
                let sent = one.show().await.acts[0].sent.clone();
                let path = format!("/domains/{DOMAIN}/federationConfiguration");
                one.stage.hub.simulator.clear_faults();
                one.graph("POST", &path, Some(sent)).await;
                (ActKind::Switch, Outcome::Done, State::Federated)
            }
            false => {
                one.wait(SETTLES);
                (ActKind::Switch, Outcome::Failed, State::Managed)
            }
        };
        one.probe().await.unwrap();
        assert_eq!((one.outcome().await, one.stands().await), (found, has_effect));
        assert_eq!(one.assign().await.is_ok(), has_effect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ended_in_a_roll_back_finds_out_what_came_of_it() {
    for has_effect in [false, true] {
        let one = Switchable::new().await;
        let ready = one.ready().await;
        one.switch(&ready.digest).await.unwrap();
        one.wait(REST);
        let (engine, workspace) = (one.engine.clone(), one.workspace());
        let back = async move {
            let done = engine
                .roll_back_federation(workspace, NAME, DOMAIN, "owner")
                .await;
            done.map(drop)
        };
        one.killed(DELETE, back).await;
        assert_eq!(one.show().await.record.state, State::RollingBack);
        let found = match has_effect {
            true => {
                let id = one.kept().await["id"].as_str().unwrap().to_owned();
                let path = format!("/domains/{DOMAIN}/federationConfiguration/{id}");
                one.stage.hub.simulator.clear_faults();
                one.graph("DELETE", &path, None).await;
                (ActKind::RollBack, Outcome::Done, State::Managed)
            }
            false => {
                one.wait(SETTLES);
                (ActKind::RollBack, Outcome::Failed, State::Federated)
            }
        };
        one.probe().await.unwrap();
        assert_eq!((one.outcome().await, one.stands().await), (found, !has_effect));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ended_in_a_renewal_follows_microsoft_afterwards() {
    for has_effect in [false, true] {
        let one = Switchable::new().await;
        let ready = one.ready().await;
        one.switch(&ready.digest).await.unwrap();
        let (first, _) = one.own().await;
        let second = json!(sign(&one.stage, true).await);
        one.renew(Renewal::Announce).await.unwrap();
        let (engine, workspace) = (one.engine.clone(), one.workspace());
        let swap = async move {
            let done = engine
                .renew_federation(workspace, NAME, Renewal::Swap, "owner")
                .await;
            done.map(drop)
        };
        one.killed(CHANGE, swap).await;
        let before = (first.clone(), second.clone());
        assert_eq!(one.own().await, before, "not before it is read");
        let found = match has_effect {
            true => {
                let id = one.kept().await["id"].as_str().unwrap().to_owned();
                let path = format!("/domains/{DOMAIN}/federationConfiguration/{id}");
                let body = json!({
                    "@odata.type": "#microsoft.graph.internalDomainFederation",
                    "signingCertificate": second, "nextSigningCertificate": first,
                });
                one.stage.hub.simulator.clear_faults();
                one.graph("PATCH", &path, Some(body)).await;
                (Outcome::Done, (second, first))
            }
            false => {
                one.wait(SETTLES);
                (Outcome::Failed, before)
            }
        };
        one.probe().await.unwrap();
        let (kind, outcome, _) = one.outcome().await;
        assert_eq!(kind, ActKind::Certificate);
        assert_eq!((outcome, one.own().await), found);
    }
}

/// After a restart nobody has to press anything: the hub looks by itself once a minute has passed, and says that it was itself.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_was_cut_off_is_looked_at_without_anybody() {
    for has_effect in [false, true] {
        let one = Switchable::new().await;
        let ready = one.ready().await;
        assert_eq!(one.engine.look_at_unfinished_federations().await.unwrap(), 0);
        let (engine, workspace) = (one.engine.clone(), one.workspace());
        let switch = async move {
            let typed = (DOMAIN, ready.digest.as_str());
            let done = engine
                .switch_federation(workspace, NAME, URL, typed, "owner")
                .await;
            done.map(drop)
        };
        one.killed(CREATE, switch).await;
        one.stage.hub.simulator.clear_faults();
        if has_effect {
            let sent = one.show().await.acts[0].sent.clone();
            let path = format!("/domains/{DOMAIN}/federationConfiguration");
            one.graph("POST", &path, Some(sent)).await;
        }
        let looked = one.engine.look_at_unfinished_federations().await.unwrap();
        assert_eq!(looked, 0, "the request may still be on its way");
        assert_eq!(one.show().await.record.state, State::Switching);
        one.wait(SETTLES);
        // While Microsoft cannot be asked, nothing is decided.
        one.fault(LOOK, json!({"do": "answer", "error": "unavailable"}));
        one.fault(LOOK, json!({"do": "answer", "error": "unavailable"}));
        one.engine.look_at_unfinished_federations().await.unwrap();
        one.stage.hub.simulator.clear_faults();
        let writes = one.stage.hub.simulator.counters().writes;
        one.engine.look_at_unfinished_federations().await.unwrap();
        let found = match has_effect {
            true => (ActKind::Switch, Outcome::Done, State::Federated),
            false => (ActKind::Switch, Outcome::Failed, State::Managed),
        };
        assert_eq!((one.outcome().await, one.stands().await), (found, has_effect));
        assert_eq!(
            one.stage.hub.simulator.counters().writes,
            writes,
            "a look sends nothing"
        );
        assert_eq!(one.engine.look_at_unfinished_federations().await.unwrap(), 0);
    }
}

/// Two nodes with one database: who holds the lease looks, the other one leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn one_node_looks_at_an_open_act() {
    let one = Switchable::new().await;
    one.killed_in_the_switch().await;
    one.stage.hub.simulator.clear_faults();
    one.wait(SETTLES);
    let now = jiff::Timestamp::now().as_millisecond() + one.ahead.load(Ordering::SeqCst);
    let take = move |tx: &mut provost_store::Tx| {
        provost_store::lease::take(tx, -2, "another node", now, now + 30_000, &|_| false)
    };
    let lease = one.stage.hub.db.write(take).await.unwrap().unwrap();
    assert_eq!(one.engine.look_at_unfinished_federations().await.unwrap(), 0);
    assert_eq!(one.show().await.record.state, State::Switching);
    let release = move |tx: &mut provost_store::Tx| provost_store::lease::release(tx, lease);
    one.stage.hub.db.write(release).await.unwrap();
    assert_eq!(one.engine.look_at_unfinished_federations().await.unwrap(), 1);
    assert_eq!(one.show().await.record.state, State::Managed);
}
