//! Generated histories of conversations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tiledesk_mock::{
    ClockSetting,
    fixtures::{self, Language, Plan},
};

use crate::support::{App, NOON, PROJECT, seed::PROJECT_ID};

/// Operations of the analytics section, all of which must return data.
const ANALYTICS: [&str; 33] = [
    "messages/count",
    "messages/aggregate/day",
    "messages/aggregate/month",
    "messages/aggregate/week",
    "messages/aggregate/sender",
    "requests/aggregate/attributes/_answerid",
    "project_users/count",
    "project_users/aggregate/day",
    "project_users/aggregate/month",
    "project_users/aggregate/week",
    "tags/requests",
    "events/aggregate/day",
    "requests/count",
    "requests/hasBot/count",
    "requests/aggregate/status",
    "requests/aggregate/status/day",
    "requests/aggregate/hasBot/day",
    "requests/aggregate/sourcePage",
    "requests/aggregate/day",
    "requests/aggregate/month",
    "requests/aggregate/week",
    "requests/aggregate/hours",
    "requests/aggregate/dayoftheweek/hours",
    "requests/waiting",
    "requests/waiting/day/last",
    "requests/waiting/day",
    "requests/waiting/month",
    "requests/duration",
    "requests/duration/day",
    "requests/duration/month",
    "requests/satisfaction",
    "requests/satisfaction/day",
    "requests/satisfaction/month",
];

fn plan(conversations: usize, seed: u64) -> Plan {
    let mut plan = Plan::default();
    (plan.conversations, plan.seed) = (conversations, seed);
    plan
}

fn generated(plan: &Plan) -> String {
    let (mut text, noon) = (Vec::new(), "2026-01-01T12:00:00Z".parse().expect("a clock setting"));
    fixtures::generate(plan, noon, &mut text).expect("a vector can be written to");
    String::from_utf8(text).expect("JSON is UTF-8")
}

fn world(plan: &Plan) -> Value {
    serde_json::from_str(&generated(plan)).expect("a world is JSON")
}

fn documents<'a>(world: &'a Value, collection: &str) -> &'a Vec<Value> {
    world[collection].as_array().unwrap_or_else(|| panic!("{collection} is an array"))
}

/// The milliseconds of a date, by the parser of clock settings.
fn milliseconds(date: &Value) -> i64 {
    match date.as_str().expect("a date").parse() {
        Ok(ClockSetting::Frozen(milliseconds)) => milliseconds,
        other => panic!("{date} is a date, not {other:?}"),
    }
}

#[test]
fn the_same_seed_generates_the_same_world() {
    let first = generated(&plan(40, 1));
    assert_eq!(first, generated(&plan(40, 1)));
    assert_ne!(first, generated(&plan(40, 2)));
}

#[test]
fn repeated_languages_count_once() {
    let of = |languages: &[Language]| generated(&Plan { languages: languages.to_vec(), ..plan(10, 1) });
    assert_eq!(of(&[Language::Italian, Language::Italian]), of(&[Language::Italian]));
    assert_eq!(of(&[]), of(&Plan::default().languages), "no language stands for all of them");
}

#[test]
fn a_generated_world_matches_its_plan() {
    let mut plan = plan(300, 3);
    plan.languages = vec![Language::Spanish, Language::German];
    (plan.days, plan.agents) = (10, 7);
    let world = world(&plan);
    let requests = documents(&world, "requests");
    assert_eq!(requests.len(), 300);
    let agents = documents(&world, "project_users").iter().filter(|member| member["role"] == "agent");
    assert_eq!(agents.count(), 7 + 1, "the project already has an agent");
    let values = |field: &str| requests.iter().map(|request| request[field].to_string()).collect::<BTreeSet<_>>();
    assert_eq!(values("language"), ["\"de\"", "\"es\""].map(str::to_owned).into());
    assert!(values("status").is_superset(&["100", "200", "1000"].map(str::to_owned).into()), "{:?}", values("status"));
    assert_eq!(values("ticket_id").len(), 300);
    assert!(values("rating").len() > 3 && values("hasBot").len() == 2);
    let tagged = requests.iter().filter(|request| request["tags"] != json!([])).count();
    assert!(tagged > 50, "{tagged}");
    let begun = |request: &Value| milliseconds(&request["createdAt"]);
    let (first, last) = (requests.iter().map(begun).min(), requests.iter().map(begun).max());
    assert!(first.is_some_and(|first| first > NOON - 11 * 86_400_000), "{first:?}");
    assert!(last.is_some_and(|last| last > NOON - 2 * 3_600_000), "it ends at the current time");
    let night = requests.iter().filter(|request| begun(request).rem_euclid(86_400_000) < 6 * 3_600_000).count();
    assert!(night < 30, "{night} conversations begin at night");
}

#[test]
fn generated_documents_are_consistent() {
    let world = world(&plan(200, 4));
    let mut messages: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for collection in ["leads", "project_users", "requests", "messages", "activities", "users"] {
        for document in documents(&world, collection) {
            assert!(ids.insert(document["_id"].as_str()), "{collection}: {}", document["_id"]);
            for date in ["createdAt", "updatedAt"] {
                assert!(milliseconds(&document[date]) <= NOON, "{collection}: {document}");
            }
        }
    }
    for message in documents(&world, "messages") {
        messages.entry(message["recipient"].as_str().expect("a text")).or_default().push(message);
    }
    let mut open: BTreeMap<&str, u64> = BTreeMap::new();
    for request in documents(&world, "requests") {
        let (id, lead) = (request["request_id"].as_str().expect("a text"), &request["lead"]);
        let lead = documents(&world, "leads").iter().find(|known| known["_id"] == *lead).expect("the lead exists");
        let own = &messages[id];
        assert_eq!(own[0]["sender"], lead["lead_id"], "the visitor writes first");
        assert_eq!(own[0]["text"], request["first_text"]);
        assert_eq!(own[0]["senderFullname"], lead["fullname"]);
        let agents = documents(&world, "users");
        let is_agent = |message: &&&Value| agents.iter().any(|agent| agent["_id"] == message["sender"]);
        let waited = own
            .iter()
            .find(is_agent)
            .map(|answer| milliseconds(&answer["createdAt"]) - milliseconds(&own[0]["createdAt"]));
        assert_eq!(request["waiting_time"].as_i64(), waited, "{request}");
        if request["status"] == 1000 {
            let said = milliseconds(&request["closed_at"]);
            let lines = own.iter().filter(|message| milliseconds(&message["createdAt"]) <= said);
            let transcript = request["transcript"].as_str().expect("closed requests have one");
            // The transcript does not contain the message about the closing.
            assert_eq!(transcript.split("\r\n").count(), lines.count() - 1, "{transcript}");
            let name = lead["fullname"].as_str().expect("a name");
            assert!(transcript.contains(name), "{name} is not in {transcript}");
        } else {
            for agent in request["participantsAgents"].as_array().expect("an array") {
                *open.entry(agent.as_str().expect("an id")).or_default() += 1;
            }
        }
    }
    for member in documents(&world, "project_users") {
        let assigned = member["id_user"].as_str().and_then(|user| open.get(user)).copied().unwrap_or_default();
        assert_eq!(member["number_assigned_requests"], assigned, "{member}");
    }
}

#[tokio::test]
async fn every_chart_of_a_demo_has_data() {
    let app = App::with(|config| config.demo = Some(150));
    for chart in ANALYTICS {
        let answer = app.owner().get(&format!("{PROJECT}/analytics/{chart}")).await;
        let body = answer.json_of(200);
        let is_empty = body == json!([]) || body == json!({}) || body["series"] == json!([]);
        assert!(!is_empty, "{chart}: {body}");
    }
    let requests = app.owner().get(&format!("{PROJECT}/requests?status=all&limit=1")).await.json_of(200);
    assert!(requests["count"].as_u64() >= Some(150), "{requests}");
    let documented = app.owner().get(&format!("{PROJECT}/leads/5c81593adf767b0017d1aa66")).await;
    assert_eq!(documented.status, 200, "the documented examples are there, too");
}

/// The names and types of the fields of a document, at all levels.
fn shape(document: &Value, path: &str, into: &mut BTreeSet<String>) {
    match document {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| shape(value, &format!("{path}/{name}"), into));
        }
        Value::Array(items) => items.iter().for_each(|item| shape(item, &format!("{path}/*"), into)),
        Value::Null => {
            into.insert(format!("{path}: null"));
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            into.insert(path.to_owned());
        }
    }
}

#[tokio::test]
async fn a_generated_conversation_has_the_shape_of_one_made_by_calls() {
    let generated = world(&plan(240, 5));
    let is_whole = |request: &&Value| {
        request["status"] == 1000
            && request["rating_message"].is_string()
            && request["hasBot"] == false
            && request["tags"] != json!([])
            && request["snapshot"]["department"]["id_bot"].is_null()
    };
    let one = documents(&generated, "requests").iter().find(is_whole).expect("there is a rated one").clone();
    let app = App::with(|config| config.world = Some(generated.clone()));
    let visitor =
        json!({"id_project": PROJECT_ID, "firstname": "Ada", "lastname": "Byron", "email": "ada@example.com"});
    let session = app.nobody().post("/v3/auth/signinAnonymously", visitor).await.json_of(200);
    let guest = app.authorized(session["token"].as_str().expect("a token").to_owned());
    let id = format!("support-group-{PROJECT_ID}-1");
    let path = format!("{PROJECT}/requests/{id}");
    let say = json!({
        "text": "Hi", "senderFullname": "Ada Byron", "email": "ada@example.com", "language": "en",
        "departmentid": one["department"], "sourcePage": "https://shop.example.com/", "userAgent": "Firefox",
    });
    guest.post(&format!("{path}/messages"), say.clone()).await.json_of(200);
    app.agent().put(&format!("{path}/participants"), json!(["5aaa99024c3b110014b478f0"])).await;
    let answer = json!({"text": "Hello", "language": "en"});
    app.agent().post(&format!("{path}/messages"), answer).await.json_of(200);
    guest.post(&format!("{path}/messages"), say).await.json_of(200);
    app.agent().put(&format!("{path}/tag"), json!([{"tag": "orders"}])).await.json_of(200);
    app.admin().put(&format!("{path}/close"), json!({})).await.json_of(200);
    guest.patch(&format!("{path}/rating"), json!({"rating": 5, "rating_message": "Good"})).await.json_of(200);
    let state = app.state().await;
    let made = documents(&state, "requests").iter().find(|request| request["request_id"] == id.as_str());
    let (mut expected, mut found) = (BTreeSet::new(), BTreeSet::new());
    shape(made.expect("it was opened"), "", &mut expected);
    shape(&one, "", &mut found);
    assert_eq!(found, expected);
    for collection in ["leads", "project_users"] {
        let (mut expected, mut found) = (BTreeSet::new(), BTreeSet::new());
        let of = |world: &Value, uuid: &Value| {
            let all = documents(world, collection).iter();
            all.clone().find(|document| document["lead_id"] == *uuid || document["uuid_user"] == *uuid).cloned()
        };
        let lead = documents(&generated, "leads").iter().find(|lead| lead["_id"] == one["lead"]);
        let lead = lead.expect("the lead of the conversation");
        shape(&of(&state, &session["user"]["_id"]).expect("the call's"), "", &mut expected);
        shape(&of(&generated, &lead["lead_id"]).expect("the generated one"), "", &mut found);
        assert_eq!(found, expected, "{collection}");
    }
}
