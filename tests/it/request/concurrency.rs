//! Many writers of one conversation: nothing is lost, nothing is there twice.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use super::{ADMIN, AGENT, OWNER, open, requests};
use crate::support::App;

const TASKS: usize = 16;
/// Writes of each task.
const CALLS: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_writers_lose_nothing_and_double_nothing() {
    let app = Arc::new(App::new());
    open(&app.owner(), "busy", &[]).await;
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(write(app.clone(), task))).collect();
    let mut written = Written::default();
    for task in tasks {
        let own = task.await.expect("no task fails");
        written.messages += own.messages;
        written.created += own.created;
        written.tags.extend(own.tags);
        written.attributes.extend(own.attributes);
    }
    let owner = app.owner();
    let request = owner.get(&requests("/busy")).await.expect(200);

    let names = |list: &Value, key: &str| -> Vec<String> {
        let items = list.as_array().expect("an array").iter();
        items.map(|item| item.get(key).unwrap_or(item).as_str().expect("a text").to_owned()).collect()
    };
    let unique = |all: Vec<String>| {
        let (len, set) = (all.len(), all.into_iter().collect::<BTreeSet<_>>());
        assert_eq!(set.len(), len, "nothing is there twice");
        set
    };
    assert_eq!(unique(names(&request["tags"], "tag")), written.tags);
    unique(names(&request["participants"], "_id"));
    unique(names(&request["followers"], "_id"));
    let attributes = request["attributes"].as_object().expect("attributes");
    let attributes: BTreeSet<_> = attributes.keys().filter(|key| key.starts_with("key-")).cloned().collect();
    assert_eq!(attributes, written.attributes);

    let state = app.nobody().get("/_control/state").await.expect(200);
    let sent = state["messages"].as_array().expect("messages").iter();
    let sent = sent.filter(|message| message["recipient"] == "busy" && message["sender"] != "system");
    assert_eq!(sent.count(), written.messages);
    let own = state["requests"].as_array().expect("requests").iter();
    let own = own.filter(|request| request["id_project"] == "5b55e806c93dde00143163dd");
    let mut tickets: Vec<_> = own.map(|request| request["ticket_id"].as_u64().expect("a number")).collect();
    tickets.sort_unstable();
    // Three are in the default world, one is the busy one.
    let expected: Vec<_> = (1..=written.created as u64 + 4).collect();
    assert_eq!(tickets, expected, "each number once, none left out");
    let status = if request["participants"] == json!([]) { 100 } else { 200 };
    assert_eq!(request["status"], status, "the status follows from the participants");
}

/// What one task wrote, as it was answered.
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
        // Each task is elsewhere in the mixture.
        match (call + task * 37) % 200 {
            0 => {
                written.created += 1;
                owner.post(&requests(""), json!({"first_text": name, "participants": [ADMIN]})).await.expect(200);
            }
            1 => {
                owner.put(&requests("/busy/tag"), json!([{"tag": name}, {"tag": "shared"}])).await.expect(200);
                written.tags.extend([name, "shared".to_owned()]);
            }
            2 => {
                let key = format!("key-{name}");
                owner.patch(&requests("/busy/attributes"), json!({&key: task})).await.expect(200);
                written.attributes.insert(key);
            }
            place if place % 20 == 3 => {
                written.messages += 1;
                owner.post(&requests("/busy/messages"), json!({"text": name})).await.expect(200);
            }
            place if place % 20 == 4 => {
                let member = ["5bb4d4d39214830015742b00", "5bb4d4d39214830015742b01"][place / 20 % 2];
                owner.post(&requests("/busy/followers"), json!({"member": member})).await.expect(200);
            }
            place if place % 20 == 5 => {
                let members = [json!([AGENT, ADMIN]), json!([]), json!([OWNER])];
                owner.put(&requests("/busy/participants"), members[place % 3].clone()).await.expect(200);
            }
            place if place % 2 == 0 => {
                let member = [OWNER, ADMIN, AGENT][place % 3];
                owner.post(&requests("/busy/participants"), json!({"member": member})).await.expect(200);
            }
            place => {
                let member = [OWNER, ADMIN, AGENT][place % 3];
                owner.delete(&requests(&format!("/busy/participants/{member}"))).await.expect(200);
            }
        }
        if call % 50 == 0 {
            let request = owner.get(&requests("/busy")).await.expect(200);
            let serving = request["participants"] != json!([]);
            assert_eq!(request["status"], if serving { 200 } else { 100 }, "no reader sees half a change");
        }
    }
    written
}
