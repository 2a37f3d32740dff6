//! Sending to a SCIM application: credential, media type and pace.

use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::capability::Lesson;
use super::credential::Credential;
use super::settings::MediaType;
use crate::http::{Answer, Client, Request};
use crate::pace::{Cost, Pacer, Signal};
use crate::{Error, Result, Secret};

/// The line to one application.
pub(crate) struct Wire {
    pub client: Client,
    pub pacer: Arc<Pacer>,
    pub base: Url,
    pub credential: Credential,
    pub media_type: MediaType,
    /// The application takes plain JSON only.
    pub plain_json: Lesson,
}

/// A request to the application.
pub(crate) struct Call<'a> {
    pub method: Method,
    pub url: Url,
    pub body: Option<&'a Value>,
    pub if_match: Option<&'a str>,
    pub operation: &'a str,
}

impl<'a> Call<'a> {
    pub(crate) fn read(url: Url, operation: &'a str) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            if_match: None,
            operation,
        }
    }

    pub(crate) fn write(method: Method, url: Url, body: Option<&'a Value>, operation: &'a str) -> Self {
        Self {
            method,
            url,
            body,
            if_match: None,
            operation,
        }
    }
}

impl Wire {
    /// The address of a collection or of an object in it.
    pub(crate) fn url(&self, parts: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Settings {
                field: "url".to_owned(),
                reason: "it has no path".to_owned(),
            })?
            .pop_if_empty()
            .extend(parts);
        Ok(url)
    }

    /// Sends a call; throttling is waited out until patience ends, which is safe for writes too,
    /// because a refused request was not carried out. So is a refused token or media type.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Answer> {
        let writes = u32::from(call.method != Method::GET);
        let patience = self.client.deadlines().patience;
        let start = tokio::time::Instant::now();
        let mut renewed = false;
        loop {
            let token = self.credential.token().await?;
            let permit = self.pacer.permit(Cost { writes, units: 0 }).await;
            let plain = self.media_type == MediaType::Json || self.plain_json.is_known();
            let answer = self.client.send(request(call, &token, plain)?).await?;
            let refused = answer.status == 429;
            let after = answer.retry_after();
            permit.finish(Signal {
                refused: if refused { writes } else { 0 },
                slow_down: refused || (answer.status == 503 && after.is_some()),
                after,
                ..Signal::default()
            });
            if let Some(error) = answer.redirected(call.operation) {
                return Err(error);
            }
            match answer.status {
                401 if !renewed && self.credential.refused(&token).await => renewed = true,
                415 if call.body.is_some() && !plain => self.plain_json.learn(),
                429 if start.elapsed() + self.pacer.pause_left() > patience => {
                    return Err(Error::Throttled {
                        host: answer.place(),
                        after,
                    });
                }
                429 => {}
                _ => return Ok(answer),
            }
        }
    }
}

fn request(call: &Call<'_>, token: &Secret, plain: bool) -> Result<Request> {
    let mut request = Request::new(call.method.clone(), call.url.clone())
        .header("accept", "application/scim+json, application/json")
        .bearer(token)?;
    if let Some(version) = call.if_match {
        request = request.header("if-match", version);
    }
    if let Some(body) = call.body {
        let media_type = if plain { MediaType::Json } else { MediaType::Scim };
        request = request.body(media_type.as_str(), body.to_string().into_bytes());
    }
    Ok(request)
}

/// Sets the query with spaces as `%20`: not everybody reads `+` as a space.
pub(crate) fn query(url: &mut Url, pairs: &[(&str, String)]) {
    let text = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    url.set_query(Some(&text.replace('+', "%20")));
}
