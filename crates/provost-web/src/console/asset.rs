//! The console's files. Their names carry a hash of their content, so a browser may keep them for ever.

use super::page;
use super::style::STYLE;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::sync::LazyLock;
use xxhash_rust::xxh3::xxh3_64;

const SCRIPT: &str = include_str!("../../assets/console.js");
const CARRY: &str = include_str!("../../assets/carry.js");
const MARK: &str = include_str!("../../assets/mark.svg");

/// The address of the style sheet.
pub(super) static STYLE_PATH: LazyLock<String> = LazyLock::new(|| address("console", STYLE, "css"));
/// The address of the script.
pub(super) static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| address("console", SCRIPT, "js"));
/// The address of the script that sends an answer to Microsoft 365 on, and does nothing else.
pub(crate) static CARRY_PATH: LazyLock<String> = LazyLock::new(|| address("carry", CARRY, "js"));
/// The address of the icon.
pub(super) static MARK_PATH: LazyLock<String> = LazyLock::new(|| address("mark", MARK, "svg"));

fn address(name: &str, content: &str, extension: &str) -> String {
    format!("/assets/{name}.{:016x}.{extension}", xxh3_64(content.as_bytes()))
}

/// `GET /assets/{name}`: one of the files, or 404 for any other name, also that of an older version.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let is = |path: &str| path.strip_prefix("/assets/") == Some(&name);
    let (content, media_type) = if is(&STYLE_PATH) {
        (STYLE, "text/css; charset=utf-8")
    } else if is(&SCRIPT_PATH) {
        (SCRIPT, "text/javascript; charset=utf-8")
    } else if is(&CARRY_PATH) {
        (CARRY, "text/javascript; charset=utf-8")
    } else if is(&MARK_PATH) {
        (MARK, "image/svg+xml")
    } else {
        return page::not_found().await;
    };
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = Body::from(content);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}
