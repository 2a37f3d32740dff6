use crate::run::Place;

/// What the command says, without what differs between runs.
fn said(place: &Place, words: &str) -> String {
    let text = place.run(words);
    match text.split_once("key=") {
        Some((before, rest)) => format!("{before}key=KEY\n{}", rest.split_once('\n').unwrap().1),
        None => text,
    }
}

#[test]
fn an_administrator_comes_changes_and_goes() {
    let place = Place::installed();
    let none = said(&place, "administrator list");
    assert!(
        none.contains("`provost serve` prints a link that makes the owner."),
        "{none}"
    );
    let added = said(
        &place,
        "administrator add Ann ann@contoso.example --role owner --everywhere",
    );
    assert!(
        added.starts_with("Ann is owner in all workspaces.\nLink  http://localhost:8080/welcome?key=KEY"),
        "{added}"
    );
    let bea = said(
        &place,
        "administrator add Bea bea@contoso.example --role access-admin",
    );
    assert!(bea.starts_with("Bea is access_admin in \""), "{bea}");
    let again = said(&place, "administrator add Bea BEA@contoso.example --role auditor");
    assert!(
        again.contains("PRV-EMAIL-TAKEN") && again.ends_with("exit 1"),
        "{again}"
    );
    let list = place.json("administrator list")["administrators"].take();
    assert_eq!(
        (&list[0]["email"], &list[0]["roles"][0]["workspace"]),
        (&"ann@contoso.example".into(), &().into())
    );
    assert_eq!(
        (&list[1]["roles"][0]["role"], &list[1]["last_signin"]),
        (&"access_admin".into(), &().into())
    );
    assert!(said(&place, "administrator list").contains("nothing yet"));
    let role = said(&place, "administrator role Bea@Contoso.example auditor");
    assert!(role.contains("It takes effect at once."), "{role}");
    let blocked = said(&place, "administrator block bea@contoso.example");
    assert!(blocked.starts_with("Bea is blocked"), "{blocked}");
    let link = said(&place, "administrator link bea@contoso.example");
    assert!(
        link.contains("PRV-ADMINISTRATOR-BLOCKED") && link.ends_with("exit 1"),
        "{link}"
    );
    assert!(said(&place, "administrator unblock bea@contoso.example").starts_with("Bea may sign in again."));
    assert!(said(&place, "administrator link bea@contoso.example").contains("signs Bea in once"));
    assert!(said(&place, "administrator reset bea@contoso.example --yes").contains("Bea begins anew"));
    let unsure = said(&place, "administrator remove bea@contoso.example");
    assert!(
        unsure.contains("not done without a yes") && unsure.ends_with("exit 1"),
        "{unsure}"
    );
    assert!(said(&place, "administrator remove bea@contoso.example --yes").starts_with("Bea is removed."));
    assert_eq!(
        place.json("administrator list")["administrators"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn the_last_owner_stays_and_a_slip_is_told() {
    let place = Place::installed();
    place.json("administrator add Ann ann@contoso.example --role owner --everywhere");
    for words in [
        "administrator block ann@contoso.example",
        "administrator remove ann@contoso.example --yes",
        "administrator role ann@contoso.example auditor --everywhere",
        "administrator role ann@contoso.example none --everywhere",
    ] {
        let refused = said(&place, words);
        assert!(
            refused.contains("PRV-OWNER-LAST") && refused.ends_with("exit 1"),
            "{words}: {refused}"
        );
    }
    let slip = said(&place, "administrator block an@contoso.example");
    assert!(slip.contains("did you mean \"ann@contoso.example\"?"), "{slip}");
    let slip = said(&place, "administrator add Bea bea@contoso.example --role auditer");
    assert!(
        slip.contains("did you mean auditor?") && slip.ends_with("exit 2"),
        "{slip}"
    );
}
