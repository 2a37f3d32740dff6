//! Every answer, by what leads to it.

use super::*;

fn well() -> Facts<'static> {
    Facts {
        kind: Kind::Person,
        standing: Standing::Active,
        is_on: true,
        is_assigned: true,
        in_scope: Some(true),
        scope: "",
        error: "",
        account: None,
        decision: "create",
        left_alone: "",
        code: "",
        reason: "",
        waits: None,
        state: State::Active,
        state_reason: "",
        has_run: true,
    }
}

#[test]
fn who_has_no_account_is_told_the_nearest_reason() {
    let usual = well;
    for (facts, part, way) in [
        (usual(), "next cycle makes", Way::Nowhere),
        (
            Facts {
                is_on: false,
                ..usual()
            },
            "switched off",
            Way::Rule,
        ),
        (
            Facts {
                error: "x",
                ..usual()
            },
            "has an error",
            Way::Mappings,
        ),
        (
            Facts {
                error: "x",
                in_scope: None,
                ..usual()
            },
            "has an error",
            Way::Connection,
        ),
        (
            Facts {
                is_assigned: false,
                in_scope: Some(false),
                ..usual()
            },
            "Not assigned",
            Way::Assignments,
        ),
        (
            Facts {
                in_scope: Some(false),
                ..usual()
            },
            "scope leaves",
            Way::Scope,
        ),
        (
            Facts {
                waits: Some(Waits::Doubt),
                code: "PRV-MATCH-SEVERAL",
                ..usual()
            },
            "decide",
            Way::Doubts,
        ),
        (
            Facts {
                waits: Some(Waits::Staged),
                ..usual()
            },
            "approves",
            Way::Staged,
        ),
        (
            Facts {
                code: "PRV-CONNECT-CONFLICT",
                reason: "taken",
                ..usual()
            },
            "could not be made",
            Way::Code,
        ),
        (
            Facts {
                standing: Standing::Blocked(1),
                decision: "",
                ..usual()
            },
            "Blocked",
            Way::Record,
        ),
        (
            Facts {
                standing: Standing::Inactive,
                decision: "",
                ..usual()
            },
            "Not active",
            Way::Record,
        ),
        (
            Facts {
                standing: Standing::Gone,
                ..usual()
            },
            "Gone",
            Way::Nowhere,
        ),
        (
            Facts {
                state: State::Paused,
                ..usual()
            },
            "paused",
            Way::Connection,
        ),
        (
            Facts {
                state: State::Invalid,
                ..usual()
            },
            "does not work",
            Way::Connection,
        ),
        (
            Facts {
                state: State::Quarantine,
                ..usual()
            },
            "quarantine",
            Way::Connection,
        ),
        (
            Facts {
                has_run: false,
                ..usual()
            },
            "initial cycle",
            Way::Connection,
        ),
        (
            Facts {
                decision: "",
                ..usual()
            },
            "makes no account",
            Way::Rule,
        ),
    ] {
        let verdict = of(&facts);
        assert!(verdict.sentence.contains(part), "{facts:?}: {verdict:?}");
        assert_eq!((verdict.word, verdict.next), (HAS_NONE, way), "{facts:?}");
    }
}

#[test]
fn who_has_one_is_told_how_it_is() {
    let usual = || Facts {
        account: Some(true),
        decision: "",
        ..well()
    };
    let closed = || Facts {
        account: Some(false),
        ..usual()
    };
    for (facts, part) in [
        (usual(), "as the rule wants it"),
        (
            Facts {
                decision: "update",
                ..usual()
            },
            "next cycle changes",
        ),
        (
            Facts {
                code: "PRV-CONNECT-REJECTED",
                ..usual()
            },
            "not through",
        ),
        (
            Facts {
                is_on: false,
                ..usual()
            },
            "stays as it is",
        ),
        (
            Facts {
                standing: Standing::Blocked(1),
                ..closed()
            },
            "is blocked",
        ),
        (
            Facts {
                standing: Standing::Inactive,
                ..closed()
            },
            "not active",
        ),
        (
            Facts {
                standing: Standing::Deleted(1),
                ..closed()
            },
            "gone",
        ),
        (
            Facts {
                is_assigned: false,
                ..closed()
            },
            "assignment",
        ),
        (
            Facts {
                in_scope: Some(false),
                ..closed()
            },
            "scope",
        ),
        (closed(), "mappings say"),
        (
            Facts {
                waits: Some(Waits::Staged),
                ..usual()
            },
            "approves",
        ),
    ] {
        let verdict = of(&facts);
        assert!(verdict.sentence.contains(part), "{facts:?}: {verdict:?}");
        assert_eq!(verdict.word, HAS);
    }
}
