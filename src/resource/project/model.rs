//! The project document.

use poem_openapi::{Object, types::ToJSON};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    store::{Document, Terms},
    world::{Entity, Id, JsonObject, Text, Timestamp, value::Secret},
};

/// A project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name of the project.
    pub(crate) name: Text,
    /// 100 active, 0 deleted.
    #[serde(default = "active")]
    pub(crate) status: u16,
    /// Whether the operating hours are applied.
    #[oai(rename = "activeOperatingHours")]
    #[serde(rename = "activeOperatingHours", default)]
    pub(crate) active_operating_hours: bool,
    /// Opening times as a JSON text: `0` (Sunday) to `6` each a list of `{start, end}` in HH:mm, and `tzname`.
    #[oai(rename = "operatingHours")]
    #[serde(rename = "operatingHours")]
    pub(crate) operating_hours: Option<Text>,
    /// Settings of the project.
    pub(crate) settings: Option<JsonObject>,
    /// Settings of the widget.
    pub(crate) widget: Option<JsonObject>,
    /// The plan.
    #[serde(default)]
    pub(crate) profile: ProjectProfile,
    /// Version of the settings.
    #[serde(default = "versions")]
    pub(crate) versions: u32,
    /// Channels by which visitors come.
    #[serde(default = "channels")]
    pub(crate) channels: Vec<ProjectChannel>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// User who created the project.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the project was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the project was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Signs the tokens with which the customer's own system certifies its users.
    #[oai(skip)]
    #[serde(rename = "jwtSecret")]
    pub(crate) jwt_secret: Option<Secret>,
}

/// The plan of a project.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectProfile {
    /// Name of the plan.
    pub(crate) name: Text,
    /// Days that the trial lasts.
    #[oai(rename = "trialDays")]
    #[serde(rename = "trialDays")]
    pub(crate) trial_days: u32,
    /// Seats.
    pub(crate) agents: u32,
    /// `free` or `payment`.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: Text,
}

/// A channel of a project.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectChannel {
    /// Name of the channel.
    pub(crate) name: Text,
}

impl Default for ProjectProfile {
    fn default() -> Self {
        Self { name: "Sandbox".into(), trial_days: 14, agents: 0, kind: "free".into() }
    }
}

fn active() -> u16 {
    Project::ACTIVE
}

fn versions() -> u32 {
    20_115
}

fn channels() -> Vec<ProjectChannel> {
    vec![ProjectChannel { name: "chat21".into() }]
}

impl Project {
    pub(crate) const ACTIVE: u16 = 100;

    pub(crate) fn is_active(&self) -> bool {
        self.status == Self::ACTIVE
    }
}

impl Document for Project {
    type Id = Id<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, _: &mut Terms) {}

    fn render(&self) -> Vec<u8> {
        self.to_json_string().into_bytes()
    }
}

impl Entity for Project {
    fn project(&self) -> Option<Id<Self>> {
        None
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
