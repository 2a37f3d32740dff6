//! A small office of Microsoft: its sign-in service, whose refusals can be ordered, and those reads of Graph that a
//! connection test makes. Its tokens show nothing.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use m365_sim::Settings;
use serde_json::{Value, json};

#[derive(Default)]
struct Orders {
    refusal: Option<(u32, String)>,
    date: Option<String>,
    role_ids: Vec<String>,
    forbidden: Vec<String>,
    distrusts: bool,
    no_domain: bool,
}

type Shared = Arc<Mutex<Orders>>;

pub struct Office {
    pub url: String,
    orders: Shared,
}

impl Office {
    pub async fn start() -> Self {
        let orders = Shared::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&orders));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, orders }
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap()
    }

    /// Signing in is refused with this number.
    pub fn refuses(&self, number: u32, error: &str) {
        self.orders().refusal = Some((number, error.to_owned()));
    }

    /// Answers carry this date.
    pub fn clock(&self, date: String) {
        self.orders().date = Some(date);
    }

    /// Ids of the app roles that are assigned.
    pub fn grants(&self, ids: &[&str]) {
        self.orders().role_ids = ids.iter().map(|id| (*id).to_owned()).collect();
    }

    /// Reads that begin like this are not permitted.
    pub fn forbids(&self, path: &str) {
        self.orders().forbidden.push(path.to_owned());
    }

    /// Graph takes no token.
    pub fn distrusts(&self) {
        self.orders().distrusts = true;
    }

    /// No domain is verified.
    pub fn has_no_domain(&self) {
        self.orders().no_domain = true;
    }
}

async fn answer(State(orders): State<Shared>, request: Request) -> Response {
    let orders = orders.lock().unwrap();
    let path = request.uri().path().to_owned();
    let mut answer = if path.ends_with("/oauth2/v2.0/token") {
        token(&orders).into_response()
    } else {
        graph(&orders, path.strip_prefix("/v1.0").unwrap_or(&path)).into_response()
    };
    if let Some(date) = &orders.date {
        answer.headers_mut().insert("date", date.parse().unwrap());
    }
    answer
}

fn token(orders: &Orders) -> (StatusCode, Json<Value>) {
    let Some((number, error)) = &orders.refusal else {
        let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "opaque"});
        return (StatusCode::OK, Json(body));
    };
    let text = format!("AADSTS{number}: It is refused.\r\nTrace ID: 7\r\nTimestamp: now");
    let body = json!({"error": error, "error_description": text, "error_codes": [number],
        "correlation_id": "0f1e2d3c-0000-4000-8000-000000000001"});
    (StatusCode::BAD_REQUEST, Json(body))
}

fn graph(orders: &Orders, path: &str) -> (StatusCode, Json<Value>) {
    let refuse = |status: StatusCode, code: &str, message: &str| {
        (status, Json(json!({"error": {"code": code, "message": message}})))
    };
    if orders.distrusts {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "Invalid audience.",
        );
    }
    if orders.forbidden.iter().any(|start| path.starts_with(start)) {
        let message = "Insufficient privileges to complete the operation.";
        return refuse(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message);
    }
    let domains = |body: Value| {
        if orders.no_domain {
            json!([])
        } else {
            json!([body])
        }
    };
    let value = match path {
        "/organization" => json!([{"id": Settings::CONTOSO_TENANT, "displayName": "Contoso",
            "verifiedDomains": domains(json!({"name": "contoso.example", "type": "Managed", "isDefault": true}))}]),
        "/domains" => domains(
            json!({"id": "contoso.example", "isVerified": true, "isDefault": true,
            "authenticationType": "Managed"}),
        ),
        "/users" | "/groups" | "/subscribedSkus" => json!([]),
        _ if path.ends_with("/appRoleAssignments") => {
            let one = |id: &String| json!({"appRoleId": id, "resourceDisplayName": "Microsoft Graph"});
            let other = json!({"appRoleId": "x", "resourceDisplayName": "Office 365 Exchange Online"});
            orders.role_ids.iter().map(one).chain([other]).collect()
        }
        _ if path.starts_with("/servicePrincipals(") => {
            let role =
                json!({"id": "11111111-0000-0000-0000-000000000001", "value": "LicenseAssignment.Read.All"});
            return (StatusCode::OK, Json(json!({"id": "graph", "appRoles": [role]})));
        }
        _ => {
            return refuse(
                StatusCode::NOT_FOUND,
                "Request_ResourceNotFound",
                "It is not here.",
            );
        }
    };
    (StatusCode::OK, Json(json!({"value": value})))
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7).
pub fn http_date(at: SystemTime) -> String {
    let seconds = i64::try_from(at.duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let at = jiff::Timestamp::from_second(seconds).unwrap();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
