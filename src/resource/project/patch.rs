//! What an update of a project changes.

use poem_openapi::Object;

use super::{ban::KnownBan, document::ProjectChannel};
use crate::value::{JsonObject, Text};

/// Changes of a project. What is absent or `null` stays as it is.
///
/// Keys such as `settings.chat_limit_on` change one setting and leave the others.
#[derive(Object)]
pub(crate) struct ProjectPatch {
    /// Settings of the widget, replaced as a whole.
    pub(crate) widget: Option<JsonObject>,
    /// Name of the project.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Whether the operating hours are applied.
    #[oai(rename = "activeOperatingHours")]
    pub(crate) active_operating_hours: Option<bool>,
    /// Opening times as a JSON text.
    #[oai(rename = "operatingHours")]
    pub(crate) operating_hours: Option<Text>,
    /// Named opening times, replaced as a whole.
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
    /// Whether the addresses in `ipFilterDeny` may not use the project.
    #[oai(rename = "ipFilterDenyEnabled")]
    pub(crate) ip_filter_deny_enabled: Option<bool>,
    /// Denied IP addresses and CIDR ranges, replaced as a whole.
    #[oai(rename = "ipFilterDeny")]
    pub(crate) ip_filter_deny: Option<Vec<Text>>,
    /// Banned users and visitors, replaced as a whole.
    #[oai(rename = "bannedUsers")]
    pub(crate) banned_users: Option<Vec<KnownBan>>,
    /// The plan, which cannot be changed.
    pub(crate) profile: Option<JsonObject>,
    /// Whether the requests of an agent are limited.
    #[oai(rename = "settings.chat_limit_on")]
    pub(crate) chat_limit_on: Option<bool>,
    /// Most requests that an agent is given at once.
    #[oai(rename = "settings.max_agent_assigned_chat")]
    pub(crate) max_agent_assigned_chat: Option<u32>,
    /// Whether requests are given to another agent after a while.
    #[oai(rename = "settings.reassignment_on")]
    pub(crate) reassignment_on: Option<bool>,
    /// After how many minutes.
    #[oai(rename = "settings.reassignment_delay")]
    pub(crate) reassignment_delay: Option<u32>,
    /// Whether agents who do not answer become unavailable.
    #[oai(rename = "settings.automatic_unavailable_status_on")]
    pub(crate) automatic_unavailable_status_on: Option<bool>,
    /// After how many idle requests.
    #[oai(rename = "settings.automatic_idle_chats")]
    pub(crate) automatic_idle_chats: Option<u32>,
}
