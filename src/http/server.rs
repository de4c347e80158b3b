//! Serves an endpoint on a socket until it is told to stop. poem's own server asks of each connection, each time that it is
//! polled, under three locks which the threads share, whether it is to end; here it is one.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use poem::{Endpoint, Request, RequestParts, Response};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{drain::Draining, listener::Listener};

/// How long nothing is accepted when it could not be: most often, there are too many connections.
const RELIEF: Duration = Duration::from_millis(50);

/// Most bytes of the headers of a call over HTTP/2, as over HTTP/1.
const HEADERS: u32 = 1 << 14;

/// How long clients may take to send a request.
#[derive(Clone, Copy)]
pub(crate) struct Timeouts {
    /// For the whole head.
    pub(crate) header: Duration,
    /// Without another byte of the body.
    pub(crate) body: Duration,
}

/// Serves until `stopped` is done. Calls under way may take `grace` from then on.
pub(crate) async fn serve(
    endpoint: impl Endpoint<Output = Response> + 'static,
    mut door: Listener,
    timeouts: Timeouts,
    stopped: impl Future<Output = ()>,
    grace: Duration,
) {
    let (endpoint, graceful) = (Arc::new(endpoint), GracefulShutdown::new());
    let mut stopped = pin!(stopped);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // A client that closes its half of the connection after its last request still gets the response.
    builder.http1().half_close(true).timer(TokioTimer::new()).header_read_timeout(timeouts.header);
    builder.http2().max_header_list_size(HEADERS);
    // Those that are left are ended with it.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = door.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut stopped => break,
        };
        let (connection, local, remote, scheme) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(RELIEF).await;
                continue;
            }
        };
        let endpoint = endpoint.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (parts, body) = request.into_parts();
            let parts = RequestParts::from((parts, local.clone(), remote.clone(), scheme.clone()));
            let request = Request::from_parts(parts, Draining::body(body, timeouts.body));
            let endpoint = endpoint.clone();
            async move { Ok::<_, Infallible>(http::Response::from(endpoint.get_response(request).await)) }
        });
        let served = builder.serve_connection_with_upgrades(TokioIo::new(connection), service).into_owned();
        connections.spawn(graceful.watch(served));
    }
    drop(door);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("calls that took too long were cut off");
    }
}
