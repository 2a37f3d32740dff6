use super::generate::KINDS;
use super::*;

#[test]
fn good_passwords_pass() {
    for password in [
        "Kestrel7-Quiet!lamp",
        "mK9#vT2q",
        "four Words are 1 sentence",
        "Summer2026!kX7qpm",
        "q7_Wd@3t",
    ] {
        assert_eq!(check(password), Ok(()), "{password}");
    }
}

#[test]
fn each_rule_refuses_with_its_sentence() {
    let cases = [
        ("kX7-qpm", "fewer than 8"),
        ("kestrel-quiet-lamp", "fewer than three of these"),
        ("Kästrel7-Quiet!lamp", "does not take"),
        ("Password1234", "tried first"),
        ("P@ssw0rd!!", "tried first"),
        ("Spring2026!", "tried first"),
        ("Winter-2025", "tried first"),
        ("Abcdefg123", "tried first"),
        ("Xy9!Xy9!Xy9!", "tried first"),
        ("AAAAbbbb1111", "tried first"),
        ("Qwertz123!", "tried first"),
        ("Willkommen1!", "tried first"),
    ];
    for (password, part) in cases {
        let told = check(password).unwrap_err();
        assert!(
            told.iter().any(|sentence| sentence.contains(part)),
            "{password}: {told:?}"
        );
        assert!(told.iter().all(|sentence| !sentence.contains(password)));
    }
    assert!(check(&"kX7-qpmW".repeat(33)).unwrap_err()[0].contains("more than 256"));
    assert_eq!(check("").unwrap_err().len(), 3, "everything is told at once");
}

#[test]
fn the_user_name_may_not_be_part_of_it() {
    let password = "kX7-qpm-Ann.Lee";
    assert_eq!(check(password), Ok(()));
    for name in ["ann.lee@contoso.example", "ANN.LEE", " ann.lee "] {
        assert_eq!(
            check_for(password, name),
            Err(vec!["The password contains the user name."]),
            "{name}"
        );
    }
    assert_eq!(
        check_for(password, "ann@contoso.example"),
        Ok(()),
        "short names stand in many words"
    );
    assert_eq!(check_for(password, ""), Ok(()));
}

#[test]
fn what_is_generated_has_no_look_alikes() {
    let every = KINDS.concat();
    assert!(!every.chars().any(|c| "0O1lI5S".contains(c)));
    let mut letters: Vec<char> = every.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(
        letters.len(),
        every.len(),
        "each character stands in one kind, once"
    );
    assert!(KINDS.iter().all(|kind| kinds(kind) == 1));
}
