//! Rebasing: documented exchanges refer to objects of the default world. The references become markers, which are
//! filled with the objects of each server.
//!
//! A marker is `⟦COLLECTION:ID⟧`, or `⟦COLLECTION:ID:name⟧` for an object's other name, such as an email address.

use std::{collections::HashMap, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::Value;

use crate::{
    example::{Call, FormField},
    state::fixture,
};

/// The owner of the documented project, who makes most of the documented calls.
pub(super) const OWNER: &str = "5ab11c6b83dc240014d46095";

/// The password of everyone in the default world.
pub(super) const PASSWORD: &str = "123456";

static MARKER: LazyLock<Regex> = LazyLock::new(|| Regex::new("⟦([^⟧]+)⟧").expect("a valid pattern"));

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([A-Za-z0-9.+_-]+)@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+").expect("a valid pattern"));

/// IDs that callers choose for conversations. They must be new on every server.
static CONVERSATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("support-group-([A-Za-z0-9_-]+)").expect("a valid pattern"));

static UUID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a valid pattern"));

static TARGET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""(target|webhook_url|url)":"https?://[^"/]+"#).expect("a valid pattern"));

/// A document of the default world.
pub(super) struct Document {
    pub(super) collection: String,
    pub(super) id: String,
    pub(super) value: Value,
}

/// The documents of the default world by their names in exchanges.
pub(super) struct DefaultWorld {
    documents: Vec<Document>,
    /// Documents by ID or other name (true for the latter). Several documents may share an ID.
    names: HashMap<String, Vec<(usize, bool)>>,
    pattern: Regex,
}

impl DefaultWorld {
    /// # Panics
    ///
    /// Panics if the default world is not valid, which tests rule out.
    pub(super) fn load() -> Self {
        let world: Value = serde_json::from_str(fixture::DEFAULT).expect("the default world is JSON");
        let mut documents = Vec::new();
        let mut names: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
        for (collection, all) in world.as_object().into_iter().flatten() {
            for value in all.as_array().into_iter().flatten() {
                let Some(id) = value["_id"].as_str().or(value["id"].as_str()) else { continue };
                names.entry(id.to_owned()).or_default().push((documents.len(), false));
                let other = match &**collection {
                    "users" => value["email"].as_str(),
                    "requests" => value["request_id"].as_str(),
                    "project_users" => value["uuid_user"].as_str(),
                    _ => None,
                };
                if let Some(other) = other {
                    names.entry(other.to_owned()).or_default().push((documents.len(), true));
                }
                documents.push(Document { collection: collection.clone(), id: id.to_owned(), value: value.clone() });
            }
        }
        let mut literals: Vec<_> = names.keys().map(|name| regex::escape(name)).collect();
        literals.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let pattern = Regex::new(&format!("⟦[^⟧]*⟧|{}", literals.join("|"))).expect("escaped names are a pattern");
        Self { documents, names, pattern }
    }

    /// Whether a path contains a code or key of the default world. The API does not return such secrets.
    pub(super) fn has_secret(path: &str) -> bool {
        UUID.find_iter(path).any(|found| fixture::DEFAULT.contains(found.as_str()))
    }

    pub(super) fn get(&self, collection: &str, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.collection == collection && document.id == id)
    }

    /// The documents of a collection.
    pub(super) fn all<'a>(&'a self, collection: &'a str) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| document.collection == collection)
    }

    /// A text with markers for documents, and for email addresses that no one in the default world has.
    pub(super) fn mark(&self, text: &str) -> String {
        let marked = self.pattern.replace_all(text, |found: &Captures<'_>| {
            let whole = found.get(0).expect("the whole match");
            let is_marker = whole.as_str().starts_with('⟦');
            if is_marker { whole.as_str().to_owned() } else { self.marker(whole.as_str(), &text[..whole.start()]) }
        });
        let marked = CONVERSATION.replace_all(&marked, "support-group-⟦unique:$1⟧");
        EMAIL.replace_all(&marked, "⟦email:$1⟧").into_owned()
    }

    /// The marker for a name. If several documents have it, the preceding text decides.
    fn marker(&self, name: &str, before: &str) -> String {
        let candidates = &self.names[name];
        let is = |collection: &str| candidates.iter().find(|(at, _)| self.documents[*at].collection == collection);
        let wanted = if before.ends_with("/faq/") || before.ends_with("/intents/") {
            is("faqs")
        } else if before.ends_with("/segments/") || before.ends_with("segment=") {
            is("segments")
        } else {
            None
        };
        let first = || is("projects").or_else(|| is("bots")).or_else(|| is("leads")).unwrap_or(&candidates[0]);
        let one = wanted.unwrap_or_else(first);
        let Document { collection, id, .. } = &self.documents[one.0];
        if one.1 { format!("⟦{collection}:{id}:name⟧") } else { format!("⟦{collection}:{id}⟧") }
    }

    /// A call with markers. Webhook targets become addresses that do not exist.
    pub(super) fn mark_call(&self, call: &Call) -> Call {
        let mut marked = mapped(call, &|text| self.mark(&TARGET.replace_all(text, r#""$1":"https://verify.invalid"#)));
        let owner = marker_of("users", OWNER, Named::Otherwise);
        if marked.basic.as_deref() == Some(format!("{owner}:{PASSWORD}").as_str()) {
            marked.basic = Some(format!("{owner}:⟦password⟧"));
        }
        for value in marked.headers.values_mut() {
            if value.starts_with("JWT ") && is_guest(value) {
                "⟦visitor⟧".clone_into(value);
            }
        }
        marked
    }
}

/// Whether a document is referred to by its ID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    ById,
    Otherwise,
}

pub(super) fn marker_of(collection: &str, id: &str, named: Named) -> String {
    format!("⟦{}⟧", key_of(collection, id, named))
}

/// A marker without its brackets.
pub(super) fn key_of(collection: &str, id: &str, named: Named) -> String {
    match named {
        Named::ById => format!("{collection}:{id}"),
        Named::Otherwise => format!("{collection}:{id}:name"),
    }
}

/// Whether a token was issued to an anonymous visitor.
fn is_guest(header: &str) -> bool {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    let payload = header.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let payload = payload.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    payload.is_some_and(|payload| payload["sub"] == "guest")
}

/// A call with all its texts changed.
pub(super) fn mapped(call: &Call, change: &dyn Fn(&str) -> String) -> Call {
    let body = |body: &Value| serde_json::from_str(&change(&body.to_string())).unwrap_or(Value::Null);
    let field = |field: &FormField| match field {
        FormField::Text(text) => FormField::Text(change(text)),
        FormField::File { file, kind, text, base64 } => {
            FormField::File { file: file.clone(), kind: kind.clone(), text: change(text), base64: base64.clone() }
        }
    };
    Call {
        method: call.method.clone(),
        path: change(&call.path),
        basic: call.basic.as_deref().map(change),
        headers: call.headers.iter().map(|(name, value)| (name.clone(), change(value))).collect(),
        body: call.body.as_ref().map(body),
        form: call.form.as_ref().map(|form| form.iter().map(|(name, value)| (name.clone(), field(value))).collect()),
    }
}

/// The markers of a call, without their brackets, in order of appearance.
pub(super) fn markers(call: &Call) -> Vec<String> {
    let found = std::cell::RefCell::new(Vec::<String>::new());
    mapped(call, &|text| {
        for marker in MARKER.captures_iter(text) {
            if !found.borrow().contains(&marker[1].to_owned()) {
                found.borrow_mut().push(marker[1].to_owned());
            }
        }
        text.to_owned()
    });
    found.into_inner()
}

/// A text with its markers replaced. Unknown markers stay.
pub(super) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let filled =
        MARKER.replace_all(text, |found: &Captures<'_>| value(&found[1]).unwrap_or_else(|| found[0].to_owned()));
    filled.into_owned()
}
