//! From an API token to a caller who may ask. What a handler takes says how much its caller must be allowed.

use super::problem::Problem;
use crate::auth::bearer;
use crate::budget::{Budget, Pace};
use crate::policy::Act;
use crate::state::{State, now};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use provost_store::Tx;
use provost_store::administrator::{self, Role};
use provost_store::api_token::{self, Accepted};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Tokens whose spending is remembered; more can only be live at the same time if somebody made them.
const REMEMBERED: usize = 10_000;

/// Who asks, with a scope of at least `read`.
#[derive(Debug, Clone)]
pub(crate) struct Reader(Accepted);

/// Who asks, with a scope of at least `operate`.
#[derive(Debug, Clone)]
pub(crate) struct Operator(Accepted);

/// Who asks, with the scope `configure`.
#[derive(Debug, Clone)]
pub(crate) struct Configurer(Accepted);

impl Reader {
    /// Who asks at a route that is open to others too, and so lets in by itself.
    ///
    /// # Errors
    /// As a route that asks for a token.
    pub async fn of(headers: &HeaderMap, state: &State) -> Result<Self, Problem> {
        accept(headers, state, Act::Look).await.map(Self)
    }

    /// The workspace that the caller sees.
    pub fn workspace(&self) -> i64 {
        self.0.workspace
    }
}

impl Operator {
    /// The workspace that the caller sees.
    pub fn workspace(&self) -> i64 {
        self.0.workspace
    }

    /// For the audit log and the provisioning log.
    pub fn actor(&self) -> String {
        format!("token {}", self.0.label)
    }
}

impl Configurer {
    /// Lets pass what an owner decides and no scope is enough for: who made the token has to be one at this moment.
    /// A token of the command line is the machine's, whose keeper is one.
    ///
    /// # Errors
    /// 403 for anybody else.
    pub async fn owns(&self, state: &State) -> Result<(), Problem> {
        let Some(key) = self.0.administrator else {
            return Ok(());
        };
        let workspace = self.0.workspace;
        let read = move |tx: &mut Tx| administrator::role_in(tx, key, workspace);
        if state.db().read_short(read).await? == Some(Role::Owner) {
            return Ok(());
        }
        let detail = format!("this is decided by the role {}", Act::Own.roles());
        let hint = "Use a token of an owner, or have one do it in the console.";
        Err(Problem::new(StatusCode::FORBIDDEN, "PRV-API-ROLE", detail, hint))
    }

    /// The workspace that the caller sees.
    pub fn workspace(&self) -> i64 {
        self.0.workspace
    }

    /// For the audit log.
    pub fn actor(&self) -> String {
        format!("token {}", self.0.label)
    }
}

/// What each kind of caller is taken from: the token that the route has let in.
fn let_in(parts: &Parts) -> Result<Accepted, Problem> {
    let found = parts.extensions.get::<Accepted>().cloned();
    found.ok_or_else(|| Problem::unauthorized("no token was sent"))
}

impl FromRequestParts<State> for Configurer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        let_in(parts).map(Self)
    }
}

impl FromRequestParts<State> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        let_in(parts).map(Self)
    }
}

impl FromRequestParts<State> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        let_in(parts).map(Self)
    }
}

/// Lets a request in whose token may do this.
pub(crate) async fn admit(state: &State, act: Act, mut request: Request) -> Result<Request, Problem> {
    let caller = accept(request.headers(), state, act).await?;
    request.extensions_mut().insert(caller);
    Ok(request)
}

async fn accept(headers: &HeaderMap, state: &State, act: Act) -> Result<Accepted, Problem> {
    let header = headers.get(AUTHORIZATION);
    let text = header
        .and_then(|header| header.to_str().ok())
        .and_then(bearer)
        .ok_or_else(|| Problem::unauthorized("no token was sent"))?;
    let refused = || Problem::unauthorized("the token is unknown, expired or revoked");
    if !api_token::is_well_formed(text) {
        return Err(refused());
    }
    let (text, now) = (text.to_owned(), now());
    let read = move |tx: &mut Tx| {
        let caller = match api_token::accept(tx, &text, now)? {
            Ok(caller) => caller,
            Err(refusal) => return Ok::<_, Problem>(Err(refusal)),
        };
        let role = match caller.administrator {
            Some(key) => administrator::role_in(tx, key, caller.workspace)?,
            None => Some(Role::Owner),
        };
        Ok(Ok((caller, role)))
    };
    let (caller, role) = state.db().read_short(read).await?.map_err(|refusal| {
        tracing::info!(?refusal, "a request of the interface was refused by its token");
        refused()
    })?;
    if let Some(seconds) = state.api_budgets().spend(caller.key, state) {
        return Err(Problem::too_many(seconds));
    }
    note_use(state, caller.key, now);
    let Some(wanted) = act.scope() else {
        let detail = "no token may do this: it takes an owner who is signed in";
        let hint = "Do it in the console or by the command line.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "PRV-API-SCOPE", detail, hint));
    };
    // A token can do no more than who made it: what they may is looked at now, not when it was made.
    if !role.is_some_and(|role| act.is_allowed_to(role)) {
        let detail = format!(
            "who made the token may not do this any more: it takes the role {}",
            act.roles()
        );
        let hint = "Use a token of somebody who has the role.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "PRV-API-ROLE", detail, hint));
    }
    if caller.scope.allows(wanted) {
        return Ok(caller);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "PRV-API-SCOPE",
        format!("the token may {}, and this needs {wanted}", caller.scope),
        "Use a token with a wider scope.",
    ))
}

/// Notes the use beside the request: nobody waits for it, and losing it loses a minute's note.
fn note_use(state: &State, key: i64, now: i64) {
    if !state.api_budgets().is_news(key, now) {
        return;
    }
    let db = state.db().clone();
    tokio::spawn(async move {
        if let Err(error) = db.write(move |tx| api_token::note_use(tx, key, now)).await {
            tracing::debug!(%error, "a token's use could not be noted");
        }
    });
}

/// What each token has spent, and when its use was noted.
pub(crate) struct Budgets {
    started: Instant,
    known: Mutex<HashMap<i64, Spending>>,
}

#[derive(Default)]
struct Spending {
    budget: Arc<Budget>,
    noted: i64,
}

/// Milliseconds between two notes of a token's last use.
const NOTE_EVERY: i64 = 60_000;

impl Default for Budgets {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            known: Mutex::default(),
        }
    }
}

impl Budgets {
    /// Takes one request off what the token may still send; the seconds to wait when there is none left.
    fn spend(&self, key: i64, state: &State) -> Option<u64> {
        let rate = state.settings().api_rate;
        let pace = Pace::new(rate.per_second, rate.burst)?;
        let budget = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.entry(key).or_default().budget.clone()
        };
        let now = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        budget.take(now, pace).err()
    }

    fn is_news(&self, key: i64, now: i64) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let spending = known.entry(key).or_default();
        let is_news = now - spending.noted >= NOTE_EVERY;
        if is_news {
            spending.noted = now;
        }
        is_news
    }
}
