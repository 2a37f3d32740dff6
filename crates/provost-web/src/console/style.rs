//! The style sheet, put together from its parts.

/// The parts in their order; a browser sees one file.
pub(super) const STYLE: &str = concat!(
    include_str!("../../assets/style/tokens.css"),
    include_str!("../../assets/style/text.css"),
    include_str!("../../assets/style/frame.css"),
    include_str!("../../assets/style/form.css"),
    include_str!("../../assets/style/list.css"),
    include_str!("../../assets/style/work.css"),
);

#[cfg(test)]
mod tests {
    use super::STYLE;
    use std::collections::BTreeMap;

    /// Text on a ground: at least 4.5 to 1 (WCAG 2.2, 1.4.3).
    const TEXT: [(&str, &[&str]); 12] = [
        (
            "ink",
            &["ground", "paper", "rest-tint", "brand-tint", "wait-tint", "mark"],
        ),
        ("quiet", &["ground", "paper", "rest-tint"]),
        ("brand", &["ground", "paper", "brand-tint", "rest-tint"]),
        ("brand-deep", &["paper", "ground"]),
        ("on-brand", &["brand", "brand-deep"]),
        ("on-bad", &["bad", "bad-deep"]),
        ("paper", &["brand"]),
        ("good", &["paper", "good-tint"]),
        ("wait", &["paper", "wait-tint"]),
        ("bad", &["ground", "paper", "bad-tint"]),
        ("rest", &["paper", "rest-tint"]),
        ("bad-deep", &["paper"]),
    ];
    /// Edges of fields, the focus, and parts of charts: at least 3 to 1 (WCAG 2.2, 1.4.11).
    const SHAPES: [(&str, &[&str]); 5] = [
        ("edge", &["ground", "paper"]),
        ("focus", &["ground", "paper", "rest-tint"]),
        ("brand", &["paper"]),
        ("bad", &["paper"]),
        ("good", &["paper"]),
    ];

    /// The colours of the light and of the dark theme, by name.
    fn themes() -> [BTreeMap<String, [f64; 3]>; 2] {
        let tokens = include_str!("../../assets/style/tokens.css");
        let (light, dark) = tokens.split_once("@media").unwrap();
        let mut themes = [read(light), read(dark)];
        assert_eq!(
            themes[0].len(),
            themes[1].len(),
            "each colour has one in both themes"
        );
        assert!(themes[0].keys().eq(themes[1].keys()));
        themes.iter_mut().for_each(|theme| assert!(theme.len() > 20));
        themes
    }

    fn read(block: &str) -> BTreeMap<String, [f64; 3]> {
        let lines = block.lines().filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            let part = |at: usize| u8::from_str_radix(&value[at..at + 2], 16).unwrap();
            let channels = [0, 2, 4].map(|at| f64::from(part(at)) / 255.0);
            Some((name.to_owned(), channels))
        });
        lines.collect()
    }

    /// WCAG 2.2: relative luminance.
    fn luminance(colour: [f64; 3]) -> f64 {
        let [red, green, blue] = colour.map(|channel| {
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_pair_can_be_told_apart_in_both_themes() {
        assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
        let mut short = Vec::new();
        for (name, theme) in ["light", "dark"].iter().zip(themes()) {
            for (pairs, least) in [(&TEXT[..], 4.5), (&SHAPES[..], 3.0)] {
                for (front, grounds) in pairs {
                    for ground in *grounds {
                        let found = contrast(theme[*front], theme[*ground]);
                        if found < least {
                            short.push(format!("{name}: {front} on {ground} has {found:.2}, not {least}"));
                        }
                    }
                }
            }
        }
        assert!(short.is_empty(), "{}", short.join("\n"));
    }

    #[test]
    fn colours_come_from_tokens_alone() {
        let rest = STYLE
            .strip_prefix(include_str!("../../assets/style/tokens.css"))
            .unwrap();
        let hex = rest
            .split('#')
            .skip(1)
            .filter(|after| after.len() > 2 && after.chars().take(3).all(|c| c.is_ascii_hexdigit()));
        assert_eq!(hex.count(), 0);
        for used in rest.split("var(--").skip(1) {
            let name = used.split([')', ',']).next().unwrap();
            let is_known = STYLE.contains(&format!("--{name}:"));
            assert!(is_known, "--{name} is no token");
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere_and_it_stays_small() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
        assert!(STYLE.len() < 48 * 1024, "{} bytes", STYLE.len());
    }
}
