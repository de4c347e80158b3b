//! Bots that are exported, imported, copied and published.

use http::Method;
use serde_json::{Value, json};

use super::{ELSEWHERE, FIRST, SECOND, all, bots, empty_bot, faqs, id, intents, verbs};
use crate::support::App;

#[tokio::test]
async fn an_export_can_be_imported_again() {
    let app = App::new();
    let owner = app.owner();
    let attributes = json!({"globals": [1], "rules": [{"do": [{"message": {"participants": ["bot_old", "other"]}}]}]});
    owner.patch(&bots(&format!("/{SECOND}/attributes")), attributes.clone()).await.expect(200);
    let answer = owner.get(&bots(&format!("/exportjson/{SECOND}"))).await;
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"bot.json\""));
    let export = answer.expect(200);
    assert_eq!((&export["name"], export["attributes"].get("globals")), (&json!("bot2"), None));
    let intent = &export["intents"][0];
    assert_eq!(intent["id_faq_kb"], SECOND);
    for left_out in ["_id", "id", "id_project", "topic", "status", "createdBy", "createdAt", "updatedAt", "__v"] {
        assert_eq!(intent.get(left_out), None, "{left_out}");
    }
    let whole = owner.get(&bots(&format!("/exportjson/{SECOND}?globals=1"))).await.expect(200);
    assert_eq!(whole["attributes"], attributes);
    let only = owner.get(&bots(&format!("/exportjson/{SECOND}?intentsOnly=true"))).await;
    assert_eq!(only.header("content-disposition"), Some("attachment; filename=\"intents.json\""));
    assert_eq!(only.expect(200), json!({"intents": export["intents"]}));

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
    let named = owner.post(&bots("/importjson/null?create=true"), named).await.expect(200);
    for (field, value) in fields.into_iter().chain([("name", json!("bot2"))]) {
        assert_eq!(named[field], value, "{field}");
    }
    let made = owner.post(&bots("/importjson/null?create=true"), export).await.expect(200);
    assert_eq!((&made["name"], &made["slug"]), (&json!("bot2"), &json!("bot2-1")));
    assert_eq!(made.get("secret"), None);
    let participants = &made["attributes"]["rules"][0]["do"][0]["message"]["participants"];
    assert_eq!(*participants, json!([format!("bot_{}", id(&made)), "other"]), "its rules name the new bot");
    assert_eq!(intents(&app, &id(&made)).await, intents(&app, SECOND).await);
    assert_eq!(verbs(&app, &id(&made)).await, ["FAQ_KB_CREATE"]);
}

#[tokio::test]
async fn an_import_adds_overwrites_or_replaces() {
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
            app.owner().post(&bots(&format!("/importjson/{SECOND}{query}")), document.clone()).await.expect(200);
        assert_eq!(
            (&answer["name"], &answer["description"]),
            (&json!("bot2"), &json!("New")),
            "what is empty changes nothing"
        );
        assert_eq!(answer.get("attributes"), None, "attributes come with rules only");
        assert_eq!(intents(&app, SECOND).await, names, "{query}");
        let faq =
            app.owner().get(&faqs(&format!("?id_faq_kb={SECOND}&intent_display_name=shipping"))).await.expect(200);
        assert_eq!(faq[0]["answer"], shipping, "{query}");
    }
    let app = App::new();
    let list = faqs(&format!("?id_faq_kb={SECOND}"));
    let before = app.owner().get(&list).await.expect(200);
    let (name, uuid) = (&before[1]["intent_display_name"], &before[0]["intent_id"]);
    let between = json!({"intents": [{"intent_display_name": name, "intent_id": uuid, "answer": "Nowhere."}]});
    app.owner().post(&bots(&format!("/importjson/{SECOND}?overwrite=true")), between).await.expect(200);
    let after = app.owner().get(&list).await.expect(200);
    let answers = |list| [all(list, "intent_display_name"), all(list, "intent_id"), all(list, "answer")];
    assert_eq!(answers(&after), answers(&before), "who has the name of one and the UUID of another overwrites neither");
    for (rules, shown) in [(json!([{"name": "vip"}]), 1), (json!([]), 1), (json!([{}, {}]), 2)] {
        let document = json!({"attributes": {"rules": rules}, "intents": [], "webhook_enabled": shown == 2});
        let answer = app.owner().post(&bots(&format!("/importjson/{SECOND}")), document).await.expect(200);
        assert_eq!(answer["attributes"]["rules"].as_array().map(Vec::len), Some(shown), "no rules change nothing");
        assert_eq!(answer["webhook_enabled"], shown == 2, "the document switches it on");
    }
}

#[tokio::test]
async fn a_document_that_is_none_is_refused_and_changes_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    let path = bots(&format!("/importjson/{SECOND}"));
    let refused = owner.post(&path, json!({"intents": "all"})).await.expect(422);
    assert_eq!(refused["errors"][0]["param"], "intents");
    let refused = owner.post(&path, json!({"intents": [{"question": {}}]})).await.expect(422);
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
    let nameless = owner.post(&bots("/importjson/null?create=true"), json!({"intents": []})).await.expect(400);
    assert_eq!(nameless["message"], "Error creatings new chatbot");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_copy_goes_where_the_caller_is_administrator() {
    let app = App::new();
    let owner = app.owner();
    let copied =
        owner.post(&bots(&format!("/fork/{SECOND}?public=false&projectid={ELSEWHERE}")), Value::Null).await.expect(200);
    assert_eq!(copied["message"], "Chatbot forked successfully");
    let copy = copied["bot_id"].as_str().expect("an id");
    let read = owner.get(&format!("/v3/{ELSEWHERE}/bots/{copy}")).await.expect(200);
    assert_eq!(
        (&read["name"], &read["slug"], &read["id_project"]),
        (&json!("bot2"), &json!("bot2"), &json!(ELSEWHERE))
    );
    let there = owner.get(&format!("/v3/{ELSEWHERE}/faq?id_faq_kb={copy}")).await.expect(200);
    assert_eq!(all(&there, "intent_display_name"), intents(&app, SECOND).await);
    assert_eq!(verbs(&app, copy).await, ["FAQ_KB_CREATE"]);
    let here = owner.post(&bots(&format!("/fork/{SECOND}?for_publish=true")), Value::Null).await.expect(200);
    assert_eq!(verbs(&app, here["bot_id"].as_str().expect("an id")).await, [""; 0]);

    let agent = json!({"email": "admin@example.com", "role": "agent"});
    owner.post(&format!("/v3/{ELSEWHERE}/project_users/invite"), agent).await.expect(200);
    let before = app.state().await;
    let refused =
        app.admin().post(&bots(&format!("/fork/{SECOND}?projectid={ELSEWHERE}")), Value::Null).await.expect(403);
    assert_eq!(refused["message"], "An error occurred during chatbot creation");
    for project in ["fake", "5ab0f32757066e0014bfd700"] {
        owner.post(&bots(&format!("/fork/{SECOND}?projectid={project}")), Value::Null).await.expect(404);
    }
    for source in [format!("{SECOND}?public=true"), "fake".into(), copy.to_owned()] {
        let refused = owner.post(&bots(&format!("/fork/{source}")), Value::Null).await.expect(404);
        assert_eq!(refused["error"], "Unable to get chatbot to be forked", "{source}");
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_shared_bot_can_be_copied_and_exported_from_elsewhere() {
    let app = App::new();
    let owner = app.owner();
    let export = format!("/v3/{ELSEWHERE}/bots/exportjson/{SECOND}");
    let private = owner.get(&export).await.expect(403);
    assert_eq!(private["msg"], format!("Chatbot not found with id {SECOND} for project {ELSEWHERE}"));
    let unknown = owner.get(&format!("/v3/{ELSEWHERE}/bots/exportjson/fake")).await.expect(404);
    assert_eq!(unknown["msg"], "Chatbot not found with id fake");
    owner.put(&bots(&format!("/{SECOND}")), json!({"public": true})).await.expect(200);
    assert_eq!(owner.get(&export).await.expect(200)["name"], "bot2");
    let fork = format!("/v3/{ELSEWHERE}/bots/fork/{SECOND}?public=true&projectid={ELSEWHERE}");
    let copied = owner.post(&fork, Value::Null).await.expect(200);
    let path = format!("/v3/{ELSEWHERE}/bots/{}", copied["bot_id"].as_str().expect("an id"));
    assert_eq!(owner.get(&path).await.expect(200)["public"], false, "the copy is not shared");
}

#[tokio::test]
async fn a_published_copy_is_frozen_and_can_be_published_again() {
    let app = App::new();
    let owner = app.owner();
    let bot = empty_bot(&app, "Release").await;
    let publish = async |body: Value| {
        owner.put(&bots(&format!("/{bot}/publish")), body).await.expect(200)["bot_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    owner.post(&faqs(""), json!({"id_faq_kb": bot, "question": "q", "answer": "one"})).await.expect(200);
    let first = publish(json!({"release_note": "First"})).await;
    let read = owner.get(&bots(&format!("/{bot}"))).await.expect(200);
    assert_eq!((&read["url"], &read["modified"]), (&json!(format!("/modules/tilebot/ext/{first}")), &json!(false)));
    owner.post(&faqs(""), json!({"id_faq_kb": bot, "question": "r", "answer": "two"})).await.expect(200);
    let second = publish(json!({})).await;
    assert_eq!(intents(&app, &first).await.len(), 1);
    assert_eq!(intents(&app, &second).await.len(), 2);
    let third = publish(json!({"restore_from": first})).await;
    assert_eq!(intents(&app, &third).await.len(), 1);

    let copies = owner.get(&bots(&format!("/{bot}/published"))).await.expect(200);
    assert_eq!(all(&copies, "_id"), [&third, &second, &first], "newest first");
    assert_eq!(all(&copies, "release_note"), ["No comment", "No comment", "First"]);
    assert_eq!(copies[0]["publishedBy"]["email"], "andrea.leo@f21.it");
    assert_eq!((&copies[0]["root_id"], &copies[0]["trashed"]), (&json!(bot), &json!(true)));
    assert!(!all(&owner.get(&bots("")).await.expect(200), "_id").contains(&first.as_str()), "copies are not listed");
    assert_eq!(verbs(&app, &bot).await, ["FAQ_KB_CREATE", "FAQ_KB_PUBLISH", "FAQ_KB_PUBLISH", "FAQ_KB_PUBLISH"]);
    assert_eq!(owner.get(&bots(&format!("/{FIRST}/published"))).await.expect(200), json!([]));

    let before = app.state().await;
    for (bot, from) in [("fake", Value::Null), (FIRST, json!(first)), (FIRST, json!("fake"))] {
        let refused = owner.put(&bots(&format!("/{bot}/publish")), json!({"restore_from": from})).await.expect(404);
        assert_eq!(refused["message"], "Unable publish chatbot");
    }
    assert_eq!(app.state().await, before);

    owner.put(&bots(&format!("/{first}")), json!({"trashed": false})).await.expect(200);
    owner.put(&bots(&format!("/{bot}")), json!({"trashed": true})).await.expect(200);
    let first = owner.get(&bots(&format!("/{first}"))).await.expect(200);
    assert_eq!((&first["trashed"], &first["trashedAt"]), (&json!(true), &json!("2026-01-01T12:00:00.000Z")));
}
