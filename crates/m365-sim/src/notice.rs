//! Change notifications: who is told about what, and the telling (Graph documentation, "Receive change notifications
//! through webhooks").
//!
//! Only addresses on this machine are called, over plain HTTP: the simulator is no way to reach anything else. Real
//! subscriptions want HTTPS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::Inner;
use crate::directory::record::Subscription;
use crate::directory::{Change, Directory, Kind, Serial};
use crate::message::{Method, Request};
use crate::moment;
use crate::query::encoding;
use crate::settings::Settings;
use crate::token;

/// How long the receiver of a validation request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 16 * 1024;

/// One notification on its way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notice {
    pub url: String,
    pub body: Value,
}

/// The notifications that changes give rise to.
pub(crate) fn about(directory: &Directory, settings: &Settings, changes: &[Change], now: i64) -> Vec<Notice> {
    let subscriptions = &directory.records().subscriptions;
    if subscriptions.is_empty() {
        return Vec::new();
    }
    let mut notices = Vec::new();
    for change in changes {
        let Some(event) = Event::of(directory, change) else {
            continue;
        };
        let current = subscriptions.iter().filter(|(_, one)| one.expires > now);
        for (id, subscription) in current.filter(|(_, one)| event.concerns(one)) {
            notices.push(event.notice(id, subscription, settings));
        }
    }
    notices
}

/// Subscriptions that nobody has renewed: that they go, and those who want to know it.
pub(crate) fn ended(directory: &Directory, settings: &Settings, now: i64) -> (Vec<Change>, Vec<Notice>) {
    let subscriptions = directory.records().subscriptions.iter();
    let ended: Vec<_> = subscriptions.filter(|(_, one)| one.expires <= now).collect();
    let gone = ended.iter().map(|(id, _)| Change::Subscription {
        id: (*id).clone(),
        subscription: None,
    });
    let told = ended.iter().filter_map(|(id, one)| {
        let url = one.properties.get("lifecycleNotificationUrl")?.as_str()?;
        let entry = json!({
            "subscriptionId": id,
            "clientState": one.properties.get("clientState"),
            "lifecycleEvent": "subscriptionRemoved",
            "resource": one.properties.get("resource"),
            "tenantId": settings.tenant_id,
            "organizationId": settings.tenant_id,
            "subscriptionExpirationDateTime": moment::text(one.expires),
        });
        Some(Notice {
            url: url.to_owned(),
            body: json!({ "value": [entry] }),
        })
    });
    (gone.collect(), told.collect())
}

/// A change as subscriptions see it.
struct Event {
    kind: Kind,
    id: String,
    /// `updated` covers creation and the bin; `deleted` is for good.
    change: &'static str,
    /// Members have changed, not the object itself.
    members: bool,
}

impl Event {
    fn of(directory: &Directory, change: &Change) -> Option<Event> {
        let known = |serial: &Serial, change: &'static str| {
            let (kind, id) = directory.id_of(*serial)?;
            let id = id.to_owned();
            Some(Event {
                kind,
                id,
                change,
                members: false,
            })
        };
        match change {
            Change::Create { id, kind, .. } => Some(Event {
                kind: *kind,
                id: id.clone(),
                change: "updated",
                members: false,
            }),
            Change::Update { serial, .. } | Change::Delete { serial, .. } | Change::Restore { serial } => {
                known(serial, "updated")
            }
            Change::Purge { serial } => known(serial, "deleted"),
            Change::Manager { user, .. } | Change::Licenses { user, .. } => known(user, "updated"),
            Change::GroupLicenses { group, .. } | Change::Owner { group, .. } => known(group, "updated"),
            Change::Member { group, .. } => known(group, "updated").map(|event| Event {
                members: true,
                ..event
            }),
            _ => None,
        }
    }

    fn collection(&self) -> &'static str {
        match self.kind {
            Kind::User => "users",
            Kind::Group => "groups",
        }
    }

    fn concerns(&self, subscription: &Subscription) -> bool {
        let text = |name: &str| subscription.properties.get(name).and_then(Value::as_str);
        let resource = text("resource")
            .unwrap_or_default()
            .trim_matches('/')
            .to_lowercase();
        let own = format!("{}/{}", self.collection(), self.id);
        let fits = resource == self.collection()
            || resource == own
            || (self.members && resource == format!("{own}/members"));
        let mut kinds = text("changeType").unwrap_or_default().split(',');
        fits && kinds.any(|kind| kind.trim() == self.change)
    }

    fn notice(&self, id: &str, subscription: &Subscription, settings: &Settings) -> Notice {
        let type_name = match self.kind {
            Kind::User => "User",
            Kind::Group => "Group",
        };
        let resource = format!("{type_name}s/{}", self.id);
        let entry = json!({
            "subscriptionId": id,
            "clientState": subscription.properties.get("clientState"),
            "changeType": self.change,
            "resource": resource,
            "tenantId": settings.tenant_id,
            "subscriptionExpirationDateTime": moment::text(subscription.expires),
            "resourceData": {
                "@odata.type": format!("#Microsoft.Graph.{type_name}"),
                "@odata.id": resource,
                "id": self.id,
                "organizationId": settings.tenant_id,
            },
        });
        let url = subscription.properties.get("notificationUrl");
        Notice {
            url: url.and_then(Value::as_str).unwrap_or_default().to_owned(),
            body: json!({ "value": [entry] }),
        }
    }
}

/// Sends what waits, each on its own and once: who does not listen misses it, as late receivers of the real service do.
pub(crate) fn deliver(inner: &Arc<Inner>) {
    let notices = std::mem::take(&mut inner.tenant().outbox);
    for notice in notices {
        tokio::spawn(async move {
            let _ = post(&notice.url, "application/json", &notice.body.to_string()).await;
        });
    }
}

/// Asks the addresses of new subscriptions in a request, alone or in a batch, whether they want to be called. What
/// answered is noted in the request, because the handlers cannot wait.
pub(crate) async fn validate(inner: &Inner, host: &str, request: &mut Request) {
    let urls = addresses(request);
    let header = request.headers.get("authorization");
    if urls.is_empty() || token::verify(&inner.settings(), header, host, inner.now()).is_err() {
        return;
    }
    for url in urls {
        if agrees(&url).await {
            request.validated.push(url);
        }
    }
}

fn addresses(request: &Request) -> Vec<String> {
    let urls = |body: Option<&Value>| {
        let names = ["notificationUrl", "lifecycleNotificationUrl"];
        let found = names.map(|name| body?.get(name)?.as_str().map(str::to_owned));
        found.into_iter().flatten().collect::<Vec<_>>()
    };
    let is_new = |path: &str| path.trim_matches('/') == "subscriptions";
    match (request.method, request.path.as_slice()) {
        (Method::Post, [only]) if is_new(only) => urls(request.body.as_ref()),
        (Method::Post, [only]) if only == "$batch" => {
            let entries = request.body.as_ref().and_then(|body| body.get("requests"));
            let entries = entries.and_then(Value::as_array).into_iter().flatten();
            let new = entries.filter(|entry| entry.get("url").and_then(Value::as_str).is_some_and(is_new));
            new.flat_map(|entry| urls(entry.get("body"))).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the receiver sends the token back, in time and as plain text.
async fn agrees(url: &str) -> bool {
    let secret = Uuid::new_v4().to_string();
    let sign = if url.contains('?') { '&' } else { '?' };
    let address = format!(
        "{url}{sign}validationToken={}",
        encoding::encode(&format!("Validation: {secret}"))
    );
    let answer = tokio::time::timeout(PATIENCE, post(&address, "text/plain; charset=utf-8", "")).await;
    let Ok(Ok(answer)) = answer else { return false };
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let head = head.to_lowercase();
    head.starts_with("http/1.1 200")
        && head.contains("content-type: text/plain")
        && body.trim_end().ends_with(&format!("Validation: {secret}"))
}

/// Host and port, and the rest, of an address on this machine.
pub(crate) fn loopback(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]").then_some((host, path))
}

/// One request over a connection of its own; the whole answer as text.
async fn post(url: &str, content_type: &str, body: &str) -> io::Result<String> {
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, "not an address on this machine");
    let (host, path) = loopback(url).ok_or_else(refused)?;
    let address = if host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
    {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST {slash}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::loopback;

    #[test]
    fn nothing_but_this_machine_is_called() {
        assert_eq!(
            loopback("http://127.0.0.1:80/a?b"),
            Some(("127.0.0.1:80", "/a?b"))
        );
        assert_eq!(loopback("http://localhost"), Some(("localhost", "")));
        assert_eq!(loopback("http://[::1]:9?x"), Some(("[::1]:9", "?x")));
        for url in [
            "https://127.0.0.1/",
            "http://contoso.example/",
            "http://127.0.0.1@contoso.example/",
            "http://127.0.0.1.contoso.example/",
            "127.0.0.1",
        ] {
            assert_eq!(loopback(url), None, "{url}");
        }
    }
}
