//! Connections that switch protocols, such as WebSockets: bytes are forwarded in both directions.

use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

/// Forwards bytes in both directions, once both sides have switched protocols.
pub(super) fn connect(client: poem::OnUpgrade, mut response: http::Response<Incoming>) -> http::Response<Incoming> {
    let upstream = hyper::upgrade::on(&mut response);
    tokio::spawn(async move {
        let (Ok(mut client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
        // Either side may end the connection at any time.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut TokioIo::new(upstream)).await;
    });
    response
}
