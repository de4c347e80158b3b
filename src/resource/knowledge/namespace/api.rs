//! Operations on knowledge bases, called namespaces in paths.

use poem_openapi::OpenApi;

use super::{
    document::Namespace,
    rules,
    schema::{
        Chunks, Done, NamespaceChatbot, NamespaceExport, NamespaceExportFilter, NamespaceFilter, NamespaceImport,
        NamespacePatch, NamespaceRemoval, NewNamespace,
    },
    transfer,
};
use crate::{
    http::{AdminOrProgram, Attachment, Body, DocumentUpload, Filter, FormOr, Member, Path, Reply, respond},
    json_schema::Populated,
    resource::knowledge::{Section, content::document::Content},
    value::{RawId, Result},
};

pub(crate) struct Namespaces;

#[OpenApi(tag = "Section::KnowledgeBases")]
impl Namespaces {
    /// List knowledge bases
    ///
    /// Lists the knowledge bases of the project, oldest first. If there is none, the default knowledge base is created.
    ///
    /// Returns all knowledge bases of the project.
    #[oai(path = "/kb/namespace/all", method = "get", operation_id = "list_namespaces")]
    async fn list(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceFilter>,
    ) -> Result<Reply<Vec<Populated<Namespace>>>> {
        rules::list(&member.scope, &filter.0).map(Reply::new)
    }

    /// Create a knowledge base
    ///
    /// Adds a knowledge base to the project. The first one becomes the default. Exceeding the plan's limit on knowledge
    /// bases, or hybrid search without a plan that allows it, returns 403.
    ///
    /// Returns the created knowledge base.
    #[oai(path = "/kb/namespace", method = "post", operation_id = "create_namespace")]
    async fn create(&self, member: Member<AdminOrProgram>, body: Body<NewNamespace>) -> Result<Reply<Namespace>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor, body.0)))
    }

    /// Export a knowledge base
    ///
    /// Exports the settings of the knowledge base and its contents of the kinds `url`, `text`, and `faq` as a JSON file
    /// that can be imported again.
    ///
    /// Returns the knowledge base as a file.
    #[oai(path = "/kb/namespace/export/:namespace_id", method = "get", operation_id = "export_namespace")]
    async fn export(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
        filter: Filter<NamespaceExportFilter>,
    ) -> Result<Attachment<Reply<NamespaceExport>>> {
        let (name, file) = transfer::export(&member.scope, &namespace_id, &filter.0)?;
        Ok(Attachment { name, answer: Reply::new(file) })
    }

    /// Import a knowledge base
    ///
    /// Replaces the contents of the kinds `url`, `text`, and `faq` with those of an exported file, sent as the body or
    /// as the file `uploadFile` of a multipart form. The name and the settings of the knowledge base are kept.
    ///
    /// Returns a confirmation.
    #[oai(path = "/kb/namespace/import/:namespace_id", method = "post", operation_id = "import_namespace")]
    async fn import(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
        body: FormOr<DocumentUpload, NamespaceImport>,
    ) -> Result<Reply<Done>> {
        member.scope.write(|tx| transfer::import(tx, &namespace_id, body.0)).map(|done| Reply::of(&done))
    }
}

pub(crate) struct NamespaceDetails;

#[OpenApi(tag = "Section::KnowledgeBases")]
impl NamespaceDetails {
    /// Update a knowledge base
    ///
    /// Changes the given fields. Fields that are absent, `null`, or empty keep their value.
    ///
    /// Returns the updated knowledge base.
    #[oai(path = "/kb/namespace/:namespace_id", method = "put", operation_id = "update_namespace")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
        body: Body<NamespacePatch>,
    ) -> Result<Reply<Namespace>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &namespace_id, body.0)))
    }

    /// Delete a knowledge base
    ///
    /// Removes the knowledge base with its contents and its logged questions, or with `contents_only` only the
    /// contents. The default knowledge base itself cannot be deleted (403).
    ///
    /// Returns a confirmation.
    #[oai(path = "/kb/namespace/:namespace_id", method = "delete", operation_id = "delete_namespace")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
        filter: Filter<NamespaceRemoval>,
    ) -> Result<Reply<Done>> {
        let done = member.scope.write(|tx| rules::delete(tx, &member.actor, &namespace_id, &filter.0))?;
        Ok(Reply::of(&done))
    }

    /// List chatbots of a knowledge base
    ///
    /// Lists the bots of the project that answer from the knowledge base. Soft-deleted bots are omitted.
    ///
    /// Returns the identifiers and names of the bots.
    #[oai(path = "/kb/namespace/:namespace_id/chatbots", method = "get", operation_id = "list_namespace_chatbots")]
    async fn list_chatbots(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
    ) -> Result<Reply<Vec<NamespaceChatbot>>> {
        let scope = &member.scope;
        let bots = scope.read(|state| rules::chatbots(state, scope.project, &namespace_id))?;
        Ok(Reply::of(&bots))
    }

    /// List chunks of a content item
    ///
    /// Lists the paragraphs into which the item was split when it was indexed. The list is empty until then.
    ///
    /// Returns the chunks of the content item, in order.
    #[oai(
        path = "/kb/namespace/:namespace_id/chunks/:content_id",
        method = "get",
        operation_id = "list_content_chunks"
    )]
    async fn list_chunks(
        &self,
        member: Member<AdminOrProgram>,
        namespace_id: Path<RawId<Namespace>>,
        content_id: Path<RawId<Content>>,
    ) -> Result<Reply<Chunks>> {
        rules::chunks(&member.scope, &namespace_id, &content_id).map(|chunks| Reply::of(&chunks))
    }
}
