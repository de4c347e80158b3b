//! Changes to a project.

use poem_openapi::Object;

use super::{ban::KnownBan, document::ProjectChannel};
use crate::value::{JsonObject, Text};

/// Changes to a project. Fields that are absent or `null` keep their value.
///
/// Keys such as `settings.chat_limit_on` change a single setting.
#[derive(Object)]
pub(crate) struct ProjectPatch {
    /// Settings of the widget, replaced as a whole.
    pub(crate) widget: Option<JsonObject>,
    /// Name of the project.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Whether the operating hours apply.
    #[oai(rename = "activeOperatingHours")]
    pub(crate) active_operating_hours: Option<bool>,
    /// Operating hours as JSON text.
    #[oai(rename = "operatingHours")]
    pub(crate) operating_hours: Option<Text>,
    /// Named time slots, replaced as a whole.
    #[oai(rename = "timeSlots")]
    pub(crate) time_slots: Option<JsonObject>,
    /// Settings, replaced as a whole.
    pub(crate) settings: Option<JsonObject>,
    /// Version of the settings.
    pub(crate) versions: Option<u32>,
    /// Channels, replaced as a whole.
    pub(crate) channels: Option<Vec<ProjectChannel>>,
    /// Whether only the addresses in `ipFilter` may use the project.
    #[oai(rename = "ipFilterEnabled")]
    pub(crate) ip_filter_enabled: Option<bool>,
    /// Allowed IP addresses and CIDR ranges, replaced as a whole. An empty list allows every address.
    #[oai(rename = "ipFilter")]
    pub(crate) ip_filter: Option<Vec<Text>>,
    /// Whether the addresses in `ipFilterDeny` are rejected.
    #[oai(rename = "ipFilterDenyEnabled")]
    pub(crate) ip_filter_deny_enabled: Option<bool>,
    /// Denied IP addresses and CIDR ranges, replaced as a whole.
    #[oai(rename = "ipFilterDeny")]
    pub(crate) ip_filter_deny: Option<Vec<Text>>,
    /// Banned users and visitors, replaced as a whole.
    #[oai(rename = "bannedUsers")]
    pub(crate) banned_users: Option<Vec<KnownBan>>,
    /// Plan of the project. Cannot be changed (403).
    pub(crate) profile: Option<JsonObject>,
    /// Whether the number of concurrent requests per agent is limited.
    #[oai(rename = "settings.chat_limit_on")]
    pub(crate) chat_limit_on: Option<bool>,
    /// Maximum number of concurrent requests per agent.
    #[oai(rename = "settings.max_agent_assigned_chat")]
    pub(crate) max_agent_assigned_chat: Option<u32>,
    /// Whether requests are reassigned to another agent after a delay.
    #[oai(rename = "settings.reassignment_on")]
    pub(crate) reassignment_on: Option<bool>,
    /// Delay of the reassignment in minutes.
    #[oai(rename = "settings.reassignment_delay")]
    pub(crate) reassignment_delay: Option<u32>,
    /// Whether agents who do not respond become unavailable.
    #[oai(rename = "settings.automatic_unavailable_status_on")]
    pub(crate) automatic_unavailable_status_on: Option<bool>,
    /// Number of idle requests after which an agent becomes unavailable.
    #[oai(rename = "settings.automatic_idle_chats")]
    pub(crate) automatic_idle_chats: Option<u32>,
}
