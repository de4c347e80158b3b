//! Files: project assets, files of conversations, and avatars.

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
    /// Upload a project asset
    ///
    /// Accepts `.jpg`, `.jpeg`, `.png`, `.gif`, `.pdf`, `.txt`, `.csv`, `.doc`, and `.docx` files of up to 1,024,000
    /// bytes. Another extension, or content that does not match the type of the file, returns 403; a larger file
    /// returns 413. Images get a thumbnail.
    ///
    /// Returns the path of the file and of its thumbnail.
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

    /// Upload a chat file
    ///
    /// Accepts files of up to 1,024,000 bytes with the extensions that the settings of the project (for visitors, of
    /// its widget) allow, by default `.jpg`, `.jpeg`, `.png`, `.gif`, `.pdf`, and `.txt`. Another extension, or content
    /// that does not match the type of the file, returns 403; a larger file returns 413. The file expires after 30
    /// days.
    ///
    /// Returns the path of the file.
    #[oai(path = "/files/chat", method = "post", operation_id = "upload_chat_file")]
    async fn upload_chat(&self, member: Member<Guest>, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::chat(&member.scope, &member.actor, form.0)?;
        member.scope.write(|tx| path::put(tx, upload)).map(|file| Reply::of(&file))
    }

    /// Upload an avatar
    ///
    /// Sets the avatar of the caller, or of a chatbot. For a chatbot, the caller must belong to its project (otherwise
    /// 401) as an administrator (otherwise 403). The upload replaces any previous avatar. Accepts `.png`, `.jpg`,
    /// `.jpeg`, and `.gif` files of up to 1,024,000 bytes. Another extension, or content that does not match the type
    /// of the file, returns 403; a larger file returns 413.
    ///
    /// Returns the path of the avatar and of its thumbnail.
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

    /// Get a file with credentials
    ///
    /// Works like `get_file`, but requires credentials.
    ///
    /// Returns the content of the file.
    #[oai(path = "/files", method = "get", operation_id = "get_project_file")]
    async fn get(&self, _project: Public, account: Account, filter: Filter<FileFilter>) -> Result<Download> {
        read(&account.sandbox, filter.0)
    }

    /// Delete a project file
    ///
    /// Works like `delete_file`.
    ///
    /// Returns the path of the deleted file.
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
    /// Get a file
    ///
    /// Requires no credentials. If there is no file with this path, images are searched, too.
    ///
    /// Returns the content of the file.
    #[oai(path = "/files", method = "get", operation_id = "get_file")]
    async fn get(&self, anyone: CurrentSandbox, filter: Filter<FileFilter>) -> Result<Download> {
        read(&anyone.0, filter.0)
    }

    /// Download a file
    ///
    /// Works like `get_file`, but returns an attachment, named after the last segment of the path, with the content
    /// type of that name.
    ///
    /// Returns the content of the file as an attachment.
    #[oai(path = "/files/download", method = "get", operation_id = "download_file")]
    async fn download(&self, anyone: CurrentSandbox, filter: Filter<FilePath>) -> Result<Download> {
        let file = rules::download(&anyone.0.state(), filter.0.path, anyone.0.clock.now())?;
        Ok(answer(file, Some(&Text::default())))
    }

    /// Delete a file
    ///
    /// Deletes a file or an image, and its thumbnail. The caller must be its uploader, or an agent of the project to
    /// which it belongs (otherwise 403).
    ///
    /// Returns the path of the deleted file.
    #[oai(path = "/files", method = "delete", operation_id = "delete_file")]
    async fn delete(&self, account: Account, filter: Filter<FilePath>) -> Result<Reply<UploadedFile>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller, filter.0.path)).map(|file| Reply::of(&file))
    }

    /// Upload a user file
    ///
    /// Accepts files of any kind, for older clients. The file expires after 30 days.
    ///
    /// Returns the path of the file.
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

/// A response that browsers display if that is safe, or save if `as_attachment` has any value.
pub(crate) fn answer(file: StoredFile, as_attachment: Option<&Text>) -> Download {
    Download {
        name: name_of(&file.path).into(),
        content: file.content.0,
        kind: file.content_type,
        attached: as_attachment.is_some(),
    }
}
