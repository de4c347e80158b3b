//! The records of a forwarded call: its journal entry, coverage, and violations of the contract.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{Shared, memo::Memo, sent::Progress};
use crate::{
    http::{Contract, Edition, OperationSchema, ProblemDetail, RECORDED, decoded_at_once},
    recorder::{
        entry::{ContractViolation, Entry, Forwarded, Side},
        headers::PackedHeaders,
        redact,
    },
    runtime::memory::Memory,
    state::Sandbox,
};

/// A forwarded call whose response has not ended.
pub(super) struct Observation {
    pub(super) shared: Arc<Shared>,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) call: Arc<Entry>,
    pub(super) edition: Edition,
    /// The request body, if it was streamed.
    pub(super) sent: Option<Arc<Progress>>,
    pub(super) status: StatusCode,
    /// The head of the response.
    pub(super) head: PackedHeaders,
}

impl Observation {
    pub(super) fn memory(&self) -> Arc<Memory> {
        self.sandbox.memory.clone()
    }

    /// Links to the explanation of the call.
    pub(super) fn link(&self, headers: &mut HeaderMap) {
        self.shared.link(headers, &self.sandbox, &self.call);
    }

    /// Records the response as received.
    pub(super) fn finish(self, body: Bytes, is_cut: bool) {
        let late = self.late_body();
        let decoded = if is_cut { None } else { decoded(&self.head, &body) };
        let violations = self.violations(late.as_ref(), decoded.as_ref());
        self.record(late, decoded.unwrap_or(body), is_cut, violations);
    }

    /// The violations of a complete response and of its request.
    pub(super) fn judge(&self, body: &Bytes) -> (Option<(Bytes, bool)>, Vec<ContractViolation>) {
        let late = self.late_body();
        let violations = self.violations(late.as_ref(), decoded(&self.head, body).as_ref());
        (late, violations)
    }

    /// The request body, if it was streamed, and whether it is truncated.
    pub(super) fn late_body(&self) -> Option<(Bytes, bool)> {
        let (body, is_cut) = self.sent.as_ref()?.recorded();
        Some((decoded(&self.call.request.head, &body).unwrap_or(body), is_cut))
    }

    pub(super) fn record(
        self,
        late: Option<(Bytes, bool)>,
        body: Bytes,
        answer_cut: bool,
        violations: Vec<ContractViolation>,
    ) {
        let Self { shared, sandbox, call, status, head, .. } = self;
        tracing::info!(
            method = %call.request.method,
            path = redact::target(call.request.head.target()),
            status = status.as_u16(),
            duration = ?call.arrived.elapsed(),
            operation = call.operation.get(),
            violations = violations.len(),
            sandbox = &*sandbox.name,
        );
        // Set only here.
        let _ = call.forwarded.set(Box::new(Forwarded { body: late, answer_cut, violations }));
        sandbox.coverage.count(&call, status);
        sandbox.journal.finish(&call, status, head, body, None);
        if let Some(sink) = &shared.sink {
            sink(&call);
        }
    }

    /// All contract violations of a call and its response. Responses to injected faults are not
    /// checked. An invalid request is a violation only if it was accepted.
    fn violations(&self, late: Option<&(Bytes, bool)>, answer: Option<&Bytes>) -> Vec<ContractViolation> {
        let Self { call, status, .. } = self;
        let is_unchecked = [StatusCode::NOT_MODIFIED, StatusCode::SWITCHING_PROTOCOLS].contains(status);
        if is_unchecked || call.fault.get().is_some() || call.request.method == Method::OPTIONS {
            return Vec::new();
        }
        let contract = self.shared.contract.get().expect("it is built before calls are forwarded");
        let is_accepted = status.as_u16() < 400;
        let Some(operation) = call.operation.get() else {
            let detail = "no documented operation has this method and path".into();
            let unknown = ContractViolation { side: Side::Request, pointer: "".into(), detail };
            return if is_accepted { vec![unknown] } else { Vec::new() };
        };
        let mut all = Vec::new();
        if is_accepted {
            let body = late.map_or((&call.request.body, call.request.cut), |(body, is_cut)| (body, *is_cut));
            all.extend(self.of_request(contract, operation, body).into_iter().map(|one| violation(Side::Request, one)));
        }
        if let Some(rules) = contract.of_call(operation, call.request.path()) {
            let kind = self.head.get("content-type").unwrap_or_default();
            let body = answer.filter(|_| call.request.method != Method::HEAD).map(|body| &**body);
            let valid = &self.shared.valid;
            let hash = body.map(|body| Memo::hash(rules, status.as_u16(), kind, body));
            if !hash.is_some_and(|hash| valid.contains(hash)) {
                let deviations = rules.deviations(*status, kind, body);
                if let Some(hash) = hash.filter(|_| deviations.is_empty()) {
                    valid.insert(hash);
                }
                all.extend(deviations.into_iter().map(|one| violation(Side::Response, one)));
            }
        }
        all
    }

    fn of_request(&self, contract: &Contract, operation: &str, (body, is_cut): (&Bytes, bool)) -> Vec<ProblemDetail> {
        let request = &self.call.request;
        let Some(rules) = contract.in_edition(self.edition, operation) else {
            // Operations in no document are not checked.
            let is_known = contract.of(operation).is_some();
            return if is_known { vec![ProblemDetail::undocumented_operation()] } else { Vec::new() };
        };
        let method = if request.method == Method::HEAD { &Method::GET } else { &request.method };
        let headers = if body.is_empty() { HeaderMap::new() } else { only(&request.head, &[header::CONTENT_TYPE]) };
        OperationSchema::problems(rules, method, request.query(), &headers, (!is_cut).then_some(&**body))
    }
}

fn violation(side: Side, problem: ProblemDetail) -> ContractViolation {
    ContractViolation { side, pointer: problem.pointer, detail: problem.detail }
}

/// The decoded form of a body, if it is complete and its encodings are known.
pub(super) fn decoded(head: &PackedHeaders, body: &Bytes) -> Option<Bytes> {
    // Fast path: most bodies are not encoded.
    if head.get("content-encoding").is_none() {
        return Some(body.clone());
    }
    decoded_at_once(&only(head, &[header::CONTENT_ENCODING]), body, RECORDED)
}

/// The headers with these names.
fn only(head: &PackedHeaders, names: &[HeaderName]) -> HeaderMap {
    let known = names.iter().filter_map(|name| Some((name.clone(), head.get(name.as_str())?)));
    known.filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect()
}
