//! Images: uploads by older clients.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::{Section, rules, schema::AvatarFilter};
use crate::{
    http::{Account, CurrentSandbox, Download, FileForm, Filter, Reply},
    resource::file::{
        api::answer,
        path::{self, Upload},
        schema::{FileFilter, FilePath, UploadedFile},
    },
    state::Sandbox,
    value::Result,
};

pub(crate) struct Images;

#[OpenApi(tag = "Section::Images")]
impl Images {
    /// Upload an image
    ///
    /// Accepts JPEG, PNG, GIF, WebP, and icon files (otherwise 400). The image and its thumbnail expire after 30 days.
    ///
    /// Returns the path of the image and of its thumbnail.
    #[oai(path = "/images/users", method = "post", operation_id = "upload_user_image")]
    async fn upload(&self, account: Account, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        store(&account.sandbox, rules::of_user(&account.caller, form.0)?).await
    }

    /// Upload an image under its name
    ///
    /// Stores the image under its own file name. If the caller already has an image with this name, it is not replaced
    /// (409). Accepts JPEG, PNG, GIF, WebP, and icon files (otherwise 400). The image and its thumbnail expire after 30
    /// days.
    ///
    /// Returns the path of the image and of its thumbnail.
    #[oai(path = "/images/users", method = "put", operation_id = "put_user_image")]
    async fn put(&self, account: Account, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        store(&account.sandbox, rules::named(&account.caller, form.0)?).await
    }

    /// Delete an image
    ///
    /// Deletes the image and its thumbnail. The caller must be its uploader, or an agent of the project to which it
    /// belongs (otherwise 403).
    ///
    /// Returns the path of the deleted image.
    #[oai(path = "/images/users", method = "delete", operation_id = "delete_user_image")]
    async fn delete(&self, account: Account, filter: Filter<FilePath>) -> Result<Reply<UploadedFile>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller, filter.0.path)).map(|file| Reply::of(&file))
    }

    /// Get an image
    ///
    /// Requires no credentials. Files uploaded through the file operations are not found here.
    ///
    /// Returns the content of the image.
    #[oai(path = "/images", method = "get", operation_id = "get_image")]
    async fn get(&self, anyone: CurrentSandbox, filter: Filter<FileFilter>) -> Result<Download> {
        let image = rules::get(&anyone.0.state(), filter.0.path, anyone.0.clock.now())?;
        Ok(answer(image, filter.0.as_attachment.as_ref()))
    }
}

pub(crate) struct Photos;

#[OpenApi(tag = "Section::Images")]
impl Photos {
    /// Upload an avatar image
    ///
    /// Sets the avatar of the caller, or of a chatbot. For a chatbot, the caller must belong to its project (otherwise
    /// 401) as an administrator (otherwise 403). An existing avatar is replaced only with `force` (otherwise 409).
    /// Accepts JPEG, PNG, GIF, WebP, and icon files (otherwise 400).
    ///
    /// Returns the path of the avatar and of its thumbnail.
    #[oai(path = "/images/users/photo", method = "put", operation_id = "put_user_photo")]
    async fn put(
        &self,
        account: Account,
        filter: Filter<AvatarFilter>,
        form: FileForm,
    ) -> Result<Reply<UploadedFile, 201>> {
        let upload = rules::photo(&account.sandbox.state(), &account.caller, &filter.0, form.0)?;
        store(&account.sandbox, upload).await
    }

    /// Upload an image without credentials
    ///
    /// Accepts JPEG, PNG, GIF, WebP, and icon files (otherwise 400). The image and its thumbnail expire after 30 days.
    ///
    /// Returns the path of the image and of its thumbnail.
    #[oai(path = "/images/public", method = "post", operation_id = "upload_public_image")]
    async fn upload_public(&self, anyone: CurrentSandbox, form: FileForm) -> Result<Reply<UploadedFile, 201>> {
        store(&anyone.0, rules::public(form.0)?).await
    }
}

async fn store(sandbox: &Arc<Sandbox>, upload: Upload) -> Result<Reply<UploadedFile, 201>> {
    let upload = upload.with_thumbnail(&sandbox.memory).await;
    path::save(sandbox, upload).await.map(|file| Reply::of(&file))
}
