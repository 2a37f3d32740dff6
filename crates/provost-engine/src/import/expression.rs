//! The attribute names inside an expression.

use crate::expr::{self, Expr, ExprError, Node};

/// Renames every attribute of an expression and keeps the rest of the text letter by letter.
///
/// # Errors
/// The expression's mistakes.
pub(super) fn rename(text: &str, mut name: impl FnMut(&str) -> String) -> Result<String, Vec<ExprError>> {
    let mut renamed = String::with_capacity(text.len());
    let mut done = 0;
    for span in attributes(&expr::parse(text)?) {
        let (Some(before), Some(attribute)) = (text.get(done..span.start), text.get(span.clone())) else {
            continue;
        };
        let inside = attribute
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(attribute);
        renamed.push_str(before);
        renamed.push('[');
        renamed.push_str(&name(inside));
        renamed.push(']');
        done = span.end;
    }
    renamed.push_str(&text[done..]);
    Ok(renamed)
}

/// Whether an attribute of this name is read anywhere.
pub(super) fn reads(text: &str, name: &str) -> bool {
    let mut found = false;
    let searched = rename(text, |attribute| {
        found |= attribute.trim().eq_ignore_ascii_case(name);
        String::new()
    });
    searched.is_ok() && found
}

/// Where the attributes stand, in the order of the text.
fn attributes(expr: &Expr) -> Vec<std::ops::Range<usize>> {
    let mut spans = Vec::new();
    expr.any(&mut |part| {
        if matches!(part.node, Node::Attribute(_)) {
            spans.push(part.span.clone());
        }
        false
    });
    spans.sort_by_key(|span| span.start);
    spans
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_attributes_are_renamed() {
        let text = "Join(\" [mail] \",  [mail], Replace([ surname ], , \"[a-z]\", , \"mail\", , ) )";
        let renamed = rename(text, |name| format!("<{}>", name.trim())).unwrap();
        assert_eq!(
            renamed,
            "Join(\" [mail] \",  [<mail>], Replace([<surname>], , \"[a-z]\", , \"mail\", , ) )"
        );
        assert!(rename("Jion([mail])", str::to_owned).is_err());
        assert!(
            reads("Not([issoftdeleted])", "IsSoftDeleted")
                && !reads("Not(\"[IsSoftDeleted]\")", "IsSoftDeleted")
        );
    }
}
