//! Authentication of clients, and the upgrade of their calls to a WebSocket.

use std::sync::Arc;

use poem::{
    Endpoint, FromRequest, IntoResponse, Request, RequestBody, Response,
    http::{HeaderMap, StatusCode, header, uri::Scheme},
    web::websocket::{WebSocket, WebSocketConfig},
};

use super::{Realtime, client, pass::Pass};
use crate::{
    identity::{
        Principal,
        token::{self, Issuer},
    },
    recorder::entry::Handling,
    state::{Sandbox, State},
    value::Text,
};

/// Maximum size of a client's frame in bytes.
const LARGEST: usize = 1 << 20;

/// Maximum number of unsent bytes, such as pongs to a client that reads nothing. A client that exceeds it is
/// disconnected.
const UNSENT: usize = 4 * LARGEST;

/// The endpoint of the realtime API.
pub(crate) struct Upgrade(pub(crate) Arc<Realtime>);

impl Endpoint for Upgrade {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut body = RequestBody::default();
        let Ok(socket) = WebSocket::from_request(&request, &mut body).await else { return Ok(not_a_socket()) };
        let sandbox = request.data::<Arc<Sandbox>>().expect("the outermost layer selects a sandbox").clone();
        let pass = pass(&sandbox, &sandbox.state(), request.uri().query().unwrap_or_default());
        let Some(pass) = pass else { return Ok((StatusCode::UNAUTHORIZED, "Unauthorized").into_response()) };
        let realtime = self.0.clone();
        let handling = *request.data::<Handling>().expect("the outermost layer sets the handling");
        // Without the query, which contains the token.
        let head = sandbox.journal.head(request.uri().path(), &only_agent(request.headers()));
        let secure = *request.scheme() == Scheme::HTTPS;
        let visit = client::Visit { sandbox, handling, head, secure };
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST))
            .write_buffer_size(0)
            .max_write_buffer_size(UNSENT);
        let upgraded = socket.config(config).on_upgrade(move |socket| client::serve(realtime, visit, pass, socket));
        Ok(upgraded.into_response())
    }
}

/// The header by which the journal filters calls of a client.
fn only_agent(headers: &HeaderMap) -> HeaderMap {
    let agent = headers.get(header::USER_AGENT);
    agent.map(|agent| (header::USER_AGENT, agent.clone())).into_iter().collect()
}

/// Response to a call that does not request a WebSocket.
fn not_a_socket() -> Response {
    let answer = Response::builder().status(StatusCode::UPGRADE_REQUIRED);
    let answer = answer.header(header::UPGRADE, "websocket").header(header::SEC_WEBSOCKET_VERSION, "13");
    answer.content_type("text/plain; charset=utf-8").body("Upgrade Required: this is the realtime API, for WebSockets.")
}

/// The user of the token in the query. Only the sandbox's own user tokens are accepted, not those of guests, customers,
/// or bots.
fn pass(sandbox: &Sandbox, state: &State, query: &str) -> Option<Pass> {
    let (_, text) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token")?;
    let text = text.strip_prefix("JWT ").unwrap_or(&text).trim();
    let claims = token::verify(sandbox, state, text).ok()?;
    if !matches!(claims.issuer(state), Ok(Issuer::Sandbox)) {
        return None;
    }
    let jti = claims.token_id().map(Text::from);
    match token::caller(state, claims).ok()? {
        Principal::User(user) => Some(Pass { user, jti }),
        Principal::Visitor(_) | Principal::Service(_) => None,
    }
}
