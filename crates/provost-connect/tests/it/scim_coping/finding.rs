//! Filters that are refused, ignored, always empty, too exact, or half understood.

use super::*;

const WORK: &str = "emails[type eq \"work\"].value";

fn bad_filters() -> [(Quirks, &'static str); 5] {
    let quirks = Quirks::default;
    [
        (
            Quirks {
                ignores_filter: true,
                ..quirks()
            },
            "ignored",
        ),
        (
            Quirks {
                refuses_filter: true,
                ..quirks()
            },
            "refused",
        ),
        (
            Quirks {
                filter_is_empty: true,
                ..quirks()
            },
            "always empty",
        ),
        (
            Quirks {
                filter_is_exact: true,
                ..quirks()
            },
            "letter by letter",
        ),
        (
            Quirks {
                filter_is_empty: true,
                missing_is_404: true,
                ..quirks()
            },
            "always 404",
        ),
    ]
}

#[tokio::test]
async fn everybody_is_found_whatever_becomes_of_the_filter() {
    for (quirks, habit) in bad_filters() {
        let (application, target) = start(quirks, json!({"page_size": 20})).await;
        fill(&application, 70);
        let target = target.as_ref();
        let shouted = json!("PERSON66@CONTOSO.EXAMPLE");
        assert_eq!(find(target, "userName", &shouted).await, ["x-00066"], "{habit}");
        assert_eq!(
            find(target, "externalId", &json!("e-3")).await,
            ["x-00003"],
            "{habit}"
        );
        assert!(
            find(target, "externalId", &json!("E-3")).await.is_empty(),
            "{habit}"
        );
        assert_eq!(find(target, WORK, &name(69)).await, ["x-00069"], "{habit}");
        assert!(find(target, "userName", &name(70)).await.is_empty(), "{habit}");
    }
}

#[tokio::test]
async fn everything_is_read_once_and_not_for_each_question() {
    for (quirks, habit) in bad_filters() {
        let (application, target) = start(quirks, json!({"page_size": 100})).await;
        fill(&application, 150);
        let target = target.as_ref();
        for number in 0..40 {
            find(
                target,
                "userName",
                &json!(format!("nobody{number}@contoso.example")),
            )
            .await;
        }
        // Two pages, and a question or two to find out.
        assert!(application.count("GET", "Users?count=100") <= 1, "{habit}");
        assert!(application.count("GET", "Users") < 60, "{habit}");
        let before = application.count("GET", "Users");
        let made = make(target, 500).await;
        assert_eq!(
            find(target, "userName", &name(500)).await,
            [made],
            "{habit}: what was made is known"
        );
        assert!(application.count("GET", "Users") - before < 5, "{habit}");
    }
}

#[tokio::test]
async fn an_index_forgets_what_is_gone() {
    let quirks = Quirks {
        refuses_filter: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({})).await;
    fill(&application, 3);
    assert_eq!(find(target.as_ref(), "userName", &name(1)).await, ["x-00001"]);
    application.store().users.remove("x-00001");
    application.store().users.get_mut("x-00002").unwrap()["userName"] = json!("renamed@contoso.example");
    assert!(find(target.as_ref(), "userName", &name(1)).await.is_empty());
    assert!(
        find(target.as_ref(), "userName", &name(2)).await.is_empty(),
        "every hit is read"
    );
}

#[tokio::test]
async fn an_initial_cycle_reads_the_list_instead_of_asking_a_thousand_times() {
    let (application, target) = start(Quirks::default(), json!({})).await;
    fill(&application, 30);
    for number in 100..400 {
        assert!(find(target.as_ref(), "userName", &name(number)).await.is_empty());
        make(target.as_ref(), number).await;
    }
    assert!(
        application.count("GET", "Users") < 40,
        "{}",
        application.count("GET", "Users")
    );
    assert_eq!(find(target.as_ref(), "userName", &name(399)).await.len(), 1);
    assert_eq!(find(target.as_ref(), "userName", &name(29)).await, ["x-00029"]);
}

#[tokio::test]
async fn a_lost_create_is_looked_for_anew() {
    use crate::application::Fault;
    let quirks = Quirks {
        refuses_filter: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({})).await;
    fill(&application, 3);
    assert!(find(target.as_ref(), "userName", &name(9)).await.is_empty());
    application.fail("POST", "Users", Fault::Cut, 1);
    let lost = target
        .create(Kind::Person, "key-9", &person(9))
        .await
        .unwrap_err();
    assert!(
        matches!(lost, provost_connect::Error::AnswerLost { .. }),
        "{lost:?}"
    );
    assert_eq!(
        find(target.as_ref(), "userName", &name(9)).await.len(),
        1,
        "it exists"
    );
}

#[tokio::test]
async fn an_element_is_found_by_a_plain_filter_too() {
    let quirks = Quirks {
        plain_filter: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({})).await;
    fill(&application, 3);
    application.store().users.get_mut("x-00002").unwrap()["emails"] =
        json!([{"type": "home", "value": name(1)}]);
    assert_eq!(find(target.as_ref(), WORK, &name(1)).await, ["x-00001"]);
    assert_eq!(
        find(target.as_ref(), WORK, &json!("PERSON0@contoso.example")).await,
        ["x-00000"]
    );
    application.store().users.remove("x-00001");
    assert!(
        find(target.as_ref(), WORK, &name(1)).await.is_empty(),
        "the home address is another one"
    );
    assert_eq!(
        application.count("GET", "emails.value"),
        5,
        "two to try it, three to ask"
    );
    assert_eq!(
        application.count("GET", "count=100"),
        0,
        "nothing had to be read whole"
    );
}

#[tokio::test]
async fn questions_are_written_without_plus_signs() {
    let (application, target) = start(Quirks::default(), json!({})).await;
    find(target.as_ref(), "userName", &json!("a+b c@contoso.example")).await;
    let store = application.store();
    let asked: Vec<&String> = store
        .seen
        .iter()
        .map(|(_, path, _)| path)
        .filter(|p| p.contains("filter"))
        .collect();
    assert!(
        asked[0].contains("userName%20eq%20%22a%2Bb%20c%40contoso.example%22"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_matching_attribute_is_tried_before_it_is_saved() {
    let cases = [
        (Quirks::default(), "userName", Ok("are found")),
        (Quirks::default(), WORK, Ok("are found")),
        (Quirks::default(), "externalId", Ok("are found")),
        (Quirks::default(), "title", Err("not understood")),
        (Quirks::default(), "not a path", Err("not a SCIM attribute path")),
        (
            Quirks {
                refuses_filter: true,
                ..Quirks::default()
            },
            "userName",
            Err("filters are not for you"),
        ),
        (
            Quirks {
                ignores_filter: true,
                ..Quirks::default()
            },
            "userName",
            Err("others than those asked for"),
        ),
        (
            Quirks {
                filter_is_empty: true,
                ..Quirks::default()
            },
            "userName",
            Err("does not find those who are there"),
        ),
        (
            Quirks {
                filter_is_exact: true,
                ..Quirks::default()
            },
            "userName",
            Ok("exact letter case"),
        ),
    ];
    for (quirks, attribute, wanted) in cases {
        let (application, target) = start(quirks.clone(), json!({})).await;
        fill(&application, 3);
        let check = target.can_match(Kind::Person, attribute).await.unwrap();
        let found = check
            .outcome
            .as_ref()
            .map(String::as_str)
            .map_err(ToString::to_string);
        match wanted {
            Ok(said) => assert!(
                found.as_ref().is_ok_and(|f| f.contains(said)),
                "{attribute}: {found:?}"
            ),
            Err(said) => {
                let shown = format!("{:?}", check.outcome);
                assert!(found.is_err() && shown.contains(said), "{attribute}: {shown}");
            }
        }
    }
    let (_application, target) = start(Quirks::default(), json!({})).await;
    let nobody = target.can_match(Kind::Group, "displayName").await.unwrap();
    assert!(
        nobody.outcome.unwrap().contains("nobody"),
        "an empty application proves nothing"
    );
}
