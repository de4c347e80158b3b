//! The documents of questions, and what changes them.

use poem_openapi::{
    Object,
    types::{ParseFromJSON, ToJSON},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, knowledge::namespace::document::Namespace, project::document::Project},
    store::{Document, Full, Term, Terms, words},
    value::{Id, Text, Timestamp},
};

/// A question to which a knowledge base had no answer.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnansweredQuestion {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project of the question.
    pub(crate) id_project: Id<Project>,
    /// Knowledge base that was asked.
    pub(crate) namespace: Id<Namespace>,
    /// What was asked.
    pub(crate) question: Text,
    /// Conversation in which it was asked.
    pub(crate) request_id: Option<Text>,
    /// Who asked.
    pub(crate) sender: Option<Text>,
    /// When it was asked.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the question was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A question to which a knowledge base had an answer.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnsweredQuestion {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project of the question.
    pub(crate) id_project: Id<Project>,
    /// Knowledge base that was asked.
    pub(crate) namespace: Id<Namespace>,
    /// What was asked.
    pub(crate) question: Text,
    /// What was answered.
    pub(crate) answer: Text,
    /// Tokens that the answer took.
    pub(crate) tokens: Option<u32>,
    /// Conversation in which it was asked.
    pub(crate) request_id: Option<Text>,
    /// When it was asked.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the question was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A document of questions: what the operations of both kinds share.
pub(crate) trait Question: Entity + ParseFromJSON + ToJSON {
    /// The first word of the name of an exported file.
    const FILE: &'static str;
    /// The columns of an exported file, and the fields that they show.
    const COLUMNS: &'static [(&'static str, &'static str)];

    /// What text searches look at.
    fn texts(&self) -> Vec<&str>;
}

/// The questions of a knowledge base. Both kinds of documents have these terms.
//
// Departs: Questions are kept until they are deleted; the reference server deletes them after seven days.
pub(super) fn of_namespace(namespace: Id<Namespace>) -> Term {
    Term::new("namespace", namespace)
}

/// Those of its questions that have a word.
pub(super) fn with_word(namespace: Id<Namespace>, word: &str) -> Term {
    Term::new("word", (namespace, word))
}

fn add_terms<Q: Question>(terms: &mut Terms, namespace: Id<Namespace>, question: &Q) {
    terms.add("namespace", namespace);
    for word in question.texts().into_iter().flat_map(words) {
        terms.add("word", (namespace, &*word));
    }
}

impl AnsweredQuestion {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", project)
    }
}

impl Document for UnansweredQuestion {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        add_terms(terms, self.namespace, self);
    }
}

impl Document for AnsweredQuestion {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", self.id_project);
        add_terms(terms, self.namespace, self);
    }
}

impl Entity for UnansweredQuestion {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}

impl Entity for AnsweredQuestion {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}

impl Question for UnansweredQuestion {
    const FILE: &'static str = "unanswered";
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "_id"),
        ("namespace", "namespace"),
        ("question", "question"),
        ("request_id", "request_id"),
        ("createdAt", "createdAt"),
    ];

    fn texts(&self) -> Vec<&str> {
        vec![&self.question]
    }
}

impl Question for AnsweredQuestion {
    const FILE: &'static str = "answered";
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "_id"),
        ("namespace", "namespace"),
        ("question", "question"),
        ("answer", "answer"),
        ("tokens", "tokens"),
        ("request_id", "request_id"),
        ("createdAt", "createdAt"),
    ];

    fn texts(&self) -> Vec<&str> {
        vec![&self.question, &self.answer]
    }
}
