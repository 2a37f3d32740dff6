//! `GET` and `POST /providers/{name}/traffic`: from where a provider's requests may come, how many, and which are kept.

use super::place::{self, Head, Named, Place};
use super::setting;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::Language;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use ipnet::IpNet;
use provost_store::provider::{self, Edit, Settings};
use provost_store::{Error as Store, Tx};
use std::net::IpAddr;

/// The most days that the request log may be kept: ten years.
const MOST_DAYS: u32 = 3_650;
/// Requests that a limit may allow.
const MOST_REQUESTS: u32 = 1_000_000;

#[derive(Template)]
#[template(path = "providers/traffic.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    why: String,
    action: String,
    networks: String,
    rate: String,
    burst: String,
    request_log: String,
    request_logs: Vec<(String, String)>,
    log_days: String,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let page = view(&visitor, &place, Faults::none(), None);
    Ok(page::html(StatusCode::OK, &page))
}

/// Changes it.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    if let Err(faults) = read(&form, &place.provider.settings, visitor.language) {
        let page = view(&visitor, &place, faults, Some(&form));
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let (key, actor, sent) = (place.provider.key, visitor.actor(), form.clone());
    let language = visitor.language;
    let write = move |tx: &mut Tx| {
        let before = provider::by_key(tx, key)?.ok_or(Store::Closed)?;
        let settings = read(&sent, &before.settings, language).unwrap_or_else(|_| before.settings.clone());
        let edit = Edit {
            settings: Some(&settings),
            ..Edit::default()
        };
        provider::edit(tx, &actor, now(), &before, &edit)
    };
    match state.db().write(write).await {
        Ok(_) => Ok(page::elsewhere(&done::after(&place.at("traffic"), "saved"))),
        Err(error) => {
            let page = view(&visitor, &place, entered::fault(error, "")?, Some(&form));
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// The settings of this page, over what the others set.
fn read(form: &Form, before: &Settings, language: Language) -> std::result::Result<Settings, Faults> {
    let mut faults = Faults::none();
    let mut after = before.clone();
    match networks(form.get("networks"), language) {
        Ok(networks) => after.networks = networks,
        Err(sentence) => faults.add("networks", sentence),
    }
    let mut number = |name: &str, least: u32, most: u32| {
        let typed = form.get(name).trim().parse::<u32>().ok();
        let found = typed.filter(|number| (least..=most).contains(number));
        if found.is_none() {
            let (least, most) = (least.to_string(), most.to_string());
            faults.add(
                name,
                language.f("Write a number from {} to {}.", &[&least, &most]),
            );
        }
        found.unwrap_or(least)
    };
    after.requests_per_second = number("rate", 0, MOST_REQUESTS);
    after.burst = number("burst", 0, MOST_REQUESTS);
    after.log_days = number("log_days", 1, MOST_DAYS);
    match form.get("request_log").parse() {
        Ok(rule) => after.request_log = rule,
        Err(_) => faults.add("request_log", language.t("Choose one of these.")),
    }
    if faults.is_empty() { Ok(after) } else { Err(faults) }
}

/// Networks, or single addresses, one a line or with commas between them.
fn networks(typed: &str, language: Language) -> std::result::Result<Vec<IpNet>, String> {
    let parts = typed.split(|c: char| c == ',' || c.is_whitespace());
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let network = part
                .parse::<IpNet>()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| {
                let shown: String = part.chars().take(60).collect();
                language.f(
                    "\"{}\" is no network. Write it like 192.0.2.0/24 or 2001:db8::/32.",
                    &[&shown],
                )
            })
        })
        .collect()
}

fn view(visitor: &Visitor, place: &Place, faults: Faults, typed: Option<&Form>) -> Page {
    let set = &place.provider.settings;
    let value = |name: &str, kept: String| typed.map_or(kept, |form| form.get(name).to_owned());
    let kept: Vec<String> = set.networks.iter().map(IpNet::to_string).collect();
    Page {
        frame: place.frame(visitor),
        head: place.head("traffic"),
        faults,
        why: acts::role(visitor, Act::Configure),
        action: place.at("traffic"),
        networks: value("networks", kept.join("\n")),
        rate: value("rate", set.requests_per_second.to_string()),
        burst: value("burst", set.burst.to_string()),
        request_log: value("request_log", set.request_log.as_str().to_owned()),
        request_logs: setting::request_logs(visitor.language),
        log_days: value("log_days", set.log_days.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_one_a_line_and_a_mistake_is_named() {
        let found = networks("192.0.2.0/24, 198.51.100.7\n2001:db8::/32", Language::English).unwrap();
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"]);
        assert!(networks("", Language::English).unwrap().is_empty());
        assert!(
            networks("192.0.2.0/33", Language::English)
                .unwrap_err()
                .contains("192.0.2.0/33")
        );
    }
}
