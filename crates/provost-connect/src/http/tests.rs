#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::Secret;

fn policy(url: &str, private: bool) -> Policy {
    Policy {
        origins: vec![Origin::of(&Url::parse(url).unwrap()).unwrap()],
        allow_private_network: private,
        allowed_networks: Vec::new(),
    }
}

/// Answers every connection with fixed bytes, counts them, and keeps what was asked.
async fn canary(answer: &'static [u8]) -> (String, Arc<AtomicUsize>, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(Mutex::new(String::new()));
    let (counter, heard) = (count.clone(), seen.clone());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut buffer = vec![0; 4096];
            let n = socket.read(&mut buffer).await.unwrap_or(0);
            *heard.lock().unwrap() = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let _ = socket.write_all(answer).await;
            let _ = socket.shutdown().await;
        }
    });
    (format!("http://{address}"), count, seen)
}

const EMPTY: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

async fn get(client: &Client, url: &str) -> Result<Answer> {
    let request = Request::new(Method::GET, Url::parse(url).unwrap());
    client.send(request.bearer(&Secret::new("canary-token"))?).await
}

#[test]
fn every_class_of_inside_address_is_refused() {
    let closed = policy("https://contoso.example", false);
    let open = policy("https://contoso.example", true);
    let never = [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "::169.254.169.254",
    ];
    let private = [
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "198.18.0.1",
        "192.0.2.1",
        "::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:db8::1",
        "2001::1",
        "100::1",
    ];
    for text in never {
        let ip: IpAddr = text.parse().unwrap();
        assert!(
            refusal(ip, &closed).is_some() && refusal(ip, &open).is_some(),
            "{text}"
        );
    }
    for text in private {
        let ip: IpAddr = text.parse().unwrap();
        assert!(refusal(ip, &closed).is_some(), "{text}");
        assert!(refusal(ip, &open).is_none(), "{text}");
    }
    for text in [
        "20.190.128.1",
        "2603:1006:2000::1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
    ] {
        assert_eq!(refusal(text.parse().unwrap(), &closed), None, "{text}");
        let plain = policy("http://contoso.example", true);
        assert!(
            refusal(text.parse().unwrap(), &plain)
                .unwrap()
                .contains("plain http"),
            "{text}"
        );
    }
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_else() {
    let mut policy = policy("https://contoso.example", false);
    policy.allowed_networks = vec!["10.1.0.0/16".parse().unwrap(), "fd12::/16".parse().unwrap()];
    assert_eq!(refusal("10.1.255.1".parse().unwrap(), &policy), None);
    assert_eq!(refusal("fd12:1::1".parse().unwrap(), &policy), None);
    assert!(refusal("10.2.0.1".parse().unwrap(), &policy).is_some());
    assert!("10.0.0.0/33".parse::<Network>().is_err());
    assert!("inside".parse::<Network>().is_err());
    let all: Network = "0.0.0.0/0".parse().unwrap();
    assert!(all.contains("203.0.113.9".parse().unwrap()));
}

#[tokio::test]
async fn no_notation_of_a_loopback_address_reaches_it() {
    let (url, count, _) = canary(EMPTY).await;
    let port = Url::parse(&url).unwrap().port().unwrap();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "127.0.0.1.",
        "0x7f.0.0.1",
        "0",
    ];
    for host in hosts {
        let url = format!("https://{host}:{port}/");
        let client = Factory::new().client(policy(&url, false)).unwrap();
        let error = get(&client, &url).await.unwrap_err();
        assert!(matches!(error, Error::AddressRefused { .. }), "{host}: {error:?}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_turns_inward_is_refused_at_the_moment_of_connecting() {
    let (url, count, _) = canary(EMPTY).await;
    let port = Url::parse(&url).unwrap().port().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(vec!["127.0.0.1".parse().unwrap()]) })
    });
    let url = format!("https://rebind.contoso.example:{port}/");
    let factory = Factory::new().with_lookup(lookup);
    let error = get(&factory.client(policy(&url, false)).unwrap(), &url)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::AddressRefused { .. }), "{error:?}");
    assert!(error.to_string().contains("rebind.contoso.example"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn plain_http_needs_a_private_network() {
    let error = Factory::new()
        .client(policy("http://contoso.example", false))
        .unwrap_err();
    assert!(matches!(error, Error::Settings { .. }), "{error:?}");
    assert!(error.to_string().contains("https://"));
}

#[tokio::test]
async fn the_credential_goes_to_no_other_origin() {
    let (own, _, seen) = canary(EMPTY).await;
    let (other, count, _) = canary(EMPTY).await;
    let client = Factory::new().client(policy(&own, true)).unwrap();
    assert!(get(&client, &format!("{own}/page")).await.unwrap().is_success());
    assert!(seen.lock().unwrap().contains("Bearer canary-token"));
    assert!(seen.lock().unwrap().contains("user-agent: provost/"));
    let host = own.trim_start_matches("http://");
    let foreign = [
        format!("{other}/users?$skiptoken=x"),
        format!("https://{host}/"),
        format!("http://{host}@{}/", other.trim_start_matches("http://")),
        format!("http://someone@{host}/"),
        "file:///etc/passwd".to_owned(),
    ];
    for url in foreign {
        let error = get(&client, &url).await.unwrap_err();
        assert!(matches!(error, Error::ForeignLink { .. }), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("canary-token"));
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_and_password_go_as_basic() {
    let (own, _, seen) = canary(EMPTY).await;
    let client = Factory::new().client(policy(&own, true)).unwrap();
    let request = || Request::new(Method::GET, Url::parse(&own).unwrap());
    let password = Secret::new("open sesame: ë");
    client
        .send(request().basic("provost", &password).unwrap())
        .await
        .unwrap();
    assert!(
        seen.lock()
            .unwrap()
            .contains("authorization: Basic cHJvdm9zdDpvcGVuIHNlc2FtZTogw6s=")
    );
    let Err(error) = request().basic("pro:vost", &password) else {
        panic!("a colon parts name and password");
    };
    assert!(
        matches!(&error, Error::Settings { field, .. } if field == "user"),
        "{error:?}"
    );
}

#[tokio::test]
async fn redirects_are_answers_not_journeys() {
    let (other, count, _) = canary(EMPTY).await;
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {other}/x?token=1\r\ncontent-length: 0\r\n\r\n"
    );
    let (own, _, _) = canary(Box::leak(answer.into_boxed_str()).as_bytes()).await;
    let client = Factory::new().client(policy(&own, true)).unwrap();
    let answer = get(&client, &own).await.unwrap();
    let error = answer.redirected("reading").unwrap();
    assert!(error.to_string().contains(&other) && !error.to_string().contains("token"));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn half_answers_silence_and_closed_doors_are_told_apart() {
    let (half, _, _) = canary(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":").await;
    let client = Factory::new().client(policy(&half, true)).unwrap();
    let error = get(&client, &half).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let short = Deadlines {
        call: Duration::from_millis(200),
        ..Deadlines::default()
    };
    let factory = Factory::new().with_deadlines(short);
    let client = factory.client(policy(&url, true)).unwrap();
    let error = get(&client, &url).await.unwrap_err();
    assert!(
        matches!(&error, Error::Interrupted { reason, .. } if reason.contains("deadline")),
        "{error:?}"
    );
    drop(silent);
    let error = get(&client, &url).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let block = vec![b' '; 1 << 20];
        while socket.write_all(&block).await.is_ok() {}
    });
    let client = Factory::new().client(policy(&url, true)).unwrap();
    let error = get(&client, &url).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLarge {
                limit: BODY_LIMIT,
                ..
            }
        ),
        "{error:?}"
    );
}
