//! Steps of a rule, named as (object, member), in the few statements that settle them.

/// One statement's worth of steps: the first two values of its condition, the keys of its list, and whether
/// these are members (of one group) or objects.
pub(crate) type Group = ([i64; 2], Vec<i64>, bool);

/// Puts steps together: all those of objects themselves (member 0) in one group, the others by their object.
pub(crate) fn grouped(rule: i64, steps: &[(i64, i64)]) -> Vec<Group> {
    let objects: Vec<i64> = steps.iter().filter(|s| s.1 == 0).map(|s| s.0).collect();
    let members: Vec<(i64, i64)> = steps.iter().filter(|s| s.1 != 0).copied().collect();
    let mut groups = Vec::new();
    if !objects.is_empty() {
        groups.push(([rule, 0], objects, false));
    }
    for chunk in members.chunk_by(|one, other| one.0 == other.0) {
        let group = chunk.first().map_or(0, |step| step.0);
        groups.push(([rule, group], chunk.iter().map(|step| step.1).collect(), true));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn objects_come_together_and_members_by_their_group() {
        let steps = [(1, 0), (7, 2), (7, 3), (4, 0), (8, 2)];
        let expected = vec![
            ([5, 0], vec![1, 4], false),
            ([5, 7], vec![2, 3], true),
            ([5, 8], vec![2], true),
        ];
        assert_eq!(grouped(5, &steps), expected);
        assert!(grouped(5, &[]).is_empty());
    }
}
