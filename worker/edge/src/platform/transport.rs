//! The transport port on the runtime's `fetch`.

use async_trait::async_trait;
use futures::future::{Either, select};
use worker::{AbortController, Body, Delay, Fetch, Request, RequestInit, RequestRedirect};

use egress::ports::{Limits, Transport, TransportError};
use egress::read_body;

/// The runtime's `fetch`.
pub(super) struct WorkerTransport;

#[async_trait(?Send)]
impl Transport for WorkerTransport {
    async fn send(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let abort = AbortController::default();
        let signal = abort.signal();
        let answer = std::pin::pin!(exchange(request, &signal, limits.max_body));
        match select(answer, Delay::from(limits.timeout)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                abort.abort();
                Err(TransportError::TimedOut(limits.timeout))
            }
        }
    }
}

async fn exchange(
    request: http::Request<Vec<u8>>,
    signal: &worker::AbortSignal,
    max_body: usize,
) -> Result<http::Response<Vec<u8>>, TransportError> {
    let response = Fetch::Request(outward(&request)?).send_with_signal(signal).await.map_err(|error| failed(&error))?;
    let (parts, body) = http::Response::<Body>::try_from(response).map_err(|error| failed(&error))?.into_parts();
    Ok(http::Response::from_parts(parts, read_body(body, max_body).await?))
}

fn outward(request: &http::Request<Vec<u8>>) -> Result<Request, TransportError> {
    let headers = worker::Headers::new();
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| TransportError::Failed(format!("the header {name} cannot be sent")))?;
        headers.append(name.as_str(), value).map_err(|error| failed(&error))?;
    }
    let mut init = RequestInit::new();
    init.with_method(worker::Method::from(request.method().as_str().to_owned())).with_headers(headers);
    init.with_redirect(RequestRedirect::Manual);
    if !request.body().is_empty() {
        init.with_body(Some(js_sys::Uint8Array::from(request.body().as_slice()).into()));
    }
    Request::new_with_init(&request.uri().to_string(), &init).map_err(|error| failed(&error))
}

fn failed(error: &worker::Error) -> TransportError {
    TransportError::Failed(error.to_string())
}
