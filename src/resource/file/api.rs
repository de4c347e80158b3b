//! Files: uploads to projects and conversations, and avatars.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::StoredFile,
    path::{self, name_of},
    rules,
    schema::{AssetFilter, FileFilter, FilePath, PhotoFilter, UploadedFile},
};
use crate::{
    http::{Account, Admin, Agent, CurrentSandbox, Download, FileForm, Filter, Guest, Member, Public, Reply},
    state::Sandbox,
    value::{Result, Text},
};

pub(crate) struct ProjectFiles;

#[OpenApi(tag = "Section::Files")]
impl ProjectFiles {
    /// Upload an asset of the project
    ///
    /// Takes `.jpg`, `.jpeg`, `.png`, `.gif`, `.pdf`, `.txt`, `.csv`, `.doc` and `.docx` of up to 1,024,000 bytes whose content
    /// is what they claim. Pictures get a thumbnail.
    #[oai(path = "/files/assets", method = "post", operation_id = "upload_project_asset")]
    async fn upload_asset(
        &self,
        member: Member<Admin>,
        filter: Filter<AssetFilter>,
        form: FileForm,
    ) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::asset(member.scope.project, form.0, filter.0.expiration)?
            .with_thumbnail(&member.scope.sandbox.memory)
            .await;
        member.scope.write(|tx| path::put(tx, upload)).map(|file| Reply::of(&file))
    }

    /// Upload a file for a conversation
    ///
    /// Takes `.jpg`, `.jpeg`, `.png`, `.gif`, `.pdf` and `.txt`, or what the settings of the project allow, of up to 1,024,000
    /// bytes. The file is gone after 30 days.
    #[oai(path = "/files/chat", method = "post", operation_id = "upload_chat_file")]
    async fn upload_chat(&self, member: Member<Guest>, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::chat(&member.scope, &member.actor, form.0)?;
        member.scope.write(|tx| path::put(tx, upload)).map(|file| Reply::of(&file))
    }

    /// Upload an avatar
    ///
    /// The picture of the caller, or of a chatbot of a project in which the caller is an administrator. It takes the place of
    /// the one before. Takes `.png`, `.jpg`, `.jpeg` and `.gif`.
    #[oai(path = "/files/users/photo", method = "post", operation_id = "upload_user_photo")]
    async fn upload_photo(
        &self,
        member: Member<Agent>,
        filter: Filter<PhotoFilter>,
        form: FileForm,
    ) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::photo(&member.scope, &member.actor.caller, &filter.0, form.0)?
            .with_thumbnail(&member.scope.sandbox.memory)
            .await;
        member.scope.write(|tx| path::put(tx, upload)).map(|file| Reply::of(&file))
    }

    /// Read a file with credentials
    ///
    /// The same as reading it without a project.
    #[oai(path = "/files", method = "get", operation_id = "get_project_file")]
    async fn get(&self, _project: Public, account: Account, filter: Filter<FileFilter>) -> Result<Download> {
        read(&account.sandbox, filter.0)
    }

    /// Delete a file of a project
    ///
    /// The same as deleting it without a project.
    #[oai(path = "/files", method = "delete", operation_id = "delete_project_file")]
    async fn delete(
        &self,
        _project: Public,
        account: Account,
        filter: Filter<FilePath>,
    ) -> Result<Reply<UploadedFile>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller, filter.0.path)).map(|file| Reply::of(&file))
    }
}

pub(crate) struct Files;

#[OpenApi(tag = "Section::Files")]
impl Files {
    /// Read a file
    ///
    /// No credentials are needed. A path of which there is no file is looked for among the images, too.
    #[oai(path = "/files", method = "get", operation_id = "get_file")]
    async fn get(&self, anyone: CurrentSandbox, filter: Filter<FileFilter>) -> Result<Download> {
        read(&anyone.0, filter.0)
    }

    /// Download a file
    ///
    /// The same, to be saved under the last segment of its path. The content type is that of the name.
    #[oai(path = "/files/download", method = "get", operation_id = "download_file")]
    async fn download(&self, anyone: CurrentSandbox, filter: Filter<FilePath>) -> Result<Download> {
        let file = rules::download(&anyone.0.state(), filter.0.path, anyone.0.clock.now())?;
        Ok(answer(file, Some(&Text::default())))
    }

    /// Delete a file
    ///
    /// Removes a file or an image, and its thumbnail. The caller must be its uploader, or an agent of the project to which it
    /// belongs (otherwise 403).
    #[oai(path = "/files", method = "delete", operation_id = "delete_file")]
    async fn delete(&self, account: Account, filter: Filter<FilePath>) -> Result<Reply<UploadedFile>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller, filter.0.path)).map(|file| Reply::of(&file))
    }

    /// Upload a file of the caller
    ///
    /// Takes files of any kind, for older clients. The file is gone after 30 days.
    #[oai(path = "/files/users", method = "post", operation_id = "upload_user_file")]
    async fn upload(&self, account: Account, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::any(&account.caller, form.0)?;
        path::save(&account.sandbox, upload).await.map(|file| Reply::of(&file))
    }
}

fn read(sandbox: &Sandbox, filter: FileFilter) -> Result<Download> {
    let file = rules::get(&sandbox.state(), filter.path, sandbox.clock.now())?;
    Ok(answer(file, filter.as_attachment.as_ref()))
}

/// A file that browsers display where they safely can, or one that they save, when `as_attachment` has any value.
pub(crate) fn answer(file: StoredFile, as_attachment: Option<&Text>) -> Download {
    Download {
        name: name_of(&file.path).into(),
        content: file.content.0,
        kind: file.content_type,
        attached: as_attachment.is_some(),
    }
}
