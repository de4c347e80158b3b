//! The lifecycle and visibility of bots, and questions to them.

use http::Method;
use serde_json::{Value, json};

use super::{all, bots, empty_bot, faqs, id, intents, verbs};
use crate::support::{
    App, PROJECT,
    seed::{ADMIN, BOT, OTHER_BOT, OTHER_PROJECT_ID, PROJECT_ID, SALES, SHIPPING},
};

#[tokio::test]
async fn a_bot_is_created_read_updated_and_deleted_under_both_paths() {
    for name in ["bots", "faq_kb"] {
        let app = App::new();
        let admin = app.admin();
        let path = format!("{PROJECT}/{name}");
        let new = json!({
            "name": "Answers", "description": "d", "language": "it",
            "webhook_enabled": true, "webhook_url": "https://a.example/hook",
            "mainCategory": "Support", "intentsEngine": "other", "attributes": {"a": 1},
        });
        let created = admin.post(&path, new.clone()).await.json_of(200);
        for (field, value) in new.as_object().expect("an object") {
            assert_eq!(created[field], *value, "{field}");
        }
        let secret = created["secret"].as_str().expect("the secret in the response to the creation").to_owned();
        assert_eq!(secret.len(), 36);
        assert_eq!((&created["type"], &created["external"]), (&json!("internal"), &json!(false)));
        assert_eq!((&created["trashed"], &created["public"]), (&json!(false), &json!(false)));
        let one = format!("{path}/{}", id(&created));
        let read = admin.get(&one).await.json_of(200);
        assert_eq!(read.get("secret"), None);
        assert_eq!(all(&admin.get(&path).await.json_of(200), "name"), ["bot1", "bot2", "Avatar", "Answers"]);

        let changed = json!({"name": "Other", "language": "fr", "url": "https://a.example", "webhook_enabled": false, "tags": ["t"]});
        let updated = admin.put(&one, changed.clone()).await.json_of(200);
        for (field, value) in changed.as_object().expect("an object") {
            assert_eq!(updated[field], *value, "{field}");
        }
        assert_eq!((&updated["slug"], &updated["modified"]), (&json!("answers"), &json!(true)));
        let absent = json!({"name": null, "url": null, "tags": null, "external": null, "slug": null});
        assert_eq!(admin.put(&one, absent).await.json_of(200), updated, "null changes nothing");

        let removed = admin.delete(&one).await.json_of(200);
        assert_eq!(removed, updated);
        admin.get(&one).await.json_of(404);
        admin.delete(&one).await.json_of(404);
        assert!(intents(&app, &id(&created)).await.is_empty(), "its intents are deleted with it");
        assert_eq!(verbs(&app, &id(&created)).await, ["FAQ_KB_CREATE", "FAQ_KB_DELETE"]);
        let state = app.state().await.to_string();
        assert_eq!(state.matches(&secret).count(), 0, "the secret is not stored anywhere else");
    }
}

#[tokio::test]
async fn setting_the_language_or_attributes_marks_a_bot_as_modified() {
    let app = App::new();
    let owner = app.owner();
    owner.put(&bots(&format!("/{BOT}/language/it")), json!({})).await.json_of(200);
    owner.patch(&bots(&format!("/{OTHER_BOT}/attributes")), json!({"a": 1})).await.json_of(200);
    for bot in [BOT, OTHER_BOT] {
        assert_eq!(owner.get(&bots(&format!("/{bot}"))).await.json_of(200)["modified"], true, "{bot}");
    }
}

#[tokio::test]
async fn templates_define_the_first_intents_of_an_internal_bot() {
    let app = App::new();
    for (body, expected) in [
        (json!({}), 15),
        (json!({"template": "example"}), 15),
        (json!({"template": "no such one", "type": "internal"}), 15),
        (json!({"template": "blank"}), 3),
        (json!({"template": "handoff"}), 3),
        (json!({"template": "empty"}), 0),
        (json!({"type": "external", "template": "example"}), 0),
        (json!({"external": true}), 0),
        (json!({"type": "tilebot"}), 15),
        (json!({"type": "tilebot", "subtype": "webhook"}), 2),
        (json!({"type": "tilebot", "subtype": "copilot"}), 3),
        (json!({"type": "tilebot", "subtype": "copilot", "template": "blank_copilot"}), 2),
        (json!({"type": "tilebot", "subtype": "voice"}), 3),
    ] {
        let mut bot = body.clone();
        bot["name"] = json!("Started");
        let created = app.owner().post(&bots(""), bot).await.json_of(200);
        let names = intents(&app, &id(&created)).await;
        assert_eq!(names.len(), expected, "{body}: {names:?}");
    }
    let owner = app.owner();
    let url = async |body: Value| {
        let created = owner.post(&bots(""), body).await.json_of(200);
        owner.get(&bots(&format!("/{}", id(&created)))).await.json_of(200)["url"].clone()
    };
    assert_eq!(url(json!({"name": "x"})).await, Value::Null);
    let own = "https://a.example/engine";
    assert_eq!(url(json!({"name": "x", "type": "tilebot", "url": own})).await, own);
    assert_eq!(url(json!({"name": "x", "type": "tilebot"})).await, Value::Null, "not published yet");
    let created = app.owner().post(&bots(""), json!({"name": "x", "template": "handoff"})).await.json_of(200);
    assert_eq!(intents(&app, &id(&created)).await, ["start", "agent_handoff", "defaultFallback"]);
}

#[tokio::test]
async fn slugs_are_unique_within_a_project() {
    let app = App::new();
    let owner = app.owner();
    for (name, slug) in [
        ("My Awesome Bot", "my-awesome-bot"),
        ("My Awesome Bot", "my-awesome-bot-1"),
        ("My Awesome Bot", "my-awesome-bot-2"),
        ("My Awesome Bot 1", "my-awesome-bot-1-1"),
        ("Caffè_della  Città!", "caffe-della-citta"),
        ("!?", "bot"),
        ("bot1", "bot1-1"),
    ] {
        let created = owner.post(&bots(""), json!({"name": name})).await.json_of(200);
        assert_eq!(created["slug"], slug, "{name}");
    }
    for (wanted, slug) in [("mine", "mine"), ("mine", "mine-1"), ("", "named")] {
        let created = owner.post(&bots(""), json!({"name": "Named", "slug": wanted})).await.json_of(200);
        assert_eq!(created["slug"], slug, "{wanted:?}");
    }
    let elsewhere = owner.post(&format!("/v3/{OTHER_PROJECT_ID}/bots"), json!({"name": "bot1"})).await.json_of(200);
    assert_eq!(elsewhere["slug"], "bot1");
    let before = app.state().await;
    let refused = owner.put(&bots(&format!("/{BOT}")), json!({"slug": "bot2", "name": "x"})).await.json_of(409);
    assert_eq!((&refused["error"], &refused["error_code"]), (&json!("Slug already exists: bot2"), &json!(12001)));
    assert_eq!(app.state().await, before);
    owner.put(&bots(&format!("/{BOT}")), json!({"slug": "bot1"})).await.json_of(200);
    let renamed = owner.put(&bots(&format!("/{BOT}")), json!({"slug": "free", "name": "Renamed"})).await.json_of(200);
    assert_eq!(renamed["slug"], "free", "the requested slug");
}

#[tokio::test]
async fn a_trashed_bot_is_hidden_with_its_intents_and_can_be_restored() {
    let app = App::new();
    let owner = app.owner();
    let path = bots(&format!("/{OTHER_BOT}"));
    let trashed = owner.put(&path, json!({"trashed": true})).await.json_of(200);
    assert_eq!((&trashed["trashed"], &trashed["slug"]), (&json!(true), &json!("bot2-trashed-1767268800000")));
    assert_eq!(trashed["trashedAt"], "2026-01-01T12:00:00.000Z");
    assert_eq!(all(&owner.get(&bots("")).await.json_of(200), "name"), ["bot1", "Avatar"]);
    assert_eq!(owner.get(&path).await.json_of(200), trashed, "it can still be read");
    let intents = owner.get(&faqs(&format!("?id_faq_kb={OTHER_BOT}"))).await.json_of(200);
    assert!(intents.as_array().is_some_and(|all| all.len() == 4 && all.iter().all(|faq| faq["trashed"] == true)));
    assert!(intents.as_array().is_some_and(|all| all.iter().all(|faq| faq["trashedAt"] == trashed["trashedAt"])));
    let conversation = json!({"text": "Hello", "participants": [format!("bot_{OTHER_BOT}")]});
    owner.post(&format!("{PROJECT}/requests/binned/messages"), conversation).await.json_of(422);
    owner.put(&bots(&format!("/{BOT}")), json!({"trashed": true})).await.json_of(200);
    let opened = app.guest().await.post(&format!("{PROJECT}/requests/humans/messages"), json!({"text": "Hello"})).await;
    assert_eq!(opened.json_of(200)["request"]["hasBot"], false, "the department's trashed bot is not assigned");
    owner.put(&bots(&format!("/{BOT}")), json!({"trashed": false})).await.json_of(200);
    owner.put(&path, json!({"trashed": true})).await.json_of(200);
    assert_eq!(verbs(&app, OTHER_BOT).await, ["FAQ_KB_DELETE"], "once");
    let back = owner.put(&path, json!({"trashed": false})).await.json_of(200);
    assert_eq!((&back["trashed"], back.get("trashedAt")), (&json!(false), None));
    assert_eq!(all(&owner.get(&bots("")).await.json_of(200), "name"), ["bot1", "bot2", "Avatar"]);
    let intents = app.state().await["faqs"].clone();
    app.advance("1h").await;
    owner.put(&path, json!({"trashed": false})).await.json_of(200);
    assert_eq!(app.state().await["faqs"], intents, "intents in the trash are not restored with their bot");
}

#[tokio::test]
async fn lists_are_filtered_and_agents_see_fewer_bots_and_fields() {
    let app = App::new();
    let owner = app.owner();
    let made = empty_bot(&app, "New one").await;
    owner.post(&bots(""), json!({"name": "Identity", "type": "identity"})).await.json_of(200);
    let shared = json!({"public": true, "certified": true, "tags": ["weather"], "description": "Knows the rain"});
    owner.put(&bots(&format!("/{OTHER_BOT}")), shared).await.json_of(200);
    for (query, expected) in [
        ("", vec!["bot1", "bot2", "Avatar", "New one"]),
        ("?all=true", vec!["bot1", "bot2", "Avatar", "New one", "Identity"]),
        ("?all=yes", vec!["bot1", "bot2", "Avatar", "New one"]),
        ("?public=true", vec!["bot2"]),
        ("?public=false", vec!["bot1", "Avatar", "New one"]),
        ("?certified=true", vec!["bot2"]),
        ("?text=rain", vec!["bot2"]),
        ("?text=weather", vec!["bot2"]),
        ("?text=NEW%20rain&language=it", vec!["bot2", "New one"]),
        ("?text=nothing", vec![]),
        ("?text=bot1&public=true", vec![]),
    ] {
        assert_eq!(all(&owner.get(&bots(query)).await.json_of(200), "name"), expected, "{query}");
    }
    owner.get(&bots("?public=perhaps")).await.json_of(422);
    let seen = app.agent().get(&bots("")).await.json_of(200);
    assert_eq!(all(&seen, "name"), ["bot1", "bot2", "Avatar"], "agents do not see new bots");
    for withheld in
        ["webhook_enabled", "intentsEngine", "score", "attributes", "trained", "createdBy", "createdAt", "__v"]
    {
        assert_eq!(seen[0].get(withheld), None, "{withheld}");
    }
    owner.put(&bots(&format!("/{made}")), json!({"agents_available": true})).await.json_of(200);
    owner.put(&bots(&format!("/{BOT}")), json!({"agents_available": false})).await.json_of(200);
    assert_eq!(all(&app.agent().get(&bots("")).await.json_of(200), "name"), ["bot2", "Avatar", "New one"]);
}

#[tokio::test]
async fn a_bot_may_update_itself() {
    let app = App::new();
    let token = app.owner().get(&bots(&format!("/{OTHER_BOT}/jwt"))).await.json_of(200);
    let bot = app.authorized(format!("JWT {}", token["jwt"].as_str().expect("a token")));
    assert_eq!(bot.get(&bots(&format!("/{OTHER_BOT}"))).await.json_of(200)["name"], "bot2");
    assert_eq!(bot.get(&bots("")).await.json_of(200)[0]["createdBy"], ADMIN, "a bot sees all fields");
    bot.put(&bots(&format!("/{OTHER_BOT}")), json!({"description": "Mine"})).await.json_of(200);
    let attributes = bot.patch(&bots(&format!("/{OTHER_BOT}/attributes")), json!({"a": 1})).await.json_of(200);
    assert_eq!(attributes["attributes"], json!({"a": 1}));
    let attributes = bot.patch(&bots(&format!("/{OTHER_BOT}/attributes")), json!({"b": {"c": 2}})).await.json_of(200);
    assert_eq!(attributes["attributes"], json!({"a": 1, "b": {"c": 2}}));
    bot.put(&bots(&format!("/{OTHER_BOT}/language/it")), json!({})).await.json_of(200);
    bot.post(&faqs(""), json!({"id_faq_kb": OTHER_BOT, "question": "q", "answer": "a"})).await.json_of(200);
    let listed = bot.get(&faqs(&format!("?id_faq_kb={OTHER_BOT}"))).await.json_of(200);
    assert_eq!(all(&listed, "language"), ["it"; 5], "the language of all its intents is changed");
    for (method, path) in [
        (Method::POST, bots("")),
        (Method::DELETE, bots(&format!("/{OTHER_BOT}"))),
        (Method::PUT, bots(&format!("/{OTHER_BOT}/publish"))),
        (Method::GET, bots(&format!("/exportjson/{OTHER_BOT}"))),
        (Method::POST, bots("/askbot")),
    ] {
        let refused = bot.call(method, &path, None).await.json_of(403);
        assert_eq!(refused["msg"], "you dont belong to the project.", "{path}");
    }
    let elsewhere = bot.get(&format!("/v3/{OTHER_PROJECT_ID}/bots")).await.json_of(403);
    assert_eq!(elsewhere["msg"], "you dont belong to the project.");
}

#[tokio::test]
async fn every_operation_reports_an_unknown_bot() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    for (project, bot) in [
        (PROJECT_ID, "fake"),
        (PROJECT_ID, "twelve-chars"),
        (PROJECT_ID, "5be9b2ecc72a050015e14999"),
        (OTHER_PROJECT_ID, BOT),
    ] {
        let text = format!("Chatbot not found with id {bot} for project {project}");
        for (method, path, body) in [
            (Method::GET, format!("bots/{bot}"), Value::Null),
            (Method::PUT, format!("bots/{bot}"), json!({"name": "x"})),
            (Method::DELETE, format!("bots/{bot}"), Value::Null),
            (Method::GET, format!("faq_kb/{bot}"), Value::Null),
            (Method::PUT, format!("faq_kb/{bot}"), json!({"name": "x"})),
            (Method::DELETE, format!("faq_kb/{bot}"), Value::Null),
            (Method::PUT, format!("bots/{bot}/language/it"), Value::Null),
            (Method::PATCH, format!("bots/{bot}/attributes"), json!({"a": 1})),
            (Method::GET, format!("bots/{bot}/jwt"), Value::Null),
            (Method::GET, format!("bots/{bot}/published"), Value::Null),
            (Method::POST, format!("bots/{bot}/training"), Value::Null),
        ] {
            let answer = owner.call(method, &format!("/v3/{project}/{path}"), Some(body)).await.json_of(404);
            assert_eq!(answer, json!({"success": false, "msg": text}), "{path}");
        }
        let answer = owner.post(&format!("/v3/{project}/bots/importjson/{bot}"), json!({})).await.json_of(404);
        assert_eq!(answer["message"], text.as_str());
        for ask in ["askbot", "train", "aitrain"] {
            let body = json!({"id_faq_kb": bot, "question": "Hello"});
            owner.post(&format!("/v3/{project}/bots/{ask}"), body).await.json_of(404);
        }
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn invalid_bodies_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    for (method, path, body, field) in [
        (Method::POST, bots(""), json!({}), "name"),
        (Method::POST, bots(""), json!({"name": ""}), "name"),
        (Method::POST, bots(""), json!({"name": null}), "name"),
        (Method::POST, bots(""), json!({"name": "x", "webhook_enabled": "often"}), "webhook_enabled"),
        (Method::POST, bots(""), json!({"name": "x", "attributes": []}), "attributes"),
        (Method::PUT, bots(&format!("/{BOT}")), json!({"trashed": 2}), "trashed"),
        (Method::PUT, bots(&format!("/{BOT}")), json!({"tags": {}}), "tags"),
        (Method::POST, bots("/askbot"), json!({"question": "x"}), "id_faq_kb"),
        (Method::POST, bots("/train"), json!({}), "id_faq_kb"),
        (Method::POST, bots("/aitrain"), json!({}), "id_faq_kb"),
        (Method::PUT, bots(&format!("/{BOT}/publish")), json!({"release_note": {}}), "release_note"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {path} {body}: {answer}");
    }
    owner.post(&bots(""), json!({"name": "x".repeat(512_000)})).await.json_of(413);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_bot_answers_questions_and_is_trained_and_marked_as_trained() {
    let app = App::new();
    let owner = app.owner();
    let ask = async |question: &str| {
        let body = json!({"id_faq_kb": OTHER_BOT, "question": question});
        owner.post(&bots("/askbot"), body).await.json_of(200)["hits"].clone()
    };
    let exact = ask("  do you ship to IRELAND? ").await;
    assert_eq!((all(&exact, "intent_display_name"), &exact[0]["score"]), (vec!["shipping"], &json!(100)));
    let close = ask("I forgot where you ship my password").await;
    assert_eq!(
        all(&close, "intent_display_name"),
        ["shipping", "password"],
        "most matching words first; weak matches are omitted"
    );
    assert_eq!((&close[0]["score"], &close[1]["score"]), (&json!(3), &json!(2)));
    assert_eq!(ask("zzz").await, json!([]));
    assert_eq!(ask("").await, json!([]));
    owner.put(&faqs(&format!("/{SHIPPING}")), json!({"id_faq_kb": OTHER_BOT, "enabled": false})).await.json_of(200);
    assert_eq!(ask("ship").await, json!([]), "a disabled intent is not found");

    let train = json!({"id_faq_kb": OTHER_BOT});
    owner.post(&bots("/train"), train.clone()).await.json_of(400);
    owner
        .put(&bots(&format!("/{OTHER_BOT}")), json!({"url": "https://trainer.example", "trained": false}))
        .await
        .json_of(200);
    let lesson = owner.post(&bots("/train"), train).await.json_of(200);
    assert_eq!(lesson["train"]["language"], "en");
    let first = json!({"intent": "password", "examples": ["How can I restore my password?", "I forgot my password"]});
    assert_eq!(lesson["train"]["nlu"][0], first);
    let nothing = empty_bot(&app, "Nothing").await;
    owner.put(&bots(&format!("/{nothing}")), json!({"url": "https://trainer.example"})).await.json_of(200);
    let refused = owner.post(&bots("/train"), json!({"id_faq_kb": nothing})).await.json_of(400);
    assert_eq!(refused["msg"], "no faq to  train on external bot.");
    let trained = owner.post(&bots(&format!("/{OTHER_BOT}/training")), json!({})).await.json_of(200);
    assert_eq!(trained["trained"], true);
}

#[tokio::test]
async fn unlogged_bot_operations_leave_no_activity() {
    let app = App::new();
    let created = app.owner().post(&bots("?skip_activity=true"), json!({"name": "Quiet"})).await.json_of(200);
    assert_eq!(verbs(&app, &id(&created)).await, [""; 0]);
    let detail = app.owner().get(&bots(&format!("/{BOT}?departmentid={SALES}"))).await.json_of(200);
    assert_eq!(detail["department"]["name"], "Sales");
    for unknown in ["5c34ba232c62730016da2500", "fake", "5ab0f327d000000000000000"] {
        let detail = app.owner().get(&bots(&format!("/{BOT}?departmentid={unknown}"))).await.json_of(200);
        assert_eq!(detail.get("department"), None, "{unknown}");
    }
    let engine = app.owner().post(&bots(""), json!({"name": "Engine", "type": "tilebot"})).await.json_of(200);
    assert_eq!((engine.get("url"), &engine["subtype"]), (None, &json!("chatbot")));
}
