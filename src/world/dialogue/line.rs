//! One line of a dialogue: who says or does what, and when.

use serde_json::{Map, Value, json};

use crate::{
    value::{Timestamp, suggest},
    world::{draft::found, moment},
};

/// Pause before a line that names none.
pub(super) const PAUSE: i64 = 30_000;

/// What is not said but done.
pub(super) const ACTIONS: [&str; 8] = ["close", "join", "leave", "note", "rate", "reopen", "route", "tag"];

/// A line as it was written.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) when: When,
    pub(super) deed: Deed,
    /// The key under which it was written, empty for a text.
    pub(super) key: String,
}

/// When a line happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// Milliseconds after the line before.
    After(i64),
    At(Timestamp),
}

/// What happens in a line. People are names.
#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    /// A message, with the fields that the API takes.
    Say {
        who: String,
        content: Map<String, Value>,
    },
    /// By the agent who serves the conversation or else the visitor, if nobody is named.
    Close(Option<String>),
    Reopen(Option<String>),
    Join(String),
    Leave(String),
    Route(String),
    Note {
        who: Option<String>,
        text: String,
    },
    Rate {
        rating: Value,
        message: Option<Value>,
    },
    Tag(Vec<Value>),
}

/// A problem: the key of the line that it is about, if any, and what is wrong.
type Wrong = (String, String);

impl Line {
    /// Reads `{"ada +2m": "Hello"}`, `{"ada": "Hello", "after": "2m"}`, or `"close"`.
    pub(super) fn read(value: &Value, now: Timestamp) -> Result<Self, Wrong> {
        let (mut key, mut said, mut when) = (None, json!(null), None);
        match value {
            Value::String(text) => key = Some(text.clone()),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match name.as_str() {
                        "after" => {
                            when = Some(after(value).ok_or_else(|| wrong(name, "a pause such as 40s or 2m", value))?);
                        }
                        "at" => {
                            when = Some(at(value, now).ok_or_else(|| {
                                (name.clone(), format!("{}, found {}", moment::EXPECTED, found(value)))
                            })?);
                        }
                        _ if key.is_some() => {
                            let problem = format!("expected one speaker or action in a line, found `{name}` as well");
                            return Err((name.clone(), problem));
                        }
                        _ => (key, said) = (Some(name.clone()), value.clone()),
                    }
                }
            }
            _ => return Err(wrong("", "a line such as {\"visitor\": \"Hello\"}", value)),
        }
        let Some(key) = key else { return Err(wrong("", "a line such as {\"visitor\": \"Hello\"}", value)) };
        let (who, time) = split(&key);
        if let Some(time) = time {
            let read = match time.strip_prefix('+') {
                Some(pause) => moment::milliseconds(pause.trim()).map(When::After),
                None => moment::parse(time, now).map(When::At),
            };
            when =
                Some(read.ok_or_else(|| {
                    (key.clone(), format!("expected a pause such as +40s, or a date, found {time:?}"))
                })?);
        }
        let deed = deed(who, &said).map_err(|what| wrong(&key, what, &said))?;
        let key = if value.is_string() { String::new() } else { key };
        Ok(Self { when: when.unwrap_or(When::After(PAUSE)), deed, key })
    }
}

/// A name and the time after it, which starts with a sign or a digit.
fn split(key: &str) -> (&str, Option<&str>) {
    let starts = key.match_indices(' ').map(|(at, _)| at + 1);
    let is_time = |rest: &str| {
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        digits.starts_with(|first: char| first.is_ascii_digit()) && (digits.len() < rest.len() || rest.contains('-'))
    };
    match starts.into_iter().find(|start| is_time(&key[*start..])) {
        Some(start) => (key[..start].trim(), Some(key[start..].trim())),
        None => (key.trim(), None),
    }
}

fn after(value: &Value) -> Option<When> {
    let text = value.as_str()?;
    moment::milliseconds(text.trim_start_matches('+').trim()).map(When::After)
}

fn at(value: &Value, now: Timestamp) -> Option<When> {
    moment::parse(value.as_str()?, now).map(When::At)
}

/// What is done, or what was expected instead.
fn deed(who: &str, said: &Value) -> Result<Deed, &'static str> {
    let name = || said.as_str().map(str::to_owned);
    Ok(match who {
        "close" | "reopen" => {
            let by = if said.is_null() { None } else { Some(name().ok_or("the name of a member, or of the visitor")?) };
            if who == "close" { Deed::Close(by) } else { Deed::Reopen(by) }
        }
        "join" => Deed::Join(name().ok_or("the name of a member")?),
        "leave" => Deed::Leave(name().ok_or("the name of a member")?),
        "route" => Deed::Route(name().ok_or("the name of a department")?),
        "note" => match said {
            Value::String(text) => Deed::Note { who: None, text: text.clone() },
            Value::Object(note) => {
                let text =
                    note.get("text").and_then(Value::as_str).ok_or("a text, or an object with `by` and `text`")?;
                Deed::Note { who: note.get("by").and_then(Value::as_str).map(str::to_owned), text: text.to_owned() }
            }
            _ => return Err("a text, or an object with `by` and `text`"),
        },
        "rate" => match said {
            Value::Number(_) => Deed::Rate { rating: said.clone(), message: None },
            Value::Object(rate) if rate.contains_key("rating") => {
                Deed::Rate { rating: rate["rating"].clone(), message: rate.get("message").cloned() }
            }
            _ => return Err("a number from 0 to 5, or an object with `rating` and `message`"),
        },
        "tag" => match said {
            Value::String(_) => Deed::Tag(vec![json!({"tag": said})]),
            Value::Array(all) => Deed::Tag(
                all.iter().map(|tag| if tag.is_string() { json!({"tag": tag}) } else { tag.clone() }).collect(),
            ),
            _ => return Err("a tag, or an array of tags"),
        },
        who => {
            let content = match said {
                Value::Object(content) => content.clone(),
                Value::String(_) | Value::Number(_) | Value::Bool(_) => {
                    let text = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
                    Map::from_iter([("text".to_owned(), json!(text))])
                }
                _ => return Err("a text, or an object with the fields of a message"),
            };
            Deed::Say { who: who.to_owned(), content }
        }
    })
}

fn wrong(key: &str, what: &str, value: &Value) -> Wrong {
    (key.to_owned(), format!("expected {what}, found {}", found(value)))
}

/// The message for a name that nobody in the conversation has.
pub(super) fn unknown<'a>(who: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = ["visitor", "bot"].into_iter().chain(known).chain(ACTIONS).collect();
    let hint = suggest::closest(who, known.iter().copied());
    let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("expected `visitor`, a user, a bot, or one of `{}`, found `{who}`{hint}", ACTIONS.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value) -> Result<Line, Wrong> {
        Line::read(value, Timestamp::parse("2026-11-30T12:00:00Z").expect("a date"))
    }

    #[test]
    fn a_line_has_a_speaker_and_a_time() {
        let say = |who: &str, text: &str| Deed::Say {
            who: who.to_owned(),
            content: Map::from_iter([("text".to_owned(), json!(text))]),
        };
        for (value, when, deed) in [
            (json!({"visitor": "Hi"}), When::After(PAUSE), say("visitor", "Hi")),
            (json!({"ada +2m": "Hi"}), When::After(120_000), say("ada", "Hi")),
            (json!({"Ada Lovelace +1h 30m": "Hi"}), When::After(5_400_000), say("Ada Lovelace", "Hi")),
            (json!({"ada": "Hi", "after": "5s"}), When::After(5_000), say("ada", "Hi")),
            (
                json!({"ada -1d 09:00": 5}),
                When::At(Timestamp::parse("2026-11-29T09:00:00Z").expect("a date")),
                say("ada", "5"),
            ),
            (json!({"Bot 2": "Hi"}), When::After(PAUSE), say("Bot 2", "Hi")),
            (json!("close"), When::After(PAUSE), Deed::Close(None)),
            (json!("close +1m"), When::After(60_000), Deed::Close(None)),
            (json!({"close +1m": "ada"}), When::After(60_000), Deed::Close(Some("ada".to_owned()))),
            (json!({"rate": 4}), When::After(PAUSE), Deed::Rate { rating: json!(4), message: None }),
            (json!({"tag": ["a"]}), When::After(PAUSE), Deed::Tag(vec![json!({"tag": "a"})])),
        ] {
            let line = read(&value).map(|line| (line.when, line.deed));
            assert_eq!(line, Ok((when, deed)), "{value}");
        }
    }

    #[test]
    fn lines_that_make_no_sense_are_rejected() {
        for (value, told) in [
            (json!(5), "expected a line such as"),
            (json!({}), "expected a line such as"),
            (json!({"visitor": "a", "ada": "b"}), "expected one speaker or action in a line, found `ada` as well"),
            (json!({"ada +soon": "Hi", "after": "soon"}), "expected a pause such as 40s or 2m"),
            (json!({"ada +5x": "Hi"}), "expected a pause such as +40s, or a date, found \"+5x\""),
            (json!({"rate": "good"}), "expected a number from 0 to 5"),
            (json!({"visitor": null}), "expected a text, or an object with the fields of a message"),
        ] {
            let (_, problem) = read(&value).expect_err("it makes no sense");
            assert!(problem.starts_with(told), "{value}: {problem}");
        }
    }
}
