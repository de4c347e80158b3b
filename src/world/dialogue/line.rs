//! A line of a dialogue: the speaker, the message or action, and the time.

use serde_json::{Map, Value, json};

use crate::{
    value::{Timestamp, suggest},
    world::{draft::found, moment},
};

/// Default pause before a line, in milliseconds.
pub(super) const PAUSE: i64 = 30_000;

/// Keys of actions, as opposed to speakers.
pub(super) const ACTIONS: [&str; 8] = ["close", "join", "leave", "note", "rate", "reopen", "route", "tag"];

/// The expected format of `ids`, for error messages.
pub(super) const IDS: &str = "16 hexadecimal digits";

/// A line as written.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) when: When,
    pub(super) deed: Deed,
    /// The number that precedes those at the end of its documents' identifiers.
    pub(super) ids: Option<u64>,
    /// The key of the line; empty for a text.
    pub(super) key: String,
}

/// The time of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// Milliseconds after the line before.
    After(i64),
    At(Timestamp),
}

/// The effect of a line. People are referred to by name.
#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    /// A message, with fields of the API.
    Say {
        who: String,
        content: Map<String, Value>,
    },
    /// By this person, or else by the agent who serves the conversation, or else by the visitor.
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

/// A problem: the affected key of the line, if any, and the description.
pub(super) type Wrong = (String, String);

impl Line {
    /// Reads `{"ada +2m": "Hello"}`, `{"ada": "Hello", "after": "2m"}`, or `"close"`. Returns all problems.
    pub(super) fn read(value: &Value, now: Timestamp) -> Result<Self, Vec<Wrong>> {
        let (mut key, mut said, mut when, mut ids, mut problems) = (None, json!(null), None, None, Vec::new());
        match value {
            Value::String(text) => key = Some(text.clone()),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match name.as_str() {
                        "after" => {
                            when =
                                kept(after(value), &mut problems, || wrong(name, "a pause such as 40s or 2m", value));
                        }
                        "at" => {
                            let problem = || (name.clone(), format!("{}, found {}", moment::EXPECTED, found(value)));
                            when = kept(at(value, now), &mut problems, problem);
                        }
                        "ids" => ids = kept(number(value), &mut problems, || wrong(name, IDS, value)),
                        _ if key.is_some() => {
                            let problem = format!("expected one speaker or action in a line, found `{name}` as well");
                            problems.push((name.clone(), problem));
                        }
                        _ => (key, said) = (Some(name.clone()), value.clone()),
                    }
                }
            }
            _ => {}
        }
        let Some(key) = key else {
            problems.push(wrong("", "a line such as {\"visitor\": \"Hello\"}", value));
            return Err(problems);
        };
        let place = if value.is_string() { String::new() } else { key.clone() };
        let (who, time) = split(&key);
        if let Some(time) = time {
            let read = match time.strip_prefix('+') {
                Some(pause) => moment::milliseconds(pause.trim()).map(When::After),
                None => moment::parse(time, now).map(When::At),
            };
            when = kept(read, &mut problems, || {
                (place.clone(), format!("expected a pause such as +40s, or a date, found {time:?}"))
            });
        }
        let deed = match deed(who, &said) {
            Ok(deed) => deed,
            Err(problem) => {
                // A word alone is an action, or a speaker without a text.
                let is_unknown = value.is_string() && !ACTIONS.contains(&who);
                problems.push((place, if is_unknown { unknown_action(who) } else { problem }));
                return Err(problems);
            }
        };
        if problems.is_empty() {
            Ok(Self { when: when.unwrap_or(When::After(PAUSE)), deed, ids, key: place })
        } else {
            Err(problems)
        }
    }
}

/// Returns the value, or records the problem.
fn kept<T>(value: Option<T>, problems: &mut Vec<Wrong>, problem: impl FnOnce() -> Wrong) -> Option<T> {
    if value.is_none() {
        problems.push(problem());
    }
    value
}

/// The error message for a single word that is not an action.
fn unknown_action(who: &str) -> String {
    let hint = match suggest::closest(who, ACTIONS) {
        Some(action) => format!("; did you mean `{action}`?"),
        None => format!("; write a message as {{\"{who}\": \"Hello\"}}"),
    };
    format!("expected an action: one of `{}`, found `{who}`{hint}", ACTIONS.join("`, `"))
}

/// A name and the time after it, which starts with a sign or a digit.
pub(super) fn split(key: &str) -> (&str, Option<&str>) {
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

/// The number in `ids`, after which the identifiers of new documents count.
pub(super) fn number(value: &Value) -> Option<u64> {
    let digits = value.as_str().filter(|text| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u64::from_str_radix(digits, 16).ok()
}

fn after(value: &Value) -> Option<When> {
    let text = value.as_str()?;
    moment::milliseconds(text.trim_start_matches('+').trim()).map(When::After)
}

fn at(value: &Value, now: Timestamp) -> Option<When> {
    moment::parse(value.as_str()?, now).map(When::At)
}

/// The effect of a line, or its problem.
fn deed(who: &str, said: &Value) -> Result<Deed, String> {
    let expected = |what: &str| format!("expected {what}, found {}", found(said));
    let name = |what: &str| said.as_str().map(str::to_owned).ok_or_else(|| expected(what));
    Ok(match who {
        "close" | "reopen" => {
            let by = if said.is_null() { None } else { Some(name("the name of a member, or of the visitor")?) };
            if who == "close" { Deed::Close(by) } else { Deed::Reopen(by) }
        }
        "join" => Deed::Join(name("the name of a member")?),
        "leave" => Deed::Leave(name("the name of a member")?),
        "route" => Deed::Route(name("the name of a department")?),
        "note" => {
            let what = "a text, or an object with `by` and `text`";
            match said {
                Value::String(text) => Deed::Note { who: None, text: text.clone() },
                Value::Object(note) => {
                    check_names(note, &["by", "text"])?;
                    let text = note.get("text").and_then(Value::as_str).ok_or_else(|| expected(what))?;
                    Deed::Note { who: note.get("by").and_then(Value::as_str).map(str::to_owned), text: text.to_owned() }
                }
                _ => return Err(expected(what)),
            }
        }
        "rate" => {
            let what = "a number from 0 to 5, or an object with `rating` and `message`";
            let rating = match said {
                Value::Object(rate) => {
                    check_names(rate, &["rating", "message"])?;
                    rate.get("rating").ok_or_else(|| expected(what))?
                }
                other => other,
            };
            if !rating.as_f64().is_some_and(|rating| (0.0..=5.0).contains(&rating)) {
                return Err(format!("expected {what}, found {}", found(rating)));
            }
            Deed::Rate { rating: rating.clone(), message: said.get("message").cloned() }
        }
        "tag" => match said {
            Value::String(_) => Deed::Tag(vec![json!({"tag": said})]),
            Value::Array(all) => Deed::Tag(
                all.iter().map(|tag| if tag.is_string() { json!({"tag": tag}) } else { tag.clone() }).collect(),
            ),
            _ => return Err(expected("a tag, or an array of tags")),
        },
        who => {
            let content = match said {
                Value::Object(content) => content.clone(),
                Value::String(_) | Value::Number(_) | Value::Bool(_) => {
                    let text = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
                    Map::from_iter([("text".to_owned(), json!(text))])
                }
                _ => return Err(expected("a text, or an object with the fields of a message")),
            };
            Deed::Say { who: who.to_owned(), content }
        }
    })
}

/// Checks that an object has no other fields.
pub(super) fn check_names(fields: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    let unknown = fields.keys().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| Err(suggest::unknown("field", name, known.iter().copied())))
}

fn wrong(key: &str, what: &str, value: &Value) -> Wrong {
    (key.to_owned(), format!("expected {what}, found {}", found(value)))
}

/// The error message for a name that no one in the conversation has.
pub(super) fn unknown<'a>(who: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = ["visitor", "bot"].into_iter().chain(known).chain(ACTIONS).collect();
    let hint = suggest::closest(who, known.iter().copied());
    let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("expected `visitor`, a user, a bot, or one of `{}`, found `{who}`{hint}", ACTIONS.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value) -> Result<Line, Vec<Wrong>> {
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
            (json!({"ada": "Hi", "ids": "12"}), "expected 16 hexadecimal digits, found string \"12\""),
            (json!("clsoe +1m"), "expected an action: one of `close`, "),
            (json!("ada"), "expected an action: one of `close`, "),
            (json!("rate"), "expected a number from 0 to 5, or an object with `rating` and `message`, found null"),
            (
                json!({"rate": 9}),
                "expected a number from 0 to 5, or an object with `rating` and `message`, found number `9`",
            ),
            (json!({"rate": {"rating": 4, "mesage": "x"}}), "unknown field `mesage`; did you mean `message`?"),
            (json!({"note": {"txt": "x"}}), "unknown field `txt`; did you mean `text`?"),
            (json!({"ada +5x": "Hi"}), "expected a pause such as +40s, or a date, found \"+5x\""),
            (json!({"rate": "good"}), "expected a number from 0 to 5"),
            (json!({"visitor": null}), "expected a text, or an object with the fields of a message"),
        ] {
            let problems = read(&value).expect_err("it makes no sense");
            assert!(problems[0].1.starts_with(told), "{value}: {problems:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_with_a_line_is_reported() {
        let problems = read(&json!({"ada +5x": "Hi", "at": "soon", "bob": "Ho"})).expect_err("it makes no sense");
        let keys: Vec<_> = problems.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["at", "bob", "ada +5x"]);
        let problems = read(&json!("clsoe")).expect_err("no action");
        assert!(problems[0].1.ends_with("found `clsoe`; did you mean `close`?"), "{problems:?}");
        let problems = read(&json!("ada")).expect_err("no action");
        assert!(problems[0].1.ends_with("found `ada`; write a message as {\"ada\": \"Hello\"}"), "{problems:?}");
    }
}
