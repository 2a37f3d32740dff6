//! Ways in which Microsoft Graph answers badly, each with the outcome it must have and the sentence that an
//! administrator reads. Most rows are one fault of the simulator (Microsoft Graph, "Error responses and resource
//! types"); others are an object that is in the way, or a fact that no source settles, in both positions.

mod batches;
mod case;
mod creating;
mod deleting;
mod delta;
mod groups;
mod judge;
mod licences;
mod reading;
mod replication;
mod scene;
mod throttling;
mod tokens;
mod transport;
mod unproved;
mod updating;

use case::Case;
use futures::StreamExt as _;
use std::fmt::Write as _;

/// Cases that are played at the same time.
const TOGETHER: usize = 8;

/// Plays the cases of a theme, and compares their sentences with those that were read before.
async fn theme(name: &str, cases: Vec<Case>) {
    let played = futures::stream::iter(&cases).map(judge::play).buffered(TOGETHER);
    let results: Vec<_> = played.collect().await;
    let (mut page, mut wrong) = (String::new(), String::new());
    for (case, (sentence, faults)) in cases.iter().zip(results) {
        let sentence = if sentence.is_empty() {
            "Nothing is shown: it heals within the request."
        } else {
            &steady(&sentence)
        };
        writeln!(page, "{}\n    {sentence}\n", case.name).unwrap();
        for fault in faults {
            writeln!(wrong, "{name}: {}: {fault}", case.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}\n{page}");
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, page);
    });
}

/// Ports and ids differ from run to run.
fn steady(sentence: &str) -> String {
    let mut out = String::new();
    for (i, word) in sentence.split(' ').enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_id = uuid::Uuid::try_parse(bare).is_ok();
        let word = match (is_id, bare.strip_prefix("127.0.0.1:")) {
            (true, _) => word.replace(bare, "<id>"),
            (_, Some(_)) => word.replace(bare, "graph.microsoft.com"),
            _ => word.to_owned(),
        };
        out.push_str(if i == 0 { "" } else { " " });
        out.push_str(&word);
    }
    out
}

macro_rules! themes {
    ($($name:ident),+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            theme(stringify!($name), $name::cases()).await;
        }
    )+

        #[test]
        fn there_are_fifty_and_more_each_with_a_name_of_its_own() {
            let names: Vec<String> = [$($name::cases()),+].into_iter().flatten().map(|case| case.name).collect();
            let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
            assert!(names.len() >= 50 && distinct.len() == names.len(), "{}", names.len());
        }
    };
}

themes!(
    tokens,
    throttling,
    creating,
    updating,
    licences,
    groups,
    deleting,
    reading,
    delta,
    batches,
    transport,
    replication,
    unproved
);
