//! Matching rules.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

/// The rules of a message, by category and part.
#[derive(Clone, Default)]
pub(super) struct Rules {
    /// Expressions with their matchers.
    body: Vec<(Vec<Segment>, Matchers)>,
    /// Names in lower case.
    headers: BTreeMap<String, Matchers>,
    status: Option<Matchers>,
}

/// Matchers, all or one of which must accept a value.
#[derive(Clone)]
pub(super) struct Matchers {
    pub(super) all: Vec<Matcher>,
    any: bool,
}

/// A matcher.
#[derive(Clone)]
pub(super) enum Matcher {
    Equality,
    Type,
    /// A list with elements like the first expected one.
    Each {
        min: Option<usize>,
        max: Option<usize>,
    },
    Regex(Regex),
    Include(String),
    Integer,
    Decimal,
    Number,
    Boolean,
    Null,
    NotEmpty,
    /// A date or time in the format.
    Time(Option<Regex>),
    Semver,
    /// The values of an object, regardless of its keys.
    Values,
    /// The values of an object.
    EachValue(Vec<Matcher>),
    /// The keys of an object.
    EachKey(Vec<Matcher>),
    /// Each of these elements occurs anywhere in the list, according to its matchers.
    Contains,
    Status(String),
    /// The content type of the message, regardless of its content.
    ContentType(String),
}

/// A part of a path expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segment {
    Name(String),
    Index(usize),
    Any,
}

/// A part of the path of a value.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

impl Rules {
    pub(super) fn read(node: &Value) -> Result<Self, String> {
        let mut rules = Self::default();
        for (path, node) in node["body"].as_object().into_iter().flatten() {
            let expression = expression(path).ok_or_else(|| format!("/body: {path:?} is no path"))?;
            rules.body.push((expression, matchers(node).map_err(|why| format!("/body/{path}: {why}"))?));
        }
        for category in ["header", "headers"] {
            for (name, node) in node[category].as_object().into_iter().flatten() {
                let read = matchers(node).map_err(|why| format!("/{category}/{name}: {why}"))?;
                rules.headers.insert(name.to_ascii_lowercase(), read);
            }
        }
        if node["status"].is_object() {
            let node = if node["status"]["matchers"].is_array() { &node["status"] } else { &node["status"]["$"] };
            rules.status = Some(matchers(node).map_err(|why| format!("/status: {why}"))?);
        }
        Ok(rules)
    }

    pub(super) fn header(&self, name: &str) -> Option<&Matchers> {
        self.headers.get(&name.to_ascii_lowercase())
    }

    pub(super) fn status(&self) -> Option<&Matchers> {
        self.status.as_ref()
    }

    /// The matchers for a value, and whether they are inherited from an enclosing value. The most specific expression
    /// wins.
    pub(super) fn of(&self, path: &[Step]) -> Option<(Matchers, bool)> {
        let weighed = self.body.iter().filter_map(|(expression, matchers)| {
            let weight = weight(expression, path)?;
            Some(((weight, expression.len()), matchers, expression.len() < path.len()))
        });
        let (_, matchers, is_inherited) = weighed.max_by_key(|(weight, ..)| *weight)?;
        Some((matchers.clone(), is_inherited))
    }
}

/// The specificity with which an expression matches a path or an enclosing one.
fn weight(expression: &[Segment], path: &[Step]) -> Option<u64> {
    if expression.len() > path.len() {
        return None;
    }
    expression.iter().zip(path).try_fold(1_u64, |weight, (segment, step)| match (segment, step) {
        (Segment::Name(one), Step::Name(other)) if one == other => Some(weight.saturating_mul(2)),
        (Segment::Index(one), Step::Index(other)) if one == other => Some(weight.saturating_mul(2)),
        (Segment::Any, _) => Some(weight),
        _ => None,
    })
}

/// Parses `$.a[*]['b'].*`.
pub(super) fn expression(text: &str) -> Option<Vec<Segment>> {
    let mut rest = text.strip_prefix('$')?;
    let mut all = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("['") {
            let end = after.find("']")?;
            all.push(Segment::Name(after[..end].to_owned()));
            rest = &after[end + 2..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = after.find(']')?;
            let inside = &after[..end];
            all.push(if inside == "*" { Segment::Any } else { Segment::Index(inside.parse().ok()?) });
            rest = &after[end + 1..];
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() {
                return None;
            }
            all.push(if name == "*" { Segment::Any } else { Segment::Name(name.to_owned()) });
            rest = &after[end..];
        }
    }
    Some(all)
}

fn matchers(node: &Value) -> Result<Matchers, String> {
    let all = node["matchers"].as_array().ok_or("expected `matchers`")?;
    let all = all.iter().map(matcher).collect::<Result<_, _>>()?;
    Ok(Matchers { all, any: node["combine"] == "OR" })
}

fn matcher(node: &Value) -> Result<Matcher, String> {
    let size = |name: &str| node[name].as_u64().and_then(|size| usize::try_from(size).ok());
    let kind = node["match"].as_str().unwrap_or(if node["regex"].is_string() { "regex" } else { "type" });
    let inner = || node["rules"].as_array().into_iter().flatten().map(matcher).collect::<Result<Vec<_>, _>>();
    let format = node["format"].as_str().or(node[kind].as_str());
    Ok(match kind {
        "equality" => Matcher::Equality,
        "type" => match (size("min"), size("max")) {
            (None, None) => Matcher::Type,
            (min, max) => Matcher::Each { min, max },
        },
        "min-type" | "max-type" | "minmax-type" => Matcher::Each { min: size("min"), max: size("max") },
        "regex" => {
            let pattern = node["regex"].as_str().ok_or("expected `regex`")?;
            // The whole value must match.
            let pattern = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
            Matcher::Regex(pattern)
        }
        "include" => Matcher::Include(node["value"].as_str().ok_or("expected `value`")?.to_owned()),
        "integer" => Matcher::Integer,
        "decimal" => Matcher::Decimal,
        "number" => Matcher::Number,
        "boolean" => Matcher::Boolean,
        "null" => Matcher::Null,
        "notEmpty" => Matcher::NotEmpty,
        "semver" => Matcher::Semver,
        "datetime" | "timestamp" | "date" | "time" => Matcher::Time(format.map(of_format).transpose()?),
        "values" => Matcher::Values,
        "eachValue" | "each-value" => Matcher::EachValue(inner()?),
        "eachKey" | "each-key" => Matcher::EachKey(inner()?),
        "arrayContains" | "array-contains" => Matcher::Contains,
        "statusCode" | "status-code" => match &node["status"] {
            Value::String(class) => Matcher::Status(class.clone()),
            other => Matcher::Status(other.to_string()),
        },
        "contentType" | "content-type" => {
            Matcher::ContentType(node["value"].as_str().ok_or("expected `value`")?.to_owned())
        }
        other => return Err(format!("the matcher `{other}` is not supported")),
    })
}

/// A pattern for a Java date format, such as `yyyy-MM-dd'T'HH:mm:ss.SSSX`.
fn of_format(format: &str) -> Result<Regex, String> {
    let mut pattern = "^".to_owned();
    let letters: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        if letter == '\'' {
            let end = letters[at + 1..].iter().position(|one| *one == '\'').map_or(letters.len(), |end| at + 1 + end);
            let quoted: String = letters[at + 1..end].iter().collect();
            pattern += &regex::escape(if quoted.is_empty() { "'" } else { &quoted });
            at = end + 1;
            continue;
        }
        let count = letters[at..].iter().take_while(|one| **one == letter).count();
        let part = match letter {
            'y' | 'u' | 'Y' => format!(r"\d{{{}}}", if count == 2 { 2 } else { 4 }),
            'M' | 'L' if count >= 3 => r"[A-Za-z]+".to_owned(),
            'M' | 'L' | 'd' | 'H' | 'h' | 'k' | 'K' | 'm' | 's' => {
                if count == 1 {
                    r"\d{1,2}".to_owned()
                } else {
                    format!(r"\d{{{count}}}")
                }
            }
            'S' | 'n' => format!(r"\d{{{count}}}"),
            'D' => r"\d{1,3}".to_owned(),
            'E' | 'a' | 'G' => r"[A-Za-z]+\.?".to_owned(),
            'e' | 'F' | 'W' | 'w' => r"\d{1,2}".to_owned(),
            'X' => r"(?:Z|[+-]\d\d(?::?\d\d)?)".to_owned(),
            'x' | 'Z' => r"(?:[+-]\d\d(?::?\d\d)?|Z)".to_owned(),
            'z' | 'V' | 'O' => r"[A-Za-z0-9/_+:-]+".to_owned(),
            other => regex::escape(&other.to_string().repeat(count)),
        };
        pattern += &part;
        at += count;
    }
    Regex::new(&(pattern + "$")).map_err(|error| error.to_string())
}

impl Matchers {
    /// Checks a value that is neither a list nor an object. Returns the mismatch.
    pub(super) fn check(&self, expected: &Value, actual: &Value) -> Result<(), String> {
        let mut wrong = self.all.iter().filter_map(|matcher| matcher.check(expected, actual).err());
        if self.any {
            let wrong: Vec<_> = wrong.collect();
            return if wrong.len() < self.all.len() { Ok(()) } else { Err(wrong.join(", or ")) };
        }
        wrong.next().map_or(Ok(()), Err)
    }

    /// The bounds of a list whose elements are all like the first expected one.
    pub(super) fn each(&self) -> Option<(Option<usize>, Option<usize>)> {
        self.all.iter().find_map(|matcher| match matcher {
            Matcher::Each { min, max } => Some((*min, *max)),
            Matcher::Type => Some((None, None)),
            _ => None,
        })
    }

    /// Whether one matching matcher is enough.
    pub(super) fn is_any(&self) -> bool {
        self.any
    }

    /// The content type that the message must have, regardless of its content.
    pub(super) fn content_type(&self) -> Option<&str> {
        self.all.iter().find_map(|matcher| match matcher {
            Matcher::ContentType(kind) => Some(kind.as_str()),
            _ => None,
        })
    }

    pub(super) fn is_equality(&self) -> bool {
        self.all.iter().any(|matcher| matches!(matcher, Matcher::Equality))
    }
}

impl Matcher {
    pub(super) fn check(&self, expected: &Value, actual: &Value) -> Result<(), String> {
        let text = actual.as_str().map_or_else(|| actual.to_string(), str::to_owned);
        let is = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("expected {what}, got {actual}")) };
        match self {
            Self::Equality => is(expected == actual, &expected.to_string()),
            Self::Type | Self::Each { .. } => is(kind(expected) == kind(actual), kind(expected)),
            Self::Regex(pattern) => is(!actual.is_null() && pattern.is_match(&text), &format!("a match of {pattern}")),
            Self::Include(part) => is(text.contains(part), &format!("a text with {part:?}")),
            Self::Integer => is(actual.is_i64() || actual.is_u64(), "an integer"),
            Self::Decimal => is(actual.is_f64(), "a decimal number"),
            Self::Number => is(actual.is_number(), "a number"),
            Self::Boolean => is(actual.is_boolean(), "a boolean"),
            Self::Null => is(actual.is_null(), "null"),
            Self::NotEmpty => {
                let empty = match actual {
                    Value::Null => true,
                    Value::String(text) => text.is_empty(),
                    Value::Array(all) => all.is_empty(),
                    Value::Object(all) => all.is_empty(),
                    Value::Bool(_) | Value::Number(_) => false,
                };
                is(!empty, "a value that is not empty")
            }
            Self::Time(Some(pattern)) => is(actual.is_string() && pattern.is_match(&text), "a time in the format"),
            Self::Time(None) => is(actual.is_string(), "a time"),
            Self::Semver => {
                let parts: Vec<_> = text.splitn(3, '.').collect();
                let is_number =
                    |part: &&str| part.split(['-', '+']).next().is_some_and(|part| part.parse::<u64>().is_ok());
                is(parts.len() == 3 && parts.iter().all(is_number), "a semantic version")
            }
            Self::Status(class) => {
                let status = actual.as_u64().unwrap_or_default();
                let holds = match class.as_str() {
                    "info" => (100..200).contains(&status),
                    "success" => (200..300).contains(&status),
                    "redirect" => (300..400).contains(&status),
                    "clientError" => (400..500).contains(&status),
                    "serverError" => (500..600).contains(&status),
                    "nonError" => status < 400,
                    "error" => status >= 400,
                    list => list.contains(&status.to_string()),
                };
                is(holds, class)
            }
            Self::Values | Self::EachValue(_) | Self::EachKey(_) | Self::Contains | Self::ContentType(_) => Ok(()),
        }
    }
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
