//! The pictures of the setup page: schematics of identity providers' forms, drawn by us. Their addresses carry a hash of
//! their content, so a browser may keep them.

use crate::console::page;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use xxhash_rust::xxh3::xxh3_64;

/// Each by its name.
const PICTURES: [(&str, &str); 7] = [
    (
        "entra-application",
        include_str!("../../../../assets/setup/entra-application.svg"),
    ),
    (
        "entra-mappings",
        include_str!("../../../../assets/setup/entra-mappings.svg"),
    ),
    (
        "entra-provisioning",
        include_str!("../../../../assets/setup/entra-provisioning.svg"),
    ),
    (
        "entra-scope",
        include_str!("../../../../assets/setup/entra-scope.svg"),
    ),
    (
        "okta-application",
        include_str!("../../../../assets/setup/okta-application.svg"),
    ),
    (
        "okta-integration",
        include_str!("../../../../assets/setup/okta-integration.svg"),
    ),
    (
        "okta-to-app",
        include_str!("../../../../assets/setup/okta-to-app.svg"),
    ),
];

fn file(name: &str, content: &str) -> String {
    format!("{name}.{:016x}.svg", xxh3_64(content.as_bytes()))
}

/// The address of a picture.
pub(super) fn address(name: &str) -> Option<String> {
    let (_, content) = PICTURES.iter().find(|(known, _)| *known == name)?;
    Some(format!("/setup-pictures/{}", file(name, content)))
}

/// `GET /setup-pictures/{name}`: one of them, or 404.
pub(crate) async fn picture(Path(name): Path<String>) -> Response {
    let found = PICTURES
        .iter()
        .find(|(known, content)| file(known, content) == name);
    let Some((_, content)) = found else {
        return page::not_found().await;
    };
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = Body::from(*content);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}
