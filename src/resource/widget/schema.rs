//! Response of the widget settings.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    json_schema::Populated,
    resource::{department::document::Department, project::document::Project, user::document::User},
    value::{Id, JsonObject, Text},
};

/// Settings of the widget.
#[derive(Object)]
pub(crate) struct WidgetSettings {
    /// The project, without settings that concern the team.
    project: Populated<Project>,
    /// The agents who can take a request now.
    user_available: Vec<WidgetAgent>,
    /// Departments that visitors can choose.
    departments: Vec<Department>,
    /// IP address of the caller.
    ip: Text,
    /// Rules of the bots of the project.
    #[oai(rename = "botsRules")]
    bots_rules: Vec<JsonObject>,
}

/// An agent as shown to visitors.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct WidgetAgent {
    /// Identifier of the user.
    pub(super) id: Id<User>,
    /// First name.
    pub(super) firstname: Option<Text>,
}
