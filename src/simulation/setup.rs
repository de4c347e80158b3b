//! Prerequisites of a project with simulated people: agents, and a department with a bot.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{chance::Chance, language::Language, plan::Plan, template::email};
use crate::{
    resource::{
        chatbot::{document::Bot, faq::document::Faq},
        department::document::Department,
        event::document::CustomEvent,
        project::document::Project,
        tag::document::ProjectTag,
        team::document::Teammate,
        user::document::User,
    },
    state::{Collection, Tables},
    value::{Id, Role, Timestamp, id::IdSource, timestamp::DAY},
};

/// Names of events that shops post.
const EVENTS: [&str; 4] = ["cart.add", "checkout.start", "page.view", "search"];

/// Adds the agents, the bot with its intents and its department, the tags, and the latest events of a plan.
pub(super) fn prepare(tables: &mut Tables, project: Id<Project>, plan: &Plan, now: Timestamp) {
    let mut chance = Chance::new(plan.seed, &"setup");
    let mut ids = IdSource::new(plan.seed, "simulation");
    let at = Timestamp::from_milliseconds(now.milliseconds() - (i64::from(plan.days) + 1) * DAY);
    let owner = tables.projects.get(project).map(|project| project.value().created_by.clone()).unwrap_or_default();
    for place in 0..plan.agents {
        let language = *chance.pick(&plan.languages);
        let (first, last) = language.name(&mut chance);
        let (user, member): (Id<User>, Id<Teammate>) = (ids.id(at), ids.id(at));
        // The number gives namesakes different addresses.
        let email = email((first, last), place as u128);
        add::<User>(
            tables,
            json!({
                "_id": user, "email": email, "firstname": first, "lastname": last, "emailverified": true,
                "password": "123456", "createdAt": at, "updatedAt": at,
            }),
        );
        let member = Teammate { id_user: Some(user), ..Teammate::new(member, project, Role::Agent, owner.clone(), at) };
        put(tables, member);
    }
    let bot: Id<Bot> = ids.id(at);
    add::<Bot>(
        tables,
        json!({
            "_id": bot, "name": "Assistant", "type": "internal", "trained": true, "id_project": project,
            "createdBy": owner, "createdAt": at, "updatedAt": at,
        }),
    );
    add::<Department>(
        tables,
        json!({
            "_id": ids.id::<Department>(at), "name": "Help center", "routing": "assigned", "status": 1, "id_bot": bot,
            "id_project": project, "createdBy": owner, "createdAt": at, "updatedAt": at,
        }),
    );
    for language in &plan.languages {
        add_intents(tables, *language, (project, bot, owner.as_str(), at), &mut ids);
    }
    for topic in &Language::English.phrases().topics {
        if tables.tags.find(ProjectTag::named(project, &topic.tag)).is_none() {
            add::<ProjectTag>(
                tables,
                json!({
                    "_id": ids.id::<ProjectTag>(at), "tag": topic.tag, "color": "#43B1F2", "id_project": project,
                    "createdBy": owner, "createdAt": at, "updatedAt": at,
                }),
            );
        }
    }
    // Events expire after an hour.
    for minutes in 0..plan.conversations.min(24) {
        let ago = i64::try_from(minutes).unwrap_or_default() * 60_000 * 2 + chance.between(0..=60_000);
        let at = Timestamp::from_milliseconds(now.milliseconds() - ago);
        let name = *chance.pick(&EVENTS);
        put(tables, CustomEvent::new(ids.id(at), name.into(), project, "system".into(), at));
    }
}

/// One intent of a bot per topic.
fn add_intents(
    tables: &mut Tables,
    language: Language,
    (project, bot, owner, at): (Id<Project>, Id<Bot>, &str, Timestamp),
    ids: &mut IdSource,
) {
    for topic in &language.phrases().topics {
        let questions: Vec<_> = topic.questions.iter().map(|question| question.replace("{number}", "")).collect();
        add::<Faq>(
            tables,
            json!({
                "_id": ids.id::<Faq>(at), "id_faq_kb": bot, "question": questions.join("\n"), "answer": topic.answer,
                "intent_display_name": format!("{} ({language})", topic.tag), "intent_id": ids.uuid().to_string(),
                "language": language.code(), "enabled": true, "status": "live", "id_project": project,
                "createdBy": owner, "createdAt": at, "updatedAt": at,
            }),
        );
    }
}

/// Adds a document in the fixture format.
fn add<T: Collection + DeserializeOwned>(tables: &mut Tables, document: Value) {
    put(
        tables,
        serde_json::from_value::<T>(document).expect("the document has all required fields, which a test checks"),
    );
}

fn put<T: Collection>(tables: &mut Tables, mut document: T) {
    document.normalize();
    T::table_mut(tables).put(document).expect("its identifier and its unique fields are new");
}

/// The part of a world that a project needs: its accounts, its team, and everything that the team has set up.
pub(super) fn bare(world: &Tables, project: Id<Project>) -> Tables {
    fn keep<T: Collection>(from: &Tables, to: &mut Tables, is_kept: impl Fn(&T) -> bool) {
        for document in T::table(from).iter().map(|doc| doc.value()).filter(|document| is_kept(document)) {
            put(to, document.into_owned());
        }
    }

    let mut bare = Tables::default();
    let team = world.project_users.iter().map(|member| member.value().into_owned());
    for member in team.filter(|member| member.id_project == project && member.role.is_team()) {
        put(&mut bare, Teammate { number_assigned_requests: 0, ..member });
    }
    let members = bare.project_users.clone();
    keep::<User>(world, &mut bare, |user| members.find(Teammate::of_user(project, user.id)).is_some());
    keep::<Project>(world, &mut bare, |known| known.id == project);
    keep::<Department>(world, &mut bare, |department| {
        department.id_project == project && department.id_group.value().is_none()
    });
    keep::<Bot>(world, &mut bare, |bot| bot.id_project == project);
    keep::<Faq>(world, &mut bare, |faq| faq.id_project == project);
    keep::<ProjectTag>(world, &mut bare, |tag| tag.id_project == project);
    bare
}
