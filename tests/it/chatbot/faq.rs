//! The lifecycle of FAQs: individually, in batches, and as CSV.

use http::Method;
use serde_json::{Value, json};

use super::{all, faqs, id, intents};
use crate::support::{
    Answer, App,
    seed::{BOT, OTHER_BOT, OTHER_PROJECT_ID, PROJECT_ID, SHIPPING},
};

const PASSWORD: &str = "5ce265606438e40017e36110";

/// Uploads a form with these parts.
pub(super) async fn upload(app: &App, parts: &[(&str, &str)]) -> Answer {
    let text: String = parts
        .iter()
        .map(|(name, text)| format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"))
        .chain(["--line--\r\n".to_owned()])
        .collect();
    let headers = [("content-type", "multipart/form-data; boundary=line")];
    app.owner().send(Method::POST, &faqs("/uploadcsv"), &headers, text).await
}

#[tokio::test]
async fn a_faq_is_created_read_updated_and_deleted() {
    let app = App::new();
    let admin = app.admin();
    let body = json!({"id_faq_kb": BOT, "question": "q1\nq2", "answer": "a", "language": "it", "attributes": {"a": 1}});
    let created = admin.post(&faqs(""), body).await.json_of(200);
    assert_eq!(
        (&created["language"], &created["topic"]),
        (&json!("en"), &json!("default")),
        "the bot's language takes precedence"
    );
    assert_eq!((&created["enabled"], &created["webhook_enabled"]), (&json!(true), &json!(false)));
    assert_eq!((&created["id"], &created["status"]), (&created["_id"], &json!("live")));
    assert_eq!(created["intent_display_name"].as_str().map(str::len), Some(6));
    assert_eq!(created["intent_id"].as_str().map(str::len), Some(36));
    let path = faqs(&format!("/{}", id(&created)));
    assert_eq!(admin.get(&path).await.json_of(200), created);

    let changed = json!({"id_faq_kb": BOT, "answer": "b", "language": "it", "topic": "t", "enabled": false, "attributes": {"b": 2}});
    let updated = admin.put(&path, changed.clone()).await.json_of(200);
    for (field, value) in changed.as_object().expect("an object") {
        assert_eq!(updated[field], *value, "{field}");
    }
    assert_eq!(updated["question"], "q1\nq2");
    let absent = json!({"id_faq_kb": BOT, "answer": null, "attributes": null, "intent_id": null});
    assert_eq!(admin.put(&path, absent).await.json_of(200), updated, "null changes nothing");
    let merged = admin.patch(&format!("{path}/attributes"), json!({"c": 3})).await.json_of(200);
    assert_eq!(merged["attributes"], json!({"b": 2, "c": 3}));

    let by_intent = faqs(&format!("/intentId{}", created["intent_id"].as_str().expect("a string")));
    let updated = admin.put(&by_intent, json!({"id_faq_kb": BOT, "answer": "c"})).await.json_of(200);
    assert_eq!((&updated["answer"], &updated["_id"]), (&json!("c"), &created["_id"]));
    let refused = admin.delete(&by_intent).await.json_of(422);
    assert!(refused["msg"].as_str().is_some_and(|text| text.contains("'id_faq_kb' is mandatory")), "{refused}");
    admin.delete(&format!("{by_intent}?id_faq_kb={OTHER_BOT}")).await.json_of(404);
    assert_eq!(admin.delete(&format!("{by_intent}?id_faq_kb={BOT}")).await.json_of(200), updated);
    admin.get(&path).await.json_of(404);
    assert_eq!(intents(&app, BOT).await, ["start"]);
}

#[tokio::test]
async fn intent_names_are_unique_within_a_bot() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    let intent_id = "0c6f0f2e-6b1d-4a37-9d0e-2f9b7f0a1e03";
    for body in [json!({"intent_display_name": "shipping"}), json!({"intent_id": intent_id})] {
        let mut body = body;
        body["id_faq_kb"] = json!(OTHER_BOT);
        for (method, path) in [(Method::POST, faqs("")), (Method::PUT, faqs(&format!("/{PASSWORD}")))] {
            let refused = owner.call(method, &path, Some(body.clone())).await.json_of(409);
            assert_eq!(refused["msg"], "Duplicate  intent_display_name.");
        }
    }
    assert_eq!(app.state().await, before);
    owner.post(&faqs(""), json!({"id_faq_kb": BOT, "intent_display_name": "shipping"})).await.json_of(200);
    owner
        .put(&faqs(&format!("/{PASSWORD}")), json!({"id_faq_kb": OTHER_BOT, "intent_display_name": "password"}))
        .await
        .json_of(200);
}

#[tokio::test]
async fn lists_are_filtered_and_paged_and_agents_see_fewer_fields() {
    let app = App::new();
    let owner = app.owner();
    let bot = format!("id_faq_kb={OTHER_BOT}");
    let whole = vec!["password", "shipping", "agent_handoff", "defaultFallback"];
    for (query, expected) in [
        (format!("?{bot}"), whole.clone()),
        (String::new(), [vec!["start"], whole.clone()].concat()),
        (format!("?{bot}&limit=2"), whole[..2].to_vec()),
        (format!("?{bot}&limit=2&page=1"), whole[2..].to_vec()),
        (format!("?{bot}&limit=2&page=9"), vec![]),
        (format!("?{bot}&limit=0&page=0"), whole.clone()),
        (format!("?{bot}&intent_display_name=shipping"), vec!["shipping"]),
        (format!("?{bot}&intent_display_name=start"), vec![]),
        ("?text=password".into(), vec!["password"]),
        ("?text=you%20ship%20my%20password".into(), vec!["shipping", "password"]),
        (format!("?text=start&{bot}"), vec![]),
        ("?text=zzz".into(), vec![]),
        ("?id_faq_kb=fake".into(), vec![]),
        ("?id_faq_kb=5be9b2ecc72a050015e14999".into(), vec![]),
    ] {
        let list = owner.get(&faqs(&query)).await.json_of(200);
        assert_eq!(all(&list, "intent_display_name"), expected, "{query}");
        assert!(list.as_array().is_some_and(|all| all.iter().all(|faq| faq["faq_kb"][0]["_id"] == faq["id_faq_kb"])));
    }
    assert_eq!(owner.get(&format!("/v3/{OTHER_PROJECT_ID}/faq?{bot}")).await.json_of(200), json!([]));
    owner.get(&faqs("?limit=many")).await.json_of(422);
    owner
        .put(&faqs(&format!("/{PASSWORD}")), json!({"id_faq_kb": OTHER_BOT, "agents_available": false}))
        .await
        .json_of(200);
    let seen = app.agent().get(&faqs("")).await.json_of(200);
    assert_eq!(all(&seen, "intent_display_name"), ["shipping", "agent_handoff"]);
    for withheld in ["webhook_enabled", "faq_kb", "actions", "attributes", "createdBy", "createdAt", "updatedAt", "__v"]
    {
        assert_eq!(seen[0].get(withheld), None, "{withheld}");
    }
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    for (method, path, body, field) in [
        (Method::POST, faqs(""), json!({"question": "q"}), "id_faq_kb"),
        (Method::POST, faqs(""), json!({"id_faq_kb": BOT, "question": {}}), "question"),
        (Method::POST, faqs(""), json!({"id_faq_kb": BOT, "actions": "x"}), "actions"),
        (Method::PUT, faqs(&format!("/{PASSWORD}")), json!({"id_faq_kb": OTHER_BOT, "enabled": "maybe"}), "enabled"),
        (Method::POST, faqs("/ops_update"), json!({"id_faq_kb": OTHER_BOT}), "operations"),
        (Method::POST, faqs("/ops_update"), json!({"operations": []}), "id_faq_kb"),
        (
            Method::POST,
            faqs("/ops_update"),
            json!({"id_faq_kb": OTHER_BOT, "operations": [{"type": "burn", "intent": {}}]}),
            "operations.0.type",
        ),
        (Method::POST, faqs("/uploadcsv"), json!({"id_faq_kb": OTHER_BOT}), "uploadFile"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {path} {body}: {answer}");
    }
    let missing = json!({"success": false, "msg": "Object not found."});
    for (project, faq) in [
        (&app_project()[..], "fake"),
        (&app_project()[..], "5be9b2ecc72a050015e14999"),
        (OTHER_PROJECT_ID, PASSWORD),
        (&app_project()[..], "intentIdnone"),
    ] {
        let path = format!("/v3/{project}/faq/{faq}");
        for (method, path, body) in [
            (Method::GET, path.clone(), Value::Null),
            (Method::PUT, path.clone(), json!({"id_faq_kb": OTHER_BOT, "answer": "x"})),
            (Method::PATCH, format!("{path}/attributes"), json!({"a": 1})),
        ] {
            assert_eq!(owner.call(method, &path, Some(body)).await.json_of(404), missing, "{path}");
        }
        if !faq.starts_with("intentId") {
            assert_eq!(owner.delete(&path).await.json_of(404), missing, "{path}");
        }
    }
    // The FAQ belongs to another bot than the one in the body.
    let other = json!({"id_faq_kb": BOT, "answer": "x"});
    assert_eq!(owner.put(&faqs(&format!("/{PASSWORD}")), other).await.json_of(404), missing);
    assert_eq!(app.state().await, before);
}

fn app_project() -> String {
    PROJECT_ID.to_owned()
}

#[tokio::test]
async fn a_batch_applies_every_possible_operation() {
    let app = App::new();
    let owner = app.owner();
    let operations = json!([
        {"type": "delete", "intent": {"_id": PASSWORD}},
        {"type": "put", "intent": {"_id": PASSWORD, "answer": "gone"}},
        {"type": "post", "intent": {"intent_display_name": "shipping"}},
        {"type": "post", "intent": {"intent_display_name": "hours", "question": "Open?", "answer": 5}},
        {"type": "post", "intent": {"intent_display_name": "hours", "question": "Open?", "answer": "Yes."}},
        {"type": "patch", "intent": {"intent_id": "0c6f0f2e-6b1d-4a37-9d0e-2f9b7f0a1e03", "attributes": {"a": 1}}},
        {"type": "patch", "intent": {"attributes": {"a": 1}}},
    ]);
    let done = owner.post(&faqs("/ops_update"), json!({"id_faq_kb": OTHER_BOT, "operations": operations})).await;
    assert_eq!(done.json_of(200), json!({"success": true}));
    assert_eq!(intents(&app, OTHER_BOT).await, ["shipping", "agent_handoff", "defaultFallback", "hours"]);
    let bot = owner.get(&super::bots(&format!("/{OTHER_BOT}"))).await.json_of(200);
    assert_eq!(bot["modified"], true);
    let shipping = owner.get(&faqs(&format!("/{SHIPPING}"))).await.json_of(200);
    assert_eq!(shipping["attributes"], json!({"a": 1}));
}

#[tokio::test]
async fn csv_rows_become_intents_with_a_reply() {
    let app = App::new();
    let csv = "Open?,Yes,own-id,hours,true\nWhere?,\"Here, of course\"\n,nobody asks\nDo you ship?,known,,shipping\n";
    let parts = [("uploadFile", csv), ("id_faq_kb", OTHER_BOT), ("delimiter", ",")];
    assert_eq!(upload(&app, &parts).await.json_of(200), json!({"success": true, "msg": "CSV Parsed"}));
    let names = intents(&app, OTHER_BOT).await;
    assert_eq!(names.len(), 6, "existing intents and rows without a question are skipped: {names:?}");
    let list = app.owner().get(&faqs(&format!("?id_faq_kb={OTHER_BOT}&intent_display_name=hours"))).await.json_of(200);
    assert_eq!((&list[0]["intent_id"], &list[0]["webhook_enabled"]), (&json!("own-id"), &json!(true)));
    assert_eq!(list[0].get("answer"), None);
    let action = &list[0]["actions"][0];
    let said = &action["attributes"]["commands"][1]["message"]["text"];
    assert_eq!((&action["_tdActionType"], &action["text"], said), (&json!("reply"), &json!("Yes"), &json!("Yes")));
    assert_eq!(action["_tdActionId"].as_str().map(str::len), Some(36));

    let export = app.owner().get(&faqs(&format!("/csv?id_faq_kb={OTHER_BOT}"))).await;
    assert_eq!(export.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = export.text();
    assert!(text.starts_with("question;answer;intent_id;intent_display_name;webhook_enabled\r\n"), "{text}");
    // Their replies are actions.
    assert!(
        text.contains("\n\"Open?\";;\"own-id\";\"hours\";\"true\"\r\n") && text.contains("\n\"Where?\";;"),
        "{text}"
    );
    assert_eq!(app.owner().get(&faqs("/csv?id_faq_kb=fake")).await.text().lines().count(), 1);
    assert_eq!(
        app.owner().get(&format!("/v3/{OTHER_PROJECT_ID}/faq/csv?id_faq_kb={OTHER_BOT}")).await.text().lines().count(),
        1
    );
}

#[tokio::test]
async fn an_unreadable_upload_changes_nothing() {
    let app = App::new();
    let before = app.state().await;
    let refused =
        upload(&app, &[("uploadFile", "a;b"), ("id_faq_kb", OTHER_BOT), ("delimiter", "||")]).await.json_of(200);
    assert_eq!(refused, json!({"success": false, "msg": "Parsing error"}));
    let refused = upload(&app, &[("uploadFile", "a;b"), ("id_faq_kb", "5be9b2ecc72a050015e14999")]).await.json_of(404);
    assert_eq!(refused["msg"], "Object not found.");
    let refused = upload(&app, &[("id_faq_kb", OTHER_BOT)]).await.json_of(422);
    assert_eq!(refused["errors"][0]["param"], "uploadFile");
    let refused = upload(&app, &[("uploadFile", &"x".repeat(1_100_000)), ("id_faq_kb", OTHER_BOT)]).await.json_of(413);
    assert_eq!(refused, json!({"err": "Content Too Large", "limit_file_size": 1_024_000}));
    let headers = [("content-type", "multipart/form-data; boundary=line")];
    let torn = app.owner().send(Method::POST, &faqs("/uploadcsv"), &headers, "--line\r\nContent-Disp").await;
    assert_eq!(torn.status, 400, "{}", torn.text());
    let headers = [("content-type", "multipart/form-data")];
    assert_eq!(app.owner().send(Method::POST, &faqs("/uploadcsv"), &headers, "x").await.status, 400);
    assert_eq!(app.state().await, before);
}
