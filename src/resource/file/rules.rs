//! Rules for files: permissions, and what can be uploaded.

use super::{
    document::{Store, StoredFile},
    path::{self, MONTH, Place, Upload},
    schema::{PhotoFilter, UploadedFile},
    validate,
};
use crate::{
    identity::{Actor, Principal, authenticate},
    resource::{chatbot::document::Bot, project::document::Project, team::document::Teammate, user::document::User},
    state::{Hole, ProjectScope, State, Tx},
    value::{
        Error, Id, Result, Role, Text, Timestamp,
        error::{ErrorBody, ErrorKind},
        lenient::Required,
        received_file::ReceivedFile,
    },
};

const UPLOADED: &str = "File uploaded successfully";

/// Both stores are searched, in this order.
const STORES: &[Store] = &[Store::Files, Store::Images];

/// Fails if an upload has no file.
//
// Departs: An upload without a file returns 400; the reference server fails with 500 in most of these operations.
fn given(file: Option<ReceivedFile>) -> Result<ReceivedFile> {
    file.ok_or_else(|| Error::new(ErrorKind::Malformed, ErrorBody::error("No file uploaded".into())))
}

pub(super) fn asset(project: Id<Project>, file: Option<ReceivedFile>, expiration: Option<i64>) -> Result<Upload> {
    let file = given(file)?;
    Ok(Upload {
        store: Store::Files,
        content_type: validate::file(&file, validate::ASSETS)?,
        place: Place::Below(format!("uploads/projects/{project}/files"), file.name),
        content: file.content,
        thumbnail: None,
        lifetime: expiration.filter(|seconds| *seconds > 0),
        message: UPLOADED,
    })
}

pub(super) fn chat(scope: &ProjectScope, by: &Actor, file: Option<ReceivedFile>) -> Result<Upload> {
    let file = given(file)?;
    let allowed = scope.read(|state| {
        let project = state.tables.projects.get(scope.project).ok_or(Error::OBJECT_NOT_FOUND)?;
        Ok(validate::chat_extensions(&project.value(), by.role()))
    })?;
    Ok(Upload { content_type: validate::file(&file, &allowed)?, ..of_user(&by.id(), file, UPLOADED) })
}

/// A file of any kind, for older clients.
pub(super) fn any(by: &Principal, file: Option<ReceivedFile>) -> Result<Upload> {
    Ok(of_user(&by.id(), given(file)?, "File uploded successfully")) // sic
}

fn of_user(user: &Text, file: ReceivedFile, message: &'static str) -> Upload {
    Upload {
        store: Store::Files,
        content_type: validate::anything(&file),
        place: Place::Below(format!("uploads/users/{user}/files"), file.name),
        content: file.content,
        thumbnail: None,
        lifetime: Some(MONTH),
        message,
    }
}

pub(super) fn photo(
    scope: &ProjectScope,
    by: &Principal,
    of: &PhotoFilter,
    file: Option<ReceivedFile>,
) -> Result<Upload> {
    let whose = scope.read(|state| photographed(state, by, of.bot_id.as_ref(), BotWords::FILES))?;
    let file = given(file)?;
    Ok(Upload {
        store: Store::Files,
        content_type: validate::photo(&file)?,
        place: Place::At(photo_of(&whose)),
        content: file.content,
        thumbnail: None,
        lifetime: None,
        message: "Image uploaded successfully",
    })
}

/// The path of an avatar, regardless of the name and type of the upload.
pub(crate) fn photo_of(whose: &Text) -> String {
    format!("uploads/users/{whose}/images/photo.jpg")
}

/// The two resources have different messages for the same error.
#[derive(Clone, Copy)]
pub(crate) struct BotWords {
    pub(crate) stranger: &'static str,
}

impl BotWords {
    pub(crate) const FILES: Self = Self { stranger: "You don't belong to the chatbot's project" };
    pub(crate) const IMAGES: Self = Self { stranger: "You don't belong the chatbot's project" }; // sic
}

/// The owner of an avatar: the caller, or a bot that the caller may change.
pub(crate) fn photographed(state: &State, by: &Principal, bot: Option<&Text>, words: BotWords) -> Result<Text> {
    let Some(bot) = bot else { return Ok(by.id()) };
    let found = Id::<Bot>::parse(bot).and_then(|bot| state.tables.bots.get(bot));
    let found = found.ok_or_else(|| Error::not_found(ErrorBody::error("Chatbot not found".into())))?;
    let membership = authenticate::membership(state, found.value().id_project, by)
        .map_err(|_| Error::new(ErrorKind::SignInFailed, ErrorBody::error(words.stranger.into())))?;
    if membership.value().role < Role::Admin {
        let text = "You don't have the role required to modify the chatbot";
        return Err(Error::forbidden(ErrorBody::error(text.into())));
    }
    Ok(bot.clone())
}

pub(super) fn get(state: &State, path: Required<Text>, now: Timestamp) -> Result<StoredFile> {
    let path = needed(path)?;
    path::find(state, STORES, &path, now).ok_or_else(not_found)
}

/// Finds a file, and replaces its content type with that of its name.
pub(super) fn download(state: &State, path: Required<Text>, now: Timestamp) -> Result<StoredFile> {
    let file = get(state, path, now)?;
    Ok(StoredFile { content_type: validate::kind_of(&file.path), ..file })
}

pub(super) fn delete(tx: &mut Tx, by: &Principal, path: Required<Text>) -> Result<UploadedFile> {
    let path = needed(path)?;
    if path::name_of(&path).is_empty() {
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::error("No filename specified in path".into())));
    }
    let filename = remove(tx, by, STORES, &path)?.ok_or_else(not_found)?;
    Ok(UploadedFile { message: "File deleted successfully".into(), filename, thumbnail: None })
}

/// Removes a file that the caller may delete, and returns its path.
pub(crate) fn remove(tx: &mut Tx, by: &Principal, stores: &[Store], path: &str) -> Result<Option<Text>> {
    let Some(file) = path::find(tx.state(), stores, path, tx.now()) else { return Ok(None) };
    if !may_delete(tx.state(), by, &file.path) && !tx.allows(Hole::OthersFiles) {
        let rule = "The caller must be the uploader of the file, or an agent of the project to which it belongs.";
        return Err(Error::FORBIDDEN.because(rule));
    }
    path::delete(tx, stores, &file.path)
}

/// Whether the caller may delete a file, by the project or uploader in its path. Uploads of a visitor or a bot belong
/// to their project. Every user may delete uploads of an unknown project or uploader.
fn may_delete(state: &State, by: &Principal, path: &str) -> bool {
    let is_agent =
        |project| authenticate::membership(state, project, by).is_ok_and(|member| member.value().role.is_team());
    let (is_user, tables) = (matches!(by, Principal::User(_)), &state.tables);
    match path.split('/').collect::<Vec<_>>()[..] {
        ["uploads", "projects", project, ..] => {
            let known = Id::parse(project).filter(|project| tables.projects.get(*project).is_some());
            known.map_or(is_user, is_agent)
        }
        ["uploads", "users", uploader, ..] => {
            let projects = tables.projects.iter().map(|project| project.value().id);
            let mut projects = projects.filter(|project| belongs(state, uploader, *project)).peekable();
            let is_account = || Id::<User>::parse(uploader).is_some_and(|user| tables.users.get(user).is_some());
            match projects.peek() {
                _ if *by.id() == *uploader => true,
                Some(_) => projects.any(is_agent),
                None => is_user && !is_account(),
            }
        }
        _ => false,
    }
}

/// Whether a visitor or a bot belongs to the project.
fn belongs(state: &State, uploader: &str, project: Id<Project>) -> bool {
    let bot = Id::<Bot>::parse(uploader).and_then(|bot| state.tables.bots.get(bot));
    state.tables.project_users.find(Teammate::of_visitor(project, uploader)).is_some()
        || bot.is_some_and(|bot| bot.value().id_project == project)
}

fn needed(path: Required<Text>) -> Result<Text> {
    path.0.ok_or_else(|| Error::new(ErrorKind::Malformed, ErrorBody::error("Path parameter is required".into())))
}

fn not_found() -> Error {
    Error::not_found(ErrorBody::error("File not found.".into()))
}
