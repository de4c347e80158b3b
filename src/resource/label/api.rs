//! Labels: the texts of the widget and of the system's messages.

use poem_openapi::OpenApi;

use super::{
    Section, builtin,
    document::{Labels, Language},
    rules,
    schema::{ClonedLanguage, NewLanguage},
};
use crate::{
    http::{Admin, Body, Member, Path, Public, Reply, respond},
    json_schema::OneOf,
    resource::removal::Removal,
    value::{JsonObject, Result, Text},
};

pub(crate) struct ProjectLabels;

#[OpenApi(tag = "Section::Labels")]
impl ProjectLabels {
    /// Get all labels
    ///
    /// The texts of the project in all its languages: an empty object when it has none. What is built in is not among
    /// them. No credentials are needed.
    #[oai(path = "/labels", method = "get", operation_id = "list_labels")]
    async fn list(&self, public: Public) -> Result<Reply<OneOf<Labels, JsonObject>>> {
        let scope = &public.0;
        Ok(Reply::new(scope.read(|state| rules::get(state, scope.project))))
    }

    /// Write the labels of a language
    ///
    /// Adds a language to the project, or replaces its texts as a whole. The first language becomes the default one.
    #[oai(path = "/labels", method = "post", operation_id = "create_or_update_labels")]
    async fn write(&self, member: Member<Admin>, body: Body<NewLanguage>) -> Result<Reply<Language>> {
        let written = member.scope.write(|tx| rules::write(tx, &member.actor.caller, body.0));
        written.map(|language| Reply::of(&language))
    }

    /// Delete all labels
    ///
    /// Removes the texts of all languages. Having none is no error.
    #[oai(path = "/labels", method = "delete", operation_id = "delete_all_labels")]
    async fn delete_all(&self, member: Member<Admin>) -> Result<Reply<Removal>> {
        member.scope.write(rules::delete_all).map(|removal| Reply::of(&removal))
    }

    /// Get the labels of a language
    ///
    /// A language that is not there is answered with the default one of the project; where there is none, with English.
    /// No credentials are needed.
    #[oai(path = "/labels/:lang", method = "get", operation_id = "get_labels_by_language")]
    async fn get(
        &self,
        public: Public,
        /// Code of the language, such as `EN`.
        lang: Path<Text>,
    ) -> Result<Reply<Language>> {
        let scope = &public.0;
        Ok(Reply::of(&scope.read(|state| rules::language(state, scope.project, &lang))))
    }

    /// Delete the labels of a language
    ///
    /// Answers the language that is shown in its place. The default language stays.
    #[oai(path = "/labels/:lang", method = "delete", operation_id = "delete_labels_by_language")]
    async fn delete(
        &self,
        member: Member<Admin>,
        /// Code of the language, such as `EN`.
        lang: Path<Text>,
    ) -> Result<Reply<Language>> {
        member.scope.write(|tx| rules::delete(tx, &lang)).map(|language| Reply::of(&language))
    }

    /// Set the default language
    ///
    /// The language is shown in the place of those that the project lacks.
    #[oai(path = "/labels/:lang/default", method = "patch", operation_id = "set_default_label_language")]
    async fn set_default(
        &self,
        member: Member<Admin>,
        /// Code of the language, such as `EN`.
        lang: Path<Text>,
    ) -> Result<Reply<Language>> {
        member.scope.write(|tx| rules::set_default(tx, &lang)).map(|language| Reply::of(&language))
    }
}

pub(crate) struct BuiltinLabels;

#[OpenApi(tag = "Section::Labels")]
impl BuiltinLabels {
    /// List the built-in labels
    ///
    /// The languages that are there without anybody writing them, the same for every project. No credentials are needed.
    #[oai(path = "/labels/default", method = "get", operation_id = "list_default_labels")]
    async fn list(&self, _public: Public) -> Result<Reply<Vec<Language>>> {
        Ok(Reply::new(builtin::json()))
    }

    /// Get the built-in labels of a language
    ///
    /// One of the languages that are there without anybody writing them. No credentials are needed.
    #[oai(path = "/labels/default/:lang", method = "get", operation_id = "get_default_labels_by_language")]
    async fn get(
        &self,
        _public: Public,
        /// Code of the language, such as `EN`.
        lang: Path<Text>,
    ) -> Result<Reply<Language>> {
        rules::builtin_language(&lang).map(|language| Reply::of(&language))
    }

    /// Clone built-in labels
    ///
    /// Copies a language that is built in into the project, where it can be changed. A language that is not built in gets
    /// the English texts.
    #[oai(path = "/labels/default/clone", method = "post", operation_id = "clone_default_labels")]
    async fn copy(&self, member: Member<Admin>, body: Body<ClonedLanguage>) -> Result<Reply<Labels>> {
        respond::reply(member.scope.write(|tx| rules::copy(tx, &member.actor.caller, body.0)))
    }
}
