//! Extractors of the control API, whose callers need no credentials of the imitated API.

use std::sync::Arc;

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};
use serde_json::Value;

use super::{ContractFn, DocumentFn, context::RequestContext, docs::DocumentId, validate::Contract};
use crate::state::{Sandbox, World};

/// All sandboxes.
pub(crate) struct AllSandboxes(pub(crate) Arc<World>);

impl<'a> poem::FromRequest<'a> for AllSandboxes {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(request.data::<Arc<World>>().expect("the control API adds the world to its calls").clone()))
    }
}

/// The documents of the imitated API.
pub(crate) struct Contracts(DocumentFn, ContractFn);

impl Contracts {
    /// The contract.
    pub(crate) async fn contract(&self) -> Arc<Contract> {
        (self.1)().await
    }

    /// The OpenAPI 3.1 document.
    pub(crate) async fn read(&self) -> Value {
        serde_json::from_slice(&(self.0)(DocumentId::CONTRACT).await).expect("the document is JSON")
    }
}

impl<'a> poem::FromRequest<'a> for Contracts {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let given =
            request.data::<(DocumentFn, ContractFn)>().expect("the control API adds the documents to its calls");
        Ok(Self(given.0, given.1))
    }
}

/// The sandbox of a call without credentials.
pub(crate) struct CurrentSandbox(pub(crate) Arc<Sandbox>);

impl<'a> poem::FromRequest<'a> for CurrentSandbox {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(RequestContext::of(request).sandbox.clone()))
    }
}

/// The sandbox that a call of the control API selects, in the query or like any other call.
pub(crate) struct Selected(pub(crate) Arc<Sandbox>);

impl<'a> ApiExtractor<'a> for Selected {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let name = MetaSchema {
            description: Some(
                "Name of the sandbox (default: the one selected by the path, the host, or the header `X-Sandbox`, otherwise `default`).",
            ),
            pattern: Some("^[A-Za-z0-9_.-]{1,64}$".into()),
            ..MetaSchema::new("string")
        };
        let properties = vec![("sandbox", MetaSchemaRef::Inline(Box::new(name)))];
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema { properties, ..MetaSchema::new("object") })))
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self(RequestContext::of(request).sandbox.clone()))
    }
}
