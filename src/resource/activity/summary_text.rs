//! One-sentence summaries of activities, in English and Italian.

use super::document::{Activity, Verb};
use crate::render::csv;

/// Language of the summaries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::resource::activity) enum Language {
    English,
    Italian,
}

impl Language {
    /// Parses a language code: `it` is Italian, anything else English.
    pub(in crate::resource::activity) fn of(code: Option<&str>) -> Self {
        if code == Some("it") { Self::Italian } else { Self::English }
    }
}

/// The summary, or `None` if the verb is self-explanatory.
pub(in crate::resource::activity) fn sentence(activity: &Activity, language: Language) -> Option<String> {
    let in_italian = language == Language::Italian;
    let say = |english: String, italian: String| Some(if in_italian { italian } else { english });
    let actor = activity.actor.name.as_deref().unwrap_or(&activity.actor.id);
    let member = member(activity);
    let conversation = text(activity, "ticket_id");
    let related = activity.related.as_ref().map_or("?", |related| related.name.as_deref().unwrap_or(&related.id));
    let role = action(activity, "role");
    let status = action(activity, "newStatus");
    let named = text(activity, "name");
    match activity.verb {
        Verb::ProjectUserInvite => {
            say(format!("{actor} invited {member} as {role}"), format!("{actor} ha invitato {member} come {role}"))
        }
        Verb::ProjectUserDelete => {
            say(format!("{actor} removed {member} from the team"), format!("{actor} ha tolto {member} dal team"))
        }
        Verb::ProjectUserAvailabilitySelf => say(format!("{actor} is {status} now"), format!("{actor} ora è {status}")),
        Verb::ProjectUserAvailabilitySystem => {
            say(format!("{member} was set to {status}"), format!("{member} è stato impostato su {status}"))
        }
        Verb::RequestAssignedAuto => say(
            format!("Conversation {conversation} went to {related}"),
            format!("La conversazione {conversation} è andata a {related}"),
        ),
        Verb::RequestAssignedSelf => say(
            format!("{actor} took conversation {conversation}"),
            format!("{actor} ha preso la conversazione {conversation}"),
        ),
        Verb::RequestAssignedManual => say(
            format!("{actor} gave conversation {conversation} to {related}"),
            format!("{actor} ha dato la conversazione {conversation} a {related}"),
        ),
        Verb::RequestUnassigned => say(
            format!("{actor} took conversation {conversation} from {related}"),
            format!("{actor} ha tolto la conversazione {conversation} a {related}"),
        ),
        Verb::LeaveConversation => say(
            format!("{related} left conversation {conversation}"),
            format!("{related} ha lasciato la conversazione {conversation}"),
        ),
        Verb::FaqKbCreate => {
            say(format!("{actor} created the bot {named}"), format!("{actor} ha creato il bot {named}"))
        }
        Verb::FaqKbDelete => {
            say(format!("{actor} deleted the bot {named}"), format!("{actor} ha eliminato il bot {named}"))
        }
        Verb::FaqKbPublish => {
            say(format!("{actor} published the bot {named}"), format!("{actor} ha pubblicato il bot {named}"))
        }
        Verb::KbNamespaceCreate => say(
            format!("{actor} created the knowledge base {named}"),
            format!("{actor} ha creato la base di conoscenza {named}"),
        ),
        Verb::KbNamespaceDelete => say(
            format!("{actor} deleted the knowledge base {named}"),
            format!("{actor} ha eliminato la base di conoscenza {named}"),
        ),
        Verb::KbContentsAdd => say(
            format!("{actor} added contents to the knowledge base {named}"),
            format!("{actor} ha aggiunto contenuti alla base di conoscenza {named}"),
        ),
        Verb::KbContentsDelete => say(
            format!("{actor} emptied the knowledge base {named}"),
            format!("{actor} ha svuotato la base di conoscenza {named}"),
        ),
        Verb::KbContentDelete => {
            say(format!("{actor} deleted the content {named}"), format!("{actor} ha eliminato il contenuto {named}"))
        }
        Verb::ProjectUserUpdate | Verb::RequestCreate | Verb::RequestClose => None,
    }
}

/// Full name of the target member, or the email address of a pending invitation.
fn member(activity: &Activity) -> String {
    let object = &activity.target.object.0;
    let user = object.get("id_user");
    let names = ["firstname", "lastname"].map(|name| user.and_then(|user| user.get(name)?.as_str()));
    let names: Vec<_> = names.into_iter().flatten().collect();
    if names.is_empty() { text(activity, "email") } else { names.join(" ") }
}

/// A field of the target.
fn text(activity: &Activity, field: &str) -> String {
    csv::cell(activity.target.object.0.get(field)).unwrap_or_default()
}

/// A field of the action's details.
fn action(activity: &Activity, field: &str) -> String {
    csv::cell(activity.action.as_ref().and_then(|action| action.0.get(field))).unwrap_or_default()
}
