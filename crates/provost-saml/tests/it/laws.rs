//! The laws, tried on messages and on what becomes of them.

use proptest::prelude::*;

use crate::generator::Response;
use crate::kit::TRUSTED;
use crate::law;
use crate::mutant::Random;

/// Real messages of every kind, and one of each thing that readers trip over.
fn corpus() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = vec![
        Response::default().text().into_bytes(),
        TRUSTED.certificate.pem().into_bytes(),
        TRUSTED.certificate.der().to_vec(),
        b"wa=wsignin1.0&wtrealm=urn:federation:MicrosoftOnline&wreply=https://login.microsoftonline.com/login.srf".to_vec(),
    ];
    found.extend(
        include_str!("corpus/saml_xml.txt")
            .lines()
            .map(|line| line.as_bytes().to_vec()),
    );
    found
}

fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(out.len());
        let end = (at + random.below(20)).min(out.len());
        match random.below(4) {
            0 => drop(out.drain(at..end)),
            1 => {
                let copy = out.get(at..end).unwrap_or_default().to_vec();
                let to = random.below(out.len() + 1);
                out.splice(to..to, copy);
            }
            2 => {
                if let Some(byte) = out.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            _ => {
                let piece: &[&[u8]] = &[
                    b"<",
                    b"&#xD;",
                    b" xmlns:a='urn:b'",
                    b"\xff",
                    b"]]>",
                    b"xmlns=''",
                    b"&lt;",
                    b"/>",
                ];
                let piece = piece[random.below(piece.len())];
                out.splice(at..at, piece.iter().copied());
            }
        }
    }
    out
}

#[test]
fn the_laws_hold_for_what_becomes_of_messages() {
    let corpus = corpus();
    for seed in 0..6_000 {
        let mut random = Random::new(seed + 1);
        let bytes = changed(&corpus[random.below(corpus.len())], &mut random);
        law::xml(&bytes);
        law::response(&bytes);
        law::metadata(&bytes);
        law::certificate(&bytes);
        law::request(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_laws_hold_for_the_messages_themselves() {
    for bytes in corpus() {
        law::xml(&bytes);
        law::response(&bytes);
        law::metadata(&bytes);
        law::certificate(&bytes);
        law::request(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    #[test]
    fn what_is_written_says_what_was_given(name in "\\PC{1,64}", value in "[\\PC\\n\\t\\r]{1,200}") {
        prop_assume!(name.trim() == name);
        let values = [value.as_str()];
        let claims: [(&str, &[&str]); 1] = [("claim", &values)];
        let verified = crate::issue::round(&name, &claims);
        prop_assert_eq!(verified.name_id(), name);
        prop_assert_eq!(verified.value("claim"), Some(value.as_str()));
    }
}
