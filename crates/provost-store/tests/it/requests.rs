use crate::harness::{both, provider_named, read};
use provost_scim::leniency::{Habit, Habits};
use provost_store::provider::{self, Edit, Settings};
use provost_store::request::{self, New, Search};
use provost_store::{Db, Error, habit, retention};
use uuid::Uuid;

const DAY: i64 = 86_400_000;

fn of(provider: &provider::Provider, at: i64) -> New {
    New {
        workspace: provider.workspace,
        provider: provider.key,
        at,
        micros: 120,
        method: "GET".into(),
        path: "/scim/v2/Users".into(),
        status: 200,
        object: None,
        subject: String::new(),
        meaning: "list from 1".into(),
        error: String::new(),
        habits: Habits::default(),
        request: String::new(),
    }
}

async fn append(db: &Db, rows: Vec<New>) {
    db.write(move |tx| request::append(tx, &rows)).await.unwrap();
}

async fn found(db: &Db, search: Search, limit: usize) -> request::Page {
    read(db, move |tx| request::search(tx, &search, limit)).await
}

/// The times of what is found, newest first.
async fn times(db: &Db, search: Search) -> Vec<i64> {
    found(db, search, 1_000)
        .await
        .entries
        .iter()
        .map(|e| e.at)
        .collect()
}

fn all(provider: &provider::Provider) -> Search {
    Search {
        workspace: provider.workspace,
        provider: Some(provider.key),
        ..Search::default()
    }
}

both! {
    async fn a_request_is_kept_as_it_was_said(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let mut habits = Habits::default();
        habits.note(Habit::OpLetterCase);
        habits.note(Habit::BooleanText);
        let id = Uuid::now_v7();
        append(db, vec![of(&entra, 1), New {
            method: "PATCH".into(), path: format!("/scim/v2/Users/{id}"), status: 400, object: Some(id), subject: "Ann Lee".into(),
            meaning: "deactivate".into(), error: "op is unknown".into(), habits, request: "{\"Operations\":[]}".into(), ..of(&entra, 2)
        }]).await;
        let page = found(db, all(&entra), 10).await;
        assert_eq!((page.entries.len(), page.next), (2, None));
        let kept = &page.entries[0];
        assert_eq!((kept.method.as_str(), kept.status, kept.object, kept.subject.as_str()), ("PATCH", 400, Some(id), "Ann Lee"));
        assert_eq!((kept.meaning.as_str(), kept.error.as_str(), kept.request.as_str()), ("deactivate", "op is unknown", "{\"Operations\":[]}"));
        assert_eq!(kept.habits, ["op-letter-case", "boolean-text"]);
        let (workspace, key, kept) = (entra.workspace, kept.key, kept.clone());
        assert_eq!(read(db, move |tx| request::get(tx, workspace, key)).await, Some(kept));
        assert_eq!(read(db, move |tx| request::get(tx, workspace + 1, key)).await, None, "another workspace has no such request");
    }

    async fn any_number_of_rows_is_written_in_order(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let mut written = Vec::new();
        for count in [0, 1, 3, 64, 85, 256] {
            let from = written.len() as i64;
            append(db, (from..from + count).map(|at| of(&entra, at)).collect()).await;
            written.extend(from..from + count);
            written.sort_by_key(|at| std::cmp::Reverse(*at));
            assert_eq!(times(db, all(&entra)).await, written, "{count}");
        }
    }

    async fn pages_follow_each_other_without_gap_or_overlap(fresh) {
        let (db, entra, okta) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await, provider_named(&fresh.db, "Contoso", "Okta").await);
        let far = provider_named(db, "Contoso Lab", "Entra").await;
        append(db, (0..1_200).map(|at| of(if at % 3 == 0 { &okta } else if at % 3 == 1 { &far } else { &entra }, at)).collect()).await;
        for (search, wanted) in [
            (all(&entra), (0..1_200).rev().filter(|at| at % 3 == 2).collect::<Vec<i64>>()),
            (Search { provider: None, ..all(&entra) }, (0..1_200).rev().filter(|at| at % 3 != 1).collect()),
            (Search { since: Some(900), ..all(&entra) }, (900..1_200).rev().filter(|at| at % 3 == 2).collect()),
        ] {
            for limit in [7, 100, 500, 10_000] {
                let (mut seen, mut before) = (Vec::new(), None);
                loop {
                    let page = found(db, Search { before, ..search.clone() }, limit).await;
                    assert!(page.entries.len() <= limit);
                    seen.extend(page.entries.iter().map(|e| e.at));
                    before = page.next;
                    if before.is_none() {
                        break;
                    }
                }
                assert_eq!(seen, wanted, "{limit}");
            }
        }
        assert!(times(db, Search { provider: Some(far.key), ..all(&entra) }).await.is_empty(), "another workspace's provider");
    }

    async fn requests_are_found_by_what_they_were(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let id = Uuid::now_v7();
        append(db, vec![
            of(&entra, 1),
            New { method: "POST".into(), status: 201, object: Some(id), subject: "Åsa Øst".into(), ..of(&entra, 2) },
            New { method: "PATCH".into(), status: 404, path: "/scim/v2/Groups/7".into(), ..of(&entra, 3) },
            New { method: "POST".into(), path: "/scim/v2/Users/.search?x=1".into(), status: 400, ..of(&entra, 4) },
            New { method: "GET".into(), object: Some(id), subject: "Asa".into(), ..of(&entra, 5) },
        ]).await;
        let text = |text: &str| Search { text: Some(text.into()), ..all(&entra) };
        assert_eq!(times(db, Search { failed: true, ..all(&entra) }).await, [4, 3]);
        assert_eq!(times(db, Search { changes: true, ..all(&entra) }).await, [3, 2], "a search changes nothing");
        assert_eq!(times(db, Search { changes: true, failed: true, ..all(&entra) }).await, [3]);
        assert_eq!(times(db, text("åsa ø")).await, [2]);
        assert_eq!(times(db, text("/GROUPS/")).await, [3]);
        assert_eq!(times(db, text(&id.to_string())).await, [5, 2]);
        assert_eq!(times(db, Search { provider: None, ..text(&id.to_string()) }).await, [5, 2]);
        assert_eq!(times(db, text(&Uuid::now_v7().to_string())).await, [] as [i64; 0]);
        assert_eq!(times(db, text("  ")).await.len(), 5, "no text asks for all");
    }

    async fn a_search_looks_at_a_bounded_number_of_rows_and_goes_on(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        append(db, vec![New { subject: "Ann".into(), ..of(&entra, 1) }]).await;
        for chunk in 0..82 {
            append(db, (0..256).map(|i| of(&entra, 2 + chunk * 256 + i)).collect()).await;
        }
        let search = Search { text: Some("ann".into()), ..all(&entra) };
        let first = found(db, search.clone(), 10).await;
        assert!(first.entries.is_empty() && first.next.is_some());
        let second = found(db, Search { before: first.next, ..search }, 10).await;
        assert_eq!((second.entries.len(), second.entries[0].at, second.next), (1, 1, None));
    }

    async fn requests_are_counted_since_a_time(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        append(db, (0..100).map(|at| New { status: if at % 10 == 0 { 500 } else { 200 }, ..of(&entra, at) }).collect()).await;
        let key = entra.key;
        let counts = read(db, move |tx| request::counts(tx, key, 50)).await;
        assert_eq!((counts.all, counts.failed, counts.is_cut), (50, 5, false));
    }

    async fn each_provider_keeps_its_requests_for_its_own_time(fresh) {
        let (db, entra, okta) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await, provider_named(&fresh.db, "Contoso", "Okta").await);
        let settings = Settings { log_days: 2, ..Settings::default() };
        let p = okta.clone();
        db.write(move |tx| provider::edit(tx, "owner", 7, &p, &Edit { settings: Some(&settings), ..Edit::default() })).await.unwrap();
        append(db, (0..40).flat_map(|day| [of(&entra, day * DAY), of(&okta, day * DAY)]).collect()).await;
        let sweep = |limit| db.write::<_, Error, _>(move |tx| retention::sweep(tx, 40 * DAY, limit));
        assert_eq!(sweep(15).await.unwrap().requests, 15);
        assert_eq!(times(db, all(&entra)).await.len(), 30, "the oldest first, provider by provider");
        assert_eq!(sweep(15).await.unwrap().requests, 15);
        assert_eq!(sweep(1_000).await.unwrap().requests, 18);
        assert_eq!(sweep(1_000).await.unwrap().requests, 0);
        assert_eq!(times(db, all(&entra)).await, (10..40).rev().map(|day| day * DAY).collect::<Vec<_>>());
        assert_eq!(times(db, all(&okta)).await, [39 * DAY, 38 * DAY]);
    }

    async fn habits_are_added_up(fresh) {
        let (db, entra) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let key = entra.key;
        for (now, uses) in [(10, vec![Habit::BooleanText]), (20, vec![Habit::BooleanText, Habit::OpLetterCase, Habit::BooleanText])] {
            let mut habits = Habits::default();
            uses.into_iter().for_each(|habit| habits.note(habit));
            db.write(move |tx| habit::count(tx, key, &habits, now)).await.unwrap();
        }
        let counts = read(db, move |tx| habit::of_provider(tx, key)).await;
        let short: Vec<_> = counts.iter().map(|c| (c.habit(), c.uses, c.first_seen, c.last_seen)).collect();
        assert_eq!(short, [(Some(Habit::BooleanText), 3, 10, 20), (Some(Habit::OpLetterCase), 1, 20, 20)]);
        assert!(read(db, move |tx| habit::of_provider(tx, key + 1)).await.is_empty());
    }
}
