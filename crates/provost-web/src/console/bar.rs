//! Bars of parts side by side, for an SVG of [`WIDTH`] units: positions are attributes, colours are classes, so the
//! page needs no style of its own.

/// How wide a bar is, in its own units.
pub(super) const WIDTH: u64 = 1_000;
/// The least that a part has which is not nothing: it must be seen.
const LEAST: u64 = 8;

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The name of its colour.
    pub class: &'static str,
    pub x: u64,
    pub width: u64,
}

/// The parts of a bar that stand for these numbers; none for nothing at all.
pub(super) fn parts(numbers: &[(&'static str, u64)]) -> Vec<Part> {
    let total: u64 = numbers.iter().map(|(_, number)| number).sum();
    let mut widths: Vec<(&'static str, u64)> = numbers
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(class, number)| (*class, share(*number, total).max(LEAST)))
        .collect();
    // What small parts have too much, and rounding has too little, is the largest one's.
    let others: u64 = widths.iter().map(|(_, width)| width).sum();
    if let Some((_, largest)) = widths.iter_mut().max_by_key(|(_, width)| *width) {
        *largest = (*largest + WIDTH).saturating_sub(others);
    }
    let mut x = 0;
    widths
        .into_iter()
        .map(|(class, width)| {
            let part = Part { class, x, width };
            x += width;
            part
        })
        .collect()
}

fn share(number: u64, total: u64) -> u64 {
    let share = u128::from(number) * u128::from(WIDTH) / u128::from(total.max(1));
    u64::try_from(share).unwrap_or(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_and_none_is_too_small_to_see() {
        let all = [
            vec![("a", 1), ("b", 1), ("c", 1)],
            vec![("a", 1_000_000), ("b", 1), ("c", 0), ("d", 1)],
            vec![("a", u64::MAX / 4), ("b", u64::MAX / 4)],
        ];
        for numbers in all {
            let parts = parts(&numbers);
            assert_eq!(
                parts.len(),
                numbers.iter().filter(|(_, number)| *number > 0).count()
            );
            assert_eq!(parts.iter().map(|part| part.width).sum::<u64>(), WIDTH);
            assert!(parts.iter().all(|part| part.width >= LEAST), "{parts:?}");
            assert!(parts.windows(2).all(|two| two[0].x + two[0].width == two[1].x));
        }
        assert_eq!(parts(&[("a", 0)]), []);
    }
}
