//! The handwritten form of each collection: references, short names of fields, and the names by which documents are
//! found.

use serde_json::{Map, Value};

/// A collection.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) name: &'static str,
    /// The name of a single document, for error messages.
    pub(super) one: &'static str,
    /// References by field. `[]` stands for each element of an array.
    pub(super) references: &'static [(&'static str, Target)],
    /// Short names of fields, and the fields that they stand for.
    pub(super) aliases: &'static [(&'static str, &'static str)],
    /// Collections that can be nested in its documents, with the field that refers to the outer document.
    pub(super) nested: &'static [(&'static str, &'static str)],
    /// The fields by which its documents are found, best first.
    names: &'static [&'static str],
}

/// The target of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The `_id` of a document of a collection.
    Document(&'static str),
    /// A user, or a bot after `bot_`.
    Participant,
    /// A user, a visitor, or a bot, who writes a message.
    Sender,
    /// The `request_id` of a conversation.
    Conversation,
    /// A user by name, or any other text.
    Author,
}

use Target::{Author, Conversation, Document, Participant, Sender};

const PROJECT: (&str, Target) = ("id_project", Document("projects"));
const CREATOR: (&str, Target) = ("createdBy", Author);
const SHORT: (&str, &str) = ("project", "id_project");

/// A collection whose documents belong to a project and are found by `names`.
const fn of_project(name: &'static str, one: &'static str, names: &'static [&'static str]) -> Collection {
    Collection { name, one, references: &[PROJECT, CREATOR], aliases: &[SHORT], nested: &[], names }
}

/// The collections, each after those that it refers to, as far as possible.
static COLLECTIONS: [Collection; 26] = [
    Collection { references: &[], aliases: &[], ..of_project("users", "user", &["email"]) },
    Collection {
        references: &[("id_user", Author)],
        aliases: &[("user", "id_user")],
        ..of_project("jwt_history", "token", &["jti"])
    },
    Collection {
        references: &[CREATOR],
        aliases: &[],
        nested: &[
            ("project_users", "id_project"),
            ("pending_invitations", "id_project"),
            ("departments", "id_project"),
            ("groups", "id_project"),
            ("tags", "id_project"),
            ("canned_responses", "id_project"),
            ("labels", "id_project"),
            ("bots", "id_project"),
            ("faqs", "id_project"),
            ("leads", "id_project"),
            ("segments", "id_project"),
            ("requests", "id_project"),
            ("messages", "id_project"),
            ("events", "id_project"),
            ("namespaces", "id_project"),
            ("contents", "id_project"),
            ("unanswered_questions", "id_project"),
            ("answered_questions", "id_project"),
            ("activities", "id_project"),
            ("emails", "id_project"),
            ("subscriptions", "id_project"),
            ("subscription_logs", "id_project"),
        ],
        ..of_project("projects", "project", &["name"])
    },
    Collection {
        references: &[PROJECT, CREATOR, ("id_user", Document("users"))],
        aliases: &[SHORT, ("user", "id_user")],
        ..of_project("project_users", "member", &["uuid_user"])
    },
    of_project("pending_invitations", "invitation", &["email"]),
    Collection {
        references: &[
            PROJECT,
            CREATOR,
            ("id_bot", Document("bots")),
            ("id_group", Document("groups")),
            ("groups[].id_group", Document("groups")),
            ("groups[].group_id", Document("groups")),
        ],
        aliases: &[SHORT, ("bot", "id_bot"), ("group", "id_group")],
        ..of_project("departments", "department", &["name"])
    },
    Collection {
        references: &[PROJECT, CREATOR, ("members[]", Document("users"))],
        ..of_project("groups", "group", &["name"])
    },
    of_project("tags", "tag", &["tag"]),
    of_project("canned_responses", "canned response", &["title"]),
    of_project("labels", "set of labels", &[]),
    Collection {
        references: &[PROJECT, CREATOR, ("root_id", Document("bots"))],
        nested: &[("faqs", "id_faq_kb")],
        ..of_project("bots", "bot", &["name", "slug"])
    },
    Collection {
        references: &[PROJECT, CREATOR, ("id_faq_kb", Document("bots"))],
        aliases: &[SHORT, ("bot", "id_faq_kb")],
        ..of_project("faqs", "intent", &["intent_display_name", "question"])
    },
    Collection {
        aliases: &[SHORT, ("name", "fullname")],
        ..of_project("leads", "lead", &["fullname", "email", "lead_id"])
    },
    of_project("segments", "segment", &["name"]),
    Collection {
        references: &[
            PROJECT,
            CREATOR,
            ("lead", Document("leads")),
            ("department", Document("departments")),
            ("requester", Document("project_users")),
            ("followers[]", Document("project_users")),
            ("participants[]", Participant),
            ("agents[]", Document("users")),
        ],
        nested: &[("messages", "recipient")],
        ..of_project("requests", "conversation", &["request_id"])
    },
    Collection {
        references: &[PROJECT, CREATOR, ("recipient", Conversation), ("sender", Sender)],
        aliases: &[SHORT, ("conversation", "recipient")],
        ..of_project("messages", "message", &[])
    },
    Collection {
        references: &[PROJECT, CREATOR, ("project_user", Document("project_users"))],
        ..of_project("events", "event", &["name"])
    },
    Collection {
        references: &[PROJECT],
        nested: &[
            ("contents", "namespace"),
            ("unanswered_questions", "namespace"),
            ("answered_questions", "namespace"),
        ],
        ..of_project("namespaces", "knowledge base", &["name"])
    },
    Collection {
        references: &[PROJECT, ("namespace", Document("namespaces"))],
        ..of_project("contents", "content", &["name"])
    },
    Collection {
        references: &[PROJECT, ("namespace", Document("namespaces"))],
        ..of_project("unanswered_questions", "question", &[])
    },
    Collection {
        references: &[PROJECT, ("namespace", Document("namespaces"))],
        ..of_project("answered_questions", "question", &[])
    },
    Collection { references: &[PROJECT], ..of_project("activities", "activity", &[]) },
    of_project("emails", "email", &[]),
    Collection { references: &[], aliases: &[], ..of_project("files", "file", &["path"]) },
    of_project("subscriptions", "subscription", &[]),
    Collection { references: &[PROJECT], ..of_project("subscription_logs", "delivery", &[]) },
];

impl Collection {
    /// The collection with a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|collection| collection.name == name)
    }

    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        COLLECTIONS.iter()
    }

    /// Whether its documents belong to a project.
    pub(super) fn has_project(&self) -> bool {
        self.references.contains(&PROJECT)
    }

    /// The field with the identifier.
    pub(super) fn id(&self) -> &'static str {
        // The API does not return the `_id` of knowledge bases.
        if self.name == "namespaces" { "id" } else { "_id" }
    }

    /// The field that a name stands for.
    pub(super) fn field<'a>(&self, name: &'a str) -> &'a str {
        self.aliases.iter().find(|(short, _)| *short == name).map_or(name, |(_, field)| field)
    }

    /// The names by which a document is found.
    pub(super) fn names_of(&self, fields: &Map<String, Value>) -> Vec<String> {
        let text = |field: &str| fields.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut names: Vec<_> = self.names.iter().filter_map(|field| text(field)).map(str::to_owned).collect();
        if self.name == "users" {
            let full = [text("firstname"), text("lastname")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            names.extend([full].into_iter().filter(|name| !name.is_empty()));
        }
        names
    }

    /// A shorter name, which several documents may share.
    pub(super) fn nickname_of(&self, fields: &Map<String, Value>) -> Option<String> {
        let first = match self.name {
            "users" => fields.get("firstname")?.as_str()?,
            "leads" => fields.get("fullname")?.as_str()?.split(' ').next()?,
            _ => return None,
        };
        Some(first.to_owned()).filter(|first| !first.is_empty())
    }
}
