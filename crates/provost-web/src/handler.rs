//! A handler without its type. The router is made of code that is generic over the handler, and compiling it anew for each
//! of several hundred handlers took longer than compiling the handlers: behind this there is one.

use crate::state::State;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use std::pin::Pin;
use std::sync::Arc;

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Any handler.
#[derive(Clone)]
pub(crate) struct AnyHandler(Arc<dyn Fn(Request, State) -> Answer + Send + Sync>);

impl AnyHandler {
    pub fn new<T: 'static>(handler: impl Handler<T, State>) -> Self {
        Self(Arc::new(move |request, state| {
            Box::pin(handler.clone().call(request, state))
        }))
    }
}

impl Handler<(), State> for AnyHandler {
    type Future = Answer;

    fn call(self, request: Request, state: State) -> Answer {
        (self.0)(request, state)
    }
}
