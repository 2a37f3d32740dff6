//! The letters of a migration: one to each, in one hand at a time, and never the same reminder twice.

use crate::harness::{both, read, write};
use provost_store::Db;
use provost_store::migration::{self, About, Letter, LetterState, Recipient};

const ABOUT: About = About {
    provider: 7,
    workspace: 3,
    days: 0,
    deadline: 0,
};

fn to(person: i64, address: &str) -> Recipient {
    Recipient {
        person,
        label: format!("Person {person}"),
        address: address.to_owned(),
        language: "de-AT".to_owned(),
    }
}

async fn open(db: &Db, about: About) -> (i64, bool) {
    write(db, move |tx| migration::open_mailing(tx, "owner", 10, &about)).await
}

async fn put(db: &Db, mailing: i64, person: i64, address: &'static str) -> bool {
    let one = to(person, address);
    write(db, move |tx| {
        migration::put_letter(tx, 10, 20, (&ABOUT, mailing), &one)
    })
    .await
}

async fn due(db: &Db, now: i64) -> Vec<Letter> {
    read(db, move |tx| migration::letters_due(tx, now, 10)).await
}

both! {
    async fn each_person_has_one_letter_that_one_hand_sends(fresh) {
        let db = &fresh.db;
        let (mailing, is_new) = open(db, ABOUT).await;
        assert!(is_new);
        assert_eq!(open(db, ABOUT).await, (mailing, false));
        assert!(put(db, mailing, 1, "ada@contoso.example").await);
        assert!(!put(db, mailing, 1, "other@contoso.example").await, "one that waits");
        assert!(put(db, mailing, 2, "bob@contoso.example").await);
        assert!(due(db, 19).await.is_empty());
        let letters = due(db, 20).await;
        assert_eq!(letters.len(), 2);
        let (ada, bob) = (letters[0].clone(), letters[1].clone());
        let claim = |one: Letter| async move { write(db, move |tx| migration::claim_letter(tx, &one, 600)).await };
        assert!(claim(ada.clone()).await);
        assert!(!claim(ada.clone()).await, "somebody else has it");
        assert!(due(db, 599).await.iter().all(|one| one.key == bob.key));
        let (a, b) = (ada.key, bob.key);
        write(db, move |tx| {
            migration::settle_letter(tx, 30, a, LetterState::Sent, "")?;
            migration::settle_letter(tx, 31, a, LetterState::Failed, "too late")?;
            migration::try_letter_again(tx, b, "busy", 90)
        }).await;
        assert!(!put(db, mailing, 1, "other@contoso.example").await, "one that was sent");
        assert_eq!(due(db, 90).await[0].reason, "busy");
        write(db, move |tx| migration::settle_letter(tx, 95, b, LetterState::Failed, "refused")).await;
        assert_eq!(read(db, |tx| migration::failed_letters(tx, 3)).await, [(7, 1, 95)]);
        let counts = read(db, move |tx| migration::letter_counts(tx, mailing)).await;
        assert_eq!((counts.sent, counts.failed, counts.waiting, counts.dropped), (1, 1, 0, 0));
        assert!(put(db, mailing, 2, "right@contoso.example").await, "one that was given up");
        let again = due(db, 20).await;
        assert_eq!((again[0].address.as_str(), again[0].attempts, again[0].state), ("right@contoso.example", 0, LetterState::Waiting));
        let page = read(db, move |tx| migration::letters(tx, mailing, None, None, 1)).await;
        assert_eq!(page.letters[0].state, LetterState::Sent);
        let next = page.next;
        let page = read(db, move |tx| migration::letters(tx, mailing, None, next, 1)).await;
        assert_eq!((page.letters[0].person, page.next), (2, None));
        let page = read(db, move |tx| migration::letters(tx, mailing, Some(LetterState::Waiting), None, 10)).await;
        assert_eq!(page.letters.len(), 1);
    }

    async fn a_reminder_counts_for_its_deadline_and_for_earlier_ones(fresh) {
        let db = &fresh.db;
        let about = About { days: 7, deadline: 1_000, ..ABOUT };
        let (mailing, _) = open(db, about).await;
        for (deadline, expected) in [(999, true), (1_000, true), (1_001, false)] {
            let is = read(db, move |tx| migration::is_reminded(tx, 7, 7, deadline)).await;
            assert_eq!(is, expected, "{deadline}");
        }
        assert!(!read(db, |tx| migration::is_reminded(tx, 7, 3, 1_000)).await);
        assert!(!read(db, |tx| migration::is_reminded(tx, 8, 7, 1_000)).await);
        assert_eq!(open(db, about).await, (mailing, false), "another node was quicker");
        let all = read(db, |tx| migration::mailings(tx, 7)).await;
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].0.days, all[0].0.deadline, all[0].0.actor.as_str()), (7, 1_000, "owner"));
        assert_eq!(read(db, move |tx| migration::mailing_by_key(tx, mailing)).await, Some(all[0].0.clone()));
    }
}
