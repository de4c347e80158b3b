//! Index terms of FAQs, example questions, and actions of the visual editor.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::document::Faq;
use crate::{
    resource::{chatbot::document::Bot, entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, words},
    value::{Id, JsonObject, Text, Timestamp},
};

/// The index terms of FAQs.
#[derive(Clone, Copy, Hash)]
enum FaqIndex {
    Project,
    Bot,
    IntentDisplayName,
    IntentId,
    Called,
    Word,
    Example,
    Knowledge,
}

impl Faq {
    pub(crate) const TOPIC: &'static str = "default";
    /// Name of the intent that responds if no other matches.
    pub(crate) const FALLBACK: &'static str = "defaultFallback";

    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(FaqIndex::Project, project)
    }

    pub(crate) fn of_bot(bot: Id<Bot>) -> Term {
        Term::new(FaqIndex::Bot, bot)
    }

    pub(crate) fn by_name(bot: Id<Bot>, name: &str) -> Term {
        Term::new(FaqIndex::IntentDisplayName, (bot, name))
    }

    pub(crate) fn by_intent_id(bot: Id<Bot>, intent_id: &str) -> Term {
        Term::new(FaqIndex::IntentId, (bot, intent_id))
    }

    /// The FAQs with a name in any bot of a project.
    pub(crate) fn called(project: Id<Project>, name: &str) -> Term {
        Term::new(FaqIndex::Called, (project, name))
    }

    pub(crate) fn with_word(project: Id<Project>, word: &str) -> Term {
        Term::new(FaqIndex::Word, (project, word))
    }

    /// The FAQs of a bot with exactly this text as an example question, ignoring case.
    pub(crate) fn asked_as(bot: Id<Bot>, text: &str) -> Term {
        Term::new(FaqIndex::Example, (bot, &*example(text)))
    }

    /// The FAQs of a project with an action that queries a knowledge base.
    pub(crate) fn asking(project: Id<Project>, namespace: &str) -> Term {
        Term::new(FaqIndex::Knowledge, (project, namespace))
    }

    /// The example questions.
    pub(crate) fn examples(&self) -> impl Iterator<Item = &str> {
        self.question.iter().flat_map(|question| question.lines()).map(str::trim).filter(|line| !line.is_empty())
    }

    /// Whether all example questions are commands, which match only exactly.
    pub(crate) fn is_command(&self) -> bool {
        self.examples().all(|example| example.starts_with('\\'))
    }

    pub(crate) fn is_live(&self) -> bool {
        self.enabled && self.trashed != Some(true)
    }

    /// The answer, unless it is empty.
    pub(crate) fn answer(&self) -> Option<&Text> {
        self.answer.as_ref().filter(|answer| !answer.is_empty())
    }
}

/// Normalizes an example question for comparison.
fn example(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.chars().any(char::is_uppercase) { text.to_lowercase().into() } else { text.into() }
}

/// The type of an action of the visual editor.
pub(crate) fn action_kind(action: &JsonObject) -> &str {
    action.0.get("_tdActionType").and_then(Value::as_str).unwrap_or_default()
}

/// The texts that an action of the visual editor sends; none unless it is a `reply`.
pub(crate) fn reply_texts(action: &JsonObject) -> Vec<Text> {
    let attributes = action.0.get("attributes").filter(|_| action_kind(action) == "reply");
    let commands = attributes.and_then(|attributes| attributes.get("commands")?.as_array()).into_iter().flatten();
    let texts = commands.filter_map(|command| command.get("message")?.get("text")?.as_str());
    texts.filter(|text| !text.is_empty()).map(Text::from).collect()
}

/// An action of the visual editor that sends a text.
pub(crate) fn reply_action(text: &str) -> JsonObject {
    let message = json!({"type": "text", "text": text});
    let commands = json!([{"type": "wait", "time": 500}, {"type": "message", "message": message}]);
    let action = json!({"_tdActionType": "reply", "text": text, "attributes": {"commands": commands}});
    match action {
        Value::Object(action) => JsonObject(action),
        _ => JsonObject::default(),
    }
}

impl Document for Faq {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        let (project, bot) = (self.id_project, self.id_faq_kb);
        terms.add(FaqIndex::Project, project);
        terms.add(FaqIndex::Bot, bot);
        if let Some(name) = &self.intent_display_name {
            terms.unique(FaqIndex::IntentDisplayName, "intent_display_name", (bot, &**name));
            terms.add(FaqIndex::Called, (project, &**name));
        }
        if let Some(intent) = &self.intent_id {
            terms.unique(FaqIndex::IntentId, "intent_id", (bot, &**intent));
        }
        for namespace in self.actions.iter().filter_map(|action| action.0.get("namespace")?.as_str()) {
            terms.add(FaqIndex::Knowledge, (project, namespace));
        }
        for text in self.examples() {
            terms.add(FaqIndex::Example, (bot, &*example(text)));
            for word in words(text) {
                terms.add(FaqIndex::Word, (project, &*word));
            }
        }
    }
}

impl Entity for Faq {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn normalize(&mut self) {
        self.same_id = Some(self.id);
    }
}
