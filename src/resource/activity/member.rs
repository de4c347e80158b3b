//! Activities about teammates: invitations, removals, and changes.

use serde_json::{Value, json};

use super::{
    document::{ActivityTarget, TargetKind, Verb},
    rules::{Entry, actor, object, record},
};
use crate::{
    identity::Actor,
    resource::team::{self, document::Teammate, invitation::document::PendingInvitation},
    state::{State, Tx},
    store::Doc,
    value::{JsonObject, Result},
};

/// How a teammate was removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    Soft,
    Hard,
}

/// Whose membership is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    Another,
}

/// Logs the invitation of a user with an account.
pub(crate) fn invited(tx: &mut Tx, by: &Actor, doc: &Doc<Teammate>) -> Result<()> {
    let member = doc.value();
    let action = json!({
        "email": email(tx.state(), &member),
        "role": member.role,
        "user_available": member.user_available,
        "inviteType": "registered",
    });
    write(tx, by, Verb::ProjectUserInvite, action, doc)
}

/// Logs the invitation of an email address that has no account yet.
pub(crate) fn invited_by_mail(
    tx: &mut Tx,
    by: &Actor,
    doc: &Doc<PendingInvitation>,
    user_available: Option<bool>,
) -> Result<()> {
    let invitation = doc.value();
    let action = json!({
        "email": invitation.email,
        "role": invitation.role,
        "user_available": user_available.unwrap_or(true),
        "inviteType": "pending",
    });
    let target = ActivityTarget {
        kind: TargetKind::PendingInvitation,
        id: invitation.id.to_string().into(),
        object: object(serde_json::from_slice(doc.json()).unwrap_or_default()),
    };
    let actor = actor(tx.state(), by);
    let entry = Entry { actor, verb: Verb::ProjectUserInvite, action, related: None, target, users: Vec::new() };
    record(tx, entry)
}

pub(crate) fn removed(tx: &mut Tx, by: &Actor, doc: &Doc<Teammate>, removal: Removal) -> Result<()> {
    let member = doc.value();
    let action = json!({
        "deleteType": if removal == Removal::Soft { "soft" } else { "hard" },
        "role": member.role,
        "email": email(tx.state(), &member),
    });
    write(tx, by, Verb::ProjectUserDelete, action, doc)
}

/// Logs a change of a membership: the requested fields and the resulting status. The caller sets `automatic` when it
/// changes the availability on behalf of a machine.
pub(crate) fn updated(
    tx: &mut Tx,
    by: &Actor,
    doc: &Doc<Teammate>,
    (whose, automatic): (Whose, bool),
    JsonObject(mut action): JsonObject,
) -> Result<()> {
    let member = doc.value();
    let availability = ["user_available", "profileStatus"].iter().any(|field| action.contains_key(*field));
    let (verb, kind) = match (availability, automatic, whose) {
        (true, true, _) => (Verb::ProjectUserAvailabilitySystem, "system"),
        (true, false, Whose::Own) => (Verb::ProjectUserAvailabilitySelf, "self"),
        (_, _, Whose::Own) => (Verb::ProjectUserUpdate, "self"),
        (_, _, Whose::Another) => (Verb::ProjectUserUpdate, "admin"),
    };
    let own = member.profile_status.as_deref().filter(|status| !status.is_empty());
    let status = own.unwrap_or(if member.user_available { "available" } else { "unavailable" });
    action.insert("newStatus".into(), json!(status));
    action.insert("updateType".into(), json!(kind));
    action.insert("source".into(), json!(if kind == "system" { "system" } else { "api" }));
    write(tx, by, verb, Value::Object(action), doc)
}

fn write(tx: &mut Tx, by: &Actor, verb: Verb, action: Value, doc: &Doc<Teammate>) -> Result<()> {
    let (state, member) = (tx.state(), doc.value());
    let actor = actor(state, by);
    let target = ActivityTarget {
        kind: TargetKind::ProjectUser,
        id: member.id.to_string().into(),
        object: object(serde_json::from_slice(&team::rules::show(state, doc)).unwrap_or_default()),
    };
    let users = member.id_user.iter().map(|user| user.to_string().into()).collect();
    record(tx, Entry { actor, verb, action, related: None, target, users })
}

fn email(state: &State, member: &Teammate) -> Value {
    let user = member.id_user.and_then(|user| state.tables.users.get(user));
    json!(user.map(|user| user.value().email.clone()))
}
