//! "Did you mean": the known name that a mistyped one comes nearest to.

/// The most similar of the known names, unless none is similar enough to be meant.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let far = |name: &str| strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
    known
        .into_iter()
        .map(|name| (far(name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 3)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["listen", "public_url"];
        assert_eq!(nearest("lisetn", known), Some("listen"));
        assert_eq!(nearest("publicurl", known), Some("public_url"));
        assert_eq!(nearest("database", known), None);
    }
}
