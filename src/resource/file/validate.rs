//! Validation of uploads by name, claimed type, size, and detected type.

use std::path::Path;

use crate::{
    resource::project::document::Project,
    value::{
        Error, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        received_file::ReceivedFile,
    },
};

/// Maximum size of a file in bytes, as documented.
const MOST: usize = 1_024_000;

/// Extensions of assets.
pub(super) const ASSETS: &str = ".jpg,.jpeg,.png,.gif,.pdf,.txt,.csv,.doc,.docx";

/// Default extensions of files in conversations.
const CHAT: &str = ".jpg,.jpeg,.png,.gif,.pdf,.txt";

/// Extensions of avatars.
const PHOTOS: &str = ".png,.jpg,.jpeg,.gif";

/// Allows every file.
const ANYTHING: &str = "*/*";

/// Types of images that the older resource accepts.
const PICTURES: [&str; 5] = ["image/jpeg", "image/png", "image/gif", "image/vnd.microsoft.icon", "image/webp"];

/// The extensions that a member may send in conversations of the project. Visitors and teammates have separate
/// settings.
pub(super) fn chat_extensions(project: &Project, role: Role) -> Text {
    let own = if role < Role::Agent {
        project.widget.as_ref().and_then(|widget| widget.0.get("allowedUploadExtentions")) // sic
    } else {
        project.settings.as_ref().and_then(|settings| settings.0.get("allowed_upload_extentions")) // sic
    };
    own.and_then(|own| own.as_str()).unwrap_or(CHAT).into()
}

/// Validates a file, and returns its content type.
pub(super) fn file(file: &ReceivedFile, allowed: &str) -> Result<Text> {
    let extension = extension(&file.name);
    if !allows(allowed, &extension) {
        return Err(refused(format!("File extension {extension} is not allowed")));
    }
    fits(file)
}

/// Validates an avatar, and returns its content type.
pub(super) fn photo(file: &ReceivedFile) -> Result<Text> {
    let extension = extension(&file.name);
    if !allows(PHOTOS, &extension) {
        return Err(refused(format!("File extension {extension} is not allowed for avatar")));
    }
    fits(file)
}

/// The content type of an image of the older resource; `None` if it is not an accepted image.
pub(crate) fn picture(file: &ReceivedFile) -> Option<Text> {
    let claimed = claimed(file);
    let real = detected(file).filter(|real| PICTURES.contains(real))?;
    (alike(real) == alike(&claimed)).then(|| real.into())
}

/// The detected content type of a file, or else the claimed one.
pub(super) fn anything(file: &ReceivedFile) -> Text {
    detected(file).map_or_else(|| claimed(file), Into::into)
}

fn allows(allowed: &str, extension: &str) -> bool {
    let mut allowed = allowed.split(',').map(str::trim);
    allowed.any(|known| known == ANYTHING || !extension.is_empty() && known.eq_ignore_ascii_case(extension))
}

/// Checks claimed type against name, size, and content against claimed type, in this order.
fn fits(file: &ReceivedFile) -> Result<Text> {
    let claimed = claimed(file);
    let mut named = mime_guess::from_path(&*file.name).into_iter().peekable();
    if let Some(first) = named.peek().map(ToString::to_string)
        && !named.any(|kind| alike(kind.essence_str()) == alike(&claimed))
    {
        return Err(mismatch(&first, &claimed));
    }
    if file.content.len() > MOST {
        let words = ErrorBody::error("File too large".into()).with("code", "LIMIT_FILE_SIZE");
        return Err(Error::new(ErrorKind::TooLarge, words));
    }
    match detected(file) {
        Some(real) if alike(real) == alike(&claimed) => Ok(claimed),
        // Text has no signature to detect.
        None if claimed.starts_with("text/") => Ok(claimed),
        real => Err(mismatch(real.unwrap_or("unknown"), &claimed)),
    }
}

/// The extension of a name, with its dot and in its original case.
fn extension(name: &str) -> String {
    Path::new(name).extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default()
}

fn claimed(file: &ReceivedFile) -> Text {
    file.claimed.clone().unwrap_or_else(|| kind_of(&file.name))
}

/// The content type of a file name.
pub(super) fn kind_of(name: &str) -> Text {
    mime_guess::from_path(name).first_or_octet_stream().essence_str().into()
}

fn detected(file: &ReceivedFile) -> Option<&'static str> {
    infer::get(&file.content).map(|kind| kind.mime_type()).filter(|kind| !kind.starts_with("text/"))
}

/// Maps aliases of a content type to one name.
fn alike(kind: &str) -> &str {
    match kind {
        "image/jpg" => "image/jpeg",
        "image/x-icon" => "image/vnd.microsoft.icon",
        "audio/wav" | "audio/wave" | "audio/vnd.wave" => "audio/x-wav",
        "audio/mp3" => "audio/mpeg",
        "audio/opus" | "application/ogg" => "audio/ogg",
        "audio/webm" => "video/webm",
        "application/x-zip-compressed" => "application/zip",
        "text/x-markdown" | "text/markdown" => "text/plain",
        kind => kind,
    }
}

fn mismatch(real: &str, claimed: &str) -> Error {
    refused(format!("File content does not match mimetype. Detected: {real}, provided: {claimed}"))
}

fn refused(text: String) -> Error {
    Error::forbidden(ErrorBody::error(text.into()))
}
