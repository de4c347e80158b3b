//! The list of resources and their collections, and everything derived from it.
//!
//! A resource, or a new type of document, is one entry here: export, import, the fixture schema, and every generic
//! operation derive from it.

mod read;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use schemars::JsonSchema;
use serde::de::{IgnoredAny, MapAccess};
use siphasher::sip::SipHasher24;

use self::read::{Documents, Unknown};
use crate::{
    resource::{entity::Entity, project::document::Project},
    store::Table,
    value::Id,
};

/// A document type with a table.
pub(crate) trait Collection: Entity {
    /// The name in fixtures, in exports, and in the API's lists.
    const NAME: &'static str;

    fn table(tables: &Tables) -> &Table<Self>;

    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
}

/// An operation on every collection in turn.
pub(crate) trait Visit {
    fn visit<T: Collection>(&mut self, table: &Table<T>);
}

// The resources, each with its collections. A collection's name is used in fixtures, in exports, and in the API's
// lists. Tables, export, import, the fixture schema, and the operations of the API are generated from this list.
macro_rules! resources {
    ($what:ident) => {
        resources! { $what
            auth {}
            user {
                /// User accounts.
                users: document::User,
            }
            jwt {
                /// Tokens issued at sign-in.
                jwt_history: document::IssuedToken,
            }
            project {
                /// Projects.
                projects: document::Project,
            }
            team {
                /// Members of projects, including visitors.
                project_users: document::Teammate,
                /// Invitations of people without an account.
                pending_invitations: invitation::document::PendingInvitation,
            }
            department {
                /// Departments, which conversations are routed to.
                departments: document::Department,
            }
            group {
                /// Groups of teammates.
                groups: document::Group,
            }
            tag {
                /// The tags that projects offer.
                tags: document::ProjectTag,
            }
            canned_response {
                /// Canned responses: texts that teammates insert into chats.
                canned_responses: document::CannedResponse,
            }
            label {
                /// The texts of projects in all their languages.
                labels: document::Labels,
            }
            chatbot {
                /// Chatbots.
                bots: document::Bot,
                /// The questions that chatbots answer, with their answers.
                faqs: faq::document::Faq,
            }
            lead {
                /// Leads: the people who contact projects.
                leads: document::Lead,
            }
            segment {
                /// Segments: named sets of leads.
                segments: document::Segment,
            }
            request {
                /// Conversations.
                requests: document::Request,
            }
            conversation {}
            message {
                /// Messages in conversations.
                messages: document::Message,
            }
            event {
                /// Custom events that applications sent within the last hour.
                events: document::CustomEvent,
            }
            knowledge {
                /// Knowledge bases.
                namespaces: namespace::document::Namespace,
                /// The contents of knowledge bases.
                contents: content::document::Content,
                /// Questions that knowledge bases could not answer.
                unanswered_questions: question_log::document::UnansweredQuestion,
                /// Questions that knowledge bases answered.
                answered_questions: question_log::document::AnsweredQuestion,
            }
            activity {
                /// The activity logs of projects.
                activities: document::Activity,
            }
            email {
                /// Emails that would have been sent.
                emails: document::Email,
            }
            file {
                /// Uploaded files.
                files: document::StoredFile,
            }
            image {}
            widget {}
            analytics {}
            subscription {
                /// Webhook subscriptions.
                subscriptions: document::Subscription,
                /// The delivery history of webhook subscriptions.
                subscription_logs: history::document::SubscriptionLog,
            }
        }
    };
    (tables $($folder:ident { $($(#[doc = $about:literal])* $name:ident: $($kind:ident)::+,)* })*) => {
        resources! { structs $($($(#[doc = $about])* $name: crate::resource::$folder::$($kind)::+,)*)* }
    };
    (structs $($(#[doc = $about:literal])* $name:ident: $type:ty,)*) => {
        /// All documents of a sandbox. A clone costs a few reference counts, and `clone_from` fewer still if most
        /// tables are shared.
        #[derive(Default)]
        pub(crate) struct Tables {
            $(pub(crate) $name: Arc<Table<$type>>,)*
        }

        impl Clone for Tables {
            fn clone(&self) -> Self {
                Self { $($name: self.$name.clone(),)* }
            }

            fn clone_from(&mut self, other: &Self) {
                $(if !Arc::ptr_eq(&self.$name, &other.$name) {
                    self.$name.clone_from(&other.$name);
                })*
            }
        }

        /// A world: the documents of each collection.
        #[derive(JsonSchema)]
        #[schemars(deny_unknown_fields, default)]
        #[derive(Default)]
        pub(crate) struct Fixture {
            $($(#[doc = $about])* $name: Vec<$type>,)*
        }

        $(impl Collection for $type {
            const NAME: &'static str = stringify!($name);

            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$name
            }

            fn table_mut(tables: &mut Tables) -> &mut Table<Self> {
                Arc::make_mut(&mut tables.$name)
            }
        })*

        impl Tables {
            /// Visits every collection.
            pub(crate) fn each(&self, visitor: &mut impl Visit) {
                $(visitor.visit::<$type>(&self.$name);)*
            }

            /// Removes every document that belongs to a project.
            pub(crate) fn remove_project(&mut self, project: Id<Project>) {
                $(remove_project(&mut self.$name, project);)*
            }

            fn read_collection<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
                match name {
                    // Editors read the schema's location from this field.
                    "$schema" => map.next_value::<IgnoredAny>().map(drop),
                    $(stringify!($name) => map.next_value_seed(Documents(<$type>::table_mut(self))),)*
                    other => map.next_value_seed(Unknown(other, &[$(stringify!($name)),*])),
                }
            }
        }
    };
    (operations $($folder:ident { $($kinds:tt)* })*) => {
        /// All operations of the API.
        pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
            resources!(nested: $($folder)*)
        }
    };
    (nested: $first:ident $($rest:ident)*) => { ($first::operations(), resources!(nested: $($rest)*)) };
    (nested:) => { () };
}
pub(crate) use resources;

resources!(tables);

fn remove_project<T: Collection>(table: &mut Arc<Table<T>>, project: Id<Project>) {
    let owned = table.iter().filter(|doc| T::owner(doc) == Some(project)).map(|doc| doc.value().id());
    for id in owned.collect::<Vec<_>>() {
        Arc::make_mut(table).remove(id);
    }
}

impl Tables {
    /// A hash of the IDs of all documents.
    pub(crate) fn salt(&self) -> u64 {
        struct Ids(SipHasher24);

        impl Visit for Ids {
            fn visit<T: Collection>(&mut self, table: &Table<T>) {
                table.ids().for_each(|id| id.hash(&mut self.0));
            }
        }

        let mut ids = Ids(SipHasher24::new());
        self.each(&mut ids);
        ids.0.finish()
    }

    /// The number of documents.
    pub(crate) fn len(&self) -> usize {
        struct Count(usize);

        impl Visit for Count {
            fn visit<T: Collection>(&mut self, table: &Table<T>) {
                self.0 += table.len();
            }
        }

        let mut count = Count(0);
        self.each(&mut count);
        count.0
    }

    /// Exports all documents in the fixture format, including secrets, with one document per line.
    pub(crate) fn export(&self) -> Bytes {
        let mut export = BytesMut::new();
        self.export_parts().into_iter().for_each(|part| export.extend_from_slice(&part));
        export.freeze()
    }

    /// Like [`Self::export`], in parts, most of which share memory with the documents.
    pub(crate) fn export_parts(&self) -> Vec<Bytes> {
        struct Export(Vec<Bytes>);

        impl Visit for Export {
            fn visit<T: Collection>(&mut self, table: &Table<T>) {
                if table.len() == 0 {
                    return;
                }
                let separator = if self.0.is_empty() { "{" } else { "," };
                self.0.push(format!("{separator}\n\"{}\":[", T::NAME).into());
                for (at, doc) in table.iter().enumerate() {
                    self.0.push(Bytes::from_static(if at > 0 { b",\n  " } else { b"\n  " }));
                    self.0.push(doc.to_fixture_json());
                }
                self.0.push(Bytes::from_static(b"\n]"));
            }
        }

        let mut export = Export(Vec::new());
        self.each(&mut export);
        if export.0.is_empty() {
            export.0.push(Bytes::from_static(b"{"));
        }
        export.0.push(Bytes::from_static(b"\n}\n"));
        export.0
    }
}
