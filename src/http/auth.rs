//! Authentication and authorization as extractors: who calls, in which project, with which role.
//!
//! Every operation takes one of these types as its first argument, so that they are checked before anything else, in
//! this order: the project (400), the credentials (400, 401), the form of the header, and the membership (403).

use std::{borrow::Cow, marker::PhantomData, net::IpAddr, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::{Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef, MetaSecurityScheme, Registry},
};

use super::{
    context::RequestContext,
    peer::{address, peer},
};
use crate::{
    identity::{
        Actor, Principal,
        authenticate::{self, Credentials},
    },
    resource::project::document::Project,
    state::{Hole, ProjectScope, Sandbox, State},
    value::{Error, Id, Result, Role, Text},
};

/// The minimum role of an operation.
pub(crate) trait Required: Send + Sync + 'static {
    const ROLE: Role;
    /// The role's name in the document.
    const NAME: &'static str;
    /// The error for team members with a lower role.
    const TOO_LOW: Error = Error::ROLE_TOO_LOW;
    /// How services (bots and webhook subscriptions) are authorized.
    const PROGRAMS: Programs = Programs::ByRole;
    /// A lower role that suffices if a hole is open.
    const HOLE: Option<(Hole, Role)> = None;
}

/// How bots and webhook subscriptions are authorized.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// By their role, which is agent.
    ByRole,
    /// Always allowed.
    Allowed,
    /// Never allowed.
    Refused,
}

/// Every member, including visitors.
pub(crate) struct Guest;
/// Signed-in visitors and higher roles.
pub(crate) struct User;
/// Agents and higher roles.
pub(crate) struct Agent;
/// Administrators and higher roles.
pub(crate) struct Admin;
/// Administrators and higher roles, for the secret of the project. Programs are refused.
pub(crate) struct KeyHolder;
/// Agents and higher roles, but no programs.
pub(crate) struct HumanAgent;
/// Administrators, higher roles, and the programs of the project.
pub(crate) struct AdminOrProgram;
/// The owner of the project.
pub(crate) struct Owner;
/// The owner of the project, for operations with a different error text for the rest of the team.
pub(crate) struct OwnerOnly;

impl Required for Guest {
    const ROLE: Role = Role::Guest;
    const NAME: &'static str = "guest";
}
impl Required for User {
    const ROLE: Role = Role::User;
    const NAME: &'static str = "user";
}
impl Required for Agent {
    const ROLE: Role = Role::Agent;
    const NAME: &'static str = "agent";
}
impl Required for Admin {
    const ROLE: Role = Role::Admin;
    const NAME: &'static str = "admin";
}
impl Required for HumanAgent {
    const ROLE: Role = Role::Agent;
    const NAME: &'static str = "agent";
    const PROGRAMS: Programs = Programs::Refused;
}
impl Required for KeyHolder {
    const ROLE: Role = Role::Admin;
    const NAME: &'static str = "admin";
    const PROGRAMS: Programs = Programs::Refused;
    const HOLE: Option<(Hole, Role)> = Some((Hole::ProjectSecrets, Role::Agent));
}
impl Required for AdminOrProgram {
    const ROLE: Role = Role::Admin;
    const NAME: &'static str = "admin";
    const PROGRAMS: Programs = Programs::Allowed;
}
impl Required for Owner {
    const ROLE: Role = Role::Owner;
    const NAME: &'static str = "owner";
}
impl Required for OwnerOnly {
    const ROLE: Role = Role::Owner;
    const NAME: &'static str = "owner";
    const TOO_LOW: Error = Error::FORBIDDEN;
}

/// A member of the path's project, with at least the role `R`.
pub(crate) struct Member<R> {
    pub(crate) scope: ProjectScope,
    pub(crate) actor: Actor,
    role: PhantomData<fn() -> R>,
}

/// A member of the project that is itself the object of the path (`/projects/{project_id}`). An unknown project is
/// treated as one without members.
pub(crate) struct ProjectMember<R>(pub(crate) Member<R>);

/// A project that is accessible without credentials.
pub(crate) struct Public(pub(crate) ProjectScope);

/// An unauthenticated caller of an operation whose object is the project itself.
pub(crate) struct Anonymous {
    pub(crate) sandbox: Arc<Sandbox>,
    /// The project ID as written in the path.
    pub(crate) project: String,
}

/// An authenticated caller, regardless of the project.
pub(crate) struct Account {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) caller: Principal,
}

/// Schema title by which a minimum role is recognized among the parameters of an operation.
pub(super) const ROLE: &str = "role";

impl<'a, R: Required> ApiExtractor<'a> for Member<R> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme, ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema { title: Some(R::NAME.into()), ..MetaSchema::new(ROLE) })))
    }

    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self::calling(request)?)
    }
}

impl<R: Required> Member<R> {
    pub(super) fn calling(request: &Request) -> Result<Self> {
        let sandbox = sandbox(request);
        let state = sandbox.state();
        let project = authenticate::enter(&state, &project(request), || address(request))?;
        let caller = authenticate(request, sandbox, &state)?;
        authenticate::not_banned(&state, project, &caller)?;
        Self::of(caller, sandbox, &state, project)
    }

    fn of(caller: Principal, sandbox: &Arc<Sandbox>, state: &State, project: Id<Project>) -> Result<Self> {
        let is_program = matches!(caller, Principal::Service(_));
        if is_program && R::PROGRAMS == Programs::Refused {
            return Err(Error::NOT_A_MEMBER);
        }
        let membership = authenticate::membership(state, project, &caller)?;
        let role = membership.value().role;
        let is_exempt = is_program && R::PROGRAMS == Programs::Allowed;
        let required = R::HOLE.filter(|(hole, _)| state.allows(*hole)).map_or(R::ROLE, |(_, role)| role);
        if role < required && !is_exempt {
            let too_low = if role.is_team() { R::TOO_LOW } else { Error::ROLE_TOO_LOW };
            // Operations closed to programs look for a membership, which programs do not have.
            return Err(if is_program { Error::NOT_A_MEMBER } else { too_low });
        }
        let scope = ProjectScope { sandbox: sandbox.clone(), project };
        Ok(Self { scope, actor: Actor { caller, membership }, role: PhantomData })
    }
}

impl<'a, R: Required> ApiExtractor<'a> for ProjectMember<R> {
    const TYPES: &'static [ApiExtractorType] = Member::<R>::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Member::<R>::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Member::<R>::param_schema_ref()
    }

    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let sandbox = sandbox(request);
        let state = sandbox.state();
        // Bans do not apply to project settings, so an owner can always lift a ban.
        let caller = authenticate(request, sandbox, &state)?;
        let project = Id::parse(&project(request)).ok_or(Error::NOT_A_MEMBER)?;
        Ok(Self(Member::of(caller, sandbox, &state, project)?))
    }
}

impl<'a> ApiExtractor<'a> for Account {
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
        let sandbox = sandbox(request);
        let caller = authenticate(request, sandbox, &sandbox.state())?;
        Ok(Self { sandbox: sandbox.clone(), caller })
    }
}

impl<'a> poem::FromRequest<'a> for Anonymous {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self { sandbox: sandbox(request).clone(), project: project(request).into_owned() })
    }
}

impl<'a> poem::FromRequest<'a> for Public {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (sandbox, state) = (sandbox(request), sandbox(request).state());
        let project = authenticate::enter(&state, &project(request), || address(request))?;
        // Credentials are optional, but valid ones reveal banned callers.
        if authenticate::bans_anybody(&state, project)
            && let Ok(caller) = authenticate(request, sandbox, &state)
        {
            authenticate::not_banned(&state, project, &caller)?;
        }
        Ok(Self(ProjectScope { sandbox: sandbox.clone(), project }))
    }
}

pub(super) fn sandbox(request: &Request) -> &Arc<Sandbox> {
    &RequestContext::of(request).sandbox
}

/// The `project_id` of the path.
pub(super) fn project(request: &Request) -> Cow<'_, str> {
    RequestContext::of(request).arguments.get("project_id").expect("project operations have a `project_id`")
}

pub(super) const SCHEMES: [&str; 2] = ["basic", "jwt"];

pub(super) fn register_schemes(registry: &mut Registry) {
    let scheme = |ty, description| MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    let basic = scheme("http", "Email address and password of a user.");
    registry.create_security_scheme("basic", MetaSecurityScheme { scheme: Some("basic"), ..basic });
    // Not `bearer`: generated clients would then send the scheme `Bearer`, which the API rejects.
    let jwt = scheme("apiKey", "The word `JWT`, a space, and a token returned by a sign-in operation.");
    let jwt = MetaSecurityScheme { name: Some("Authorization"), key_in: Some("header"), ..jwt };
    registry.create_security_scheme("jwt", jwt);
}

/// The credentials in an `Authorization` header.
pub(super) enum Presented<'a> {
    /// Email address and password, separated by a colon.
    Basic(String),
    Token(&'a str),
}

/// The key for rate limiting: an account, a visitor, or a program. Calls without valid credentials are counted by peer
/// address.
pub(super) fn identity(request: &Request, sandbox: &Sandbox) -> Result<(Text, Option<Id<Project>>), IpAddr> {
    let caller = authenticate(request, sandbox, &sandbox.state()).map_err(|_| peer(request))?;
    let project = match &caller {
        Principal::Visitor(visitor) => visitor.project,
        Principal::User(_) | Principal::Service(_) => None,
    };
    Ok((caller.id(), project))
}

fn authenticate(request: &Request, sandbox: &Sandbox, state: &State) -> Result<Principal> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else {
        return Err(query_token(request, sandbox, state));
    };
    let header = header.to_str().map_err(|_| Error::UNAUTHENTICATED)?;
    let caller = match credentials(header)? {
        Presented::Basic(pair) => {
            let (email, password) = pair.split_once(':').ok_or(Error::BAD_CREDENTIALS)?;
            let end = password.find(':').filter(|_| state.allows(Hole::PasswordEnds));
            let password = &password[..end.unwrap_or(password.len())];
            authenticate::authenticate(sandbox, state, &Credentials::Password { email, password })?
        }
        Presented::Token(token) => authenticate::authenticate(sandbox, state, &Credentials::Token(token))?,
    };
    // Two spaces after the scheme, as an example in the documentation has them, pass the token check but not this one.
    if header.bytes().filter(|byte| *byte == b' ').count() == 1 { Ok(caller) } else { Err(Error::FORBIDDEN) }
}

/// A token in the query authenticates the call, but the header check that follows always rejects it.
fn query_token(request: &Request, sandbox: &Sandbox, state: &State) -> Error {
    let query = request.uri().query().unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "secret_token");
    match token.map(|(_, token)| authenticate::authenticate(sandbox, state, &Credentials::Token(&token))) {
        Some(Ok(_)) => Error::FORBIDDEN,
        _ => Error::UNAUTHENTICATED,
    }
}

pub(super) fn credentials(header: &str) -> Result<Presented<'_>> {
    let (scheme, rest) = header.split_once(' ').ok_or(if header.is_empty() {
        Error::UNAUTHENTICATED
    } else {
        Error::BAD_CREDENTIALS
    })?;
    if scheme.eq_ignore_ascii_case("basic") {
        let encoded = rest.split(' ').next().unwrap_or_default();
        let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.map(Presented::Basic).ok_or(Error::BAD_CREDENTIALS)
    } else if scheme.eq_ignore_ascii_case("jwt") {
        rest.split(' ').find(|word| !word.is_empty()).map(Presented::Token).ok_or(Error::UNAUTHENTICATED)
    } else {
        Err(Error::UNAUTHENTICATED)
    }
}
