//! Rules for tokens beyond the checks of authentication.

use std::sync::Arc;

use serde_json::json;

use super::{
    document::IssuedToken,
    schema::{DecodedToken, TestToken},
};
use crate::{
    identity::{
        Actor, Principal,
        token::{self, Claims, Flaw},
    },
    resource::project::document::Project,
    state::{ProjectScope, Sandbox, State, Tx},
    store::Doc,
    value::{
        Error, Id, JsonObject, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        primitive::Secret,
    },
};

/// Page size of the history.
pub(super) const PER_PAGE: u32 = 40;

/// Default lifetime of a test token in seconds.
const TEST_LIFE: i64 = 300;

/// Maximum lifetime of a decoded token in seconds.
const LONGEST_LIFE: f64 = 600.0;

/// Records an issued token.
pub(crate) fn record(tx: &mut Tx, jti: Text, sub: Text, owner: Text) -> Result<()> {
    let token = IssuedToken {
        id: tx.new_id(),
        jti,
        sub,
        id_user: owner,
        revoked: false,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    tx.put(token).map(drop)
}

/// Revokes one of the caller's tokens by its `jti`.
pub(super) fn revoke_by_jti(tx: &mut Tx, caller: &Principal, jti: &str) -> Result<Arc<Doc<IssuedToken>>> {
    let token = tx.find(IssuedToken::by_jti(jti)).ok_or(Error::OBJECT_NOT_FOUND)?;
    revoke(tx, caller, token)
}

/// Revokes one of the caller's tokens by the identifier of its history entry.
pub(super) fn revoke_by_id(tx: &mut Tx, caller: &Principal, id: &RawId<IssuedToken>) -> Result<Arc<Doc<IssuedToken>>> {
    let token = tx.get(id)?;
    revoke(tx, caller, token)
}

fn revoke(tx: &mut Tx, caller: &Principal, mut token: IssuedToken) -> Result<Arc<Doc<IssuedToken>>> {
    if token.id_user != caller.id() {
        return Err(Error::OBJECT_NOT_FOUND);
    }
    token.revoked = true;
    tx.put(token)
}

/// Signs claims with the secret of the project. A member can sign only claims that the member's own rights cover.
pub(super) fn sign(scope: &ProjectScope, by: Option<&Actor>, claims: JsonObject) -> Result<TestToken> {
    let secret = scope.read(|state| secret(state, scope.project))?;
    if let Some(by) = by {
        scope.read(|state| may_sign(state, by, &Claims(claims.0.clone())))?;
    }
    let now = scope.sandbox.clock.now().seconds();
    let mut claims = claims.0;
    claims.entry("iat").or_insert(json!(now));
    claims.entry("exp").or_insert(json!(now + TEST_LIFE));
    Ok(TestToken { success: true, token: format!("JWT {}", token::sign(&secret, &claims)).into() })
}

fn may_sign(state: &State, by: &Actor, claims: &Claims) -> Result<()> {
    let is_visitor = matches!(claims.subject(), None | Some("guest" | "userexternal"));
    let is_covered = claims.id().is_none_or(|id| {
        let is_own = !by.role().is_team() && id == by.id();
        is_own || by.role().is_team() && token::may_be_called(state, &id).is_ok()
    });
    // Only administrators can invite teammates, so other callers cannot sign a team role either.
    let most = if by.role() >= Role::Admin { by.role().min(Role::Admin) } else { by.role().min(Role::User) };
    if is_visitor && is_covered && claims.role().is_none_or(|role| role <= most) {
        return Ok(());
    }
    let rule = "Test tokens must represent visitors and cannot grant rights that the caller does not have.";
    Err(Error::FORBIDDEN.because(rule))
}

/// The claims of a token signed with the secret of the project.
pub(super) fn decode(sandbox: &Sandbox, state: &State, project: Id<Project>, token: &str) -> Result<DecodedToken> {
    let secret = secret(state, project)?;
    let claims = token::open(sandbox, state, token, &secret).map_err(failed)?;
    let refused = |text: &'static str| Error::new(ErrorKind::SignInFailed, ErrorBody::msg(text.into()));
    let start = claims.moment("iat").ok_or_else(|| refused("Authentication failed. Token iat is required"))?;
    let end = claims.moment("exp").ok_or_else(|| refused("Authentication failed. Token exp is required"))?;
    if end - start > LONGEST_LIFE {
        return Err(refused(
            "Authentication failed. The value of exp is permitted to be up to a maximum of 10 minutes from the iat value",
        ));
    }
    Ok(DecodedToken { decoded: JsonObject(claims.0) })
}

fn secret(state: &State, project: Id<Project>) -> Result<Secret> {
    let secret = state.tables.projects.get(project).and_then(|project| project.value().jwt_secret.clone());
    secret.ok_or_else(|| Error::not_found(ErrorBody::msg("Project hasnt  a jwtSecret".into()))) // sic
}

/// In the wording of the JWT library that the reference server uses.
fn failed(flaw: Flaw) -> Error {
    let (name, message) = match flaw {
        Flaw::Malformed => ("JsonWebTokenError", "jwt malformed"),
        Flaw::Signature => ("JsonWebTokenError", "invalid signature"),
        Flaw::Expired => ("TokenExpiredError", "jwt expired"),
        Flaw::Early => ("NotBeforeError", "jwt not active"),
        Flaw::Revoked => ("JsonWebTokenError", "jwt revoked"),
    };
    Error::new(
        ErrorKind::SignInFailed,
        ErrorBody::msg("Authentication failed".into()).with("err", json!({"name": name, "message": message})),
    )
}
