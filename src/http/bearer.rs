//! Extractors for operations that check the token themselves.

use std::sync::Arc;

use poem::{Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchemaRef, Registry},
};

use super::{
    auth::{Guest, Member, Presented, SCHEMES, credentials, project, register_schemes, sandbox},
    peer::address,
};
use crate::{
    identity::{Actor, authenticate},
    state::{Hole, ProjectScope, Sandbox},
    value::{Error, Result},
};

/// A caller with only a valid token, as used by the customer's own users to sign in.
pub(crate) struct TokenBearer {
    pub(crate) sandbox: Arc<Sandbox>,
    /// The entire header, as sent.
    pub(crate) header: String,
    /// The token in the header.
    pub(crate) token: String,
}

impl<'a> ApiExtractor<'a> for TokenBearer {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["jwt"]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let header = request.header(header::AUTHORIZATION).unwrap_or_default().to_owned();
        let token = match credentials(&header) {
            Ok(Presented::Token(token)) => token.to_owned(),
            _ => return Err(Error::UNCHALLENGED.into()),
        };
        Ok(Self { sandbox: sandbox(request).clone(), header, token })
    }
}

/// A caller with an `Authorization` header of any two words. The operation checks the token itself.
pub(crate) struct Presenter {
    pub(crate) scope: ProjectScope,
    /// The second word of the header.
    pub(crate) token: String,
}

impl<'a> ApiExtractor<'a> for Presenter {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self::calling(request)?)
    }
}

impl Presenter {
    fn calling(request: &Request) -> Result<Self> {
        let sandbox = sandbox(request);
        let project = authenticate::enter(&sandbox.state(), &project(request), || address(request))?;
        let header = request.header(header::AUTHORIZATION).unwrap_or_default();
        match header.split(' ').collect::<Vec<_>>()[..] {
            [_, token] => {
                Ok(Self { scope: ProjectScope { sandbox: sandbox.clone(), project }, token: token.to_owned() })
            }
            _ => Err(Error::FORBIDDEN),
        }
    }
}

/// A member who requests signed claims, or any caller with a header of two words if the hole is open.
pub(crate) struct Signer {
    pub(crate) scope: ProjectScope,
    /// `None` if the caller is not authenticated.
    pub(crate) actor: Option<Actor>,
}

impl<'a> ApiExtractor<'a> for Signer {
    const TYPES: &'static [ApiExtractorType] = Member::<Guest>::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Member::<Guest>::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Member::<Guest>::param_schema_ref()
    }

    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        if sandbox(request).state().allows(Hole::SignedClaims) {
            let Presenter { scope, .. } = Presenter::calling(request)?;
            return Ok(Self { scope, actor: None });
        }
        let Member { scope, actor, .. } = Member::<Guest>::calling(request)?;
        Ok(Self { scope, actor: Some(actor) })
    }
}
