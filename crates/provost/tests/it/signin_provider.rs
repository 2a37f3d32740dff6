//! A sign-in provider in the own network: refused, until the configuration allows it.

use crate::run::Place;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// A provider that describes itself (OpenID Connect Discovery 1.0 section 4); answers its issuer.
fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let own = issuer.clone();
    std::thread::Builder::new()
        .spawn(move || {
            listener
                .incoming()
                .flatten()
                .for_each(|stream| answer(stream, &own))
        })
        .unwrap();
    issuer
}

fn answer(mut stream: TcpStream, issuer: &str) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let is_about = head
        .first()
        .is_some_and(|line| line.contains("openid-configuration"));
    let body = match is_about {
        true => serde_json::json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/enter"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        }),
        false => serde_json::json!({"keys": []}),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // Whoever asked may be gone.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

#[test]
fn one_in_the_own_network_is_used_once_the_configuration_allows_it() {
    let place = Place::installed();
    let issuer = provider();
    let add = format!("signin-provider add Inside --issuer {issuer} --client-id provost");
    let refused = place.run(&add);
    assert!(refused.ends_with("exit 1"), "{refused}");
    assert!(refused.contains("https"), "plain http says so: {refused}");
    let secure = place.run("signin-provider add Inside --issuer https://127.0.0.1:9/ --client-id provost");
    assert!(
        secure.contains("under [signin]") && secure.contains("allow_private_network = true"),
        "{secure}"
    );

    let file = place.data().join("provost.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let allowed = text.replace("# allow_private_network = false", "allow_private_network = true");
    assert_ne!(text, allowed, "init writes the key with its default");
    std::fs::write(&file, allowed).unwrap();
    let added = place.run(&add);
    assert!(added.contains("\"Inside\" is on the sign-in page."), "{added}");
    assert!(place.run("signin-provider list").contains(&issuer));
}
