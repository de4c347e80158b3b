//! Templates for the initial intents of bots.

use serde_json::{Value, json};

use super::faq::{document::Faq, index::reply_action, schema::Intent};
use crate::{
    state::Tx,
    value::{JsonObject, Text},
};

/// An intent of a template.
struct Starter {
    name: &'static str,
    topic: &'static str,
    /// Example questions, one per line.
    question: Option<&'static str>,
    answer: Option<&'static str>,
    /// Position in the visual editor, and the action.
    step: Option<(Position, Step)>,
}

/// Pixels from the left and from the top.
type Position = (u32, u32);

enum Step {
    /// Sends a text.
    Reply(&'static str),
    /// Sends a text and lets the visitor write.
    Prompt(&'static str),
    /// Continues with the intent of that name.
    Jump(&'static str),
}

/// An intent that responds with a text.
const fn answering(
    name: &'static str,
    topic: &'static str,
    question: &'static str,
    answer: Option<&'static str>,
) -> Starter {
    Starter { name, topic, question: Some(question), answer, step: None }
}

const INTERNAL: &str = "internal";
const GREETINGS: &str = "greetings";
const SAMPLE: &str = "sample";
const START_NAME: &str = "start";
const WELCOME_NAME: &str = "welcome";

const FALLBACK: Starter =
    answering(Faq::FALLBACK, INTERNAL, Faq::FALLBACK, Some("I did not understand. Can you say it differently?"));
const START: Starter = answering(START_NAME, INTERNAL, "\\start", Some("Hello! How can I help you?"));
const HANDOFF: Starter =
    answering("agent_handoff", INTERNAL, "I want an agent\nTalk to a human\nOperator", Some("\\agent"));

const BLANK: &[Starter] = &[
    Starter {
        name: Faq::FALLBACK,
        topic: Faq::TOPIC,
        question: None,
        answer: None,
        step: Some(((714, 528), Step::Reply("I didn't understand. Can you rephrase your question?"))),
    },
    Starter {
        name: START_NAME,
        topic: Faq::TOPIC,
        question: Some("\\start"),
        answer: None,
        step: Some(((172, 384), Step::Jump(WELCOME_NAME))),
    },
    Starter {
        name: WELCOME_NAME,
        topic: Faq::TOPIC,
        question: None,
        answer: None,
        step: Some(((714, 113), Step::Prompt("Hi, how can I help you?"))),
    },
];

const WITH_HANDOFF: &[Starter] = &[START, HANDOFF, FALLBACK];

const EXAMPLE: &[Starter] = &[
    HANDOFF,
    START,
    FALLBACK,
    answering("hello", GREETINGS, "Hello\nHi\nGood morning\nGood evening", Some("Hello! How can I help you?")),
    answering("how_are_you", GREETINGS, "How are you?\nHow do you do?", Some("I am fine, thank you. And you?")),
    answering(
        "who_are_you",
        GREETINGS,
        "Who are you?\nAre you a robot?",
        Some("I am a bot. People can take over at any time."),
    ),
    answering("thanks", GREETINGS, "Thank you\nThanks", Some("You are welcome!")),
    answering("goodbye", GREETINGS, "Bye\nGoodbye\nSee you", Some("Goodbye!")),
    answering("action1", SAMPLE, "Show me the buttons", Some("Do you like buttons?\n* Yes\n* No")),
    answering("yes_action", SAMPLE, "Yes", Some("Glad to hear that.")),
    answering("no_action", SAMPLE, "No", Some("What a pity.")),
    answering("image", SAMPLE, "Show me an image", Some("An answer can hold an image.")),
    answering("link", SAMPLE, "Show me a link", Some("Everything is explained at https://developer.tiledesk.com")),
    answering(
        "opening_hours",
        SAMPLE,
        "What are your opening hours?",
        Some("We are open from 9 to 17, Monday to Friday."),
    ),
    answering("contact", SAMPLE, "How can I reach you?\nWhat is your address?", Some("Write to us here, at any time.")),
];

const BLANK_WEBHOOK: &[Starter] =
    &[answering("webhook", INTERNAL, "\\webhook", None), answering("response", INTERNAL, "\\response", None)];

const BLANK_COPILOT: &[Starter] = &[START, FALLBACK];

const COPILOT: &[Starter] = &[
    START,
    FALLBACK,
    answering("suggest", INTERNAL, "\\suggest", Some("Ask for the order number before anything else.")),
];

const VOICE: &[Starter] = &[FALLBACK, START, answering("hang_up", INTERNAL, "\\hangup", Some("Goodbye!"))];

/// The intents of a template, with their topics.
pub(super) fn intents(tx: &mut Tx, subtype: Option<&str>, template: Option<&str>) -> Vec<(Intent, Text)> {
    let starters: &[Starter] = match (subtype.unwrap_or("chatbot"), template.unwrap_or_default()) {
        (_, "empty") => &[],
        ("webhook", _) => BLANK_WEBHOOK,
        ("copilot", "blank_copilot") => BLANK_COPILOT,
        ("copilot", _) => COPILOT,
        ("voice" | "voice_twilio", _) => VOICE,
        (_, "blank") => BLANK,
        (_, "handoff") => WITH_HANDOFF,
        _ => EXAMPLE,
    };
    let named: Vec<_> = starters.iter().map(|starter| (starter, tx.new_uuid())).collect();
    let uuid = |name| named.iter().find(|(starter, _)| starter.name == name).map(|(_, uuid)| uuid.as_str());
    let intent = |(starter, id): &(&Starter, String)| {
        let intent = Intent {
            question: starter.question.map(Text::from),
            answer: starter.answer.map(Text::from),
            intent_display_name: Some(starter.name.into()),
            intent_id: Some(id.as_str().into()),
            actions: starter.step.as_ref().map(|(_, step)| vec![step.action(uuid)]),
            attributes: starter.step.as_ref().map(|((x, y), _)| object(json!({"position": {"x": x, "y": y}}))),
            // Independent of the language of the bot.
            language: Some("en".into()),
            ..Intent::default()
        };
        (intent, starter.topic.into())
    };
    named.iter().map(intent).collect()
}

impl Step {
    /// The step as an action of the visual editor. `uuid` resolves the names of intents of the template.
    fn action<'a>(&self, uuid: impl Fn(&'static str) -> Option<&'a str>) -> JsonObject {
        match self {
            Self::Reply(text) => reply_action(text),
            Self::Prompt(text) => {
                let mut action = reply_action(text);
                action.0.insert("text".into(), json!(format!("{text}\r\n")));
                if let Some(Value::Object(attributes)) = action.0.get_mut("attributes") {
                    attributes.insert("disableInputMessage".into(), json!(false));
                }
                action
            }
            Self::Jump(name) => {
                let target = uuid(name).unwrap_or_default();
                object(json!({"_tdActionType": "intent", "intentName": format!("#{target}")}))
            }
        }
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => JsonObject(object),
        _ => JsonObject::default(),
    }
}
