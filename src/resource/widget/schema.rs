//! What a widget shows.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    json_schema::Populated,
    resource::{department::document::Department, project::document::Project, user::document::User},
    value::{Id, JsonObject, Text},
};

/// All that a widget needs to be shown.
#[derive(Object)]
pub(crate) struct WidgetSettings {
    /// The project, without the settings of its team.
    project: Populated<Project>,
    /// The agents who can take a request now.
    user_available: Vec<WidgetAgent>,
    /// The departments that visitors can choose.
    departments: Vec<Department>,
    /// Address of the caller.
    ip: Text,
    /// The rules of the bots of the project.
    #[oai(rename = "botsRules")]
    bots_rules: Vec<JsonObject>,
}

/// An agent as visitors see one.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct WidgetAgent {
    /// Identifier of the user.
    pub(super) id: Id<User>,
    /// First name.
    pub(super) firstname: Option<Text>,
}
