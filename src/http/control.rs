//! Calls to the control API, and the console page that makes them.

use std::{borrow::Cow, pin::pin, sync::Arc};

use futures_util::future::BoxFuture;
use poem::{
    Request, Response,
    error::ResponseError,
    http::{HeaderValue, Method, Uri, header},
};

use super::{
    App, InnerCalls, JSON, Problem, authority, context::RequestContext, error, merged, mistake, problem, route,
};
use crate::{
    recorder::timeline::{Moment, change},
    state::{NoSandbox, Sandbox},
};

impl App {
    /// Serves the console. Its files are public; its HTML contains the page token.
    pub(super) fn console(&self, path: &str, request: &Request, sent: &Uri) -> Response {
        if request.method() != Method::GET {
            return error::wrong_method(request.method(), sent.path());
        }
        let refusal = if path.is_empty() || self.gate.is_closed() { self.gate.refuses_page(request) } else { None };
        if let Some(problem) = refusal {
            return problem.as_response();
        }
        let page = self.console.and_then(|page| page().answer(request, path, &self.page_token));
        page.unwrap_or_else(|| Problem::of(404, "The console has no such file.").as_response())
    }

    /// Handles a call that the control API itself makes. Boxed, because few calls of the control API make one.
    fn inner<'a>(&'a self, sandbox: &'a Arc<Sandbox>, request: Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let sent = request.uri().clone();
            let whole = merged(sent.path());
            let (_, path) = authority::sandbox_and_path(&request, &whole);
            self.api(sandbox, &sent, path, Box::new(request)).await.unwrap_or_else(poem::Error::into_response)
        })
    }

    /// Handles a call of the control API, whose sandbox can also be selected by the query parameter `sandbox`.
    pub(super) async fn control(&self, name: Option<String>, sent: &Uri, path: &str, mut request: Request) -> Response {
        if let Some(problem) = mistake::find((&self.gate, &self.page_token), &self.control, path, &mut request).await {
            return problem.as_response();
        }
        let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let asked = query.into_iter().find(|(name, _)| name == "sandbox").map(|(_, name)| name.into_owned());
        let sandbox = match self.world.choose(asked.or(name).as_deref()) {
            // These operations concern no particular sandbox.
            Err(NoSandbox::Unnamed) if path.starts_with("/sandboxes") || path.starts_with("/coverage") => {
                Cow::Borrowed(self.world.default_sandbox())
            }
            Err(why) => return Problem::from(why).as_response(),
            Ok(sandbox) => sandbox,
        };
        request.extensions_mut().insert(RequestContext::unobserved(sandbox.into_owned()));
        request.extensions_mut().insert(self.world.clone());
        request.extensions_mut().insert((self.document, self.contract));
        // Bodies are JSON regardless of the Content-Type; only inboxes accept other types.
        if !path.starts_with("/webhooks/inbox/") {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        let changes = *request.method() != Method::GET && !path.starts_with("/webhooks/inbox/");
        let sandbox = RequestContext::of(&request).sandbox.clone();
        let (calls, mut asked) = InnerCalls::new();
        request.extensions_mut().insert(calls);
        let mut answering = pin!(route(&self.control, sent, path, Box::new(request)));
        let response = loop {
            tokio::select! {
                biased;
                response = &mut answering => break problem::instead(response),
                Some((request, answer)) = asked.recv() => {
                    // Never an error: the receiver waits.
                    let _ = answer.send(self.inner(&sandbox, request).await);
                }
            }
        };
        if let Some(part) = change(path).filter(|_| changes && response.status().is_success()) {
            sandbox.journal.enter(|| Moment::Change(part));
        }
        response
    }
}
