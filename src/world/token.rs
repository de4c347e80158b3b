//! Tokens: JSON Web Tokens signed with HS256, by the sandbox for its users and guests, by customers for their own users.
//!
//! Which secret verifies a token follows from its `aud`, who it stands for from its `sub`.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use serde_json::{Map, Value, json};

use super::{
    Caller, Error, Id, JsonObject, Result, Sandbox, State, Text, Timestamp,
    caller::{Machine, Visitor},
    value::Secret,
};
use crate::resource::{
    chatbot::model::Bot, jwt::model::IssuedToken, project::model::Project, subscription::model::Subscription,
    user::model::User,
};

/// Issuer of the tokens that the fake makes, and their audience.
pub(crate) const TILEDESK: &str = "https://tiledesk.com";

/// The claims of a verified token.
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Seconds since 1970.
    pub(crate) fn moment(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// `aud`, when it is one text.
    pub(crate) fn audience(&self) -> Option<&str> {
        self.text("aud")
    }

    /// `_id` as a text; tests of the real server sign numbers too.
    pub(crate) fn id(&self) -> Option<Text> {
        match self.0.get("_id")? {
            Value::String(id) => Some(id.as_str().into()),
            Value::Number(id) => Some(id.to_string().into()),
            _ => None,
        }
    }

    /// The project that `aud` names.
    pub(crate) fn project(&self) -> Option<Id<Project>> {
        audience_id(self.audience()?, "projects").and_then(Id::parse)
    }
}

/// A token of the sandbox, without the word `JWT`. `sub` is `user` or `guest`.
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
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("claims are JSON and HS256 takes any key")
}

/// A token that acts as a bot, whose document is `json`.
pub(crate) fn of_bot(json: &[u8], id: Id<Bot>, secret: &Secret, now: Timestamp, jti: Option<&str>) -> String {
    of_machine(json, "bot", &format!("{TILEDESK}/bots/{id}"), secret, now, jti)
}

/// A token that acts as the program whose document is `json`. It does not expire.
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

/// The claims of a token that is signed with the secret it should be signed with, and valid now.
pub(crate) fn verify(sandbox: &Sandbox, state: &State, token: &str) -> Result<Claims> {
    // Nothing of the token is trusted before its signature is verified; `aud` only chooses the key to try.
    let mut unverified = Validation::new(Algorithm::HS256);
    unverified.insecure_disable_signature_validation();
    let unverified = decode(token, b"", unverified).map_err(|_| Error::UNAUTHENTICATED)?;
    let secret = secret_of(sandbox, state, unverified.audience())?;
    open(sandbox, state, token, &secret).map_err(|_| Error::UNAUTHENTICATED)
}

/// Why a token is worth nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// It is no token.
    Malformed,
    /// Another secret or another algorithm signed it.
    Signature,
    Expired,
    /// It is valid from a later moment on.
    Early,
    Revoked,
}

/// The claims of a token that is signed with `secret` and valid now.
pub(crate) fn open(sandbox: &Sandbox, state: &State, token: &str, secret: &Secret) -> Result<Claims, Flaw> {
    let claims = decode(token, secret.reveal().as_bytes(), Validation::new(Algorithm::HS256))?;
    let now = sandbox.clock.now().seconds();
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit into 52 bits")]
    let now = now as f64;
    if claims.moment("exp").is_some_and(|expiry| expiry <= now) {
        return Err(Flaw::Expired);
    }
    if claims.moment("nbf").is_some_and(|start| start > now) {
        return Err(Flaw::Early);
    }
    let revoked = claims.text("jti").map(IssuedToken::revoked);
    if revoked.is_some_and(|revoked| state.tables.jwt_history.find(revoked).is_some()) {
        return Err(Flaw::Revoked);
    }
    Ok(claims)
}

/// Who the claims stand for.
pub(crate) fn caller(state: &State, claims: Claims) -> Result<Caller> {
    let id = claims.id().ok_or(Error::UNAUTHENTICATED)?;
    match claims.text("sub") {
        Some("guest" | "userexternal") => Ok(Caller::Visitor(Visitor {
            id,
            firstname: claims.text("firstname").map(Text::from),
            lastname: claims.text("lastname").map(Text::from),
            email: claims.text("email").map(Text::from),
            attributes: claims.0.get("attributes").and_then(Value::as_object).cloned().map(JsonObject),
            claims: Arc::new(JsonObject(claims.0)),
        })),
        Some("bot") => machine(&claims, "bots", |id| {
            let bot = state.tables.bots.get(Id::parse(id)?)?.value();
            Some(Machine { id: id.into(), name: Some(bot.name.clone()), project: bot.id_project })
        }),
        Some("subscription") => machine(&claims, "subscriptions", |id| {
            let subscription = state.tables.subscriptions.get(Id::parse(id)?)?.value();
            Some(Machine { id: id.into(), name: None, project: subscription.id_project })
        }),
        _ => {
            let user = Id::<User>::parse(&id).and_then(|id| state.tables.users.get(id));
            let user = user.filter(|user| user.value().is_active()).ok_or(Error::UNAUTHENTICATED)?;
            Ok(Caller::User(user.value().id))
        }
    }
}

/// The program that `aud` names, which is the one whose secret verified the token.
fn machine(claims: &Claims, kind: &str, find: impl Fn(&str) -> Option<Machine>) -> Result<Caller> {
    let id = claims.audience().and_then(|audience| audience_id(audience, kind));
    id.and_then(find).map(Caller::Machine).ok_or(Error::UNAUTHENTICATED)
}

fn decode(token: &str, key: &[u8], mut validation: Validation) -> Result<Claims, Flaw> {
    // Expiry is a matter of the sandbox's clock, not of the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode(token, &DecodingKey::from_secret(key), &validation);
    claims.map(|data| Claims(data.claims)).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Flaw::Signature,
        _ => Flaw::Malformed,
    })
}

/// `aud` naming a project means its secret; anything else, and no `aud` at all, the sandbox's.
fn secret_of(sandbox: &Sandbox, state: &State, audience: Option<&str>) -> Result<Secret> {
    let Some(audience) = audience else { return Ok(sandbox.secret.clone()) };
    if let Some(id) = audience_id(audience, "projects") {
        let project = Id::<Project>::parse(id).and_then(|id| state.tables.projects.get(id));
        return project.and_then(|project| project.value().jwt_secret.clone()).ok_or(Error::UNAUTHENTICATED);
    }
    if let Some(id) = audience_id(audience, "bots") {
        let bot = Id::<Bot>::parse(id).and_then(|id| state.tables.bots.get(id));
        return bot.and_then(|bot| bot.value().secret.clone()).ok_or(Error::UNAUTHENTICATED);
    }
    if let Some(id) = audience_id(audience, "subscriptions") {
        let subscription = Id::<Subscription>::parse(id).and_then(|id| state.tables.subscriptions.get(id));
        return subscription.map(|doc| doc.value().secret.clone()).ok_or(Error::UNAUTHENTICATED);
    }
    Ok(sandbox.secret.clone())
}

/// `ID` of `https://…/<kind>/ID`.
fn audience_id<'a>(audience: &'a str, kind: &str) -> Option<&'a str> {
    let (_, path) = audience.split_once("://")?.1.split_once('/')?;
    path.strip_prefix(kind)?.strip_prefix('/')
}
