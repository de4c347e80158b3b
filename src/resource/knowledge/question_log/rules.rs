//! Rules for the question log.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    document::{AnsweredQuestion, Question, UnansweredQuestion, of_namespace, with_word},
    schema::{
        NewAnsweredQuestion, NewUnansweredQuestion, QuestionCount, QuestionFilter, QuestionPatch, QuestionQuery,
        QuestionsRemoved,
    },
};
use crate::{
    render,
    resource::knowledge::{
        namespace::{self, document::Namespace, schema::Done},
        paging::Defaults,
    },
    state::{
        Collection, ProjectScope, Tx,
        query::{self, Selection},
    },
    store::{Doc, Order, render},
    value::{Error, Id, RawId, Result, Text, error::ErrorBody},
};

/// Paging and sorting defaults of question lists.
pub(super) const DEFAULTS: Defaults = Defaults { limit: 20, field: "createdAt" };

/// The knowledge base of the project that a path parameter names.
pub(super) fn namespace(scope: &ProjectScope, text: &str) -> Result<Id<Namespace>> {
    scope.read(|state| Ok(namespace::rules::find_own(state, scope.project, text)?.value().id))
}

pub(super) fn list<Q: Question + Collection>(
    scope: &ProjectScope,
    id: &Text,
    filter: &QuestionFilter,
) -> Result<Bytes> {
    let namespace = namespace(scope, id)?;
    let listing = &filter.listing;
    let mut page = listing.page(&DEFAULTS);
    let mut selection = Selection::of(Vec::new());
    match &filter.search {
        None => selection.all.push(vec![of_namespace(namespace)]),
        Some(text) => {
            page.order = Order::Relevance;
            selection.search(text, |word| [with_word(namespace, word)], Q::texts);
        }
    }
    let query = QuestionQuery {
        page: listing.page.unwrap_or_default(),
        limit: listing.limit(&DEFAULTS),
        sort_field: listing.field(&DEFAULTS),
        direction: listing.direction(),
        search: filter.search.clone(),
    };
    Ok(scope.read(|state| {
        let rows = query::select::<Q>(state, selection, page);
        let mut whole = render::json::Object::new(b"{}", 256);
        whole.field("count", rows.count.to_string().as_bytes());
        whole.list("questions", rows.docs.iter().map(|question| question.json())).field("query", &render(&query));
        whole.end()
    }))
}

pub(super) fn count<Q: Question + Collection>(scope: &ProjectScope, id: &Text) -> Result<QuestionCount> {
    let namespace = namespace(scope, id)?;
    Ok(QuestionCount { count: scope.read(|state| Q::table(&state.tables).count(of_namespace(namespace))) })
}

// Departs: A question without a required field returns 400, and one for another project's knowledge base returns 403,
// as documented; the reference server fails with 500.
pub(super) fn add_unanswered(tx: &mut Tx, new: NewUnansweredQuestion) -> Result<Arc<Doc<UnansweredQuestion>>> {
    let (Some(namespace), Some(question)) = (new.namespace.given(), new.question.given()) else {
        return Err(refused("Missing required parameters: namespace and question"));
    };
    let namespace = namespace::rules::find_own(tx.state(), tx.project(), namespace)?.value().id;
    let fresh = unanswered(tx, namespace, question.clone());
    tx.put(UnansweredQuestion { request_id: new.request_id, sender: new.sender, ..fresh })
}

pub(super) fn unanswered(tx: &mut Tx, namespace: Id<Namespace>, question: Text) -> UnansweredQuestion {
    UnansweredQuestion {
        id: tx.new_id(),
        id_project: tx.project(),
        namespace,
        question,
        request_id: None,
        sender: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    }
}

pub(super) fn add_answered(tx: &mut Tx, new: NewAnsweredQuestion) -> Result<Arc<Doc<AnsweredQuestion>>> {
    let (Some(namespace), Some(question), Some(answer)) =
        (new.namespace.given(), new.question.given(), new.answer.given())
    else {
        return Err(refused("Missing required parameters: namespace, question and answer"));
    };
    let namespace = namespace::rules::find_own(tx.state(), tx.project(), namespace)?.value().id;
    let fresh = answered(tx, namespace, question.clone(), answer.clone());
    tx.put(AnsweredQuestion { tokens: new.tokens, request_id: new.request_id, ..fresh })
}

pub(super) fn answered(tx: &mut Tx, namespace: Id<Namespace>, question: Text, answer: Text) -> AnsweredQuestion {
    AnsweredQuestion {
        id: tx.new_id(),
        id_project: tx.project(),
        namespace,
        question,
        answer,
        tokens: None,
        request_id: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    }
}

fn refused(text: &'static str) -> Error {
    Error::malformed(ErrorBody::error(text.into()))
}

/// The error that these operations return for a missing question.
fn unknown(_: Error) -> Error {
    Error::not_found(ErrorBody::error("Question not found".into()))
}

pub(super) fn update(tx: &mut Tx, id: &Text, patch: &QuestionPatch) -> Result<Arc<Doc<UnansweredQuestion>>> {
    let question = patch.question.given().ok_or_else(|| refused("Missing required parameter: question"))?;
    let known = tx.get(&RawId::<UnansweredQuestion>::from(id.clone())).map_err(unknown)?;
    tx.put(UnansweredQuestion { question: question.clone(), ..known })
}

pub(super) fn delete<Q: Question + Collection>(tx: &mut Tx, id: &Text) -> Result<Done> {
    tx.remove(&RawId::<Q>::from(id.clone())).map_err(unknown)?;
    Ok(Done { success: true, message: "Question deleted successfully".into() })
}

/// Removes all questions of a knowledge base and returns their number.
pub(in crate::resource::knowledge) fn remove_all<Q: Question + Collection>(
    tx: &mut Tx,
    namespace: Id<Namespace>,
) -> Result<usize> {
    let all = Q::table(&tx.state().tables).with(of_namespace(namespace)).map(|question| question.value().id());
    let all: Vec<_> = all.collect();
    let count = all.len();
    all.into_iter().try_for_each(|question| tx.remove_by_id::<Q>(question).map(drop))?;
    Ok(count)
}

pub(super) fn delete_all<Q: Question + Collection>(tx: &mut Tx, id: &Text) -> Result<QuestionsRemoved> {
    let namespace = namespace::rules::find_own(tx.state(), tx.project(), id)?.value().id;
    let count = remove_all::<Q>(tx, namespace)?;
    Ok(QuestionsRemoved { success: true, count, message: "All questions deleted successfully".into() })
}
