//! Rules for images.

use super::schema::AvatarFilter;
use crate::{
    identity::Principal,
    resource::file::{
        document::{Store, StoredFile},
        path::{self, MONTH, Place, Upload},
        rules::{BotWords, photo_of, photographed, remove},
        schema::UploadedFile,
        validate,
    },
    state::{State, Tx},
    value::{
        Error, Result, Text, Timestamp,
        error::{ErrorBody, ErrorKind},
        lenient::Required,
        received_file::ReceivedFile,
    },
};

const STORES: &[Store] = &[Store::Images];

const UPLOADED: &str = "Image uploded successfully";

/// The message in the documented responses of uploads.
const DOCUMENTED: &str = "File uploded successfully"; // sic

/// An image of the caller, under a new path.
pub(super) fn of_user(by: &Principal, file: Option<ReceivedFile>) -> Result<Upload> {
    let folder = format!("uploads/users/{}/images", by.id());
    upload(file, |name| Place::Below(folder, name), DOCUMENTED)
}

/// An image of an anonymous caller.
pub(super) fn public(file: Option<ReceivedFile>) -> Result<Upload> {
    upload(file, |name| Place::Below("uploads/public/images".into(), name), DOCUMENTED)
}

/// An image of the caller, under its own file name.
pub(super) fn named(by: &Principal, file: Option<ReceivedFile>) -> Result<Upload> {
    let path = |name| format!("uploads/users/{}/images/{name}", by.id());
    upload(file, |name| Place::Once(path(name), "Error uploading user image, file already exists"), UPLOADED)
}

pub(super) fn photo(state: &State, by: &Principal, of: &AvatarFilter, file: Option<ReceivedFile>) -> Result<Upload> {
    let path = photo_of(&photographed(state, by, of.bot_id.as_ref(), BotWords::IMAGES)?);
    let place = match of.force {
        Some(_) => Place::At(path),
        None => Place::Once(path, "Error uploading photo image, file already exists"),
    };
    Ok(Upload { lifetime: None, ..upload(file, |_| place, UPLOADED)? })
}

// Departs: An uploaded image that is missing, or is not an image, returns 400 or 404; the reference server fails with
// 500.
fn upload(file: Option<ReceivedFile>, place: impl FnOnce(Text) -> Place, message: &'static str) -> Result<Upload> {
    let refused = || Error::new(ErrorKind::Malformed, ErrorBody::msg("Error uploading user image.".into()));
    let file = file.ok_or_else(refused)?;
    Ok(Upload {
        store: Store::Images,
        content_type: validate::picture(&file).ok_or_else(refused)?,
        place: place(file.name),
        content: file.content,
        thumbnail: None,
        lifetime: Some(MONTH),
        message,
    })
}

pub(super) fn get(state: &State, path: Required<Text>, now: Timestamp) -> Result<StoredFile> {
    let path = needed(path)?;
    let not_found = || Error::not_found(ErrorBody::msg("Image not found.".into()));
    path::find(state, STORES, &path, now).ok_or_else(not_found)
}

pub(super) fn delete(tx: &mut Tx, by: &Principal, path: Required<Text>) -> Result<UploadedFile> {
    let path = needed(path)?;
    let not_found = || Error::not_found(ErrorBody::msg("Error deleting image.".into()));
    let filename = remove(tx, by, STORES, &path)?.ok_or_else(not_found)?;
    Ok(UploadedFile { message: "Image deleted successfully".into(), filename, thumbnail: None })
}

fn needed(path: Required<Text>) -> Result<Text> {
    path.0.ok_or_else(|| Error::new(ErrorKind::Malformed, ErrorBody::msg("Path parameter is required".into())))
}
