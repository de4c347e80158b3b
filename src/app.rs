//! The application: the operations of the API and of the control API behind one endpoint.

use std::sync::Arc;

use crate::{console, control, http, resource, state::World};

/// The source of the exported documents. Generating them runs this endpoint, so it is passed in from outside.
#[derive(Clone, Copy)]
pub(crate) struct Documents {
    pub(crate) served: http::DocumentFn,
    pub(crate) contract: http::ContractFn,
}

/// The application over a world, with default settings.
pub(crate) fn site(world: Arc<World>, documents: Documents) -> http::App {
    http::App {
        world,
        instance: http::random_instance(),
        api: http::Router::new(resource::operations(), resource::UNBUILT, resource::ALIASES),
        first_version: http::Router::new(resource::first_version(), &[], &[]),
        control: http::Router::new(control::operations(), &[], &[]),
        gate: http::ControlAccess::Open(Vec::new()),
        console: Some(console::page),
        page_token: http::page_token(),
        realtime: None,
        connections: None,
        document: documents.served,
        contract: documents.contract,
        require_tls: false,
        strict: false,
        self_check: false,
        safe_csv: false,
        replay: None,
        calls: http::Observation::Observed,
    }
}
