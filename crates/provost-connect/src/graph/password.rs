//! A password for an account whose owner never uses it.

use aws_lc_rs::rand;

use crate::{Error, Result};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 36 characters with 192 random bits, and one of each class that a password policy asks for.
/// The value goes into the create request and is forgotten.
pub(crate) fn generate() -> Result<String> {
    let mut bytes = [0u8; 32];
    rand::fill(&mut bytes).map_err(|_| Error::Local {
        reason: "the system gives no random numbers".to_owned(),
    })?;
    let mut password: String = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 64)]))
        .collect();
    password.push_str("aZ7!");
    Ok(password)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn long_mixed_and_never_the_same() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one, two);
        assert!(one.len() >= 24 && one.len() <= 256);
        assert!(one.chars().any(|c| c.is_ascii_uppercase()));
        assert!(one.chars().any(|c| c.is_ascii_digit()));
        assert!(one.contains('!'));
    }
}
