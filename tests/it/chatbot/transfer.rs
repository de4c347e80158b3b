//! Export, import, copying, and publishing of bots.

use http::Method;
use serde_json::{Value, json};

use super::{all, bots, empty_bot, faqs, id, intents, verbs};
use crate::support::{
    App,
    seed::{BOT, OTHER_BOT, OTHER_PROJECT_ID},
};

#[tokio::test]
async fn an_export_can_be_imported() {
    let app = App::new();
    let owner = app.owner();
    let attributes = json!({"globals": [1], "rules": [{"do": [{"message": {"participants": ["bot_old", "other"]}}]}]});
    owner.patch(&bots(&format!("/{OTHER_BOT}/attributes")), attributes.clone()).await.json_of(200);
    let answer = owner.get(&bots(&format!("/exportjson/{OTHER_BOT}"))).await;
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"bot.json\""));
    let export = answer.json_of(200);
    assert_eq!((&export["name"], export["attributes"].get("globals")), (&json!("bot2"), None));
    let intent = &export["intents"][0];
    assert_eq!(intent["id_faq_kb"], OTHER_BOT);
    for left_out in ["_id", "id", "id_project", "topic", "status", "createdBy", "createdAt", "updatedAt", "__v"] {
        assert_eq!(intent.get(left_out), None, "{left_out}");
    }
    let whole = owner.get(&bots(&format!("/exportjson/{OTHER_BOT}?globals=1"))).await.json_of(200);
    assert_eq!(whole["attributes"], attributes);
    let only = owner.get(&bots(&format!("/exportjson/{OTHER_BOT}?intentsOnly=true"))).await;
    assert_eq!(only.header("content-disposition"), Some("attachment; filename=\"intents.json\""));
    assert_eq!(only.json_of(200), json!({"intents": export["intents"]}));

    let mut named = export.clone();
    let fields = [
        ("slug", json!("imported")),
        ("description", json!("d")),
        ("type", json!("tilebot")),
        ("subtype", json!("copilot")),
        ("language", json!("it")),
        ("webhook_enabled", json!(true)),
        ("webhook_url", json!("https://a.example")),
    ];
    for (field, value) in &fields {
        named[*field] = value.clone();
    }
    let named = owner.post(&bots("/importjson/null?create=true"), named).await.json_of(200);
    for (field, value) in fields.into_iter().chain([("name", json!("bot2"))]) {
        assert_eq!(named[field], value, "{field}");
    }
    let made = owner.post(&bots("/importjson/null?create=true"), export).await.json_of(200);
    assert_eq!((&made["name"], &made["slug"]), (&json!("bot2"), &json!("bot2-1")));
    assert_eq!(made.get("secret"), None);
    let participants = &made["attributes"]["rules"][0]["do"][0]["message"]["participants"];
    assert_eq!(*participants, json!([format!("bot_{}", id(&made)), "other"]), "its rules refer to the new bot");
    assert_eq!(intents(&app, &id(&made)).await, intents(&app, OTHER_BOT).await);
    assert_eq!(verbs(&app, &id(&made)).await, ["FAQ_KB_CREATE"]);
}

#[tokio::test]
async fn an_import_creates_merges_or_replaces() {
    let document = json!({
        "name": "", "description": "New", "webhook_enabled": false, "attributes": {"a": 1},
        "intents": [{"intent_display_name": "shipping", "answer": "Nowhere."}, {"intent_display_name": "new"}],
    });
    for (query, names, shipping) in [
        ("", vec!["password", "shipping", "agent_handoff", "defaultFallback", "new"], "We deliver all over Europe."),
        (
            "?overwrite=null&replace=null&create=null",
            vec!["password", "shipping", "agent_handoff", "defaultFallback", "new"],
            "We deliver all over Europe.",
        ),
        ("?overwrite=true", vec!["password", "shipping", "agent_handoff", "defaultFallback", "new"], "Nowhere."),
        ("?replace=true", vec!["shipping", "new"], "Nowhere."),
    ] {
        let app = App::new();
        let answer =
            app.owner().post(&bots(&format!("/importjson/{OTHER_BOT}{query}")), document.clone()).await.json_of(200);
        assert_eq!(
            (&answer["name"], &answer["description"]),
            (&json!("bot2"), &json!("New")),
            "empty values change nothing"
        );
        assert_eq!(answer.get("attributes"), None, "attributes are imported only with rules");
        assert_eq!(intents(&app, OTHER_BOT).await, names, "{query}");
        let faq =
            app.owner().get(&faqs(&format!("?id_faq_kb={OTHER_BOT}&intent_display_name=shipping"))).await.json_of(200);
        assert_eq!(faq[0]["answer"], shipping, "{query}");
    }
    let app = App::new();
    let list = faqs(&format!("?id_faq_kb={OTHER_BOT}"));
    let before = app.owner().get(&list).await.json_of(200);
    let (name, uuid) = (&before[1]["intent_display_name"], &before[0]["intent_id"]);
    let between = json!({"intents": [{"intent_display_name": name, "intent_id": uuid, "answer": "Nowhere."}]});
    app.owner().post(&bots(&format!("/importjson/{OTHER_BOT}?overwrite=true")), between).await.json_of(200);
    let after = app.owner().get(&list).await.json_of(200);
    let answers = |list| [all(list, "intent_display_name"), all(list, "intent_id"), all(list, "answer")];
    assert_eq!(
        answers(&after),
        answers(&before),
        "an intent that matches one by name and another by UUID overwrites neither"
    );
    for (rules, shown) in [(json!([{"name": "vip"}]), 1), (json!([]), 1), (json!([{}, {}]), 2)] {
        let document = json!({"attributes": {"rules": rules}, "intents": [], "webhook_enabled": shown == 2});
        let answer = app.owner().post(&bots(&format!("/importjson/{OTHER_BOT}")), document).await.json_of(200);
        assert_eq!(
            answer["attributes"]["rules"].as_array().map(Vec::len),
            Some(shown),
            "an import without rules keeps the existing ones"
        );
        assert_eq!(answer["webhook_enabled"], shown == 2, "enabled by the import");
    }
}

#[tokio::test]
async fn an_invalid_document_is_rejected_and_changes_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    let path = bots(&format!("/importjson/{OTHER_BOT}"));
    let refused = owner.post(&path, json!({"intents": "all"})).await.json_of(422);
    assert_eq!(refused["errors"][0]["param"], "intents");
    let refused = owner.post(&path, json!({"intents": [{"question": {}}]})).await.json_of(422);
    assert_eq!(refused["errors"][0]["param"], "intents.0.question", "{refused}");
    let form = [("content-type", "multipart/form-data; boundary=line")];
    let part = |name: &str, text: &str| {
        format!(
            "--line\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n{text}\r\n--line--\r\n"
        )
    };
    for (name, text, status, expected) in
        [("uploadFile", "not JSON", 400, "JSON"), ("other", "{}", 422, "uploadFile"), ("uploadFile", "5", 400, "JSON")]
    {
        let refused = owner.send(Method::POST, &path, &form, part(name, text)).await;
        assert_eq!(refused.status, status, "{text}");
        assert!(refused.text().contains(expected), "{}", refused.text());
    }
    let nameless = owner.post(&bots("/importjson/null?create=true"), json!({"intents": []})).await.json_of(400);
    assert_eq!(nameless["message"], "Error creatings new chatbot");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_bot_is_copied_into_projects_where_the_caller_is_admin() {
    let app = App::new();
    let owner = app.owner();
    let copied = owner
        .post(&bots(&format!("/fork/{OTHER_BOT}?public=false&projectid={OTHER_PROJECT_ID}")), Value::Null)
        .await
        .json_of(200);
    assert_eq!(copied["message"], "Chatbot forked successfully");
    let copy = copied["bot_id"].as_str().expect("an id");
    let read = owner.get(&format!("/v3/{OTHER_PROJECT_ID}/bots/{copy}")).await.json_of(200);
    assert_eq!(
        (&read["name"], &read["slug"], &read["id_project"]),
        (&json!("bot2"), &json!("bot2"), &json!(OTHER_PROJECT_ID))
    );
    let there = owner.get(&format!("/v3/{OTHER_PROJECT_ID}/faq?id_faq_kb={copy}")).await.json_of(200);
    assert_eq!(all(&there, "intent_display_name"), intents(&app, OTHER_BOT).await);
    assert_eq!(verbs(&app, copy).await, ["FAQ_KB_CREATE"]);
    let here = owner.post(&bots(&format!("/fork/{OTHER_BOT}?for_publish=true")), Value::Null).await.json_of(200);
    assert_eq!(verbs(&app, here["bot_id"].as_str().expect("an id")).await, [""; 0]);

    let agent = json!({"email": "admin@example.com", "role": "agent"});
    owner.post(&format!("/v3/{OTHER_PROJECT_ID}/project_users/invite"), agent).await.json_of(200);
    let before = app.state().await;
    let refused = app
        .admin()
        .post(&bots(&format!("/fork/{OTHER_BOT}?projectid={OTHER_PROJECT_ID}")), Value::Null)
        .await
        .json_of(403);
    assert_eq!(refused["message"], "An error occurred during chatbot creation");
    for project in ["fake", "5ab0f32757066e0014bfd700"] {
        owner.post(&bots(&format!("/fork/{OTHER_BOT}?projectid={project}")), Value::Null).await.json_of(404);
    }
    for source in [format!("{OTHER_BOT}?public=true"), "fake".into(), copy.to_owned()] {
        let refused = owner.post(&bots(&format!("/fork/{source}")), Value::Null).await.json_of(404);
        assert_eq!(refused["error"], "Unable to get chatbot to be forked", "{source}");
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_shared_bot_can_be_copied_and_exported_from_other_projects() {
    let app = App::new();
    let owner = app.owner();
    let export = format!("/v3/{OTHER_PROJECT_ID}/bots/exportjson/{OTHER_BOT}");
    let private = owner.get(&export).await.json_of(403);
    assert_eq!(private["msg"], format!("Chatbot not found with id {OTHER_BOT} for project {OTHER_PROJECT_ID}"));
    let unknown = owner.get(&format!("/v3/{OTHER_PROJECT_ID}/bots/exportjson/fake")).await.json_of(404);
    assert_eq!(unknown["msg"], "Chatbot not found with id fake");
    owner.put(&bots(&format!("/{OTHER_BOT}")), json!({"public": true})).await.json_of(200);
    assert_eq!(owner.get(&export).await.json_of(200)["name"], "bot2");
    let fork = format!("/v3/{OTHER_PROJECT_ID}/bots/fork/{OTHER_BOT}?public=true&projectid={OTHER_PROJECT_ID}");
    let copied = owner.post(&fork, Value::Null).await.json_of(200);
    let path = format!("/v3/{OTHER_PROJECT_ID}/bots/{}", copied["bot_id"].as_str().expect("an id"));
    assert_eq!(owner.get(&path).await.json_of(200)["public"], false, "the copy is not shared");
}

#[tokio::test]
async fn a_published_copy_is_frozen_and_can_be_restored() {
    let app = App::new();
    let owner = app.owner();
    let bot = empty_bot(&app, "Release").await;
    let publish = async |body: Value| {
        owner.put(&bots(&format!("/{bot}/publish")), body).await.json_of(200)["bot_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    owner.post(&faqs(""), json!({"id_faq_kb": bot, "question": "q", "answer": "one"})).await.json_of(200);
    let first = publish(json!({"release_note": "First"})).await;
    let read = owner.get(&bots(&format!("/{bot}"))).await.json_of(200);
    assert_eq!((&read["url"], &read["modified"]), (&json!(format!("/modules/tilebot/ext/{first}")), &json!(false)));
    owner.post(&faqs(""), json!({"id_faq_kb": bot, "question": "r", "answer": "two"})).await.json_of(200);
    let second = publish(json!({})).await;
    assert_eq!(intents(&app, &first).await.len(), 1);
    assert_eq!(intents(&app, &second).await.len(), 2);
    let third = publish(json!({"restore_from": first})).await;
    assert_eq!(intents(&app, &third).await.len(), 1);

    let copies = owner.get(&bots(&format!("/{bot}/published"))).await.json_of(200);
    assert_eq!(all(&copies, "_id"), [&third, &second, &first], "newest first");
    assert_eq!(all(&copies, "release_note"), ["No comment", "No comment", "First"]);
    assert_eq!(copies[0]["publishedBy"]["email"], "andrea.leo@f21.it");
    assert_eq!((&copies[0]["root_id"], &copies[0]["trashed"]), (&json!(bot), &json!(true)));
    assert!(!all(&owner.get(&bots("")).await.json_of(200), "_id").contains(&first.as_str()), "copies are not listed");
    assert_eq!(verbs(&app, &bot).await, ["FAQ_KB_CREATE", "FAQ_KB_PUBLISH", "FAQ_KB_PUBLISH", "FAQ_KB_PUBLISH"]);
    assert_eq!(owner.get(&bots(&format!("/{BOT}/published"))).await.json_of(200), json!([]));

    let before = app.state().await;
    for (bot, from) in [("fake", Value::Null), (BOT, json!(first)), (BOT, json!("fake"))] {
        let refused = owner.put(&bots(&format!("/{bot}/publish")), json!({"restore_from": from})).await.json_of(404);
        assert_eq!(refused["message"], "Unable publish chatbot");
    }
    assert_eq!(app.state().await, before);

    owner.put(&bots(&format!("/{first}")), json!({"trashed": false})).await.json_of(200);
    owner.put(&bots(&format!("/{bot}")), json!({"trashed": true})).await.json_of(200);
    let first = owner.get(&bots(&format!("/{first}"))).await.json_of(200);
    assert_eq!((&first["trashed"], &first["trashedAt"]), (&json!(true), &json!("2026-01-01T12:00:00.000Z")));
}
