//! The laws over the corpus as it is, and over tens of thousands of changes of it: what runs with every change
//! of the code. `scripts/fuzz` looks for longer, guided by coverage.

use crate::law;
use crate::mutation::{Random, changed};

/// How many changed inputs each law sees.
const CHANGED: usize = 30_000;

fn each(corpus: &str, law: fn(&[u8])) {
    let corpus: Vec<&str> = corpus.lines().collect();
    assert!(corpus.len() > 20);
    for input in &corpus {
        law(input.as_bytes());
    }
    let mut random = Random::new(0x5EED);
    for _ in 0..CHANGED {
        let input = changed(&corpus, &mut random);
        // The standard library prints the input that a law does not hold for only when it is told to.
        let told = Told(&input);
        law(&input);
        drop(told);
    }
}

/// Prints the input when the law panics.
struct Told<'a>(&'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with the input {:?}", String::from_utf8_lossy(self.0));
        }
    }
}

fn text(law: fn(&str)) -> impl Fn(&[u8]) {
    move |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            law(text);
        }
    }
}

#[test]
fn any_filter() {
    each(include_str!("corpus/filter.txt"), |bytes| {
        text(law::filter)(bytes)
    });
}

#[test]
fn any_path() {
    each(include_str!("corpus/path.txt"), |bytes| text(law::path)(bytes));
}

#[test]
fn any_patch() {
    each(include_str!("corpus/patch.txt"), law::patch);
}

#[test]
fn any_bulk_request() {
    each(include_str!("corpus/bulk.txt"), law::bulk);
}
