//! The stored questions.

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

/// A question that a knowledge base could not answer.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnansweredQuestion {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project that the question belongs to.
    pub(crate) id_project: Id<Project>,
    /// Identifier of the knowledge base.
    pub(crate) namespace: Id<Namespace>,
    /// The question.
    pub(crate) question: Text,
    /// `request_id` of the conversation in which the question was asked.
    pub(crate) request_id: Option<Text>,
    /// Sender of the question.
    pub(crate) sender: Option<Text>,
    /// Time of the question.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A question that a knowledge base answered.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnsweredQuestion {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project that the question belongs to.
    pub(crate) id_project: Id<Project>,
    /// Identifier of the knowledge base.
    pub(crate) namespace: Id<Namespace>,
    /// The question.
    pub(crate) question: Text,
    /// The answer.
    pub(crate) answer: Text,
    /// Number of tokens used for the answer.
    pub(crate) tokens: Option<u32>,
    /// `request_id` of the conversation in which the question was asked.
    pub(crate) request_id: Option<Text>,
    /// Time of the question.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// Behavior shared by both kinds of questions.
pub(crate) trait Question: Entity + ParseFromJSON + ToJSON {
    /// First word of the name of an exported file.
    const FILE: &'static str;
    /// Columns of an exported file, with the fields that they show.
    const COLUMNS: &'static [(&'static str, &'static str)];

    /// Texts that full-text search covers.
    fn texts(&self) -> Vec<&str>;
}

/// The index terms of questions.
#[derive(Clone, Copy, Hash)]
enum QuestionIndex {
    Namespace,
    Word,
    Project,
}

/// Questions of a knowledge base. Both kinds of documents have this term.
//
// Departs: Questions are kept until they are deleted; the reference server deletes them after seven days.
pub(super) fn of_namespace(namespace: Id<Namespace>) -> Term {
    Term::new(QuestionIndex::Namespace, namespace)
}

/// Questions of a knowledge base that contain a word.
pub(super) fn with_word(namespace: Id<Namespace>, word: &str) -> Term {
    Term::new(QuestionIndex::Word, (namespace, word))
}

fn add_terms<Q: Question>(terms: &mut Terms, namespace: Id<Namespace>, question: &Q) {
    terms.add(QuestionIndex::Namespace, namespace);
    for word in question.texts().into_iter().flat_map(words) {
        terms.add(QuestionIndex::Word, (namespace, &*word));
    }
}

impl AnsweredQuestion {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(QuestionIndex::Project, project)
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
        terms.add(QuestionIndex::Project, self.id_project);
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
