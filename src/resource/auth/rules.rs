//! Rules for accounts and sessions.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::schema::{
    Credentials, CustomSession, CustomSignIn, EmailVerification, NewPassword, NewUser, NewVisitor, ProjectKeys,
    ResetRequest, ResetRequestResult, ResetResult, Session, SignUpResult, VisitorSession, VisitorUser,
};
use crate::{
    identity::{
        authenticate,
        token::{self, Claims, Issuer},
    },
    resource::{
        jwt,
        project::document::Project,
        team::{self, document::Teammate},
        user::{
            document::{User, Verification},
            schema::Profile,
        },
    },
    state::{Hole, Sandbox, State, Tx, event::EventName},
    store::Doc,
    value::{
        Error, Id, JsonObject, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        primitive::Secret,
    },
};

pub(super) fn sign_in(sandbox: &Sandbox, credentials: &Credentials) -> Result<Session> {
    let refused = |text: &'static str| Error::new(ErrorKind::SignInFailed, ErrorBody::msg(text.into()));
    sandbox.write(None, |tx| {
        let user = authenticate::user_by_email(tx.state(), &credentials.email);
        let user = user.ok_or_else(|| refused("Authentication failed. User not found."))?.value().into_owned();
        if !user.password.as_ref().is_some_and(|known| known.is(&credentials.password)) {
            return Err(refused("Authentication failed. Wrong password."));
        }
        session(sandbox, tx, &user)
    })
}

fn session(sandbox: &Sandbox, tx: &mut Tx, user: &User) -> Result<Session> {
    let user = Profile::from(user);
    let token = issue(sandbox, tx, "user", user.id.to_string().into(), user_claims(&user))?;
    Ok(Session { success: true, token, user })
}

/// Claims from these values, without nulls.
fn claims<const N: usize>(values: [(&str, Value); N]) -> Map<String, Value> {
    values.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn user_claims(user: &Profile) -> Map<String, Value> {
    claims([
        ("_id", json!(user.id)),
        ("email", json!(user.email)),
        ("firstname", json!(user.firstname)),
        ("lastname", json!(user.lastname)),
        ("emailverified", json!(user.emailverified)),
    ])
}

/// Issues a token of the sandbox for `owner` and records it in the token history.
fn issue(sandbox: &Sandbox, tx: &mut Tx, sub: &str, owner: Text, claims: Map<String, Value>) -> Result<Text> {
    let jti = tx.new_uuid();
    let token = format!("JWT {}", token::issue(sandbox, sub, claims, tx.now(), &jti)).into();
    jwt::rules::record(tx, jti.into(), sub.into(), owner)?;
    Ok(token)
}

pub(super) fn sign_up(tx: &mut Tx, new: NewUser) -> Result<SignUpResult> {
    let Some(password) = new.password.filter(|password| !password.is_empty()) else {
        return Err(Error::declined("Please pass email and password."));
    };
    let email = new.email.to_lowercase();
    let taken = tx.find::<User>(User::by_email(&email)).is_some()
        || new.phone.as_ref().is_some_and(|phone| tx.find::<User>(User::by_phone(phone)).is_some());
    if taken {
        return Err(Error::forbidden(ErrorBody::message("Email already registered".into())));
    }
    let mut user = new_user(tx, email, Some(Secret::new(&*password)));
    user.firstname = Some(new.firstname);
    user.lastname = Some(new.lastname);
    user.phone = new.phone;
    user.verification = Some(Verification::new(tx.new_uuid(), tx.now()));
    let user = tx.put(user)?;
    team::invitation::rules::accept_invitations(tx, &user.value())?;
    tx.emit(EventName::UserSignUp, &user);
    let user = Some(user.value().into_owned());
    Ok(SignUpResult { success: true, msg: "Successfully created new user.".into(), user })
}

fn new_user(tx: &mut Tx, email: String, password: Option<Secret>) -> User {
    User {
        id: tx.new_id(),
        email: email.into(),
        firstname: None,
        lastname: None,
        emailverified: false,
        status: User::ACTIVE,
        phone: None,
        description: None,
        public_email: None,
        public_website: None,
        attributes: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
        password,
        resetpswrequestid: None,
        reset_key: None,
        verification: None,
    }
}

pub(super) fn sign_in_anonymously(sandbox: &Sandbox, new: NewVisitor) -> Result<VisitorSession> {
    sandbox.write(None, |tx| {
        // Departs: Signing in to a project that does not exist as a visitor returns 404; the reference server creates
        // the visitor.
        let project = new.id_project;
        if !authenticate::is_active(tx.state(), project) {
            return Err(Error::not_found(ErrorBody::bare(
                "error",
                format!("Project not found with id: {project}").into(),
            )));
        }
        let id: Text = tx.new_uuid().into();
        let firstname = new.firstname.unwrap_or_else(|| format!("guest#{}", &id[..4]).into());
        let full_name = new.lastname.as_ref().map(|lastname| format!("{firstname} {lastname}").into());
        let mut user = VisitorUser {
            id: id.clone(),
            full_name: full_name.unwrap_or_else(|| firstname.clone()),
            firstname,
            lastname: new.lastname,
            email: new.email,
            attributes: new.attributes,
            same_id: id.clone(),
            emailverified: None,
            created_at: None,
            updated_at: None,
            version: None,
        };
        join_as_guest(tx, project, id)?;
        let claims = claims([
            ("_id", json!(user.id)),
            ("firstname", json!(user.firstname)),
            ("lastname", json!(user.lastname)),
            ("email", json!(user.email)),
            ("attributes", json!(user.attributes)),
            ("id", json!(user.same_id)),
            ("fullName", json!(user.full_name)),
        ]);
        let token = issue(sandbox, tx, "guest", user.id.clone(), claims)?;
        // The documentation shows two shapes on two pages: the claims alone, and a stored user. The response has the
        // fields of both.
        user.emailverified = Some(false);
        user.created_at = Some(tx.now());
        user.updated_at = Some(tx.now());
        user.version = Some(0);
        Ok(VisitorSession { success: true, token, user })
    })
}

/// Makes an anonymous visitor a member of a project.
pub(crate) fn join_as_guest(tx: &mut Tx, project: Id<Project>, id: Text) -> Result<Arc<Doc<Teammate>>> {
    let mut guest = new_member(tx, project, Role::Guest, id.clone());
    guest.uuid_user = Some(id);
    tx.put(guest)
}

fn new_member(tx: &mut Tx, project: Id<Project>, role: Role, created_by: Text) -> Teammate {
    Teammate::new(tx.new_id(), project, role, created_by, tx.now())
}

/// `header` is the value of the `Authorization` header, `token` the token in it.
pub(super) fn sign_in_with_custom_token(
    sandbox: &Sandbox,
    header: &str,
    token: &str,
    body: &CustomSignIn,
) -> Result<CustomSession> {
    sandbox.write(None, |tx| {
        let claims = token::verify(sandbox, tx.state(), token).map_err(|_| Error::UNCHALLENGED)?;
        let id = claims.id().ok_or(Error::UNCHALLENGED)?;
        if claims.audience().is_none() {
            return Err(Error::new(ErrorKind::Malformed, ErrorBody::msg("JWT Aud field is required".into())));
        }
        if let Some(project) = project_to_join(tx.state(), &claims, body)? {
            let role = role_to_join(tx.state(), &claims)?;
            if role.is_team() {
                may_certify(tx.state(), role)?;
                return join_team(sandbox, tx, project, role, &claims);
            }
            if !matches!(claims.issuer(tx.state())?, Issuer::Sandbox) {
                token::may_be_called(tx.state(), &id).map_err(|_| Error::UNCHALLENGED)?;
            }
            join_as_visitor(tx, project, role, id)?;
        }
        let token = if header.contains("JWT") { header.into() } else { format!("JWT {header}").into() };
        Ok(CustomSession { success: true, token, user: JsonObject(claims.0) })
    })
}

/// The project that issued the token, or the one named in the body.
fn project_to_join(state: &State, claims: &Claims, body: &CustomSignIn) -> Result<Option<Id<Project>>> {
    let issuer = claims.issuer(state)?;
    let named = body.id_project.as_ref().map(|project| authenticate::project(state, project));
    match issuer {
        Issuer::Sandbox => named.transpose(),
        Issuer::Project(_) | Issuer::Subscription(_) => Ok(issuer.project()),
        // Departs: A bot's token creates members of the bot's own project only; the reference server creates members of
        // any project.
        Issuer::Bot(bot) => match named.transpose()? {
            Some(project) if project != bot.id_project => Err(Error::NOT_A_MEMBER),
            named => Ok(named),
        },
    }
}

/// The role of the new member: the one in the claims, `user` by default.
//
// Departs: Tokens signed by a subscription or a bot create visitors only; the reference server also creates teammates
// from them.
fn role_to_join(state: &State, claims: &Claims) -> Result<Role> {
    let role = claims.role().unwrap_or(Role::User);
    let visitors_only = matches!(claims.issuer(state)?, Issuer::Subscription(_) | Issuer::Bot(_));
    Ok(if visitors_only { role.min(Role::User) } else { role })
}

/// The first sign-in creates a member; later ones change nothing.
fn join_as_visitor(tx: &mut Tx, project: Id<Project>, role: Role, id: Text) -> Result<()> {
    match tx.find::<Teammate>(Teammate::of_visitor(project, &id)) {
        Some(member) if member.is_active() => Ok(()),
        Some(_) => {
            let text = "Authentication failed. Project_user not active.";
            Err(Error::new(ErrorKind::SignInFailed, ErrorBody::msg(text.into())))
        }
        None => {
            let mut member = new_member(tx, project, role, id.clone());
            member.uuid_user = Some(id);
            tx.put(member).map(drop)
        }
    }
}

/// Rejects a role above the highest one that an invitation can grant.
fn may_certify(state: &State, role: Role) -> Result<()> {
    if role > Role::Admin && !state.allows(Hole::CertifiedAccounts) {
        let text = "Authentication failed. A custom token cannot grant this role.";
        return Err(Error::forbidden(ErrorBody::msg(text.into())));
    }
    Ok(())
}

/// Rejects an account with rights that the secret of this project cannot grant: a higher role, or other projects.
fn is_certified(state: &State, project: Id<Project>, role: Role, user: &User) -> Result<()> {
    let is_covered = |member: &Teammate| member.id_project == project && member.is_active() && member.role <= role;
    let mut memberships = state.tables.project_users.with(Teammate::memberships(user.id)).peekable();
    let is_member = memberships.peek().is_some();
    if is_member && memberships.all(|member| is_covered(&member.value())) || state.allows(Hole::CertifiedAccounts) {
        return Ok(());
    }
    let text = "Authentication failed. The custom token does not certify this account.";
    let why = "The account must belong to the token's project alone, and its role must not exceed the token's.";
    Err(Error::forbidden(ErrorBody::msg(text.into())).because(why))
}

/// Signs in a teammate as a user with an account, found or created by the email address in the claims.
fn join_team(
    sandbox: &Sandbox,
    tx: &mut Tx,
    project: Id<Project>,
    role: Role,
    claims: &Claims,
) -> Result<CustomSession> {
    let text = |name: &str| claims.0.get(name).and_then(Value::as_str);
    let email = text("email").map(str::to_lowercase);
    let email = email.ok_or_else(|| Error::new(ErrorKind::SignInFailed, ErrorBody::msg("User not found.".into())))?;
    let user = if let Some(user) = tx.find::<User>(User::by_email(&email)) {
        is_certified(tx.state(), project, role, &user)?;
        user
    } else {
        let password = Secret::new(tx.new_uuid());
        let mut user = new_user(tx, email, Some(password));
        user.firstname = text("firstname").map(Text::from);
        user.lastname = text("lastname").map(Text::from);
        tx.put(user)?.value().into_owned()
    };
    if tx.find::<Teammate>(Teammate::of_user(project, user.id)).is_none() {
        let mut member = new_member(tx, project, role, user.id.to_string().into());
        member.id_user = Some(user.id);
        tx.put(member)?;
    }
    let Session { success, token, user } = session(sandbox, tx, &user)?;
    Ok(CustomSession { success, token, user: JsonObject(user_claims(&user)) })
}

pub(super) fn request_password_reset(tx: &mut Tx, request: &ResetRequest) -> Result<ResetRequestResult> {
    let user = authenticate::user_by_email(tx.state(), &request.email).map(|user| user.value().into_owned());
    let mut user = user.ok_or_else(|| Error::declined("User not found."))?;
    user.reset_key = Some(Secret::new(tx.new_uuid()));
    tx.put(user)?;
    let message = Some("An email has been sent to reset your password".into());
    Ok(ResetRequestResult { success: true, message, msg: None })
}

fn invalid_key() -> Error {
    Error::not_found(ErrorBody::msg("Invalid password reset key".into()))
}

pub(super) fn check_password_reset_key(state: &State, key: &Text) -> Result<ResetResult> {
    let user = state.tables.users.find(User::by_reset_key(key)).ok_or_else(invalid_key)?;
    Ok(ResetResult { message: "Valid password reset key".into(), user: user.value().into_owned() })
}

pub(super) fn reset_password(tx: &mut Tx, key: &Text, new: &NewPassword) -> Result<ResetResult> {
    let mut user = tx.find::<User>(User::by_reset_key(key)).ok_or_else(invalid_key)?;
    user.reset_key = None;
    user.password = Some(Secret::new(&*new.password));
    let user = tx.put(user)?.value().into_owned();
    Ok(ResetResult { message: "Password change successful".into(), user })
}

pub(super) fn verify_email(
    tx: &mut Tx,
    id: &RawId<User>,
    code: &Text,
    verification: &EmailVerification,
) -> Result<Arc<Doc<User>>> {
    let refused = |text: &'static str, number| {
        Error::new(ErrorKind::SignInFailed, ErrorBody::error(text.into()).with("error_code", number))
    };
    let holder = tx.find::<User>(User::by_verification_code(code));
    let expired = "Unable to verify email: the verification code is expired or invalid.";
    let mut holder = holder.ok_or_else(|| refused(expired, 10_005))?;
    if holder.verification.as_ref().is_none_or(|verification| verification.expires <= tx.now()) {
        return Err(refused(expired, 10_005));
    }
    if tx.get(id).is_err() {
        return Err(Error::not_found(ErrorBody::msg("User not found".into()).with("error_code", 10_001)));
    }
    if id.id() != Some(holder.id) {
        return Err(refused("Trying to use a verification code from another user.", 10_006));
    }
    holder.verification = None;
    holder.emailverified = verification.emailverified.unwrap_or(true);
    tx.put(holder)
}

pub(super) fn generate_keys(tx: &mut Tx) -> Result<ProjectKeys> {
    let jwt_secret = tx.new_uuid();
    let id = tx.project();
    let mut project: Project = tx.by_id(id)?;
    project.jwt_secret = Some(Secret::new(jwt_secret.as_str()));
    tx.put(project)?;
    // Departs: Generating keys returns the shared secret only; the reference server adds an RSA key pair.
    Ok(ProjectKeys { jwt_secret: jwt_secret.into() })
}
