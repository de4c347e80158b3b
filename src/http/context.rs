//! What is known of a call while it is answered: its sandbox, its journal entry, whether it is taken strictly.

use std::sync::Arc;

use bytes::Bytes;
use poem::Request;
use serde_json::Value;

use super::{
    path::Arguments,
    validate::{Contract, Edition},
};
use crate::{recorder::entry::Entry, state::Sandbox};

/// That a call is to be taken strictly, and by which edition of the document.
#[derive(Clone)]
pub(super) struct Strict(pub(super) Arc<Contract>, pub(super) Edition);

pub(super) fn is_strict(request: &Request) -> bool {
    request.data::<Strict>().is_some()
}

/// Where a call arrived, and what it was written down as.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) sandbox: Arc<Sandbox>,
    /// Nothing where calls are not observed.
    pub(super) call: Option<Arc<Entry>>,
    pub(super) arguments: Arguments,
}

impl RequestContext {
    pub(super) fn unobserved(sandbox: Arc<Sandbox>) -> Self {
        Self { sandbox, call: None, arguments: Arguments::default() }
    }

    pub(super) fn of(request: &Request) -> &Self {
        request.data().expect("the outermost layer chooses a sandbox for every call")
    }

    pub(super) fn of_mut(request: &mut Request) -> &mut Self {
        request.extensions_mut().get_mut().expect("the outermost layer chooses a sandbox for every call")
    }
}

/// Notes what the body of a call says, for who counts it.
pub(super) fn note(request: &Request, body: &Value) {
    if let Some(call) = &RequestContext::of(request).call {
        call.note(body);
    }
}

/// The body of a call, where all of it is written down.
pub(super) fn known_body(request: &Request) -> Option<Bytes> {
    let call = RequestContext::of(request).call.as_ref().filter(|call| !call.request.cut);
    call.map(|call| call.request.body.clone())
}
