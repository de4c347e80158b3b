//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::Bot;
use crate::{
    json_schema::{Embedded, OneOf, Populate},
    resource::{department::document::Department, project::document::Project, user::document::User},
    value::{Id, JsonObject, Text},
};

/// A chatbot as agents see it in lists.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct BotSummary {
    /// Identifier.
    #[oai(rename = "_id")]
    id: Id<Bot>,
    /// Name.
    name: Text,
    /// Kind of engine: `internal`, `external`, `tilebot`, `dialogflow`, `rasa`, or `identity`.
    #[oai(rename = "type")]
    kind: Text,
    /// Purpose of a `tilebot`: `chatbot`, `webhook`, `copilot`, `voice`, or `voice_twilio`.
    subtype: Option<Text>,
    /// Whether `type` is `external`.
    external: Option<bool>,
    /// URL slug, unique within the project.
    slug: Option<Text>,
    /// Description.
    description: Option<Text>,
    /// URL of the fulfillment webhook.
    webhook_url: Option<Text>,
    /// Two-letter language code.
    language: Text,
    /// Always `false`: lists omit soft-deleted bots.
    trashed: bool,
    /// Whether the bot is shared with other projects.
    public: bool,
    /// Whether the bot is certified.
    certified: bool,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    main_category: Option<Text>,
    /// Title of a shared bot.
    title: Option<Text>,
    /// Short description of a shared bot.
    short_description: Option<Text>,
    /// Tags.
    tags: Vec<Text>,
    /// Whether the bot is visible to agents.
    agents_available: Option<bool>,
    /// Whether the bot was changed since it was last published.
    modified: Option<bool>,
    /// Project of the bot.
    id_project: Id<Project>,
}

impl BotSummary {
    /// Fields withheld from agents.
    pub(crate) const WITHHELD: [&str; 11] = [
        "webhook_enabled",
        "intentsEngine",
        "score",
        "url",
        "attributes",
        "trained",
        "certifiedTags",
        "createdBy",
        "createdAt",
        "updatedAt",
        "__v",
    ];
}

/// A bot to create.
#[derive(Object)]
pub(crate) struct NewBot {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Two-letter language code (default `en`).
    pub(crate) language: Option<Text>,
    /// Whether the fulfillment webhook is enabled.
    pub(crate) webhook_enabled: Option<bool>,
    /// URL of the fulfillment webhook.
    pub(crate) webhook_url: Option<Text>,
    /// Template for the initial intents of a bot of type `internal` or `tilebot`: `example` (default), `handoff`,
    /// `blank`, or `empty`. Subtypes other than `chatbot` have their own templates. An unknown name selects the default
    /// of the subtype.
    pub(crate) template: Option<Text>,
    /// Kind of engine: `internal` (default), `external`, `tilebot`, `dialogflow`, `rasa`, or `identity`.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Purpose of a `tilebot`: `chatbot` (default), `webhook`, `copilot`, `voice`, or `voice_twilio`.
    pub(crate) subtype: Option<Text>,
    /// `true` sets the type to `external`. Ignored if `type` is given.
    pub(crate) external: Option<bool>,
    /// URL to which messages are sent (external bots).
    pub(crate) url: Option<Text>,
    /// URL slug (derived from the name by default). A number is appended if the slug is taken.
    pub(crate) slug: Option<Text>,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    pub(crate) main_category: Option<Text>,
    /// Intent recognition engine: `none` (default) or `tiledesk-ai`.
    #[oai(rename = "intentsEngine")]
    pub(crate) intents_engine: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Identifier of the knowledge base that the `official_copilot` template queries.
    pub(crate) namespace_id: Option<Text>,
}

/// Options for creating a bot.
#[derive(Object, Default)]
pub(crate) struct BotCreation {
    /// `true` keeps the action out of the activity log.
    pub(crate) skip_activity: Option<Text>,
}

/// Changes to a bot. Fields that are absent or `null` keep their value.
#[derive(Object, Default)]
pub(crate) struct BotPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// URL to which messages are sent (external bots).
    pub(crate) url: Option<Text>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Two-letter language code.
    pub(crate) language: Option<Text>,
    /// Whether the fulfillment webhook is enabled.
    pub(crate) webhook_enabled: Option<bool>,
    /// URL of the fulfillment webhook.
    pub(crate) webhook_url: Option<Text>,
    /// Kind of engine: `internal`, `external`, `tilebot`, `dialogflow`, `rasa`, or `identity`.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Whether the type is `external`. Ignored if `type` is given.
    pub(crate) external: Option<bool>,
    /// `true` soft-deletes the bot, `false` restores it.
    pub(crate) trashed: Option<bool>,
    /// Whether the bot is shared with other projects.
    pub(crate) public: Option<bool>,
    /// Whether the bot is certified.
    pub(crate) certified: Option<bool>,
    /// Tags assigned at certification, replaced as a whole.
    #[oai(rename = "certifiedTags")]
    pub(crate) certified_tags: Option<Vec<JsonObject>>,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    pub(crate) main_category: Option<Text>,
    /// Title of a shared bot.
    pub(crate) title: Option<Text>,
    /// Short description of a shared bot.
    pub(crate) short_description: Option<Text>,
    /// Intent recognition engine: `none` or `tiledesk-ai`.
    #[oai(rename = "intentsEngine")]
    pub(crate) intents_engine: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether the intent recognition engine was trained since the last change.
    pub(crate) trained: Option<bool>,
    /// Whether the bot is visible to agents.
    pub(crate) agents_available: Option<bool>,
    /// URL slug, unique within the project. A slug that is taken returns 409.
    pub(crate) slug: Option<Text>,
}

/// Filters for listing bots.
#[derive(Object)]
pub(crate) struct BotFilter {
    /// `true` includes bots of type `identity`.
    pub(crate) all: Option<Text>,
    /// Text search over `name`, `description`, and `tags`: any of the words, every `"phrase"`, and none of the
    /// `-excluded` words or phrases. Case and accents are ignored.
    pub(crate) text: Option<Text>,
    /// Language of the search. Has no effect.
    pub(crate) language: Option<Text>,
    /// Only bots that are shared with other projects (`true`) or not (`false`).
    pub(crate) public: Option<bool>,
    /// Only bots that are certified (`true`) or not (`false`).
    pub(crate) certified: Option<bool>,
}

/// Objects to embed in a bot.
#[derive(Object)]
pub(crate) struct BotDetail {
    /// Identifier of a department to embed as `department`. Ignored if the department does not exist.
    pub(crate) departmentid: Option<Text>,
}

/// A token with which to call the API as a bot.
#[derive(Object)]
pub(crate) struct BotToken {
    /// Token, without the `JWT` prefix.
    pub(crate) jwt: Text,
}

impl Populate for Bot {
    const NAME: &'static str = "BotDetails";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Text>(
                "secret",
                "Secret that signs the tokens of the bot. Returned only when the bot is created.",
            ),
            Embedded::new::<Department>("department", "Department requested by `departmentid`."),
            Embedded::new::<OneOf<Publisher, Text>>("publishedBy", "User who published the copy."),
        ]
    }
}

/// The user who published a copy of a bot.
#[derive(Object)]
pub(crate) struct Publisher {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// First name.
    pub(crate) firstname: Text,
    /// Last name.
    pub(crate) lastname: Text,
    /// Email address.
    pub(crate) email: Text,
}
