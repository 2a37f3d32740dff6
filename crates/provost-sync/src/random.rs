//! Randomness for the values that rules make up.

/// Fills the bytes from the machine's source of randomness, fit for passwords.
pub(crate) fn fill(bytes: &mut [u8]) {
    // Without a source of randomness nothing of this process would be safe; the bytes then stay as they are, and
    // a target refuses a password without randomness or a value that is not unique.
    if aws_lc_rs::rand::fill(bytes).is_err() {
        tracing::error!("the machine has no source of randomness");
    }
}
