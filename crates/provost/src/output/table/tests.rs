#![allow(clippy::unwrap_used)]

use super::*;

fn at(width: usize) -> Layout {
    Layout {
        width: Some(width),
        is_coloured: false,
    }
}

const FREE: Layout = Layout {
    width: None,
    is_coloured: false,
};

fn sample() -> Table {
    let mut table = Table::new(["key", "at", "name", "tries", "reason"]);
    let row = |key: &str, name: &str, tries: &str, reason: &str| {
        [key, "2026-01-05T09:00:00.000Z", name, tries, reason].map(str::to_owned)
    };
    table.row(row(
        "7",
        "Ada",
        "1",
        "the application does not answer, and was asked three times",
    ));
    table.row(row("1234", "山田 太郎", "12", "refused"));
    table
}

#[test]
fn without_a_terminal_nothing_is_cut_and_numbers_stand_on_the_right() {
    assert_eq!(
        sample().laid_out(FREE),
        "KEY   AT                        NAME       TRIES  REASON\n\
         7     2026-01-05T09:00:00.000Z  Ada            1  the application does not answer, and was asked three times\n\
         1234  2026-01-05T09:00:00.000Z  山田 太郎     12  refused"
    );
}

#[test]
fn what_matters_least_gives_way_first() {
    assert_eq!(
        sample().laid_out(at(80)),
        "KEY   AT                        NAME       TRIES  REASON\n\
         7     2026-01-05T09:00:00.000Z  Ada            1  the application does not answ…\n\
         1234  2026-01-05T09:00:00.000Z  山田 太郎     12  refused"
    );
    assert_eq!(
        sample().laid_out(at(60)),
        "KEY   AT                 NAME       TRIES  REASON\n\
         7     2026-01-05T09:00Z  Ada            1  the application…\n\
         1234  2026-01-05T09:00Z  山田 太郎     12  refused"
    );
}

#[test]
fn it_fits_whatever_the_width_and_keeps_keys_whole() {
    for width in 20..120 {
        let text = sample().laid_out(at(width));
        assert!(text.contains("1234"), "{width}: {text}");
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn where_columns_have_no_room_cells_stand_below_each_other() {
    let text = sample().laid_out(at(32));
    assert_eq!(
        text,
        "KEY     7\nAT      2026-01-05T09:00:00.000Z\nNAME    Ada\nTRIES   1\nREASON  the application does no…\n\n\
         KEY     1234\nAT      2026-01-05T09:00:00.000Z\nNAME    山田 太郎\nTRIES   12\nREASON  refused"
    );
}

#[test]
fn a_cell_is_one_line_whatever_is_in_it() {
    let mut table = Table::new(["name", "state"]);
    table.row(["two\nlines\u{1b}[31m".to_owned(), "active".to_owned()]);
    assert_eq!(
        table.laid_out(FREE),
        "NAME            STATE\ntwo lines\u{fffd}[31m  active"
    );
}

#[test]
fn a_word_for_a_state_has_a_colour_and_keeps_its_place() {
    let mut table = Table::new(["state", "name"]);
    table.row(["failed".to_owned(), "failed".to_owned()]);
    let coloured = Layout {
        is_coloured: true,
        ..FREE
    };
    assert_eq!(
        table.laid_out(coloured),
        "\u{1b}[1mSTATE\u{1b}[0m   \u{1b}[1mNAME\u{1b}[0m\n\u{1b}[31mfailed\u{1b}[0m  failed"
    );
}
