//! Mail settings and tokens of the admin API.

use crate::run::Place;

#[test]
fn mail_settings_are_saved_shown_and_never_tell_the_password() {
    let place = Place::installed();
    let words = "notify set recipient=it@contoso.example smtp.host=127.0.0.1 smtp.port=2525 smtp.security=none \
                 smtp.from=provost@contoso.example smtp.user=provost enabled=true --secret-env password=P";
    let set = place.shown(place.command(words).env("P", "hush-hush"));
    assert!(set.ends_with("exit 0") && !set.contains("hush"), "{set}");
    let shown = place.run("notify show");
    assert!(
        shown.contains("it@contoso.example") && shown.contains("127.0.0.1:2525 (none)"),
        "{shown}"
    );
    let wrong = place.run("notify set smtp.hots=mail.contoso.example");
    assert!(wrong.contains("hots") && wrong.ends_with("exit 1"), "{wrong}");
    let wrong = place.run("notify set recipient=a@contoso.example,b@contoso.example");
    assert!(
        wrong.contains("not one mail address") && wrong.ends_with("exit 1"),
        "{wrong}"
    );
    // Nobody listens there.
    let test = place.run("notify test");
    assert!(test.ends_with("exit 1") && test.contains("127.0.0.1"), "{test}");
}

#[test]
fn an_api_token_is_shown_once_listed_and_revoked() {
    let place = Place::installed();
    let made = place.json("api-token add Monitoring --scope read");
    assert!(made["token"].as_str().unwrap().starts_with("prv_api_"), "{made}");
    let listed = place.run("api-token list");
    assert!(
        listed.contains("Monitoring") && listed.contains("valid") && !listed.contains("prv_api_"),
        "{listed}"
    );
    let key = made["key"].as_i64().unwrap();
    assert!(place.run(&format!("api-token revoke {key}")).ends_with("exit 0"));
    assert_eq!(place.json("api-token list")[0]["state"], "revoked");
    assert!(place.run(&format!("api-token revoke {key}")).ends_with("exit 1"));
}
