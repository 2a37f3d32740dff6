//! Asking before something is done that takes away from people.

use crate::failure::Failure;
use anyhow::{Context as _, Result};
use std::io::{IsTerminal as _, Write as _};

/// Asks on the terminal and goes on with a yes. `agreed` (`--yes`) answers in advance.
///
/// # Errors
/// When the answer is not yes, or when nobody is there to answer: a script has to say `--yes`.
pub(crate) fn agree(question: &str, agreed: bool) -> Result<()> {
    if agreed {
        return Ok(());
    }
    if !somebody_is_there() {
        let hint = "Say --yes when that is what you want; nothing was changed.";
        return Err(Failure::new(format!("not done without a yes: {question}"), hint).into());
    }
    match read(&format!("{question} [y/N] "))?.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("not done", "Nothing was changed.").into()),
    }
}

/// Asks for a name to be typed, for what cannot be undone. `typed` is the name given in advance.
///
/// # Errors
/// When another name is given, or when nobody is there to type it.
pub(crate) fn name(question: &str, expected: &str, typed: Option<&str>) -> Result<()> {
    let given = match typed {
        Some(name) => name.to_owned(),
        None if somebody_is_there() => read(&format!("{question} Type its name to go on: "))?,
        None => {
            let hint =
                format!("Say --confirm \"{expected}\" when that is what you want; nothing was changed.");
            return Err(Failure::new(format!("not done without its name: {question}"), hint).into());
        }
    };
    if given == expected {
        return Ok(());
    }
    let sentence = format!("\"{given}\" is not the name \"{expected}\"");
    Err(Failure::new(sentence, "Nothing was changed.").into())
}

/// Whether a person can read a question and answer it.
pub(crate) fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks on standard error, because standard output is for the answer of the command.
fn read(question: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    write!(err, "{question}")
        .and_then(|()| err.flush())
        .context("cannot ask on standard error")?;
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("cannot read the answer from standard input")?;
    Ok(line.trim().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_given_in_advance_has_to_be_the_right_one() {
        assert!(name("Remove it?", "app", Some("app")).is_ok());
        let wrong = name("Remove it?", "app", Some("App")).unwrap_err().to_string();
        assert_eq!(wrong, "\"App\" is not the name \"app\"");
        assert!(agree("Go on?", true).is_ok());
    }
}
