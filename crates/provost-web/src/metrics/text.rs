//! The text format of Prometheus (Prometheus documentation, "Exposition formats", version 0.0.4).

use std::fmt::Write as _;

/// What a number is.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    /// It goes up and down.
    Gauge,
    /// It only goes up, until the process starts again.
    Counter,
    /// Counts in buckets.
    Histogram,
}

/// A page of numbers under construction.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// Begins a family of numbers. Its samples must follow before the next one begins.
    pub fn family(&mut self, name: &str, sort: Sort, help: &str) {
        let word = match sort {
            Sort::Gauge => "gauge",
            Sort::Counter => "counter",
            Sort::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing into a text has no way to fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {word}");
    }

    /// One number with its labels.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// The text.
    pub fn finish(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_s_making_cannot_break_the_page() {
        let mut page = Page::default();
        page.family("provost_x", Sort::Gauge, "a \\ b\nc");
        page.sample(
            "provost_x",
            &[("connection", "A \"b\" \\ \n c"), ("state", "active")],
            1.0,
        );
        page.sample("provost_x", &[], 0.5);
        let expected = "# HELP provost_x a \\\\ b\\nc\n# TYPE provost_x gauge\n\
                        provost_x{connection=\"A \\\"b\\\" \\\\ \\n c\",state=\"active\"} 1\nprovost_x 0.5\n";
        assert_eq!(page.finish(), expected);
    }
}
