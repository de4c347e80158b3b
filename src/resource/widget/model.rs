//! What a widget shows.

use poem_openapi::Object;

use crate::{
    http::Populated,
    resource::{
        department::model::Department,
        project::model::{AvailableAgent, Project},
    },
};

/// All that a widget needs to be shown.
#[derive(Object)]
pub(crate) struct WidgetSettings {
    /// The project, without the settings of its team.
    project: Populated<Project>,
    /// The agents who can take a request now.
    user_available: Vec<AvailableAgent>,
    /// The departments that visitors can choose.
    departments: Vec<Department>,
}
