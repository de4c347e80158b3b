//! Calls of the imitated API that the control API makes itself: replays, and edits on behalf of a project's owner. They are
//! recorded like any other.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use poem::{
    Request, RequestBody, Response,
    http::{HeaderMap, HeaderValue, Method, header},
};
use serde_json::{Map, json};
use tokio::sync::{mpsc, oneshot};

use super::{JSON, arrived, record::ReplayNumber};
use crate::{
    identity::token,
    recorder::entry::{Entry, FRAME},
    resource::{project::document::Project, team::document::Teammate},
    state::Sandbox,
    value::{Id, Role},
};

/// Headers that belong to a connection rather than to a call.
const OF_CONNECTION: [&str; 5] = ["connection", "content-length", "transfer-encoding", "upgrade", "expect"];

/// A call to make, and the channel for its response.
pub(super) type Asked = (Request, oneshot::Sender<Response>);

/// Makes calls in the sandbox of the current call of the control API.
#[derive(Clone)]
pub(crate) struct InnerCalls(mpsc::Sender<Asked>);

/// The outcome of a call.
pub(crate) struct Outcome {
    /// Its number in the journal.
    pub(crate) number: u64,
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl<'a> poem::FromRequest<'a> for InnerCalls {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(request.data::<Self>().expect("the control API adds this to its calls").clone())
    }
}

impl InnerCalls {
    /// Calls can be made as long as the receiver is served.
    pub(super) fn new() -> (Self, mpsc::Receiver<Asked>) {
        let (asking, asked) = mpsc::channel(1);
        (Self(asking), asked)
    }

    async fn make(&self, mut request: Request) -> Outcome {
        let number = Arc::new(AtomicU64::new(0));
        request.extensions_mut().insert(ReplayNumber(number.clone()));
        let (answer, answered) = oneshot::channel();
        let served = "the other end is served while the call of the control API runs";
        self.0.send((request, answer)).await.expect(served);
        let mut response = answered.await.expect(served);
        let (status, body) = (response.status().as_u16(), arrived(response.take_body()).await);
        Outcome { number: number.load(Ordering::Relaxed), status, body }
    }

    /// Sends a recorded call again. `None` if it was not recorded completely, or was a frame.
    pub(crate) async fn replay(&self, call: &Entry) -> Option<Outcome> {
        let recorded = &call.request;
        if recorded.cut || recorded.method.as_str() == FRAME {
            return None;
        }
        let mut headers = recorded.head.to_map();
        for name in OF_CONNECTION {
            headers.remove(name);
        }
        let request = request(recorded.method.clone(), recorded.head.target(), headers, recorded.body.clone())?;
        Some(self.make(request).await)
    }

    /// Makes a call as the owner of a project, in strict mode. `None` if the project has no owner.
    pub(crate) async fn as_owner(
        &self,
        sandbox: &Sandbox,
        project: Id<Project>,
        (method, path): (&str, &str),
        body: Bytes,
    ) -> Option<Outcome> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::try_from(token_of_owner(sandbox, project)?).ok()?);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert("prefer", HeaderValue::from_static("handling=strict"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "-console")));
        let request = request(Method::from_bytes(method.as_bytes()).ok()?, path, headers, body)?;
        Some(self.make(request).await)
    }
}

fn request(method: Method, target: &str, headers: HeaderMap, body: Bytes) -> Option<Request> {
    let mut request = Request::builder().method(method).uri(target.parse().ok()?).body(body);
    *request.headers_mut() = headers;
    Some(request)
}

/// A token of a user who owns the project.
fn token_of_owner(sandbox: &Sandbox, project: Id<Project>) -> Option<String> {
    let state = sandbox.state();
    let mut members = state.tables.project_users.with(Teammate::of_project(project, true)).map(|doc| doc.value());
    let owner = members.find(|member| member.role == Role::Owner && member.is_active() && member.id_user.is_some())?;
    let user = state.tables.users.get(owner.id_user?)?.value();
    let claims = Map::from_iter([("_id".to_owned(), json!(user.id)), ("email".to_owned(), json!(user.email))]);
    Some(format!("JWT {}", token::issue(sandbox, "user", claims, sandbox.clock.now(), "console")))
}
