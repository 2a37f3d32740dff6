//! Small charts: columns side by side, one for each day. Positions are attributes and colours are classes, so the page
//! needs no style of its own; what is drawn is also told in words.

use super::time::{Clock, DAY};

/// Units of a column with the gap after it.
const REACH: i64 = 12;
/// Units of the gap.
const GAP: i64 = 3;
/// Units of the highest column.
const HEIGHT: i64 = 60;
/// The least that a part has which is not nothing: it must be seen.
const LEAST: i64 = 2;

/// Columns, one for each day, the newest on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chart {
    /// Its own on the page.
    pub id: String,
    pub title: String,
    /// The same as a sentence.
    pub told: String,
    pub width: i64,
    pub height: i64,
    pub columns: Vec<Column>,
    /// The first and the last day.
    pub from: String,
    pub to: String,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub x: i64,
    /// Units of the column.
    pub width: i64,
    /// Units in which the pointer finds it.
    pub reach: i64,
    /// From the bottom up.
    pub parts: Vec<Part>,
    /// The day and its numbers, for the pointer.
    pub told: String,
}

/// A part of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name of its colour.
    pub class: &'static str,
    pub y: i64,
    pub height: i64,
}

/// What is drawn: the classes of the parts from the bottom up, and for each day its numbers in that order.
pub(crate) struct Days<'a> {
    /// Its own on the page.
    pub id: &'a str,
    pub title: String,
    pub told: String,
    pub classes: &'a [&'static str],
    /// The number of the last day since 1970.
    pub last: i64,
    /// The days, the newest last.
    pub days: Vec<Vec<i64>>,
    /// A day's numbers in words.
    pub words: &'a dyn Fn(&[i64]) -> String,
}

impl Days<'_> {
    /// The chart; its heights are shares of the highest day.
    pub fn draw(&self, clock: &Clock) -> Chart {
        let highest = self
            .days
            .iter()
            .map(|day| day.iter().sum())
            .max()
            .unwrap_or(0)
            .max(1);
        let first = self.last + 1 - self.days.len() as i64;
        // Days are UTC's, so noon is the same day in most zones.
        let name = |day: i64| clock.day(day * DAY + DAY / 2);
        let columns = self.days.iter().zip(0..).map(|(numbers, index)| Column {
            x: index * REACH,
            width: REACH - GAP,
            reach: REACH,
            parts: parts(self.classes, numbers, highest),
            told: format!("{}: {}", name(first + index), (self.words)(numbers)),
        });
        Chart {
            id: self.id.to_owned(),
            title: self.title.clone(),
            told: self.told.clone(),
            width: self.days.len() as i64 * REACH,
            height: HEIGHT,
            columns: columns.collect(),
            from: name(first),
            to: name(self.last),
        }
    }
}

/// The parts of a day's column.
fn parts(classes: &[&'static str], numbers: &[i64], highest: i64) -> Vec<Part> {
    let mut y = HEIGHT;
    let mut parts = Vec::new();
    for (class, number) in classes.iter().zip(numbers).filter(|(_, number)| **number > 0) {
        let share = i128::from(*number) * i128::from(HEIGHT) / i128::from(highest);
        let height = i64::try_from(share).unwrap_or(HEIGHT).max(LEAST).min(y);
        y -= height;
        parts.push(Part { class, y, height });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(days: Vec<Vec<i64>>) -> Chart {
        let days = Days {
            id: "written",
            title: "Written".to_owned(),
            told: "Three days".to_owned(),
            classes: &["given", "failed"],
            last: 2,
            days,
            words: &|numbers| format!("{numbers:?}"),
        };
        days.draw(&Clock::bare(0))
    }

    #[test]
    fn columns_stay_inside_and_what_is_not_nothing_is_seen() {
        let drawn = chart(vec![vec![1, 0], vec![1_000_000, 1], vec![0, 0]]);
        assert_eq!(
            (drawn.from.as_str(), drawn.to.as_str()),
            ("1970-01-01", "1970-01-03")
        );
        assert_eq!(drawn.width, 3 * REACH);
        for column in &drawn.columns {
            assert!(column.x + column.width <= drawn.width);
            let mut bottom = HEIGHT;
            for part in &column.parts {
                assert!(part.y >= 0 && part.height > 0, "{column:?}");
                assert_eq!(part.y + part.height, bottom, "parts stand on each other");
                bottom = part.y;
            }
        }
        assert_eq!(drawn.columns[0].parts[0].height, LEAST);
        assert_eq!(drawn.columns[2].parts, []);
        assert_eq!(drawn.columns[1].told, "1970-01-02: [1000000, 1]");
    }

    #[test]
    fn nothing_and_everything_can_be_drawn() {
        assert!(chart(vec![]).columns.is_empty());
        let most = chart(vec![vec![i64::MAX / 2, i64::MAX / 2]]);
        assert!(most.columns[0].parts.iter().all(|part| part.y >= 0));
    }
}
