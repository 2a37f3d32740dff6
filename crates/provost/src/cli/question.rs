//! What a guard wants a person to have seen: shown, asked, and told to the guard as confirmed.

use crate::ask;
use crate::output::count;
use anyhow::Result;
use provost_sync::Error;
use provost_sync::setup::Confirm;
use std::io::Write as _;

/// Names of a question that are shown.
const NAMES: usize = 20;

/// Whether the names that a question lists are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Yes.
    Shown,
    /// No: they were shown just before.
    Known,
}

/// Does something that a guard may want confirmed. What it says is shown with the names it lists, and done when the
/// answer is yes; `agreed` (`--yes`) answers in advance. The confirmation holds for exactly what was shown.
///
/// # Errors
/// What `deed` says; a question that is not answered with yes.
pub(crate) async fn confirmed<T>(
    agreed: bool,
    shown: Names,
    deed: impl AsyncFn(&Confirm) -> provost_sync::Result<T>,
) -> Result<T> {
    let asked = match deed(&Confirm::default()).await {
        Err(asked @ Error::Confirm { .. }) => asked,
        other => return Ok(other?),
    };
    let Error::Confirm {
        code,
        sentence,
        digest,
        list,
        ..
    } = &asked
    else {
        return Err(asked.into());
    };
    if shown == Names::Shown {
        show(&names(list));
    }
    let question = format!("{} ({code}). Go on?", sentence.trim_end_matches('.'));
    ask::agree(&question, agreed)?;
    let confirm = Confirm {
        digest: Some(digest.clone()),
        understood: true,
        ..Confirm::default()
    };
    Ok(deed(&confirm).await?)
}

/// Shows what a question is about; the answer of the command is for standard output.
pub(crate) fn show(text: &str) {
    if !text.is_empty() {
        // Who cannot read it cannot answer either.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// The first names of a list, one on a line.
pub(crate) fn names(list: &[String]) -> String {
    let mut lines: Vec<String> = list.iter().take(NAMES).map(|name| format!("  {name}")).collect();
    if let Some(rest) = list.len().checked_sub(NAMES).filter(|rest| *rest > 0) {
        lines.push(format!("  and {}", count(rest as i64, "other", "others")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_says_how_many_are_not_shown() {
        let list: Vec<String> = (0..22).map(|i| format!("p{i}")).collect();
        let shown = names(&list);
        assert!(
            shown.starts_with("  p0\n") && shown.ends_with("  p19\n  and 2 others"),
            "{shown}"
        );
        assert_eq!(names(&list[..2]), "  p0\n  p1");
    }
}
