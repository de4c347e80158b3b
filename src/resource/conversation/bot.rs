//! Which messages are sent to bots, and the responses of the built-in bot.

use serde_json::{Map, Value, json};

use super::markup::Markup;
use crate::{
    resource::{
        chatbot::{
            document::Bot,
            faq::{
                document::Faq,
                index::{action_kind, reply_texts},
                matching::{self, Hit},
            },
        },
        message::{self, document::Message},
        request::{document::Request, participant::document::Participant},
    },
    state::State,
    store::Doc,
    value::{Id, JsonObject, Text},
};

/// Hands a conversation over to the team.
const AGENT: &str = "\\agent";

/// Closes a conversation.
const CLOSE: &str = "\\close";

/// Opens a conversation on behalf of the visitor. The only system message that is sent to bots.
const START: &str = "\\start";

const SYSTEM: &str = "system";

/// Custom event raised for a message that matches no intent.
pub(crate) const NOT_FOUND: &str = "faqbot.answer_not_found";

/// Maximum number of jumps between intents in one response, because intents can jump in circles.
const JUMPS: usize = 10;

/// A bot's response to a message.
pub(crate) struct Turn {
    /// The bot as a participant: `bot_` and its identifier.
    pub(crate) sender: Text,
    pub(crate) name: Text,
    pub(crate) lines: Vec<Line>,
    /// Attributes of the event to raise if no intent matches.
    pub(crate) not_found: Option<JsonObject>,
}

/// A message to send as the bot.
pub(crate) struct Line {
    pub(crate) text: Option<Text>,
    /// Type of message (default `text`).
    pub(crate) kind: Option<Text>,
    pub(crate) metadata: Option<JsonObject>,
    pub(crate) attributes: JsonObject,
}

/// A command to the server within a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    Agent,
    Close,
}

/// The command in a message, which is everything after its first backslash.
pub(crate) fn command(text: &str) -> Option<Command> {
    match text.split_once('\\')?.1 {
        "agent" => Some(Command::Agent),
        "close" => Some(Command::Close),
        _ => None,
    }
}

/// The bot that serves a conversation: the last bot among its participants.
pub(crate) fn server(participants: &[Participant]) -> Option<Id<Bot>> {
    participants.iter().rev().find_map(Participant::bot)
}

/// Whether a message is sent to a bot. Its own messages, whose sender is its identifier with or without `bot_`, would
/// cause an endless loop; messages with commands are for the server.
pub(crate) fn is_sent(bot: Id<Bot>, sender: &str, text: Option<&str>) -> bool {
    let text = text.unwrap_or_default();
    let is_own = Id::parse(sender.strip_prefix("bot_").unwrap_or(sender)) == Some(bot);
    let is_silent = sender == SYSTEM && text != START;
    !is_own && !is_silent && !text.contains(AGENT) && !text.contains(CLOSE)
}

/// The response of the built-in bot that serves the conversation, if the message is sent to it. The event for a message
/// that matches no intent contains the conversation as it was `before`.
pub(crate) fn turn(
    state: &State,
    message: &Doc<Message>,
    request: &Doc<Request>,
    before: &Doc<Request>,
) -> Option<Turn> {
    let doc = state.tables.bots.get(server(&request.kept().participants)?)?;
    let (bot, said) = (doc.value(), message.value());
    let voice = bot.voice()?;
    if !is_sent(bot.id, &said.sender, said.text.as_deref()) {
        return None;
    }
    let question = object(message.json());
    let hit = matching::best(state, voice, &said);
    let known = hit.as_ref().map(|hit| (hit, speech(state, &hit.faq.value())));
    let (lines, not_found) = match known {
        // On an exact match with an intent that has no text, the bot stays silent.
        Some((hit, texts)) if !texts.is_empty() || hit.is_exact() => (answer(hit, &texts, &question), None),
        _ => {
            let attributes = Map::from_iter([
                ("bot".into(), Value::Object(object(doc.json()))),
                ("message".into(), Value::Object(object(&message::rules::payload(state, message, before)))),
            ]);
            (fallback(state, &bot, voice, &said, &question), Some(JsonObject(attributes)))
        }
    };
    Some(Turn { sender: format!("bot_{}", bot.id).into(), name: bot.name.clone(), lines, not_found })
}

/// The messages for a matching intent.
fn answer(hit: &Hit, texts: &[Text], question: &Map<String, Value>) -> Vec<Line> {
    let mut intent = object(hit.faq.json());
    intent.shift_remove("id");
    intent.insert("score".into(), json!(hit.score));
    let info = json!({
        "intent_name": intent.get("intent_display_name"),
        "is_fallback": false,
        "confidence": hit.score,
        "question_payload": question,
        "others": intent,
    });
    let id = hit.faq.value().id;
    let attributes = |text: &Text| json!({"_raw_message": text, "_answerid": id, "intent_info": info});
    texts.iter().flat_map(|text| lines(text, attributes(text))).collect()
}

/// The messages if no intent matches.
fn fallback(state: &State, bot: &Bot, voice: Id<Bot>, said: &Message, question: &Map<String, Value>) -> Vec<Line> {
    let info = json!({
        "intent_name": "DEFAULT_FALLBACK",
        "is_fallback": true,
        "confidence": 0,
        "question_payload": question,
    });
    let texts = own_fallback(state, bot, voice);
    if texts.is_empty() {
        return lines(&no_answer(said.language.as_deref()), json!({"intent_info": info}));
    }
    texts.iter().flat_map(|text| lines(text, json!({"_raw_message": text, "intent_info": info}))).collect()
}

/// The bot's own fallback: the answer of the intent whose example question is the name of the fallback. For bots of the
/// visual editor, the name of the intent is enough.
fn own_fallback(state: &State, bot: &Bot, voice: Id<Bot>) -> Vec<Text> {
    let faqs = &state.tables.faqs;
    let asked = faqs.with(Faq::asked_as(voice, Faq::FALLBACK)).map(|faq| faq.value()).find(|faq| faq.is_live());
    if let Some(answer) = asked.as_ref().and_then(|faq| faq.answer()) {
        return vec![answer.clone()];
    }
    let named = faqs.find(Faq::by_name(voice, Faq::FALLBACK)).filter(|_| &*bot.kind == Bot::TILEBOT);
    named.map(|faq| faq.value()).filter(|faq| faq.is_live()).map(|faq| speech(state, &faq)).unwrap_or_default()
}

/// The text of the API, in English or Italian.
fn no_answer(language: Option<&str>) -> Text {
    let language = language.unwrap_or_default();
    let is_italian = ["it", "it-it"].iter().any(|known| language.eq_ignore_ascii_case(known));
    if is_italian {
        "Non sono in grado di fornirti una risposta adeguata. \n Prego riformula la domanda.".into()
    } else {
        "I did not find an answer in the knowledge base. \n Please reformulate your question?".into()
    }
}

/// The texts of an intent: its answer, or those of its actions, following jumps to other intents.
fn speech(state: &State, faq: &Faq) -> Vec<Text> {
    fn perform(state: &State, faq: &Faq, jumps: &mut usize, texts: &mut Vec<Text>) {
        if let Some(answer) = faq.answer() {
            texts.push(answer.clone());
            return;
        }
        for action in &faq.actions {
            match action_kind(action) {
                "reply" => texts.extend(reply_texts(action)),
                "agent" => texts.push(AGENT.into()),
                "close" => texts.push(CLOSE.into()),
                "intent" if *jumps > 0 => {
                    *jumps -= 1;
                    let target = action.0.get("intentName").and_then(Value::as_str);
                    let target = target.and_then(|name| matching::named(state, faq.id_faq_kb, name));
                    if let Some(target) = target {
                        perform(state, &target.value(), jumps, texts);
                    }
                }
                _ => {}
            }
        }
    }

    let mut texts = Vec::new();
    perform(state, faq, &mut { JUMPS }, &mut texts);
    texts
}

/// Splits a text into messages. A command in it becomes a separate first message; the rest keeps the attributes.
fn lines(text: &Text, attributes: Value) -> Vec<Line> {
    let attributes = JsonObject(match attributes {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    });
    let Some(command) = [CLOSE, AGENT].into_iter().find(|command| text.contains(command)) else {
        return vec![line(text, attributes)];
    };
    let info = JsonObject(Map::from_iter([("subtype".into(), json!("info"))]));
    let rest = line(&text.replacen(command, "", 1), attributes);
    vec![Line { text: Some(command.into()), kind: None, metadata: None, attributes: info }, rest]
}

/// Converts a text with markup to a message.
fn line(text: &str, mut attributes: JsonObject) -> Line {
    let Markup { text, medium, buttons } = Markup::read(text);
    if !buttons.is_empty() {
        attributes.0.insert("attachment".into(), json!({"type": "template", "buttons": buttons}));
    }
    let (kind, metadata) = medium.unzip();
    Line { text: (!text.is_empty()).then_some(text), kind, metadata, attributes }
}

fn object(document: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(document).expect("documents are rendered objects")
}
