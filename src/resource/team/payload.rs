//! Event payloads of teammates, which contain only the names of the user.

use bytes::Bytes;
use serde::Serialize;

use super::{document::Teammate, rules::show_load};
use crate::{
    render,
    resource::user::document::User,
    state::{State, event::EventName},
    store::{Doc, render},
    value::{Id, Text},
};

/// The payload of an event. Updates omit the email address; removals omit whether the teammate is busy.
pub(crate) fn of(state: &State, doc: &Doc<Teammate>, event: EventName) -> Bytes {
    let mut whole = render::json::Object::new(doc.json(), 200);
    if let Some(user) = doc.value().id_user.and_then(|user| state.tables.users.get(user)) {
        let user = user.value();
        let named = Named {
            id: user.id,
            email: (event != EventName::TeammateUpdate).then_some(&user.email),
            firstname: user.firstname.as_ref(),
            lastname: user.lastname.as_ref(),
        };
        whole.field("id_user", &render(&named));
    }
    if event != EventName::TeammateDelete {
        show_load(state, doc, &mut whole);
    }
    whole.end()
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "_id")]
    id: Id<User>,
    email: Option<&'a Text>,
    firstname: Option<&'a Text>,
    lastname: Option<&'a Text>,
}
