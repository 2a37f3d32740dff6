//! Who may use which route. A route cannot be added without saying so: [`Routes`] is the only way to make one, which
//! a lint holds, and what it was given is the table that the tests try every role and token against.

use crate::api::caller;
use crate::console::page;
use crate::form;
use crate::handler::AnyHandler;
use crate::signin::me::{self, Me};
use crate::state::State;
use crate::texts::text;
use crate::visitor::{self, Asks, Visitor};
use axum::Router;
use axum::extract::{self, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, any, on};
use provost_store::administrator::Role;
use provost_store::api_token::Scope;

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Reads, and exports what can be read.
    Look,
    /// Runs, stops, retries, approves, decides.
    Operate,
    /// Changes who is in the directory, who is assigned, and who is protected.
    Access,
    /// Changes connections, rules, providers and settings.
    Configure,
    /// Decides who may administer, and what is kept.
    Own,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Look,
        Self::Operate,
        Self::Access,
        Self::Configure,
        Self::Own,
    ];

    /// Whether a role may do this.
    #[must_use]
    pub fn is_allowed_to(self, role: Role) -> bool {
        match self {
            Self::Look => true,
            Self::Operate => matches!(
                role,
                Role::Owner | Role::ConfigurationAdmin | Role::ProvisioningOperator
            ),
            Self::Access => matches!(role, Role::Owner | Role::AccessAdmin),
            Self::Configure => matches!(role, Role::Owner | Role::ConfigurationAdmin),
            Self::Own => role == Role::Owner,
        }
    }

    /// The scope that a token needs; none where no token is enough.
    #[must_use]
    pub fn scope(self) -> Option<Scope> {
        match self {
            Self::Look => Some(Scope::Read),
            Self::Operate | Self::Access => Some(Scope::Operate),
            Self::Configure => Some(Scope::Configure),
            Self::Own => None,
        }
    }

    /// The roles that may do this, for people: `owner or access admin`.
    #[must_use]
    pub fn roles(self) -> &'static str {
        match self {
            Self::Look => text("any role"),
            Self::Operate => text("owner, configuration admin or provisioning operator"),
            Self::Access => text("owner or access admin"),
            Self::Configure => text("owner or configuration admin"),
            Self::Own => text("owner"),
        }
    }
}

/// What a route asks of who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Nothing; with the reason.
    Public(&'static str),
    /// Nothing, with the reason; but what changes something must come from one of our own pages. For pages that are
    /// there before somebody has signed in.
    Open(&'static str),
    /// An inbound provider's token, which the handler itself takes.
    Provider,
    /// A token of the interface.
    Token(Act),
    /// A signed-in administrator, of any role.
    Signed,
    /// A person of the directory who is signed in to their own pages, in the workspace that the address names.
    Person,
    /// As [`Policy::Person`], by somebody who has signed in within ten minutes.
    FreshPerson,
    /// A role in the workspace that the address names. Others see what they would see if there were no such workspace.
    Workspace(Act),
    /// A role in the whole installation.
    Installation(Act),
    /// As [`Policy::Workspace`], by somebody who has signed in, or has proved it again, within ten minutes.
    Fresh(Act),
    /// As [`Policy::Installation`], by somebody who has signed in, or has proved it again, within ten minutes.
    FreshInstallation(Act),
}

/// One route, as it was declared.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The method; none for all.
    pub method: Option<Method>,
    /// The path, in the router's notation.
    pub path: &'static str,
    /// What it asks.
    pub policy: Policy,
}

/// The page to which a form at `path` belongs: the nearest address at or above it that can be opened.
pub(crate) fn page_above(declared: &[Declared], path: &str) -> String {
    let mut path = path;
    while !path.is_empty() {
        let is_page = |one: &Declared| one.method == Some(Method::GET) && fits(one.path, path);
        if declared.iter().any(is_page) {
            return path.to_owned();
        }
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    "/".to_owned()
}

/// Whether a path is one of those that a pattern means; none of ours that is a page takes several segments at once.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == found => {}
            (Some(wanted), Some(found)) if wanted.starts_with('{') && !found.is_empty() => {}
            _ => return false,
        }
    }
}

/// Routes that are being put together.
pub(crate) struct Routes {
    state: State,
    router: Router<State>,
    declared: Vec<Declared>,
}

impl Routes {
    pub fn new(state: &State) -> Self {
        Self {
            state: state.clone(),
            router: Router::new(),
            declared: Vec::new(),
        }
    }

    pub fn get<T: 'static>(
        self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.add(Method::GET, path, policy, AnyHandler::new(handler))
    }

    pub fn post<T: 'static>(
        self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.add(Method::POST, path, policy, AnyHandler::new(handler))
    }

    pub fn put<T: 'static>(
        self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.add(Method::PUT, path, policy, AnyHandler::new(handler))
    }

    pub fn patch<T: 'static>(
        self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.add(Method::PATCH, path, policy, AnyHandler::new(handler))
    }

    pub fn delete<T: 'static>(
        self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.add(Method::DELETE, path, policy, AnyHandler::new(handler))
    }

    /// A route that takes every method and tells them apart by itself.
    #[allow(clippy::disallowed_methods)] // The one place that may.
    pub fn any<T: 'static>(
        mut self,
        path: &'static str,
        policy: Policy,
        handler: impl Handler<T, State>,
    ) -> Self {
        let method = None;
        self.declared.push(Declared { method, path, policy });
        let guard = from_fn_with_state((self.state.clone(), policy), guard);
        self.router = self
            .router
            .route(path, any(AnyHandler::new(handler)).layer(guard));
        self
    }

    #[allow(clippy::disallowed_methods)] // The one place that may.
    fn add(mut self, method: Method, path: &'static str, policy: Policy, handler: AnyHandler) -> Self {
        let guard = from_fn_with_state((self.state.clone(), policy), guard);
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.declared.push(Declared {
            method: Some(method),
            path,
            policy,
        });
        self.router = self.router.route(path, on(filter, handler).layer(guard));
        self
    }

    /// What the handlers share.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was declared so far.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    pub fn into_router(self) -> Router<State> {
        self.router
    }
}

/// What stands before a handler.
async fn guard(
    extract::State((state, policy)): extract::State<(State, Policy)>,
    request: Request,
    next: Next,
) -> Response {
    match admit(&state, policy, request).await {
        Ok(request) => {
            let visitor = request.extensions().get::<Visitor>().cloned();
            let me = request.extensions().get::<Me>().cloned();
            let response = next.run(request).await;
            match (visitor, me) {
                (Some(visitor), _) => page::framed(&visitor, response),
                (None, Some(me)) => page::framed_for(&me, response),
                (None, None) => response,
            }
        }
        Err(refusal) => refusal,
    }
}

async fn admit(state: &State, policy: Policy, request: Request) -> Result<Request, Response> {
    let asks = match policy {
        Policy::Public(_) | Policy::Provider => return Ok(request),
        Policy::Open(_) => {
            let own = form::open(state, request).await;
            return own.map_err(IntoResponse::into_response);
        }
        Policy::Token(act) => {
            let admitted = caller::admit(state, act, request).await;
            return admitted.map_err(IntoResponse::into_response);
        }
        Policy::Person => return me::admit(state, false, request).await,
        Policy::FreshPerson => return me::admit(state, true, request).await,
        Policy::Signed => Asks::ANY,
        Policy::Workspace(act) => Asks::workspace(act),
        Policy::Installation(act) => Asks::installation(act),
        Policy::Fresh(act) => Asks::workspace(act).fresh(),
        Policy::FreshInstallation(act) => Asks::installation(act).fresh(),
    };
    visitor::admit(state, asks, request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_the_page_above_it() {
        let of = |method: Method, path| Declared {
            method: Some(method),
            path,
            policy: Policy::Signed,
        };
        let all = [
            of(Method::GET, "/"),
            of(Method::GET, "/account"),
            of(Method::POST, "/account/passkeys/{key}/remove"),
            of(Method::GET, "/w/{workspace}/people"),
            of(Method::POST, "/w/{workspace}/people/{id}/block"),
        ];
        for (path, page) in [
            ("/account", "/account"),
            ("/account/passkeys/3/remove", "/account"),
            ("/w/Contoso%20Labs/people/7/block", "/w/Contoso%20Labs/people"),
            ("/w//people", "/"),
            ("/elsewhere", "/"),
        ] {
            assert_eq!(page_above(&all, path), page, "{path}");
        }
    }
}
