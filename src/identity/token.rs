//! JSON Web Tokens signed with HS256, either by the sandbox for its users and guests, or by customers for their own
//! users.
//!
//! A token's `aud` determines the secret that verifies it, and its `sub` the kind of principal.

use std::{borrow::Cow, sync::Arc};

use jsonwebtoken::{Algorithm, Header, Validation, errors::ErrorKind};
use serde_json::{Map, Value, json};

use super::{
    hs256,
    principal::{Principal, Service, Visitor},
};
use crate::{
    resource::{
        chatbot::document::Bot, jwt::document::IssuedToken, project::document::Project,
        subscription::document::Subscription, user::document::User,
    },
    state::{Hole, Sandbox, State},
    value::{Decimal, Error, Id, JsonObject, Result, Role, Text, Timestamp, primitive::Secret},
};

/// Issuer and audience of the sandbox's tokens.
pub(crate) const TILEDESK: &str = "https://tiledesk.com";

/// The claims of a verified token.
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A time, in seconds since 1970.
    pub(crate) fn moment(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// `aud`, if it is a single string.
    pub(crate) fn audience(&self) -> Option<&str> {
        self.text("aud")
    }

    /// `_id` as text. It may be a number: tests of the real server sign such tokens, too.
    pub(crate) fn id(&self) -> Option<Text> {
        match self.0.get("_id")? {
            Value::String(id) => Some(id.as_str().into()),
            Value::Number(id) => id.as_f64().map(|id| Decimal::from(id).text().into()),
            _ => None,
        }
    }

    /// `jti`: the ID by which the token can be revoked.
    pub(crate) fn token_id(&self) -> Option<&str> {
        self.text("jti")
    }

    /// `sub`: the kind of principal.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// The role granted by signing in with the token, if it is a valid one.
    pub(crate) fn role(&self) -> Option<Role> {
        serde_json::from_value(self.0.get("role")?.clone()).ok()
    }

    /// The issuer named by `aud`.
    pub(crate) fn issuer<'a>(&self, state: &'a State) -> Result<Issuer<'a>> {
        Issuer::of(state, self.audience())
    }
}

/// The issuer of a token, whose secret verifies it.
#[expect(clippy::large_enum_variant, reason = "one lives as long as a token is verified")]
pub(crate) enum Issuer<'a> {
    /// For any other `aud`, or none.
    Sandbox,
    Project(Cow<'a, Project>),
    Bot(Cow<'a, Bot>),
    Subscription(Cow<'a, Subscription>),
}

impl<'a> Issuer<'a> {
    fn of(state: &'a State, audience: Option<&str>) -> Result<Self> {
        let tables = &state.tables;
        let Some((kind, id)) = audience.and_then(audience_parts) else { return Ok(Self::Sandbox) };
        let issuer = match kind {
            "projects" => Id::parse(id).and_then(|id| tables.projects.get(id)).map(|doc| Self::Project(doc.value())),
            "bots" => Id::parse(id).and_then(|id| tables.bots.get(id)).map(|doc| Self::Bot(doc.value())),
            "subscriptions" => {
                Id::parse(id).and_then(|id| tables.subscriptions.get(id)).map(|doc| Self::Subscription(doc.value()))
            }
            _ => Some(Self::Sandbox),
        };
        issuer.ok_or(Error::UNAUTHENTICATED)
    }

    /// The only project in which its tokens are valid.
    pub(crate) fn project(&self) -> Option<Id<Project>> {
        match self {
            Self::Sandbox => None,
            Self::Project(project) => Some(project.id),
            Self::Bot(bot) => Some(bot.id_project),
            Self::Subscription(subscription) => Some(subscription.id_project),
        }
    }

    fn secret(&self, sandbox: &Sandbox) -> Option<Secret> {
        match self {
            Self::Sandbox => Some(sandbox.secret.clone()),
            Self::Project(project) => project.jwt_secret.clone().filter(|_| project.is_active()),
            Self::Bot(bot) => bot.secret.clone(),
            Self::Subscription(subscription) => Some(subscription.secret.clone()),
        }
    }
}

/// Issues a token of the sandbox, without the prefix `JWT`. `sub` is `user` or `guest`.
pub(crate) fn issue(sandbox: &Sandbox, sub: &str, mut claims: Map<String, Value>, now: Timestamp, jti: &str) -> String {
    claims.insert("iat".into(), json!(now.seconds()));
    claims.insert("aud".into(), json!(TILEDESK));
    claims.insert("iss".into(), json!(TILEDESK));
    claims.insert("sub".into(), json!(sub));
    claims.insert("jti".into(), json!(jti));
    sign(&sandbox.secret, &claims)
}

/// Signs claims with HS256.
pub(crate) fn sign(secret: &Secret, claims: &Map<String, Value>) -> String {
    let key = hs256::signing_key(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("claims are JSON and HS256 takes any key")
}

/// Issues a token for a bot with the document `json`.
pub(crate) fn of_bot(json: &[u8], id: Id<Bot>, secret: &Secret, now: Timestamp, jti: Option<&str>) -> String {
    of_machine(json, "bot", &format!("{TILEDESK}/bots/{id}"), secret, now, jti)
}

/// Issues a token for a service with the document `json`. It does not expire.
pub(crate) fn of_machine(
    json: &[u8],
    sub: &str,
    audience: &str,
    secret: &Secret,
    now: Timestamp,
    jti: Option<&str>,
) -> String {
    let mut claims: Map<String, Value> = serde_json::from_slice(json).expect("documents are rendered objects");
    for name in ["description", "attributes"] {
        claims.shift_remove(name);
    }
    claims.insert("iat".into(), json!(now.seconds()));
    claims.insert("aud".into(), json!(audience));
    claims.insert("iss".into(), json!(TILEDESK));
    claims.insert("sub".into(), json!(sub));
    if let Some(jti) = jti {
        claims.insert("jti".into(), json!(jti));
    }
    sign(secret, &claims)
}

/// The claims of a token, if its issuer signed it and it is currently valid.
pub(crate) fn verify(sandbox: &Sandbox, state: &State, token: &str) -> Result<Claims> {
    // Nothing in the token is trusted before its signature is verified: `aud` only selects the key.
    let unverified = jsonwebtoken::dangerous::insecure_decode(token).map_err(|_| Error::UNAUTHENTICATED)?;
    let secret = Claims(unverified.claims).issuer(state)?.secret(sandbox).ok_or(Error::UNAUTHENTICATED)?;
    open(sandbox, state, token, &secret).map_err(|_| Error::UNAUTHENTICATED)
}

/// The reason that a token is invalid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// Not a JSON Web Token.
    Malformed,
    /// Signed with another secret or algorithm.
    Signature,
    Expired,
    /// Not valid yet.
    Early,
    Revoked,
}

/// The claims of a token, if it is signed with `secret` and currently valid.
pub(crate) fn open(sandbox: &Sandbox, state: &State, token: &str, secret: &Secret) -> Result<Claims, Flaw> {
    let claims = decode(token, secret.reveal().as_bytes())?;
    let now = sandbox.clock.now().seconds();
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit into 52 bits")]
    let now = now as f64;
    if claims.moment("exp").is_some_and(|expiry| expiry <= now) {
        return Err(Flaw::Expired);
    }
    if claims.moment("nbf").is_some_and(|start| start > now) {
        return Err(Flaw::Early);
    }
    let revoked = claims.token_id().map(IssuedToken::revoked);
    if revoked.is_some_and(|revoked| state.tables.jwt_history.find(revoked).is_some()) {
        return Err(Flaw::Revoked);
    }
    Ok(claims)
}

/// The principal that claims identify.
pub(crate) fn caller(state: &State, claims: Claims) -> Result<Principal> {
    let id = claims.id().ok_or(Error::UNAUTHENTICATED)?;
    match claims.subject() {
        Some("guest" | "userexternal") => {
            may_be_called(state, &id)?;
            Ok(Principal::Visitor(Visitor {
                id,
                firstname: claims.text("firstname").map(Text::from),
                lastname: claims.text("lastname").map(Text::from),
                email: claims.text("email").map(Text::from),
                project: claims.issuer(state)?.project(),
                claims: Arc::new(JsonObject(claims.0)),
            }))
        }
        // A service is identified by the document whose secret verified its token.
        Some("bot") => match claims.issuer(state)? {
            Issuer::Bot(bot) => Ok(Principal::Service(Service {
                id: bot.id.to_string().into(),
                name: Some(bot.name.clone()),
                project: bot.id_project,
            })),
            _ => Err(Error::UNAUTHENTICATED),
        },
        Some("subscription") => match claims.issuer(state)? {
            Issuer::Subscription(subscription) => Ok(Principal::Service(Service {
                id: subscription.id.to_string().into(),
                name: None,
                project: subscription.id_project,
            })),
            _ => Err(Error::UNAUTHENTICATED),
        },
        _ if !matches!(claims.issuer(state)?, Issuer::Sandbox) && !state.allows(Hole::SignedClaims) => {
            Err(Error::UNAUTHENTICATED)
        }
        _ => {
            let user = Id::<User>::parse(&id).and_then(|id| state.tables.users.get(id));
            let user = user.filter(|user| user.value().is_active()).ok_or(Error::UNAUTHENTICATED)?;
            Ok(Principal::User(user.value().id))
        }
    }
}

/// Fails if a visitor's ID is that of an account, a bot, or the system, because documents name their author by ID.
pub(crate) fn may_be_called(state: &State, visitor: &str) -> Result<()> {
    let user = || Id::parse(visitor).is_some_and(|user| state.tables.users.get(user).is_some());
    let bot = visitor.strip_prefix("bot_").unwrap_or(visitor);
    let bot = || Id::parse(bot).is_some_and(|bot| state.tables.bots.get(bot).is_some());
    let is_taken = visitor == "system" || user() || bot();
    if is_taken && !state.allows(Hole::SignedClaims) { Err(Error::UNAUTHENTICATED) } else { Ok(()) }
}

fn decode(token: &str, secret: &[u8]) -> Result<Claims, Flaw> {
    let mut validation = Validation::new(Algorithm::HS256);
    // Expiry depends on the sandbox's clock, not on the system clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode(token, &hs256::verifying_key(secret), &validation);
    claims.map(|data| Claims(data.claims)).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Flaw::Signature,
        _ => Flaw::Malformed,
    })
}

/// The kind and the ID in `https://…/<kind>/ID`.
fn audience_parts(audience: &str) -> Option<(&str, &str)> {
    let (_, path) = audience.split_once("://")?.1.split_once('/')?;
    let (kind, rest) = path.split_once('/')?;
    Some((kind, rest.split(['/', '?', '#']).next().unwrap_or_default()))
}
