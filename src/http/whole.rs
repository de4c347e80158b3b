//! What calls of the control API are given: nobody has to say who they are.

use std::sync::Arc;

use poem::{Request, RequestBody};
use serde_json::Value;

use super::{Contract, Document, Format, Written, observe::Arrival};
use crate::world::{Sandbox, World};

/// All sandboxes, for a call of the control API.
pub(crate) struct Everything(pub(crate) Arc<World>);

impl<'a> poem::FromRequest<'a> for Everything {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(request.data::<Arc<World>>().expect("calls of the control API are given the world").clone()))
    }
}

/// The document of the imitated API, for a call of the control API.
pub(crate) struct Documentation(Document, Written);

impl Documentation {
    /// The documents as rules.
    pub(crate) async fn contract(&self) -> Arc<Contract> {
        (self.1)().await
    }

    /// The document in OpenAPI 3.1.
    pub(crate) async fn read(&self) -> Value {
        serde_json::from_slice(&(self.0)(Format::Json).await).expect("the document is JSON")
    }
}

impl<'a> poem::FromRequest<'a> for Documentation {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let given = request.data::<(Document, Written)>().expect("calls of the control API are given the documents");
        Ok(Self(given.0, given.1))
    }
}

/// The sandbox of a call that needs no credentials.
pub(crate) struct Anyone(pub(crate) Arc<Sandbox>);

impl<'a> poem::FromRequest<'a> for Anyone {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(Arrival::of(request).sandbox.clone()))
    }
}
