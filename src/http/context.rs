//! The context of a call: its sandbox, its journal entry, and whether it is in strict mode.

use std::sync::Arc;

use bytes::Bytes;
use poem::Request;
use serde_json::Value;

use super::{
    path::Arguments,
    validate::{Contract, Edition},
};
use crate::{recorder::entry::Entry, state::Sandbox};

/// Marker: strict mode, by which edition of the document.
#[derive(Clone)]
pub(super) struct Strict(pub(super) Arc<Contract>, pub(super) Edition);

pub(super) fn is_strict(request: &Request) -> bool {
    request.data::<Strict>().is_some()
}

/// The sandbox and the journal entry of a call, and its path arguments.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) sandbox: Arc<Sandbox>,
    /// `None` if calls are not observed.
    pub(super) call: Option<Arc<Entry>>,
    pub(super) arguments: Arguments,
}

impl RequestContext {
    pub(super) fn unobserved(sandbox: Arc<Sandbox>) -> Self {
        Self { sandbox, call: None, arguments: Arguments::default() }
    }

    pub(super) fn of(request: &Request) -> &Self {
        request.data().expect("the outermost layer adds the context to every call")
    }

    pub(super) fn of_mut(request: &mut Request) -> &mut Self {
        request.extensions_mut().get_mut().expect("the outermost layer adds the context to every call")
    }
}

/// Records the fields of a call's body for coverage.
pub(super) fn note(request: &Request, body: &Value) {
    if let Some(call) = &RequestContext::of(request).call {
        call.note(body);
    }
}

/// The body of a call, if it was recorded completely.
pub(super) fn known_body(request: &Request) -> Option<Bytes> {
    let call = RequestContext::of(request).call.as_ref().filter(|call| !call.request.cut);
    call.map(|call| call.request.body.clone())
}
