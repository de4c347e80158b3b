//! Serves an endpoint on a socket until it is stopped. poem's own server checks for shutdown each time it polls a
//! connection, under three locks shared by all threads; this one avoids that.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

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

use super::{
    drain::Draining,
    listener::{Listener, Timeouts},
};

/// Pause after a failed accept, which usually means too many open connections.
const RELIEF: Duration = Duration::from_millis(50);

/// Maximum size of HTTP/2 request headers in bytes, the same as for HTTP/1.
const HEADERS: u32 = 1 << 14;

/// Serves until `stopped` completes, then gives running calls up to `grace` to finish.
pub(crate) async fn serve(
    endpoint: Arc<impl Endpoint<Output = Response> + 'static>,
    mut door: Listener,
    timeouts: Timeouts,
    stopped: impl Future<Output = ()>,
    grace: Duration,
) {
    let graceful = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // A client that closes its half of the connection after its last request still gets the response.
    builder.http1().half_close(true).timer(TokioTimer::new()).header_read_timeout(timeouts.header);
    builder.http2().max_header_list_size(HEADERS);
    // Dropping the set aborts the remaining connections.
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
                tracing::warn!(%error, "failed to accept a connection");
                sleep(RELIEF).await;
                continue;
            }
        };
        let endpoint = endpoint.clone();
        let requested = connection.requested();
        let service = service_fn(move |request: http::Request<Incoming>| {
            requested.store(true, Ordering::Release);
            let (parts, body) = request.into_parts();
            let parts = RequestParts::from((parts, local.clone(), remote.clone(), scheme.clone()));
            let request = Request::from_parts(parts, Draining::body(body, timeouts.body));
            let endpoint = endpoint.clone();
            async move { Ok::<_, Infallible>(http::Response::from(endpoint.as_ref().get_response(request).await)) }
        });
        let served = builder.serve_connection_with_upgrades(TokioIo::new(connection), service).into_owned();
        connections.spawn(graceful.watch(served));
    }
    drop(door);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("calls did not finish in time and were aborted");
    }
}
