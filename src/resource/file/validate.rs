//! What may be uploaded: the name, the claimed type, the size, and what the bytes really are.

use std::path::Path;

use crate::{
    resource::project::document::Project,
    value::{
        Error, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        received_file::ReceivedFile,
    },
};

/// Most bytes of a file, as the documentation has it.
const MOST: usize = 1_024_000;

/// The extensions of assets.
pub(super) const ASSETS: &str = ".jpg,.jpeg,.png,.gif,.pdf,.txt,.csv,.doc,.docx";

/// The extensions of what is sent in conversations, unless the project says otherwise.
const CHAT: &str = ".jpg,.jpeg,.png,.gif,.pdf,.txt";

/// The extensions of avatars.
const PHOTOS: &str = ".png,.jpg,.jpeg,.gif";

/// Everything may be sent.
const ANYTHING: &str = "*/*";

/// The pictures that the older resource takes.
const PICTURES: [&str; 5] = ["image/jpeg", "image/png", "image/gif", "image/vnd.microsoft.icon", "image/webp"];

/// The extensions that a member may send in conversations of the project.
pub(super) fn chat_extensions(project: &Project, role: Role) -> Text {
    // The names are the API's.
    let own = if role < Role::Agent {
        project.widget.as_ref().and_then(|widget| widget.0.get("allowedUploadExtentions"))
    } else {
        project.settings.as_ref().and_then(|settings| settings.0.get("allowed_upload_extentions"))
    };
    own.and_then(|own| own.as_str()).unwrap_or(CHAT).into()
}

/// The content type of a file that may be stored.
pub(super) fn file(file: &ReceivedFile, allowed: &str) -> Result<Text> {
    let extension = extension(&file.name);
    if !allows(allowed, &extension) {
        return Err(refused(format!("File extension {extension} is not allowed")));
    }
    fits(file)
}

/// The content type of an avatar.
pub(super) fn photo(file: &ReceivedFile) -> Result<Text> {
    let extension = extension(&file.name);
    if !allows(PHOTOS, &extension) {
        return Err(refused(format!("File extension {extension} is not allowed for avatar")));
    }
    fits(file)
}

/// The content type of a picture of the older resource; none when it is no such picture.
pub(crate) fn picture(file: &ReceivedFile) -> Option<Text> {
    let claimed = claimed(file);
    let real = detected(file).filter(|real| PICTURES.contains(real))?;
    (alike(real) == alike(&claimed)).then(|| real.into())
}

/// The content type of a file of any kind: what it is, or else what it is said to be.
pub(super) fn anything(file: &ReceivedFile) -> Text {
    detected(file).map_or_else(|| claimed(file), Into::into)
}

fn allows(allowed: &str, extension: &str) -> bool {
    let mut allowed = allowed.split(',').map(str::trim);
    allowed.any(|known| known == ANYTHING || !extension.is_empty() && known.eq_ignore_ascii_case(extension))
}

/// Name, claim, size and content have to agree, in this order.
fn fits(file: &ReceivedFile) -> Result<Text> {
    let claimed = claimed(file);
    let mut named = mime_guess::from_path(&*file.name).into_iter().peekable();
    if let Some(first) = named.peek().map(ToString::to_string)
        && !named.any(|kind| alike(kind.essence_str()) == alike(&claimed))
    {
        return Err(mismatch(&first, &claimed));
    }
    if file.content.len() > MOST {
        let words = ErrorBody::ErrorName("File too large".into(), "LIMIT_FILE_SIZE");
        return Err(Error::new(ErrorKind::TooLarge, words));
    }
    match detected(file) {
        Some(real) if alike(real) == alike(&claimed) => Ok(claimed),
        // There is nothing by which a text could be told from others.
        None if claimed.starts_with("text/") => Ok(claimed),
        real => Err(mismatch(real.unwrap_or("unknown"), &claimed)),
    }
}

/// The extension of a name with its dot, as it is written.
fn extension(name: &str) -> String {
    Path::new(name).extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default()
}

fn claimed(file: &ReceivedFile) -> Text {
    file.claimed.clone().unwrap_or_else(|| kind_of(&file.name))
}

/// The content type that goes with a name.
pub(super) fn kind_of(name: &str) -> Text {
    mime_guess::from_path(name).first_or_octet_stream().essence_str().into()
}

fn detected(file: &ReceivedFile) -> Option<&'static str> {
    infer::get(&file.content).map(|kind| kind.mime_type()).filter(|kind| !kind.starts_with("text/"))
}

/// One name for what has several.
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
    Error::forbidden(ErrorBody::Error(text.into()))
}
