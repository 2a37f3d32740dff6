use crate::harness::{both, read, write};
use provost_store::notice::{self, New, State};

const HELD: New<'static> = New {
    workspace: 1,
    connection: 5,
    cause: "held",
    subject: "App is held",
    body: "60 removals",
};

both! {
    async fn a_cause_has_one_notice_until_it_is_over(fresh) {
        let db = &fresh.db;
        assert!(write(db, |tx| notice::raise(tx, 10, 20, &HELD)).await);
        assert!(!write(db, |tx| notice::raise(tx, 11, 20, &HELD)).await);
        assert!(write(db, |tx| notice::raise(tx, 11, 30, &New { cause: "quarantine", ..HELD })).await);
        assert_eq!(read(db, |tx| notice::due(tx, 19, 9)).await, []);
        let due = read(db, |tx| notice::due(tx, 20, 9)).await;
        assert_eq!((due.len(), due[0].cause.as_str(), due[0].subject.as_str()), (1, "held", "App is held"));
        let key = due[0].key;
        write(db, move |tx| notice::failed(tx, key, "no answer", Some(40))).await;
        let due = read(db, |tx| notice::due(tx, 40, 9)).await;
        assert_eq!(due.iter().map(|n| (n.cause.as_str(), n.attempts, n.error.as_str())).collect::<Vec<_>>(),
            [("quarantine", 0, ""), ("held", 1, "no answer")]);
        write(db, move |tx| notice::sent(tx, 41, key)).await;
        assert!(!write(db, |tx| notice::raise(tx, 42, 42, &HELD)).await, "it was told");
        assert_eq!(read(db, |tx| notice::standing(tx, 1, 0, 9)).await.len(), 2);
        assert!(write(db, |tx| notice::over(tx, 1, 5, "held")).await);
        assert!(!write(db, |tx| notice::over(tx, 1, 5, "held")).await);
        assert!(write(db, |tx| notice::raise(tx, 43, 43, &HELD)).await, "it came up again");
        let list = read(db, |tx| notice::list(tx, 1, None, 9)).await;
        assert_eq!(list.iter().map(|n| n.state).collect::<Vec<_>>(), [State::Waiting, State::Waiting, State::Over]);
        assert_eq!((list[2].sent, list[2].attempts, list[2].error.as_str()), (Some(41), 2, ""));
        let key = list[0].key;
        write(db, move |tx| notice::failed(tx, key, "refused", None)).await;
        assert_eq!(read(db, |tx| notice::list(tx, 1, None, 1)).await[0].state, State::Failed);
        assert!(!write(db, |tx| notice::raise(tx, 44, 44, &HELD)).await, "one a cause, also when it could not be sent");
    }
}
