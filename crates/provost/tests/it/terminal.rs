//! Running the command in a terminal of a chosen width: a pseudo-terminal (POSIX.1-2017, `posix_openpt`).

use crate::run::show;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Output, Stdio};

/// What a command says when standard output is a terminal with so many columns. Standard error stays a pipe, so that
/// progress does not draw into it.
pub fn output(command: &mut Command, columns: u16) -> Output {
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&main).unwrap();
    unlockpt(&main).unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&main, size).unwrap();
    let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
    let terminal = File::options().read(true).write(true).open(name).unwrap();
    let child = command
        .stdout(Stdio::from(terminal))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Ours would keep the terminal open when the program has ended.
    command.stdout(Stdio::null());
    let mut out = Vec::new();
    // Linux answers EIO when the last one has closed the other side.
    let _ = File::from(main).read_to_end(&mut out);
    let mut output = child.wait_with_output().unwrap();
    out.retain(|byte| *byte != b'\r');
    output.stdout = out;
    output
}

/// The same as a text with the exit status, without colours, in the width of the terminal alone.
pub fn shown(command: &mut Command, columns: u16) -> String {
    show(&output(
        command.env("NO_COLOR", "1").env_remove("COLUMNS"),
        columns,
    ))
}

mod tests {
    use super::*;
    use crate::run::Place;

    /// A place with rows that are wider than any terminal.
    fn place() -> Place {
        let place = Place::installed();
        place.run("provider add Source");
        place.run("person add ada@contoso.example --set displayName=Ada --set title=Cook");
        place
    }

    fn widest(said: &str) -> usize {
        said.lines().map(|line| line.chars().count()).max().unwrap()
    }

    #[test]
    fn a_table_takes_the_width_of_the_terminal_and_a_file_gets_everything() {
        let place = place();
        let words = "audit list";
        for columns in [60, 80, 120] {
            let said = shown(&mut place.command(words), columns);
            assert!(said.ends_with("exit 0"), "{said}");
            assert!(widest(&said) <= usize::from(columns), "{columns}: {said}");
        }
        let file = place.run(words);
        assert!(widest(&file) > 80 && !file.contains('…'), "{file}");
        let named = output(
            place.command(words).env("COLUMNS", "70").env("NO_COLOR", "1"),
            120,
        );
        assert!(widest(&show(&named)) <= 70, "{named:?}");
    }

    #[test]
    fn colours_are_for_terminals_without_no_color() {
        let place = place();
        let coloured = |command: &mut Command| {
            String::from_utf8(output(command, 80).stdout)
                .unwrap()
                .contains('\u{1b}')
        };
        let command = || {
            let mut command = place.command("person list");
            command.env_remove("NO_COLOR").env("TERM", "xterm");
            command
        };
        assert!(coloured(&mut command()));
        assert!(!coloured(command().env("NO_COLOR", "1")));
        assert!(!coloured(command().env("TERM", "dumb")));
        assert!(!coloured(command().arg("--json")));
        let piped = command().output().unwrap();
        assert!(!String::from_utf8(piped.stdout).unwrap().contains('\u{1b}'));
    }
}
