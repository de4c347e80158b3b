//! Who asks, in which project, with what role: arguments that an operation cannot be reached without.
//!
//! Operations name one of these types as their first argument, so that nothing else is looked at before: the project
//! (400), the credentials (400, 401), the form of the header and the membership (403).

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

/// A role that an operation asks for.
pub(crate) trait Required: Send + Sync + 'static {
    const ROLE: Role;
    /// As the document says it.
    const NAME: &'static str;
    /// What members of the team hear who have a lower one.
    const TOO_LOW: Error = Error::ROLE_TOO_LOW;
    /// What counts for the programs of the project.
    const PROGRAMS: Programs = Programs::ByRole;
    /// A lower role that is enough where a hole is open.
    const HOLE: Option<(Hole, Role)> = None;
}

/// What counts for bots and for the receivers of webhooks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// Their role, which is that of agents.
    ByRole,
    /// Nothing: they may call it.
    Allowed,
    /// Nothing: they may not.
    Refused,
}

/// Every member, visitors included.
pub(crate) struct Guest;
/// Visitors who are signed in, and whoever may do more.
pub(crate) struct User;
/// Agents and whoever may do more.
pub(crate) struct Agent;
/// Administrators and whoever may do more.
pub(crate) struct Admin;
/// The same, for the secret of the project.
pub(crate) struct KeyHolder;
/// Agents and whoever may do more, but no programs.
pub(crate) struct HumanAgent;
/// Administrators, whoever may do more, and the programs of the project.
pub(crate) struct AdminOrProgram;
/// The owner of the project.
pub(crate) struct Owner;
/// The owner of the project, where the API has other words for the rest of the team.
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

/// A member of the project of the path, with at least the role `R`.
pub(crate) struct Member<R> {
    pub(crate) scope: ProjectScope,
    pub(crate) actor: Actor,
    role: PhantomData<fn() -> R>,
}

/// A member of the project that is itself the object of the path (`/projects/{project_id}`): one that does not exist is a
/// project to which nobody belongs.
pub(crate) struct ProjectMember<R>(pub(crate) Member<R>);

/// A project of which everybody may know.
pub(crate) struct Public(pub(crate) ProjectScope);

/// Whoever asks about the project that is itself the object of the path, without credentials.
pub(crate) struct Anonymous {
    pub(crate) sandbox: Arc<Sandbox>,
    /// As it was written.
    pub(crate) project: String,
}

/// Somebody who is signed in, whatever the project.
pub(crate) struct Account {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) caller: Principal,
}

/// The title by which the aggregate recognises a role among the parameters of an operation.
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
            // Operations that are not open to programs look for a membership, and they have none.
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
        // Whoever is banned from a project is not from what is said about it, so that nobody is banned from lifting a ban.
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
        // Credentials are not needed, but show who is banned.
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
    RequestContext::of(request).arguments.get("project_id").expect("operations of projects are scoped to one")
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
    let basic = scheme("http", "E-mail address and password of a user.");
    registry.create_security_scheme("basic", MetaSecurityScheme { scheme: Some("basic"), ..basic });
    // Not `bearer`: clients generated from that would send the word Bearer, which the API refuses.
    let jwt = scheme("apiKey", "The word `JWT`, a blank, and a token as the sign-in operations answer it.");
    let jwt = MetaSecurityScheme { name: Some("Authorization"), key_in: Some("header"), ..jwt };
    registry.create_security_scheme("jwt", jwt);
}

/// What an `Authorization` header holds.
pub(super) enum Presented<'a> {
    /// Address and password with a colon between them.
    Basic(String),
    Token(&'a str),
}

/// Whose calls are counted together: those of an account, a visitor, or a program. Calls without valid credentials are counted by
/// the address of the peer.
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
    // Two blanks after the scheme, as the documentation once prints them, pass the check of the token but not this one.
    if header.bytes().filter(|byte| *byte == b' ').count() == 1 { Ok(caller) } else { Err(Error::FORBIDDEN) }
}

/// A token in the query authenticates, but the check of the header that follows never lets it pass.
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
