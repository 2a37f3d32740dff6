//! How strictly a date is read, and in which zone (.NET's `DateTimeStyles`).

/// How strict reading is (.NET's `DateTimeStyles`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Styles {
    pub(super) leading_white: bool,
    pub(super) trailing_white: bool,
    pub(super) inner_white: bool,
    pub(super) no_current_date: bool,
    pub(super) to_universal: bool,
    pub(super) assume_local: bool,
    pub(super) assume_universal: bool,
}

impl Styles {
    /// The styles of names separated by commas; no name gives the default.
    ///
    /// # Errors
    /// The name that is not known.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut styles = Self::default();
        if text.trim().is_empty() {
            styles.leading_white = true;
            styles.trailing_white = true;
            return Ok(styles);
        }
        for name in text.split(',').map(str::trim) {
            match name.to_ascii_lowercase().as_str() {
                "none" | "roundtripkind" => {}
                "allowleadingwhite" => styles.leading_white = true,
                "allowtrailingwhite" => styles.trailing_white = true,
                "allowinnerwhite" => styles.inner_white = true,
                "allowwhitespaces" => {
                    styles.leading_white = true;
                    styles.trailing_white = true;
                    styles.inner_white = true;
                }
                "nocurrentdatedefault" => styles.no_current_date = true,
                "adjusttouniversal" => styles.to_universal = true,
                "assumelocal" => styles.assume_local = true,
                "assumeuniversal" => styles.assume_universal = true,
                _ => return Err(name.to_owned()),
            }
        }
        Ok(styles)
    }
}
