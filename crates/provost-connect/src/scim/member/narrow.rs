//! A refusal because of one member must not cost the others.

use crate::{Error, MemberChange, Result};

/// What becomes of a refused chunk.
pub(super) enum Narrowed {
    Chunks(Vec<Vec<usize>>),
    Without(usize, Vec<usize>),
    Final,
}

/// Leaves out the member that the refusal names, or tries the halves.
pub(super) fn narrow(changes: &[MemberChange], chunk: &[usize], error: &Error) -> Narrowed {
    let (Error::Rejected { .. } | Error::NotFound { .. } | Error::Conflict { .. }) = error else {
        return Narrowed::Final;
    };
    if chunk.len() < 2 {
        return Narrowed::Final;
    }
    let said = match error {
        Error::Rejected { reason, .. } | Error::Conflict { reason, .. } => reason.as_str(),
        _ => "",
    };
    let mut named = chunk
        .iter()
        .filter(|index| names(said, &changes[**index].member_id));
    match (named.next(), named.next()) {
        (Some(index), None) => {
            let rest = chunk.iter().copied().filter(|other| other != index).collect();
            Narrowed::Without(*index, rest)
        }
        _ => {
            let (left, right) = chunk.split_at(chunk.len() / 2);
            Narrowed::Chunks(vec![right.to_vec(), left.to_vec()])
        }
    }
}

/// Whether a text holds this id as a word of its own.
fn names(text: &str, id: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.split(|c: char| !inner(c)).any(|word| word == id)
}

/// The outcome for a single member. Removing somebody who is not there is a success.
pub(super) fn settle(change: &MemberChange, error: Error) -> Result<()> {
    match error {
        Error::NotFound { .. } if !change.add => Ok(()),
        Error::NotFound { operation, .. } => Err(Error::NotFound {
            operation,
            kind: change.kind,
            id: change.member_id.clone(),
        }),
        error => Err(error),
    }
}

pub(super) fn is_about_group(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. })
}

pub(super) fn fail_all(outcomes: &mut [Result<()>], chunks: &[Vec<usize>], error: &Error) {
    for index in chunks.iter().flatten() {
        outcomes[*index] = Err(error.clone());
    }
}
