//! Operations on the log of unanswered and answered questions.

use poem_openapi::OpenApi;

use super::{
    document::{AnsweredQuestion, UnansweredQuestion},
    export::{AnsweredQuestionExport, Content, ExportFilter, File, UnansweredQuestionExport, export},
    rules,
    schema::{
        AnsweredQuestionPage, NewAnsweredQuestion, NewUnansweredQuestion, QuestionCount, QuestionFilter, QuestionPatch,
        QuestionsRemoved, UnansweredQuestionPage,
    },
};
use crate::{
    http::{AdminOrProgram, Attachment, Body, Csv, Filter, Member, Path, Reply, respond},
    json_schema::Either,
    resource::knowledge::{Section, namespace::schema::Done},
    value::{Result, Text},
};

pub(crate) struct UnansweredQuestions;

#[OpenApi(tag = "Section::Questions")]
impl UnansweredQuestions {
    /// Record an unanswered question
    ///
    /// Logs a question that a knowledge base of the project could not answer. A missing `namespace` or `question`
    /// returns 400, and a knowledge base of another project 403.
    ///
    /// Returns the recorded question.
    #[oai(path = "/kb/unanswered", method = "post", operation_id = "create_unanswered_question")]
    async fn create(
        &self,
        member: Member<AdminOrProgram>,
        body: Body<NewUnansweredQuestion>,
    ) -> Result<Reply<UnansweredQuestion>> {
        respond::reply(member.scope.write(|tx| rules::add_unanswered(tx, body.0)))
    }

    /// Count unanswered questions
    ///
    /// Counts the questions that a knowledge base could not answer.
    ///
    /// Returns the number of questions.
    #[oai(path = "/kb/unanswered/count/:namespace_id", method = "get", operation_id = "count_unanswered_questions")]
    async fn count(&self, member: Member<AdminOrProgram>, namespace_id: Path<Text>) -> Result<Reply<QuestionCount>> {
        rules::count::<UnansweredQuestion>(&member.scope, &namespace_id).map(|count| Reply::of(&count))
    }

    /// List unanswered questions
    ///
    /// Lists the questions that a knowledge base could not answer, newest first by default. With `search`, the best
    /// matches come first.
    ///
    /// Returns one page of unanswered questions.
    #[oai(path = "/kb/unanswered/:id", method = "get", operation_id = "list_unanswered_questions")]
    async fn list(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the knowledge base (`id`).
        id: Path<Text>,
        filter: Filter<QuestionFilter>,
    ) -> Result<Reply<UnansweredQuestionPage>> {
        rules::list::<UnansweredQuestion>(&member.scope, &id, &filter.0).map(Reply::new)
    }

    /// Update an unanswered question
    ///
    /// Changes the text of the question, which is required (otherwise 400).
    ///
    /// Returns the updated question.
    #[oai(path = "/kb/unanswered/:id", method = "put", operation_id = "update_unanswered_question")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the question (`_id`).
        id: Path<Text>,
        body: Body<QuestionPatch>,
    ) -> Result<Reply<UnansweredQuestion>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &id, &body.0)))
    }

    /// Delete an unanswered question
    ///
    /// Removes the question permanently.
    ///
    /// Returns a confirmation.
    #[oai(path = "/kb/unanswered/:id", method = "delete", operation_id = "delete_unanswered_question")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the question (`_id`).
        id: Path<Text>,
    ) -> Result<Reply<Done>> {
        member.scope.write(|tx| rules::delete::<UnansweredQuestion>(tx, &id)).map(|done| Reply::of(&done))
    }

    /// Delete all unanswered questions
    ///
    /// Removes all questions that a knowledge base could not answer.
    ///
    /// Returns the number of deleted questions.
    #[oai(
        path = "/kb/unanswered/namespace/:namespace_id",
        method = "delete",
        operation_id = "delete_all_unanswered_questions"
    )]
    async fn delete_all(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<Text>,
    ) -> Result<Reply<QuestionsRemoved>> {
        let removed = member.scope.write(|tx| rules::delete_all::<UnansweredQuestion>(tx, &namespace_id))?;
        Ok(Reply::of(&removed))
    }

    /// Export unanswered questions
    ///
    /// Exports all questions that a knowledge base could not answer, newest first, as CSV or JSON.
    ///
    /// Returns the questions as a file.
    #[oai(path = "/kb/unanswered/:id/export", method = "get", operation_id = "export_unanswered_questions")]
    async fn export(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the knowledge base (`id`).
        id: Path<Text>,
        filter: Filter<ExportFilter>,
    ) -> Result<Attachment<Either<Csv, Reply<UnansweredQuestionExport>>>> {
        export::<UnansweredQuestion>(&member.scope, &id, &filter.0).map(Attachment::from)
    }
}

pub(crate) struct AnsweredQuestions;

#[OpenApi(tag = "Section::Questions")]
impl AnsweredQuestions {
    /// Record an answered question
    ///
    /// Logs a question that a knowledge base of the project answered. A missing `namespace`, `question`, or `answer`
    /// returns 400, and a knowledge base of another project 403.
    ///
    /// Returns the recorded question.
    #[oai(path = "/kb/answered", method = "post", operation_id = "create_answered_question")]
    async fn create(
        &self,
        member: Member<AdminOrProgram>,
        body: Body<NewAnsweredQuestion>,
    ) -> Result<Reply<AnsweredQuestion>> {
        respond::reply(member.scope.write(|tx| rules::add_answered(tx, body.0)))
    }

    /// Count answered questions
    ///
    /// Counts the questions that a knowledge base answered.
    ///
    /// Returns the number of questions.
    #[oai(path = "/kb/answered/count/:namespace_id", method = "get", operation_id = "count_answered_questions")]
    async fn count(&self, member: Member<AdminOrProgram>, namespace_id: Path<Text>) -> Result<Reply<QuestionCount>> {
        rules::count::<AnsweredQuestion>(&member.scope, &namespace_id).map(|count| Reply::of(&count))
    }

    /// List answered questions
    ///
    /// Lists the questions that a knowledge base answered, newest first by default. With `search`, the best matches
    /// come first.
    ///
    /// Returns one page of answered questions.
    #[oai(path = "/kb/answered/:id", method = "get", operation_id = "list_answered_questions")]
    async fn list(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the knowledge base (`id`).
        id: Path<Text>,
        filter: Filter<QuestionFilter>,
    ) -> Result<Reply<AnsweredQuestionPage>> {
        rules::list::<AnsweredQuestion>(&member.scope, &id, &filter.0).map(Reply::new)
    }

    /// Delete an answered question
    ///
    /// Removes the question permanently.
    ///
    /// Returns a confirmation.
    #[oai(path = "/kb/answered/:id", method = "delete", operation_id = "delete_answered_question")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the question (`_id`).
        id: Path<Text>,
    ) -> Result<Reply<Done>> {
        member.scope.write(|tx| rules::delete::<AnsweredQuestion>(tx, &id)).map(|done| Reply::of(&done))
    }

    /// Delete all answered questions
    ///
    /// Removes all questions that a knowledge base answered.
    ///
    /// Returns the number of deleted questions.
    #[oai(
        path = "/kb/answered/namespace/:namespace_id",
        method = "delete",
        operation_id = "delete_all_answered_questions"
    )]
    async fn delete_all(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<Text>,
    ) -> Result<Reply<QuestionsRemoved>> {
        let removed = member.scope.write(|tx| rules::delete_all::<AnsweredQuestion>(tx, &namespace_id))?;
        Ok(Reply::of(&removed))
    }

    /// Export answered questions
    ///
    /// Exports all questions that a knowledge base answered, newest first, as CSV or JSON.
    ///
    /// Returns the questions as a file.
    #[oai(path = "/kb/answered/:id/export", method = "get", operation_id = "export_answered_questions")]
    async fn export(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the knowledge base (`id`).
        id: Path<Text>,
        filter: Filter<ExportFilter>,
    ) -> Result<Attachment<Either<Csv, Reply<AnsweredQuestionExport>>>> {
        export::<AnsweredQuestion>(&member.scope, &id, &filter.0).map(Attachment::from)
    }
}

impl<T: poem_openapi::types::ParseFromJSON + poem_openapi::types::ToJSON> From<File>
    for Attachment<Either<Csv, Reply<T>>>
{
    fn from(file: File) -> Self {
        let answer = match file.content {
            Content::Csv(rows) => Either::This(Csv::Utf8(rows)),
            Content::Json(questions) => Either::That(Reply::new(questions)),
        };
        Self { name: file.name, answer }
    }
}
