//! How a route of the interface is declared: with who may use it, and with what it takes and answers. The second is
//! what the description for programs is made of ([`super::openapi`]), so that no route can be without one.

use super::once;
use crate::handler::AnyHandler;
use crate::policy::{Act, Policy, Routes};
use crate::state::State;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};

/// Puts a type's schema into a description, and answers how to refer to it.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// What one route takes and answers.
#[derive(Clone)]
pub(super) struct Operation {
    /// The heading that it stands under.
    pub tag: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The parameters of its query.
    pub query: Option<Shape>,
    /// Its body.
    pub body: Option<Shape>,
    /// What it answers: status, meaning, body.
    pub answers: Vec<(u16, &'static str, Option<Shape>)>,
    /// Whether the answer carries an `ETag`.
    pub is_tagged: bool,
    /// Whether it heeds `If-Match`.
    pub is_conditional: bool,
}

impl Operation {
    /// What a route does.
    pub fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            query: None,
            body: None,
            answers: Vec::new(),
            is_tagged: false,
            is_conditional: false,
        }
    }

    /// It takes these parameters.
    pub fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(SchemaGenerator::root_schema_for::<T>);
        self
    }

    /// It takes this body.
    pub fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// It answers 200 with this body.
    pub fn answers<T: JsonSchema>(self) -> Self {
        self.or::<T>(200, "what was asked for")
    }

    /// It answers 201 with this body.
    pub fn makes<T: JsonSchema>(self) -> Self {
        self.or::<T>(201, "it was made")
    }

    /// It answers 204.
    pub fn silent(self) -> Self {
        self.or_nothing(204, "it is done")
    }

    /// It answers this status with this body too.
    pub fn or<T: JsonSchema>(mut self, status: u16, meaning: &'static str) -> Self {
        let shape: Shape = SchemaGenerator::subschema_for::<T>;
        self.answers.push((status, meaning, Some(shape)));
        self
    }

    /// It answers this status without a body too.
    pub fn or_nothing(mut self, status: u16, meaning: &'static str) -> Self {
        self.answers.push((status, meaning, None));
        self
    }

    /// Its answer carries an `ETag`.
    pub fn tagged(mut self) -> Self {
        self.is_tagged = true;
        self
    }

    /// It heeds `If-Match`.
    pub fn conditional(mut self) -> Self {
        self.is_conditional = true;
        self
    }
}

/// An operation at its place.
#[derive(Clone)]
pub(super) struct Placed {
    pub method: Method,
    pub path: &'static str,
    pub act: Act,
    pub operation: Operation,
}

/// The interface while it is put together.
pub(crate) struct Interface {
    routes: Routes,
    placed: Vec<Placed>,
}

impl Interface {
    pub fn new(routes: Routes) -> Self {
        Self {
            routes,
            placed: Vec::new(),
        }
    }

    pub fn get<T: 'static>(
        mut self,
        path: &'static str,
        act: Act,
        handler: impl Handler<T, State>,
        operation: Operation,
    ) -> Self {
        self.routes = self.routes.get(path, Policy::Token(act), handler);
        self.place(Method::GET, path, act, operation)
    }

    /// A route that does something once for each `Idempotency-Key`.
    pub fn post<T: 'static>(
        mut self,
        path: &'static str,
        act: Act,
        handler: impl Handler<T, State>,
        operation: Operation,
    ) -> Self {
        let once = from_fn_with_state(self.routes.state().clone(), once::once);
        self.routes = self
            .routes
            .post(path, Policy::Token(act), AnyHandler::new(handler).layer(once));
        self.place(Method::POST, path, act, operation)
    }

    pub fn put<T: 'static>(
        mut self,
        path: &'static str,
        act: Act,
        handler: impl Handler<T, State>,
        operation: Operation,
    ) -> Self {
        self.routes = self.routes.put(path, Policy::Token(act), handler);
        self.place(Method::PUT, path, act, operation)
    }

    pub fn patch<T: 'static>(
        mut self,
        path: &'static str,
        act: Act,
        handler: impl Handler<T, State>,
        operation: Operation,
    ) -> Self {
        self.routes = self.routes.patch(path, Policy::Token(act), handler);
        self.place(Method::PATCH, path, act, operation)
    }

    pub fn delete<T: 'static>(
        mut self,
        path: &'static str,
        act: Act,
        handler: impl Handler<T, State>,
        operation: Operation,
    ) -> Self {
        self.routes = self.routes.delete(path, Policy::Token(act), handler);
        self.place(Method::DELETE, path, act, operation)
    }

    fn place(mut self, method: Method, path: &'static str, act: Act, operation: Operation) -> Self {
        self.placed.push(Placed {
            method,
            path,
            act,
            operation,
        });
        self
    }

    /// The routes, and what was said of each.
    pub fn into_parts(self) -> (Routes, Vec<Placed>) {
        (self.routes, self.placed)
    }
}
