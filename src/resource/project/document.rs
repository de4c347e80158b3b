//! The stored project.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ban::BannedUser;
use crate::{
    resource::entity::Entity,
    store::{Document, Full, Terms, render},
    value::{Id, JsonObject, Text, Timestamp, primitive::Secret},
};

/// A project: a workspace with its team, conversations, and settings.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Same value as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Name of the project.
    pub(crate) name: Text,
    /// Status: 100 active, 0 deleted.
    #[serde(default = "active")]
    pub(crate) status: u16,
    /// Whether the operating hours apply.
    #[oai(rename = "activeOperatingHours")]
    #[serde(rename = "activeOperatingHours", default)]
    pub(crate) active_operating_hours: bool,
    /// Operating hours as JSON text: for each day from `0` (Sunday) to `6` a list of `{start, end}` in HH:mm, and the
    /// time zone as `tzname`.
    #[oai(rename = "operatingHours")]
    #[serde(rename = "operatingHours", default, deserialize_with = "super::operating_hours::text")]
    pub(crate) operating_hours: Option<Text>,
    /// Named time slots, each `{name, active, hours}`, with `hours` as in `operatingHours` except that days are
    /// numbered from `1` (Monday) to `7` (Sunday).
    #[oai(rename = "timeSlots")]
    #[serde(rename = "timeSlots")]
    pub(crate) time_slots: Option<JsonObject>,
    /// Settings of the project.
    pub(crate) settings: Option<JsonObject>,
    /// Settings of the widget.
    pub(crate) widget: Option<JsonObject>,
    /// Plan of the project.
    #[serde(default)]
    pub(crate) profile: ProjectProfile,
    /// Version of the settings.
    #[serde(default = "versions")]
    pub(crate) versions: u32,
    /// Channels through which visitors contact the project.
    #[serde(default = "channels")]
    pub(crate) channels: Vec<ProjectChannel>,
    /// Whether only the addresses in `ipFilter` may use the project. Absent in the settings of the widget.
    #[oai(rename = "ipFilterEnabled")]
    #[serde(rename = "ipFilterEnabled")]
    pub(crate) ip_filter_enabled: Option<bool>,
    /// Allowed IP addresses and CIDR ranges. Absent in the settings of the widget.
    #[oai(rename = "ipFilter")]
    #[serde(rename = "ipFilter")]
    pub(crate) ip_filter: Option<Vec<Text>>,
    /// Whether the addresses in `ipFilterDeny` are rejected.
    #[oai(rename = "ipFilterDenyEnabled")]
    #[serde(rename = "ipFilterDenyEnabled", default)]
    pub(crate) ip_filter_deny_enabled: bool,
    /// Denied IP addresses and CIDR ranges.
    #[oai(rename = "ipFilterDeny")]
    #[serde(rename = "ipFilterDeny", default)]
    pub(crate) ip_filter_deny: Vec<Text>,
    /// Users and visitors who are banned from the project.
    #[oai(rename = "bannedUsers")]
    #[serde(rename = "bannedUsers", default)]
    pub(crate) banned_users: Vec<BannedUser>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// User who created the project.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Secret that signs the tokens with which the customer's own system authenticates its users.
    #[oai(skip)]
    #[serde(rename = "jwtSecret")]
    pub(crate) jwt_secret: Option<Secret>,
}

/// Stored as the last field, hidden from responses because it is a secret.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden<'a> {
    #[serde(rename = "jwtSecret")]
    jwt_secret: Option<&'a Secret>,
}

/// Plan of a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectProfile {
    /// Name of the plan.
    pub(crate) name: Text,
    /// Length of the trial in days.
    #[oai(rename = "trialDays")]
    #[serde(rename = "trialDays")]
    pub(crate) trial_days: u32,
    /// Number of seats.
    pub(crate) agents: u32,
    /// Kind of plan: `free` or `payment`.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    /// Start of the paid subscription.
    #[oai(rename = "subStart")]
    #[serde(rename = "subStart")]
    pub(crate) sub_start: Option<Timestamp>,
    /// End of the paid subscription.
    #[oai(rename = "subEnd")]
    #[serde(rename = "subEnd")]
    pub(crate) sub_end: Option<Timestamp>,
    /// Identifier of the paid subscription.
    #[oai(rename = "subscriptionId")]
    #[serde(rename = "subscriptionId")]
    pub(crate) subscription_id: Option<Text>,
    /// Limits of the plan: numbers of knowledge bases (`namespace`), contents (`kbs`), and `tokens`.
    pub(crate) quotes: Option<JsonObject>,
    /// Features of the plan, such as `hybrid` knowledge bases.
    pub(crate) customization: Option<JsonObject>,
}

/// A channel of a project.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectChannel {
    /// Name of the channel.
    pub(crate) name: Text,
}

impl ProjectProfile {
    /// Milliseconds for which a subscription remains active after its end.
    const GRACE: i64 = 3 * 86_400_000;

    /// Whether the project has an active paid subscription.
    pub(super) fn is_paid(&self, now: Timestamp) -> bool {
        self.paid_until().is_some_and(|end| now < end)
    }

    /// When a paid subscription stops being active.
    pub(super) fn paid_until(&self) -> Option<Timestamp> {
        let end = self.sub_end.filter(|_| &*self.kind == "payment")?;
        // Active at the last millisecond, too.
        Some(Timestamp::from_milliseconds(end.milliseconds().saturating_add(Self::GRACE + 1)))
    }
}

impl Default for ProjectProfile {
    fn default() -> Self {
        Self {
            name: "Sandbox".into(),
            trial_days: 14,
            agents: 0,
            kind: "free".into(),
            sub_start: None,
            sub_end: None,
            subscription_id: None,
            quotes: None,
            customization: None,
        }
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
    pub(crate) const DELETED: u16 = 0;

    /// When the trial ends, unless the project is paid for.
    pub(super) fn trial_end(&self) -> Option<Timestamp> {
        let days = i64::from(self.profile.trial_days) * 86_400_000;
        let end = Timestamp::from_milliseconds(self.created_at.milliseconds().saturating_add(days));
        (&*self.profile.kind == "free").then_some(end)
    }

    pub(crate) fn new(id: Id<Self>, name: Text, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            same_id: None,
            name,
            status: Self::ACTIVE,
            active_operating_hours: false,
            operating_hours: None,
            time_slots: None,
            settings: None,
            widget: None,
            profile: ProjectProfile::default(),
            versions: versions(),
            channels: channels(),
            ip_filter_enabled: Some(false),
            ip_filter: Some(Vec::new()),
            ip_filter_deny_enabled: false,
            ip_filter_deny: Vec::new(),
            banned_users: Vec::new(),
            attributes: None,
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
            jwt_secret: None,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == Self::ACTIVE
    }

    /// Whether the user or visitor is banned.
    pub(crate) fn bans(&self, user: &str) -> bool {
        self.banned_users.iter().any(|banned| banned.id.as_deref() == Some(user))
    }

    /// A setting of the project.
    pub(crate) fn setting(&self, name: &str) -> Option<&serde_json::Value> {
        self.settings.as_ref()?.0.get(name)
    }

    /// Maximum number of concurrent requests per agent, if the project limits it.
    pub(crate) fn chat_limit(&self) -> Option<u64> {
        self.setting("chat_limit_on")?.as_bool()?.then(|| self.max_chats())?
    }

    /// The configured maximum, whether or not the project applies it.
    pub(crate) fn max_chats(&self) -> Option<u64> {
        self.setting("max_agent_assigned_chat")?.as_u64().filter(|limit| *limit > 0)
    }
}

impl Document for Project {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, _: &mut Terms) {}

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { jwt_secret: self.jwt_secret.as_ref() })
    }
}

impl Entity for Project {
    fn project(&self) -> Option<Id<Self>> {
        None
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    const GIVES_RIGHTS: bool = true;

    fn ends_rights(&self, after: Option<&Self>) -> bool {
        let is_new = |banned: &BannedUser| banned.id.as_deref().is_some_and(|id| !self.bans(id));
        after.is_none_or(|after| self.is_active() && !after.is_active() || after.banned_users.iter().any(is_new))
    }

    fn normalize(&mut self) {
        self.same_id = Some(self.id);
        self.ip_filter_enabled.get_or_insert_default();
        self.ip_filter.get_or_insert_default();
    }
}
