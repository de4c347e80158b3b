//! Intents that bots start with.

use super::faq::model::{Faq, Intent};
use crate::world::Text;

/// Name, topic, examples, answer.
type Starter = (&'static str, &'static str, &'static str, &'static str);

const INTERNAL: &str = "internal";
const GREETINGS: &str = "greetings";
const SAMPLE: &str = "sample";

const FALLBACK: Starter =
    (Faq::FALLBACK, INTERNAL, "defaultFallback", "I did not understand. Can you say it differently?");
const START: Starter = ("start", INTERNAL, "\\start", "Hello! How can I help you?");
const HANDOFF: Starter = ("agent_handoff", INTERNAL, "I want an agent\nTalk to a human\nOperator", "\\agent");

const BLANK: &[Starter] =
    &[FALLBACK, START, ("welcome", GREETINGS, "Hello\nHi\nGood morning", "Hello! How can I help you?")];

const WITH_HANDOFF: &[Starter] = &[START, HANDOFF, FALLBACK];

const EXAMPLE: &[Starter] = &[
    HANDOFF,
    START,
    FALLBACK,
    ("hello", GREETINGS, "Hello\nHi\nGood morning\nGood evening", "Hello! How can I help you?"),
    ("how_are_you", GREETINGS, "How are you?\nHow do you do?", "I am fine, thank you. And you?"),
    ("who_are_you", GREETINGS, "Who are you?\nAre you a robot?", "I am a bot. People can take over at any time."),
    ("thanks", GREETINGS, "Thank you\nThanks", "You are welcome!"),
    ("goodbye", GREETINGS, "Bye\nGoodbye\nSee you", "Goodbye!"),
    ("action1", SAMPLE, "Show me the buttons", "Do you like buttons?\n* Yes\n* No"),
    ("yes_action", SAMPLE, "Yes", "Glad to hear that."),
    ("no_action", SAMPLE, "No", "What a pity."),
    ("image", SAMPLE, "Show me an image", "An answer can hold an image."),
    ("link", SAMPLE, "Show me a link", "Everything is explained at https://developer.tiledesk.com"),
    ("opening_hours", SAMPLE, "What are your opening hours?", "We are there from 9 to 17, Monday to Friday."),
    ("contact", SAMPLE, "How can I reach you?\nWhat is your address?", "Write to us here, at any time."),
];

const BLANK_WEBHOOK: &[Starter] = &[("webhook", INTERNAL, "\\webhook", ""), ("response", INTERNAL, "\\response", "")];

const BLANK_COPILOT: &[Starter] = &[START, FALLBACK];

const COPILOT: &[Starter] =
    &[START, FALLBACK, ("suggest", INTERNAL, "\\suggest", "Ask for the order number before anything else.")];

const VOICE: &[Starter] = &[FALLBACK, START, ("hang_up", INTERNAL, "\\hangup", "Goodbye!")];

/// The intents of a template, with their topics.
pub(super) fn intents(subtype: Option<&str>, template: Option<&str>) -> impl Iterator<Item = (Intent, Text)> {
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
    starters.iter().map(|(name, topic, question, answer)| {
        let intent = Intent {
            question: Some((*question).into()),
            answer: Some((*answer).into()),
            intent_display_name: Some((*name).into()),
            ..Intent::default()
        };
        (intent, (*topic).into())
    })
}
