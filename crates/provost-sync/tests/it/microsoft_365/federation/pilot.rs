//! The pilot's trial of the sign-in: bound to the key that signed and to the immutable id that Microsoft holds.

use super::*;
use provost_store::federation::{self, Trial};

impl Switchable {
    /// What the page leaves after Ann has tried her sign-in.
    async fn tried(&self) {
        let (provider, ann) = (self.provider().await, self.ann.clone());
        let at = jiff::Timestamp::now().as_millisecond() + self.ahead.load(Ordering::SeqCst);
        let write = move |tx: &mut provost_store::Tx| {
            let keys = signing_key::certificates(tx, provider.key)?;
            let trial = Trial {
                at,
                name: "ann@contoso.example".to_owned(),
                immutable_id: ann.id.to_string(),
                issuer: format!("{URL}/idp/{}", provider.id),
                certificate: keys[0].certificate.sha256(),
                two_factor: true,
                assertion: "_a1".to_owned(),
            };
            federation::put_trial(tx, &provider, (ann.key, "person ann", ann.id), &trial)
        };
        self.stage.hub.db.write(write).await.unwrap();
    }

    async fn pilot(&self) -> (bool, String) {
        let seen = self.check().await;
        let found = seen.checks.into_iter().find(|one| one.key == "pilot").unwrap();
        assert_eq!(found.next.contains(URL), !found.is_green, "{}", found.next);
        (found.is_green, found.evidence)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_over_with_another_immutable_id_and_with_another_key() {
    let one = Switchable::new().await;
    let (is_green, evidence) = one.pilot().await;
    assert!(
        !is_green && evidence.contains("Nobody of the domain"),
        "{evidence}"
    );
    one.tried().await;
    let (is_green, evidence) = one.pilot().await;
    assert!(is_green && evidence.contains("ann@contoso.example"), "{evidence}");

    let path = "/users/ann@contoso.example";
    let body = json!({"onPremisesImmutableId": "another"});
    one.graph("PATCH", path, Some(body)).await;
    one.read().await;
    let (is_green, evidence) = one.pilot().await;
    assert!(
        !is_green && evidence.contains("another immutable id"),
        "{evidence}"
    );
    let body = json!({"onPremisesImmutableId": one.ann.id.to_string()});
    one.graph("PATCH", path, Some(body)).await;
    one.read().await;
    assert!(one.pilot().await.0);

    sign(&one.stage, true).await;
    assert!(one.pilot().await.0, "the key beside it does not sign yet");
    let provider = one.provider().await;
    let swap = move |tx: &mut provost_store::Tx| signing_key::swap(tx, "owner", 1, &provider);
    one.stage.hub.db.write(swap).await.unwrap();
    let (is_green, evidence) = one.pilot().await;
    assert!(!is_green && evidence.contains("another key"), "{evidence}");
    one.tried().await;
    assert!(one.pilot().await.0);
    one.wait(25 * 3_600_000);
    let (is_green, evidence) = one.pilot().await;
    assert!(!is_green && evidence.contains("a day ago"), "{evidence}");
}

/// Every trial is listed, with what keeps it from counting at this moment; nothing has to be computed for that.
#[tokio::test(flavor = "multi_thread")]
async fn trials_are_listed_with_what_they_said_and_whether_they_count() {
    let one = Switchable::new().await;
    assert!(one.show().await.trials.is_empty());
    one.tried().await;
    let shown = one.show().await.trials;
    let [trial] = shown.as_slice() else {
        panic!("{shown:?}");
    };
    let key = one.provider().await.key;
    let read = move |tx: &mut provost_store::Tx| signing_key::certificates(tx, key);
    let signs = one.stage.hub.db.read(read).await.unwrap()[0].certificate.sha256();
    assert_eq!(
        (trial.name.as_str(), trial.person, trial.two_factor),
        ("ann@contoso.example", Some(one.ann.id), true)
    );
    assert_eq!(
        (
            trial.immutable_id.as_str(),
            trial.certificate.as_str(),
            trial.doubt.as_str()
        ),
        (one.ann.id.to_string().as_str(), signs.as_str(), "")
    );
    let provider = one.provider().await;
    sign(&one.stage, true).await;
    let swap = move |tx: &mut provost_store::Tx| signing_key::swap(tx, "owner", 1, &provider);
    one.stage.hub.db.write(swap).await.unwrap();
    let doubt = one.show().await.trials[0].doubt.clone();
    assert!(doubt.contains("another key"), "{doubt}");
    one.tried().await;
    assert_eq!(one.show().await.trials[0].doubt, "");
    one.wait(25 * 3_600_000);
    let doubt = one.show().await.trials[0].doubt.clone();
    assert!(doubt.contains("a day ago"), "{doubt}");
}
