//! Lists that are cut, counted wrongly, overlap, or go on by cursor.

use super::*;

fn quirky() -> Vec<(Quirks, &'static str)> {
    let quirks = Quirks::default;
    vec![
        (quirks(), "as it should be"),
        (
            Quirks {
                zero_based: true,
                ..quirks()
            },
            "startIndex from 0",
        ),
        (
            Quirks {
                zero_based: true,
                page_limit: Some(3),
                ..quirks()
            },
            "from 0, small pages",
        ),
        (
            Quirks {
                page_limit: Some(7),
                ..quirks()
            },
            "small pages",
        ),
        (
            Quirks {
                total_is_page: true,
                page_limit: Some(7),
                ..quirks()
            },
            "the total is the page's",
        ),
        (
            Quirks {
                total_is: Some(1),
                ..quirks()
            },
            "the total is always 1",
        ),
        (
            Quirks {
                overlaps: true,
                ..quirks()
            },
            "pages overlap",
        ),
        (
            Quirks {
                refuses_beyond: true,
                ..quirks()
            },
            "nothing after the last page",
        ),
        (
            Quirks {
                cursor_only: true,
                ..quirks()
            },
            "by cursor only",
        ),
        (
            Quirks {
                cursor_only: true,
                page_limit: Some(10),
                ..quirks()
            },
            "by cursor only",
        ),
        (
            Quirks {
                loses_one: true,
                ..quirks()
            },
            "one goes away in the middle",
        ),
    ]
}

#[tokio::test]
async fn everybody_is_listed_once() {
    for (quirks, habit) in quirky() {
        for count in [0, 1, 9, 10, 11, 20, 57] {
            if quirks.total_is == Some(1) && count == 0 {
                continue; // nothing where one is announced is no complete list
            }
            // Somebody goes away during the first page.
            let went = usize::from(quirks.loses_one && count > 10);
            let (application, target) = start(quirks.clone(), json!({"page_size": 10})).await;
            fill(&application, count);
            let listed = all(target.as_ref(), Kind::Person).await.unwrap();
            let mut unique = listed.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), listed.len(), "{habit}, {count}: twice");
            for id in application.store().users.keys() {
                assert!(listed.contains(id), "{habit}, {count}: {id} is missing");
            }
            assert_eq!(listed.len(), count, "{habit}, {count}, {went} went away");
            let again = all(target.as_ref(), Kind::Person).await.unwrap();
            assert_eq!(again.len(), count - went, "{habit}, {count}: a second time");
        }
    }
}

#[tokio::test]
async fn a_list_that_ends_early_is_an_error_and_no_absence() {
    let cut = |quirks: Quirks| async move {
        let (application, target) = start(quirks, json!({"page_size": 10})).await;
        fill(&application, 30);
        (all(target.as_ref(), Kind::Person).await, application)
    };
    let ignored = Quirks {
        ignores_start: true,
        page_limit: Some(7),
        ..Quirks::default()
    };
    let too_many = Quirks {
        total_is: Some(31),
        ..Quirks::default()
    };
    for quirks in [ignored, too_many] {
        let (listed, _) = cut(quirks).await;
        let error = listed.unwrap_err();
        assert_eq!(error.code(), "PRV-CONNECT-PAGING");
        assert!(error.to_string().contains("ignore_totals"), "{error}");
    }
    let (application, target) = start(
        Quirks {
            total_is: Some(31),
            ..Quirks::default()
        },
        json!({"ignore_totals": true}),
    )
    .await;
    fill(&application, 30);
    assert_eq!(all(target.as_ref(), Kind::Person).await.unwrap().len(), 30);
}

#[tokio::test]
async fn a_page_may_be_asked_for_again_but_not_out_of_turn() {
    use crate::application::Fault;
    let (application, target) = start(Quirks::default(), json!({"page_size": 10})).await;
    fill(&application, 25);
    let wanted = ["userName".to_owned()];
    let first = target.list(Kind::Person, None, &wanted).await.unwrap();
    let mark = first.next.unwrap();
    application.fail("GET", "Users", Fault::Status(500, None), 1);
    assert!(target.list(Kind::Person, Some(&mark), &wanted).await.is_err());
    let second = target.list(Kind::Person, Some(&mark), &wanted).await.unwrap();
    assert_eq!(second.accounts.len(), 10, "after an error the same page");
    for bad in [mark.as_str(), "x", "7:1", ""] {
        let error = target.list(Kind::Person, Some(bad), &wanted).await.unwrap_err();
        assert_eq!(error.code(), "PRV-CONNECT-PAGING", "{bad}");
    }
    let other = target
        .list(Kind::Group, second.next.as_deref(), &wanted)
        .await
        .unwrap_err();
    assert_eq!(other.code(), "PRV-CONNECT-PAGING");
}

#[tokio::test]
async fn a_cursor_that_is_not_known_any_more_is_a_lost_place() {
    use crate::application::Fault;
    let (application, target) = start(
        Quirks {
            cursor_only: true,
            ..Quirks::default()
        },
        json!({"page_size": 10}),
    )
    .await;
    fill(&application, 25);
    let first = target.list(Kind::Person, None, &[]).await.unwrap();
    application.fail("GET", "Users", Fault::Status(400, None), 1);
    let error = target
        .list(Kind::Person, first.next.as_deref(), &[])
        .await
        .unwrap_err();
    assert_eq!(error.code(), "PRV-CONNECT-PAGING");
}
