//! Puts each handler under the endpoint it serves. A handler that reads or returns other types than the endpoint declares does not
//! compile.

use axum::Router;
use axum::extract::{Extension, State};
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::response::{AppendHeaders, Response};
use axum::routing::{MethodFilter, on};
use contract::{Endpoint, File, Method, Takes};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::{Body, Path, Query, Upload};
use crate::http::middleware::site::Here;

/// The routes that have a handler so far.
#[derive(Default)]
pub(in crate::http) struct Routes(Router<App>);

impl Routes {
    /// Serves an endpoint with a handler.
    pub(in crate::http) fn on<E: Endpoint, T: 'static, H: Serves<E, T>>(self, _: E, handler: H) -> Self {
        const { assert!(H::READS.is(E::TAKES), "the handler reads each part of the request that its endpoint declares, and no other") };
        Self(self.0.route(E::ROUTE.path, on(filter(E::ROUTE.method), handler)))
    }

    /// All of them.
    pub(in crate::http) fn into_router(self) -> Router<App> {
        self.0
    }
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

/// A handler that reads what `E` declares and returns what `E` declares. `T` is what axum tells handlers apart by.
pub(in crate::http) trait Serves<E, T>: Handler<T, App> {
    /// Which parts of a request it reads.
    const READS: Takes;
}

/// Something a handler of `E` may read.
pub(in crate::http) trait Reads<E> {
    /// Which parts of a request that is.
    const PARTS: Takes = NOTHING;
}

/// Something a handler of `E` may return.
pub(in crate::http) trait Returns<E> {}

const NOTHING: Takes = Takes { path: false, query: false, body: false };

impl<E> Reads<E> for State<App> {}
impl<E> Reads<E> for Extension<Caller> {}
impl<E> Reads<E> for HeaderMap {}
impl<E> Reads<E> for Here {}

impl<P, E: Endpoint<Path = P>> Reads<E> for Path<P> {
    const PARTS: Takes = Takes { path: true, ..NOTHING };
}

impl<Q, E: Endpoint<Query = Q>> Reads<E> for Query<Q> {
    const PARTS: Takes = Takes { query: true, ..NOTHING };
}

impl<B, E: Endpoint<Body = B>> Reads<E> for Body<B> {
    const PARTS: Takes = Takes { body: true, ..NOTHING };
}

impl<E: Endpoint> Reads<E> for Upload {
    const PARTS: Takes = Takes { body: true, ..NOTHING };
}

impl<E: Endpoint<Response = ()>> Returns<E> for () {}
impl<R, E: Endpoint<Response = R>> Returns<E> for Json<R> {}
impl<E: Endpoint<Response = File>> Returns<E> for Response {}
impl<E, R: Returns<E>> Returns<E> for Result<R, Failure> {}
impl<E, H, R: Returns<E>> Returns<E> for (AppendHeaders<H>, R) {}

impl<E, F, Fut> Serves<E, ((),)> for F
where
    F: Fn() -> Fut + Handler<((),), App>,
    Fut: Future<Output: Returns<E>>,
{
    const READS: Takes = NOTHING;
}

macro_rules! serves {
    ($($part:ident),+) => {
        impl<E, F, Fut, M, $($part),+> Serves<E, (M, $($part,)+)> for F
        where
            F: Fn($($part),+) -> Fut + Handler<(M, $($part,)+), App>,
            Fut: Future<Output: Returns<E>>,
            $($part: Reads<E>,)+
        {
            const READS: Takes = NOTHING$(.and($part::PARTS))+;
        }
    };
}

serves!(A);
serves!(A, B);
serves!(A, B, C);
serves!(A, B, C, D);
serves!(A, B, C, D, G);
