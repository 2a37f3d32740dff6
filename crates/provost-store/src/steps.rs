//! Steps of a rule, named as (object, member), in the few statements that settle them.

/// One statement's worth of steps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// The column in which they are alike: `object` for members of one group, `member` for objects themselves.
    pub alike: &'static str,
    /// What stands in it.
    pub value: i64,
    /// The other column.
    pub listed: &'static str,
    /// What stands in that one.
    pub keys: Vec<i64>,
}

/// Puts steps together: all those of objects themselves (member 0) in one group, the others by their object.
pub(crate) fn grouped(steps: &[(i64, i64)]) -> Vec<Group> {
    let objects: Vec<i64> = steps.iter().filter(|s| s.1 == 0).map(|s| s.0).collect();
    let members: Vec<(i64, i64)> = steps.iter().filter(|s| s.1 != 0).copied().collect();
    let mut groups = Vec::new();
    if !objects.is_empty() {
        groups.push(Group {
            alike: "member",
            value: 0,
            listed: "object",
            keys: objects,
        });
    }
    for chunk in members.chunk_by(|one, other| one.0 == other.0) {
        groups.push(Group {
            alike: "object",
            value: chunk.first().map_or(0, |step| step.0),
            listed: "member",
            keys: chunk.iter().map(|step| step.1).collect(),
        });
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::{Group, grouped};

    #[test]
    fn objects_come_together_and_members_by_their_group() {
        let steps = [(1, 0), (7, 2), (7, 3), (4, 0), (8, 2)];
        let group = |alike, value, listed, keys: &[i64]| Group {
            alike,
            value,
            listed,
            keys: keys.to_vec(),
        };
        let expected = vec![
            group("member", 0, "object", &[1, 4]),
            group("object", 7, "member", &[2, 3]),
            group("object", 8, "member", &[2]),
        ];
        assert_eq!(grouped(&steps), expected);
        assert!(grouped(&[]).is_empty());
    }
}
