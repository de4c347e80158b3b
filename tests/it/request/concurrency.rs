//! Concurrent writers of one conversation: nothing is lost or duplicated.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use super::{open, requests};
use crate::support::{
    App,
    seed::{ADMIN, ADMIN_MEMBER, AGENT, AGENT_MEMBER, OWNER, PROJECT_ID},
};

const TASKS: usize = 16;
/// Number of writes of each task.
const CALLS: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_writers_lose_and_duplicate_nothing() {
    let app = Arc::new(App::new());
    open(&app.owner(), "busy", &[]).await;
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(write(app.clone(), task))).collect();
    let mut written = Written::default();
    for task in tasks {
        let own = task.await.expect("no task panics");
        written.messages += own.messages;
        written.created += own.created;
        written.tags.extend(own.tags);
        written.attributes.extend(own.attributes);
    }
    let owner = app.owner();
    let request = owner.get(&requests("/busy")).await.json_of(200);

    let names = |list: &Value, key: &str| -> Vec<String> {
        let items = list.as_array().expect("an array").iter();
        items.map(|item| item.get(key).unwrap_or(item).as_str().expect("a string").to_owned()).collect()
    };
    let unique = |all: Vec<String>| {
        let (len, set) = (all.len(), all.into_iter().collect::<BTreeSet<_>>());
        assert_eq!(set.len(), len, "there are duplicates");
        set
    };
    assert_eq!(unique(names(&request["tags"], "tag")), written.tags);
    unique(names(&request["participants"], "_id"));
    unique(names(&request["followers"], "_id"));
    let attributes = request["attributes"].as_object().expect("attributes");
    let attributes: BTreeSet<_> = attributes.keys().filter(|key| key.starts_with("key-")).cloned().collect();
    assert_eq!(attributes, written.attributes);

    let state = app.nobody().get("/_control/state").await.json_of(200);
    let sent = state["messages"].as_array().expect("messages").iter();
    let sent = sent.filter(|message| message["recipient"] == "busy" && message["sender"] != "system");
    assert_eq!(sent.count(), written.messages);
    let own = state["requests"].as_array().expect("requests").iter();
    let own = own.filter(|request| request["id_project"] == PROJECT_ID);
    let mut tickets: Vec<_> = own.map(|request| request["ticket_id"].as_u64().expect("a number")).collect();
    tickets.sort_unstable();
    // Three are in the default world, one is the shared one.
    let expected: Vec<_> = (1..=written.created as u64 + 4).collect();
    assert_eq!(tickets, expected, "ticket numbers are consecutive");
    let status = if request["participants"] == json!([]) { 100 } else { 200 };
    assert_eq!(request["status"], status, "the status follows from the participants");
}

/// The writes of one task, as returned by the server.
#[derive(Default)]
struct Written {
    messages: usize,
    created: usize,
    tags: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

async fn write(app: Arc<App>, task: usize) -> Written {
    let owner = app.owner();
    let mut written = Written::default();
    for call in 0..CALLS {
        let name = format!("{task}-{call}");
        // Each task starts at a different point of the mix.
        match (call + task * 37) % 200 {
            0 => {
                written.created += 1;
                owner.post(&requests(""), json!({"first_text": name, "participants": [ADMIN]})).await.json_of(200);
            }
            1 => {
                owner.put(&requests("/busy/tag"), json!([{"tag": name}, {"tag": "shared"}])).await.json_of(200);
                written.tags.extend([name, "shared".to_owned()]);
            }
            2 => {
                let key = format!("key-{name}");
                owner.patch(&requests("/busy/attributes"), json!({&key: task})).await.json_of(200);
                written.attributes.insert(key);
            }
            place if place % 20 == 3 => {
                written.messages += 1;
                owner.post(&requests("/busy/messages"), json!({"text": name})).await.json_of(200);
            }
            place if place % 20 == 4 => {
                let member = [ADMIN_MEMBER, AGENT_MEMBER][place / 20 % 2];
                owner.post(&requests("/busy/followers"), json!({"member": member})).await.json_of(200);
            }
            place if place % 20 == 5 => {
                let members = [json!([AGENT, ADMIN]), json!([]), json!([OWNER])];
                owner.put(&requests("/busy/participants"), members[place % 3].clone()).await.json_of(200);
            }
            place if place % 2 == 0 => {
                let member = [OWNER, ADMIN, AGENT][place % 3];
                owner.post(&requests("/busy/participants"), json!({"member": member})).await.json_of(200);
            }
            place => {
                let member = [OWNER, ADMIN, AGENT][place % 3];
                owner.delete(&requests(&format!("/busy/participants/{member}"))).await.json_of(200);
            }
        }
        if call % 50 == 0 {
            let request = owner.get(&requests("/busy")).await.json_of(200);
            let serving = request["participants"] != json!([]);
            assert_eq!(request["status"], if serving { 200 } else { 100 }, "no reader sees a partial change");
        }
    }
    written
}
