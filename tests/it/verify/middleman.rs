//! A server that forwards calls to a fake and changes the responses.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response};
use poem::{Server, endpoint::make, listener::TcpAcceptor};
use serde_json::Value;
use tiledesk_mock::Fake;
use tokio::task::JoinHandle;

/// Changes the response to a call, given its method, path, and headers.
pub(super) type Change = dyn Fn(&Method, &str, &http::HeaderMap, &mut Response<Bytes>) -> Effect + Send + Sync;

/// What happens to a call.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    Respond,
    /// Never respond.
    Hang,
    /// Respond with an endless body, and send a part at this interval.
    Endless(Duration),
}

pub(super) struct Middleman {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Middleman {
    pub(super) fn start(fake: &Fake, change: Arc<Change>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let client = fake.client();
        let endpoint = make(move |mut request: poem::Request| {
            let (client, change) = (client.clone(), change.clone());
            async move {
                let body = request.take_body().into_bytes().await.unwrap_or_default();
                let (method, headers) = (request.method().clone(), request.headers().clone());
                let path = request.uri().path().to_owned();
                let mut call = Request::builder().method(method.clone()).uri(request.uri().clone());
                for (name, value) in &headers {
                    call = call.header(name, value);
                }
                let mut response = client.send(call.body(body).expect("it was a valid request")).await;
                let effect = change(&method, &path, &headers, &mut response);
                if let Effect::Hang = effect {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                }
                let (parts, body) = response.into_parts();
                let body = match effect {
                    Effect::Endless(pause) => endless(pause),
                    _ => poem::Body::from(body),
                };
                let mut answer = poem::Response::builder().status(parts.status).body(body);
                *answer.headers_mut() = parts.headers;
                answer.headers_mut().remove("content-length");
                Ok::<_, poem::Error>(answer)
            }
        });
        let acceptor = TcpAcceptor::from_std(listener).expect("a listener");
        let serving = tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint));
        Self { address, serving }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v3", self.address)
    }
}

impl Drop for Middleman {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn endless(pause: Duration) -> poem::Body {
    let parts = futures_util::stream::unfold((), move |()| async move {
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1 << 18])), ()))
    });
    poem::Body::from_bytes_stream(parts)
}

/// Changes the JSON body of a response.
pub(super) fn edit(response: &mut Response<Bytes>, change: impl FnOnce(&mut Value)) {
    let mut body = serde_json::from_slice(response.body()).expect("a JSON body");
    change(&mut body);
    *response.body_mut() = body.to_string().into();
}
