//! IDs of the default world.

/// The project in which everyone has a role: the owner, an admin, and an agent.
pub(crate) const PROJECT_ID: &str = "5b55e806c93dde00143163dd";

/// A project of the same owner, without the agent and the admin.
pub(crate) const OTHER_PROJECT_ID: &str = "5ab0f32757066e0014bfd718";

/// Path prefix of [`OTHER_PROJECT_ID`].
pub(crate) const OTHER_PROJECT: &str = "/v3/5ab0f32757066e0014bfd718";

/// A well-formed ID that no project has.
pub(crate) const UNKNOWN_PROJECT_ID: &str = "5b55e806c93dde00143163d0";

// User IDs.
pub(crate) const OWNER: &str = "5ab11c6b83dc240014d46095";
pub(crate) const ADMIN: &str = "5ab0f3fa57066e0014bfd71e";
pub(crate) const AGENT: &str = "5aaa99024c3b110014b478f0";

/// The user ID of an account without a role in the project.
pub(crate) const OUTSIDER: &str = "5aaa99024c3b110014b478f1";

// IDs of the memberships of these users in the project.
pub(crate) const OWNER_MEMBER: &str = "5b55e8060000000000000002";
pub(crate) const ADMIN_MEMBER: &str = "5bb4d4d39214830015742b00";
pub(crate) const AGENT_MEMBER: &str = "5bb4d4d39214830015742b01";

/// A bot with a greeting only.
pub(crate) const BOT: &str = "5be9b2ecc72a050015e14951";
/// A bot that answers questions.
pub(crate) const OTHER_BOT: &str = "5ce265596438e40017e3610d";

/// The bot as a sender or participant.
pub(crate) const BOT_USER: &str = "bot_5be9b2ecc72a050015e14951";

/// The intent of [`OTHER_BOT`] about shipping.
pub(crate) const SHIPPING: &str = "5ce265616438e40017e36111";

/// The default department of the project, whose bot responds first.
pub(crate) const DEFAULT: &str = "5b55e806c93dde00143163df";

/// A department of the project without a bot; assigns conversations to its agents in turn.
pub(crate) const SALES: &str = "5c34ba232c62730016da250e";

/// A group whose only member is the agent.
pub(crate) const GROUP: &str = "6877b2eb1568590013b57fde";

pub(crate) const LEAD: &str = "5c81593adf767b0017d1aa66";
