//! Operations on labels: translations of the texts of the widget and of system messages.

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
    /// Built-in labels are not included. Requires no credentials.
    ///
    /// Returns the labels of the project in all its languages, or an empty object if it has none.
    #[oai(path = "/labels", method = "get", operation_id = "list_labels")]
    async fn list(&self, public: Public) -> Result<Reply<OneOf<Labels, JsonObject>>> {
        let scope = &public.0;
        Ok(Reply::new(scope.read(|state| rules::get(state, scope.project))))
    }

    /// Set the labels of a language
    ///
    /// Adds a language to the project, or replaces all its labels. The first language becomes the default. Rewriting
    /// the default language without `default` leaves the project without one.
    ///
    /// Returns the labels of the language.
    #[oai(path = "/labels", method = "post", operation_id = "create_or_update_labels")]
    async fn write(&self, member: Member<Admin>, body: Body<NewLanguage>) -> Result<Reply<Language>> {
        let written = member.scope.write(|tx| rules::write(tx, &member.actor.caller, body.0));
        written.map(|language| Reply::of(&language))
    }

    /// Delete all labels
    ///
    /// Removes the labels of all languages. Succeeds even if the project has none.
    ///
    /// Returns the number of removed objects.
    #[oai(path = "/labels", method = "delete", operation_id = "delete_all_labels")]
    async fn delete_all(&self, member: Member<Admin>) -> Result<Reply<Removal>> {
        member.scope.write(rules::delete_all).map(|removal| Reply::of(&removal))
    }

    /// Get the labels of a language
    ///
    /// A language that the project does not have falls back to the default language of the project, then to its English
    /// labels, then to the built-in English ones. Requires no credentials.
    ///
    /// Returns the labels of the language or of its fallback.
    #[oai(path = "/labels/:lang", method = "get", operation_id = "get_labels_by_language")]
    async fn get(&self, public: Public, lang: Path<Text>) -> Result<Reply<Language>> {
        let scope = &public.0;
        Ok(Reply::of(&scope.read(|state| rules::language(state, scope.project, &lang))))
    }

    /// Delete the labels of a language
    ///
    /// The default language cannot be deleted (400). A language that the project does not have returns 404.
    ///
    /// Returns the labels of the language that is now shown instead.
    #[oai(path = "/labels/:lang", method = "delete", operation_id = "delete_labels_by_language")]
    async fn delete(&self, member: Member<Admin>, lang: Path<Text>) -> Result<Reply<Language>> {
        member.scope.write(|tx| rules::delete(tx, &lang)).map(|language| Reply::of(&language))
    }

    /// Set the default language
    ///
    /// The default language is shown instead of languages that the project does not have. It must be a language of the
    /// project (otherwise 404).
    ///
    /// Returns the labels of the language.
    #[oai(path = "/labels/:lang/default", method = "patch", operation_id = "set_default_label_language")]
    async fn set_default(&self, member: Member<Admin>, lang: Path<Text>) -> Result<Reply<Language>> {
        member.scope.write(|tx| rules::set_default(tx, &lang)).map(|language| Reply::of(&language))
    }
}

pub(crate) struct BuiltinLabels;

#[OpenApi(tag = "Section::Labels")]
impl BuiltinLabels {
    /// List built-in labels
    ///
    /// Built-in labels are the same for every project. Requires no credentials.
    ///
    /// Returns the built-in labels of all languages.
    #[oai(path = "/labels/default", method = "get", operation_id = "list_default_labels")]
    async fn list(&self, _public: Public) -> Result<Reply<Vec<Language>>> {
        Ok(Reply::new(builtin::json()))
    }

    /// Get built-in labels
    ///
    /// Built-in labels are the same for every project; a language without them returns 404. Requires no credentials.
    ///
    /// Returns the built-in labels of the language.
    #[oai(path = "/labels/default/:lang", method = "get", operation_id = "get_default_labels_by_language")]
    async fn get(&self, _public: Public, lang: Path<Text>) -> Result<Reply<Language>> {
        rules::builtin_language(&lang).map(|language| Reply::of(&language))
    }

    /// Clone built-in labels
    ///
    /// Copies the built-in labels of a language to the project, where they can be changed. A language without built-in
    /// labels gets the English ones.
    ///
    /// Returns the labels of the project in all its languages.
    #[oai(path = "/labels/default/clone", method = "post", operation_id = "clone_default_labels")]
    async fn copy(&self, member: Member<Admin>, body: Body<ClonedLanguage>) -> Result<Reply<Labels>> {
        respond::reply(member.scope.write(|tx| rules::copy(tx, &member.actor.caller, body.0)))
    }
}
