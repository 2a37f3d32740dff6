use crate::harness::{app, audited, both, entra, read, write};
use provost_store::retry::{self, Asked, Failure, NEVER};
use provost_store::{Error, Tx, link};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn failure(rule: i64, object: i64, wait: Option<i64>) -> Failure<'static> {
    Failure {
        rule,
        object,
        member: 0,
        wait,
        code: "PRV-TARGET-503",
        reason: "the target answers 503",
    }
}

both! {
    async fn a_failed_step_waits_longer_each_time_and_is_given_up_after_28_days(fresh) {
        let (times, given_up) = write(&fresh.db, |tx| {
            let (mut now, mut times) = (1_000, Vec::new());
            loop {
                let next = retry::note(tx, now, &failure(5, 9, None))?;
                if next == NEVER {
                    return Ok((times, now));
                }
                times.push(next - now);
                now = next;
            }
        }).await;
        assert_eq!(&times[..6], [2_000, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY]);
        assert!(times[6..].iter().all(|wait| *wait == DAY));
        assert!((28 * DAY..29 * DAY).contains(&(given_up - 1_000)), "{given_up}");
        assert_eq!(read(&fresh.db, |tx| retry::due(tx, 5, i64::MAX, 9)).await, [], "not tried by itself any more");
    }

    async fn a_time_that_the_target_named_is_kept(fresh) {
        let seen = write(&fresh.db, |tx| {
            let named = retry::note(tx, 10, &failure(5, 9, Some(700)))?;
            let early = retry::due(tx, 5, 709, 9)?;
            let due = retry::due(tx, 5, 710, 9)?;
            retry::settle(tx, 5, 9, 0)?;
            Ok((named, early, due, retry::due(tx, 5, DAY, 9)?))
        }).await;
        assert_eq!(seen, (710, vec![], vec![(9, 0)], vec![]));
    }

    async fn many_failures_are_noted_as_one_by_one(fresh) {
        let seen = write(&fresh.db, |tx| {
            retry::note(tx, 0, &failure(5, 2, None))?;
            let member = Failure { member: 7, ..failure(5, 2, None) };
            let all = [failure(5, 1, None), failure(5, 2, None), member, failure(6, 2, Some(3)), failure(5, 1, None)];
            let times = retry::note_all(tx, 10, &all)?;
            retry::settle_all(tx, 5, &[(1, 0), (2, 7)])?;
            Ok((times, retry::due(tx, 5, DAY, 9)?, retry::due(tx, 6, DAY, 9)?))
        }).await;
        assert_eq!(seen, (vec![2_010, HOUR + 10, 2_010, 13, 2_010], vec![(2, 0)], vec![(2, 0)]));
    }

    async fn the_queue_is_listed_searched_and_tried_now(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let key = c.key;
        let give_up = move |tx: &mut Tx| {
            retry::note(tx, 1, &failure(people, 9, None))?;
            retry::note(tx, 1 + 28 * DAY, &failure(people, 9, None))
        };
        assert_eq!(write(db, give_up).await, NEVER);
        write(db, move |tx| {
            link::put(tx, 1, &link::Link { rule: people, object: 9, label: "Ann".into(), target_id: "T".into(), ..link::Link::default() })?;
            for object in 10..15 {
                retry::note(tx, object, &failure(groups, object, Some(5)))?;
            }
            Ok::<_, Error>(())
        }).await;
        assert_eq!(read(db, move |tx| Ok((retry::next(tx, key)?, retry::given_up(tx, key)?))).await, (Some(15), 1));
        let list = read(db, move |tx| retry::list(tx, key, 9)).await;
        assert_eq!(list.iter().map(|w| w.object).collect::<Vec<_>>(), [10, 11, 12, 13, 14, 9], "given up comes last");
        let last = &list[5];
        assert_eq!((last.label.as_str(), last.code.as_str(), last.attempts, last.first), ("Ann", retry::GIVEN_UP_CODE, 2, 1));
        let mut asked = Asked { connection: key, ..Asked::default() };
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| retry::page(tx, &one, 4)).await;
            seen.extend(page.steps.iter().map(|w| w.object));
            pages += 1;
            asked.after = page.next;
            if asked.after.is_none() { break; }
        }
        assert_eq!((seen, pages), (vec![9, 10, 11, 12, 13, 14], 2));
        for (text, given_up, expected) in [("ANN", false, 1), ("503", false, 6), ("nothing", false, 0), ("", true, 1)] {
            let one = Asked { connection: key, text: Some(text.into()), given_up, after: None };
            assert_eq!(read(db, move |tx| retry::page(tx, &one, 9)).await.steps.len(), expected, "{text}");
        }
        let one = c.clone();
        assert_eq!(write(db, move |tx| retry::now(tx, "owner", 29 * DAY, &one, Some(9))).await, 1);
        assert_eq!(read(db, move |tx| retry::due(tx, people, 29 * DAY, 9)).await, [(9, 0)]);
        let again = write(db, move |tx| retry::note(tx, 29 * DAY, &failure(people, 9, None))).await;
        assert_eq!(again, 29 * DAY + 2_000, "it has its 28 days again");
        assert_eq!(write(db, move |tx| retry::now(tx, "owner", 30 * DAY, &c, None)).await, 6);
        assert_eq!(audited(db, owner.workspace, 2).await, ["retry.now", "retry.now"]);
    }
}
