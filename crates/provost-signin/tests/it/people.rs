//! People of the directory: how they begin, sign in, and keep their passkeys.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, MINUTE, ORIGIN, START, code, is_denied, visit};
use crate::staff::{Staff, another_workspace, hire, is_over, provider_of};
use provost_signin::person::{Kept, LINK_LIFE, Method, Return, Unusable};
use provost_signin::{Error, FRESH, IDLE, LIFE};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_a_passkey_and_in() {
    let staff = Staff::new().await;
    let link = staff.link(&staff.ada, START).await.unwrap();
    let workspace = staff.bench.workspace;
    let seen = staff
        .people
        .look_at_link(workspace, &link, "", START)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (seen.person.label.as_str(), seen.expires),
        ("Ada Lovelace", START + LINK_LIFE)
    );
    let mut device = Authenticator::new(ORIGIN);
    let opened = staff.enrol(&link, &mut device, START + MINUTE).await.unwrap();
    let signed = staff.check(&opened, START + MINUTE).await.unwrap();
    assert_eq!(signed.person.id, staff.ada.id);
    assert_eq!(signed.person.user_name, "ada@contoso.example");
    assert_eq!(
        (signed.since(), signed.proved()),
        (START + MINUTE, START + MINUTE)
    );
    assert_eq!(signed.session.method, Method::Passkey);
    assert!(signed.is_two_factor());
    assert!(signed.is_fresh(START + MINUTE + FRESH - 1) && !signed.is_fresh(START + MINUTE + FRESH));
    let later = START + 2 * MINUTE;
    let again = staff.enter(&mut device, later).await.unwrap();
    assert_eq!(again.signed.person.id, staff.ada.id);
    assert_eq!(again.signed.account.last_signin, Some(later));
    let kept = staff.people.passkeys(&again.signed).await.unwrap();
    assert_eq!((kept.len(), kept[0].last_used), (1, Some(later)));
    assert!(!staff.bench.find_everywhere(&link), "the link is kept as it is");
    assert!(
        !staff.bench.find_everywhere(&opened.cookie),
        "the cookie is kept as it is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_asked_for_a_key_that_is_found_and_verified() {
    let staff = Staff::new().await;
    let link = staff.link(&staff.ada, START).await.unwrap();
    let workspace = staff.bench.workspace;
    let (_, options) = staff
        .people
        .begin_enrolment(workspace, &link, BROWSER, &visit(), START)
        .await
        .unwrap();
    let asked = &options["publicKey"];
    assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(asked["user"]["name"], "ada@contoso.example");
    assert_eq!(asked["user"]["displayName"], "Ada Lovelace");
    let (_, options) = staff
        .people
        .begin_signin(Some(workspace), BROWSER, &visit(), START)
        .await
        .unwrap();
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_says_what_became_of_it() {
    let staff = Staff::new().await;
    let workspace = staff.bench.workspace;
    let look = async |link: &str, now: i64| {
        let looked = staff.people.look_at_link(workspace, link, "", now).await.unwrap();
        looked.map(|_| ()).unwrap_err()
    };
    let first = staff.link(&staff.ada, START).await.unwrap();
    let second = staff.link(&staff.ada, START + 1).await.unwrap();
    assert_eq!(
        look(&first, START + 2).await,
        Unusable::Withdrawn(START + 1),
        "a newer one takes its place"
    );
    assert_eq!(
        look(&second, START + 1 + LINK_LIFE).await,
        Unusable::Expired(START + 1 + LINK_LIFE)
    );
    let mut device = Authenticator::new(ORIGIN);
    staff.enrol(&second, &mut device, START + 3).await.unwrap();
    assert_eq!(look(&second, START + 4).await, Unusable::Used(START + 3));
    let third = staff.link(&staff.ada, START + 5).await.unwrap();
    let key = staff
        .people
        .overseen(workspace, staff.ada.key)
        .await
        .unwrap()
        .links[0]
        .key;
    let gone = |now| {
        staff
            .people
            .withdraw_link("administrator olga", workspace, staff.ada.key, key, now)
    };
    assert!(gone(START + 6).await.unwrap());
    assert!(!gone(START + 7).await.unwrap());
    assert_eq!(look(&third, START + 8).await, Unusable::Withdrawn(START + 6));
    for unknown in ["", "guess", &"A".repeat(43)] {
        assert_eq!(look(unknown, START).await, Unusable::Unknown);
    }
    for link in [&first, &second, &third] {
        let tried = staff
            .enrol(link, &mut Authenticator::new(ORIGIN), START + 9)
            .await;
        assert!(matches!(tried, Err(Error::Link)));
    }
    let elsewhere = another_workspace(&staff.bench).await;
    let fourth = staff.link(&staff.ada, START + 10).await.unwrap();
    let looked = staff
        .people
        .look_at_link(elsewhere, &fourth, "", START + 10)
        .await
        .unwrap();
    assert_eq!(looked, Err(Unusable::Unknown), "a link is of its workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_a_link_one_comes_in() {
    let staff = Staff::new().await;
    let link = staff.link(&staff.ada, START).await.unwrap();
    let workspace = staff.bench.workspace;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let (ceremony, options) = staff
            .people
            .begin_enrolment(workspace, &link, BROWSER, &visit(), START)
            .await
            .unwrap();
        answers.push((ceremony, Authenticator::new(ORIGIN).create(&options)));
    }
    let mut came = Vec::new();
    for (ceremony, answer) in answers {
        came.push(
            staff
                .finish_enrolment(&link, &ceremony, answer, START)
                .await
                .is_ok(),
        );
    }
    assert_eq!(came, [true, false]);
    assert_eq!(staff.bench.rows("person_passkey"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_in_time_in_its_browser_and_workspace() {
    let staff = Staff::new().await;
    let (_, mut device) = staff.with_passkey().await;
    let here = Some(staff.bench.workspace);
    let elsewhere = Some(another_workspace(&staff.bench).await);
    let begin = async || {
        staff
            .people
            .begin_signin(here, BROWSER, &visit(), START)
            .await
            .unwrap()
    };
    let (one, options) = begin().await;
    let answer = device.get(&options);
    let finish = async |workspace, ceremony: &str, browser: &str, answer: &serde_json::Value, now| {
        staff
            .people
            .finish_signin(workspace, ceremony, browser, answer.clone(), &visit(), now)
            .await
    };
    assert!(is_over(
        &finish(here, &one, "another browser", &answer, START).await
    ));
    assert!(is_over(&finish(elsewhere, &one, BROWSER, &answer, START).await));
    assert!(is_over(&finish(None, &one, BROWSER, &answer, START).await));
    assert!(is_over(
        &finish(here, &one, BROWSER, &answer, START + 5 * MINUTE).await
    ));
    assert!(
        finish(here, &one, BROWSER, &answer, START + 5 * MINUTE - 1)
            .await
            .is_ok()
    );
    assert!(is_over(&finish(here, &one, BROWSER, &answer, START).await));
    let (two, _) = begin().await;
    assert!(
        is_denied(&finish(here, &two, BROWSER, &answer, START).await),
        "an answer to another challenge"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_known_here_learns_nothing() {
    let staff = Staff::new().await;
    let (_, mut device) = staff.with_passkey().await;
    let elsewhere = another_workspace(&staff.bench).await;
    assert!(is_denied(
        &staff.enter_at(Some(elsewhere), &mut device, START).await
    ));
    assert!(
        is_denied(&staff.enter_at(None, &mut device, START).await),
        "a workspace that there is not"
    );
    let mut stranger = Authenticator::new(ORIGIN);
    stranger.handle = staff.ada.id.as_bytes().to_vec();
    assert!(is_denied(&staff.enter(&mut stranger, START).await));
    let (_, mut owners) = staff.bench.owner_with_passkey().await;
    assert!(
        is_denied(&staff.enter(&mut owners, START).await),
        "an administrator's passkey"
    );
    let admin = staff.bench.enter_by_passkey(&mut device, START).await;
    assert!(is_denied(&admin), "a person's passkey at the console");
    device.verifies = false;
    assert!(
        is_denied(&staff.enter(&mut device, START).await),
        "without a PIN or a finger"
    );
    device.verifies = true;
    device.handle = vec![7; 16];
    assert!(
        is_denied(&staff.enter(&mut device, START).await),
        "somebody else's handle"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_opens_the_other_side() {
    let staff = Staff::new().await;
    let (opened, _) = staff.with_passkey().await;
    let owner = staff.bench.owner().await;
    let workspace = staff.bench.workspace;
    assert!(
        staff
            .bench
            .signin
            .check(&opened.cookie, START)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        staff
            .people
            .check(&owner.cookie, workspace, START)
            .await
            .unwrap()
            .is_none()
    );
    let elsewhere = another_workspace(&staff.bench).await;
    assert!(
        staff
            .people
            .check(&opened.cookie, elsewhere, START)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        staff
            .people
            .check("guess", workspace, START)
            .await
            .unwrap()
            .is_none()
    );
    assert!(staff.check(&opened, START).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_lies_idle_and_when_its_time_is_over() {
    let staff = Staff::new().await;
    let (opened, _) = staff.with_passkey().await;
    assert!(staff.check(&opened, START + IDLE - 1).await.is_some());
    assert!(staff.check(&opened, START + LIFE).await.is_none());
    let (idle, _) = staff.with_passkey().await;
    assert!(staff.check(&idle, START + IDLE).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_keeps_their_passkeys() {
    let staff = Staff::new().await;
    let (opened, mut first) = staff.with_passkey().await;
    let people = &staff.people;
    let ada = opened.signed.clone();
    let other = staff.enter(&mut first, START).await.unwrap();
    let mut second = Authenticator::new(ORIGIN);
    second.backup = (true, true);
    let key = staff.add(&ada, &mut second, START).await.unwrap();
    assert!(
        staff.check(&other, START).await.is_none(),
        "other sessions end with a new passkey"
    );
    assert!(staff.check(&opened, START).await.is_some());
    assert!(people.rename_passkey(&ada, key, "Phone", START).await.unwrap());
    assert_eq!(
        code(people.rename_passkey(&ada, key, "\n", START).await),
        "PRV-NAME"
    );
    let kept = people.passkeys(&ada).await.unwrap();
    let shown: Vec<_> = kept
        .iter()
        .map(|one| (one.name.as_str(), Kept::of(one)))
        .collect();
    assert_eq!(shown, [("A key", Kept::OnDevice), ("Phone", Kept::Synced)]);
    let stale = START + FRESH;
    assert_eq!(
        code(people.remove_passkey(&ada, kept[0].key, stale).await),
        "PRV-SIGNIN-STALE"
    );
    assert_eq!(code(people.begin_passkey(&ada, stale).await), "PRV-SIGNIN-STALE");
    assert!(people.remove_passkey(&ada, kept[0].key, START).await.unwrap());
    assert!(is_denied(&staff.enter(&mut first, START).await));
    assert_eq!(
        code(people.remove_passkey(&ada, key, START).await),
        "PRV-SIGNIN-LAST-WAY"
    );
    assert!(
        staff.enter(&mut second, START).await.is_ok(),
        "the last one stays"
    );
    let provider = provider_of(&staff.bench, another_workspace(&staff.bench).await).await;
    let bob = hire(&staff.bench, &provider, "bob@fabrikam.example", "Bob").await;
    let taken = people
        .take_passkey("x", bob.workspace, bob.key, key, START)
        .await
        .unwrap();
    assert!(!taken, "it is none of Bob's");
    assert_eq!(
        code(
            people
                .take_passkey("x", bob.workspace, staff.ada.key, key, START)
                .await
        ),
        "PRV-PERSON-GONE"
    );
    assert!(staff.enter(&mut second, START).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_synchronised_when_it_says_so() {
    let staff = Staff::new().await;
    let link = staff.link(&staff.ada, START).await.unwrap();
    let mut device = Authenticator::new(ORIGIN);
    device.backup = (true, false);
    let ada = staff.enrol(&link, &mut device, START).await.unwrap().signed;
    let kept = async || Kept::of(&staff.people.passkeys(&ada).await.unwrap()[0]);
    assert_eq!(kept().await, Kept::Syncable);
    device.backup = (true, true);
    staff.enter(&mut device, START).await.unwrap();
    assert_eq!(kept().await, Kept::Synced);
    device.backup = (false, false);
    assert!(
        is_denied(&staff.enter(&mut device, START).await),
        "what may be copied never changes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_of_which_there_are_two_copies_is_refused() {
    let staff = Staff::new().await;
    let link = staff.link(&staff.ada, START).await.unwrap();
    let mut device = Authenticator::new(ORIGIN);
    device.counter = Some(5);
    staff.enrol(&link, &mut device, START).await.unwrap();
    assert!(staff.enter(&mut device, START).await.is_ok());
    device.counter = Some(2);
    assert!(is_denied(&staff.enter(&mut device, START).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_ended_one_by_one_and_together() {
    let staff = Staff::new().await;
    let (opened, mut device) = staff.with_passkey().await;
    let one = staff.enter(&mut device, START).await.unwrap();
    let two = staff.enter(&mut device, START).await.unwrap();
    let (people, ada) = (&staff.people, &opened.signed);
    assert_eq!(people.sessions(ada).await.unwrap().len(), 3);
    assert!(people.end(ada, one.signed.session.key, START).await.unwrap());
    assert!(!people.end(ada, one.signed.session.key, START).await.unwrap());
    assert!(staff.check(&one, START).await.is_none());
    assert_eq!(people.end_others(ada, START).await.unwrap(), 1);
    assert!(staff.check(&two, START).await.is_none());
    assert!(staff.check(&opened, START).await.is_some());
    let (workspace, key) = (staff.bench.workspace, staff.ada.key);
    assert_eq!(
        people
            .end_sessions("x", workspace, key, None, START)
            .await
            .unwrap(),
        1
    );
    assert!(staff.check(&opened, START).await.is_none());
    let late = people.rename_passkey(ada, 1, "Late", START).await;
    assert!(is_denied(&late), "a session that has ended changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_takes_a_passkey_and_the_sessions_with_it() {
    let staff = Staff::new().await;
    let (opened, mut device) = staff.with_passkey().await;
    let (workspace, key) = (staff.bench.workspace, staff.ada.key);
    let kept = staff.people.overseen(workspace, key).await.unwrap().passkeys[0].key;
    assert!(
        staff
            .people
            .take_passkey("x", workspace, key, kept, START)
            .await
            .unwrap()
    );
    assert!(staff.check(&opened, START).await.is_none());
    assert!(is_denied(&staff.enter(&mut device, START).await));
    let link = staff.link(&staff.ada, START).await.unwrap();
    let mut next = Authenticator::new(ORIGIN);
    assert!(
        staff.enrol(&link, &mut next, START).await.is_ok(),
        "and begins anew by a link"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_is_kept_here_and_works_once() {
    let staff = Staff::new().await;
    let (people, here) = (&staff.people, staff.bench.workspace);
    let back = |to: &str, again| Return {
        to: to.to_owned(),
        again,
    };
    let keep = async |to: &str, again| {
        people
            .keep_return(here, BROWSER, back(to, again), &visit(), START)
            .await
    };
    let handle = keep("/idp/Contoso/saml?request=1", false).await.unwrap();
    let elsewhere = another_workspace(&staff.bench).await;
    for (workspace, browser, handle, now) in [
        (elsewhere, BROWSER, handle.as_str(), START),
        (here, "another browser", &handle, START),
        (here, BROWSER, "guess", START),
        (here, BROWSER, &handle, START + 10 * MINUTE),
    ] {
        assert_eq!(
            people.take_return(workspace, browser, handle, now).await.unwrap(),
            None
        );
    }
    let found = people.pass_return(here, BROWSER, &handle, START).await.unwrap();
    assert_eq!(found, Some(back("/idp/Contoso/saml?request=1", false)));
    assert_eq!(
        people.take_return(here, BROWSER, &handle, START).await.unwrap(),
        None
    );
    let handle = keep("/idp/x", true).await.unwrap();
    let passed = people.pass_return(here, BROWSER, &handle, START).await.unwrap();
    assert_eq!(passed, None, "whoever was signed in before proves it again");
    let taken = people.take_return(here, BROWSER, &handle, START).await.unwrap();
    assert_eq!(taken, Some(back("/idp/x", true)));
    for to in ["https://host.example/", "//host.example", "/\\host.example", ""] {
        assert_eq!(code(keep(to, false).await), "PRV-PERSON-RETURN", "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beginnings_from_one_network_are_limited() {
    let staff = Staff::new().await;
    let here = Some(staff.bench.workspace);
    let first = staff.people.begin_signin(here, BROWSER, &visit(), START).await;
    assert!(first.is_ok(), "{first:?}");
    // Of the 3,000 of a company, 2,940 have begun and not come to an end.
    let left = format!("UPDATE attempt SET tokens = 59000, at = {START} WHERE tokens = 2999000");
    staff.bench.run_sql(&left);
    let mut begun = 1;
    let wait = loop {
        match staff.people.begin_signin(here, BROWSER, &visit(), START).await {
            Ok(_) => begun += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((begun, wait.code()), (60, "PRV-SIGNIN-WAIT"));
    let link = staff.link(&staff.ada, START).await.unwrap();
    let tried = staff.enrol(&link, &mut Authenticator::new(ORIGIN), START).await;
    assert_eq!(code(tried), "PRV-SIGNIN-WAIT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_chooses_how_pages_look() {
    let staff = Staff::new().await;
    let (opened, _) = staff.with_passkey().await;
    staff
        .people
        .choose(&opened.signed, "de", "Europe/Berlin", START)
        .await
        .unwrap();
    let signed = staff.check(&opened, START).await.unwrap();
    assert_eq!(
        (signed.account.language.as_str(), signed.account.zone.as_str()),
        ("de", "Europe/Berlin")
    );
    assert_eq!(signed.account.last_signin, Some(START));
}
