//! What calls send and receive.

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
    /// Kind of engine.
    #[oai(rename = "type")]
    kind: Text,
    /// Use of a `tilebot`.
    subtype: Option<Text>,
    /// Whether the type is `external`.
    external: Option<bool>,
    /// Name for addresses.
    slug: Option<Text>,
    /// Description.
    description: Option<Text>,
    /// Where fulfilment is asked for.
    webhook_url: Option<Text>,
    /// Two-letter code of the language.
    language: Text,
    /// Always false: bots in the bin are not listed.
    trashed: bool,
    /// Whether the bot is shared.
    public: bool,
    /// Whether the bot was looked through.
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
    /// Whether agents see the bot.
    agents_available: Option<bool>,
    /// Whether the bot was changed since it was published.
    modified: Option<bool>,
    /// Project of the bot.
    id_project: Id<Project>,
}

impl BotSummary {
    /// What agents do not see.
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

/// A bot to be created.
#[derive(Object)]
pub(crate) struct NewBot {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Two-letter code of the language; `en` when it is missing.
    pub(crate) language: Option<Text>,
    /// Whether fulfilment is asked for.
    pub(crate) webhook_enabled: Option<bool>,
    /// Where fulfilment is asked for.
    pub(crate) webhook_url: Option<Text>,
    /// Intents to start with, of an internal bot: `example` (the default), `handoff`, `blank` or `empty`. Each subtype has
    /// templates of its own, and takes its default for a name that it does not know.
    pub(crate) template: Option<Text>,
    /// Kind of engine: `internal` (the default), `external` or another.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Use of a `tilebot`: `chatbot` (the default), `webhook`, `copilot`, `voice` or `voice_twilio`.
    pub(crate) subtype: Option<Text>,
    /// True stands for the type `external`, where no type is given.
    pub(crate) external: Option<bool>,
    /// Where an external bot is told of messages.
    pub(crate) url: Option<Text>,
    /// Wanted name for addresses; made of the name when it is missing. A number is added to one that is taken.
    pub(crate) slug: Option<Text>,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    pub(crate) main_category: Option<Text>,
    /// What recognises intents: `none` (the default) or `tiledesk-ai`.
    #[oai(rename = "intentsEngine")]
    pub(crate) intents_engine: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Identifier of the knowledge base that the `official_copilot` template asks.
    pub(crate) namespace_id: Option<Text>,
}

/// How a bot is created.
#[derive(Object, Default)]
pub(crate) struct BotCreation {
    /// `true` keeps it out of the activities.
    pub(crate) skip_activity: Option<Text>,
}

/// Changes of a bot. What is absent or `null` stays as it is.
#[derive(Object, Default)]
pub(crate) struct BotPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Where an external bot is told of messages.
    pub(crate) url: Option<Text>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Two-letter code of the language.
    pub(crate) language: Option<Text>,
    /// Whether fulfilment is asked for.
    pub(crate) webhook_enabled: Option<bool>,
    /// Where fulfilment is asked for.
    pub(crate) webhook_url: Option<Text>,
    /// Kind of engine: `internal`, `external` or another.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Whether the type is `external`, where no type is given.
    pub(crate) external: Option<bool>,
    /// True deletes the bot softly, false brings it back.
    pub(crate) trashed: Option<bool>,
    /// Whether the bot is shared.
    pub(crate) public: Option<bool>,
    /// Whether the bot was looked through.
    pub(crate) certified: Option<bool>,
    /// What it was found good for, replaced as a whole.
    #[oai(rename = "certifiedTags")]
    pub(crate) certified_tags: Option<Vec<JsonObject>>,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    pub(crate) main_category: Option<Text>,
    /// Title of a shared bot.
    pub(crate) title: Option<Text>,
    /// Short description of a shared bot.
    pub(crate) short_description: Option<Text>,
    /// What recognises intents: `none` or `tiledesk-ai`.
    #[oai(rename = "intentsEngine")]
    pub(crate) intents_engine: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether the engine was trained.
    pub(crate) trained: Option<bool>,
    /// Whether agents see the bot.
    pub(crate) agents_available: Option<bool>,
    /// Name for addresses, which no other bot of the project may have.
    pub(crate) slug: Option<Text>,
}

/// Which bots a list shows.
#[derive(Object)]
pub(crate) struct BotFilter {
    /// `true` shows bots of the type `identity` too.
    pub(crate) all: Option<Text>,
    /// Only bots that match a text search over `name`, `description`, and `tags`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) text: Option<Text>,
    /// Language of that search. It has no effect.
    pub(crate) language: Option<Text>,
    /// Only bots that are shared, or that are not.
    pub(crate) public: Option<bool>,
    /// Only bots that were looked through, or that were not.
    pub(crate) certified: Option<bool>,
}

/// What the answer shows beside the bot.
#[derive(Object)]
pub(crate) struct BotDetail {
    /// Identifier of a department that is shown inside the bot. One that names nothing is ignored.
    pub(crate) departmentid: Option<Text>,
}

/// A token that acts as a bot.
#[derive(Object)]
pub(crate) struct BotToken {
    /// The token, without the word `JWT`.
    pub(crate) jwt: Text,
}

impl Populate for Bot {
    const NAME: &'static str = "BotDetails";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Text>("secret", "Signs the tokens of the bot. Only in the answer to creating it."),
            Embedded::new::<Department>("department", "The department that was asked for."),
            Embedded::new::<OneOf<Publisher, Text>>("publishedBy", "User who published the copy."),
        ]
    }
}

/// Who published a copy.
#[derive(Object)]
pub(crate) struct Publisher {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// First name.
    pub(crate) firstname: Text,
    /// Last name.
    pub(crate) lastname: Text,
    /// E-mail address.
    pub(crate) email: Text,
}
