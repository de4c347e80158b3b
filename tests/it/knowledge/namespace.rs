//! Knowledge bases: lifecycle, limits, export and import.

use http::Method;
use serde_json::{Value, json};

use super::{HELP, KNOWLEDGE, SALES, activities, add, error, kb, later, make_other, plan};
use crate::support::{App, PROJECT, seed::PROJECT_ID, sink::Sink};

/// The names of the knowledge bases in a list.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|namespace| namespace["name"].as_str().expect("a string")).collect()
}

#[tokio::test]
async fn listing_creates_the_default_knowledge_base_if_there_is_none() {
    let app = App::new();
    let path = format!("{PROJECT}/kb/namespace/all");
    let list = app.admin().get(&path).await.json_of(200);
    let default = json!({
        "id": PROJECT_ID, "id_project": PROJECT_ID, "name": "Default", "default": true, "hybrid": false,
        "preview_settings":
            {"model": "gpt-3.5-turbo", "max_tokens": 128, "temperature": 0.7, "top_k": 4, "context": "You are an awesome AI Assistant."},
        "engine": {"name": "pinecone", "type": "serverless", "apikey": "", "vector_size": 1536, "index_name": "llm-sample-index"},
        "embedding": {"provider": "openai", "name": "text-embedding-ada-002", "dimension": 1536, "api_key": ""},
        "createdAt": "2026-01-01T12:00:00.000Z", "updatedAt": "2026-01-01T12:00:00.000Z",
    });
    assert_eq!(list, json!([default]));
    let before = app.state().await;
    assert_eq!(app.admin().get(&path).await.json_of(200), list);
    assert_eq!(app.state().await, before, "once");
}

#[tokio::test]
async fn the_first_knowledge_base_created_becomes_the_default() {
    let app = App::new();
    let path = format!("{PROJECT}/kb/namespace");
    let first =
        app.admin().post(&path, json!({"name": "First", "preview_settings": {"model": "x"}})).await.json_of(200);
    assert_eq!((&first["default"], &first["preview_settings"]["model"]), (&json!(true), &json!("gpt-3.5-turbo")));
    assert_ne!(first["id"], PROJECT_ID);
    let second = app.admin().post(&path, json!({"name": "Second", "hybrid": false})).await.json_of(200);
    assert_eq!(second["default"], false);
    let list = app.admin().get(&format!("{path}/all")).await.json_of(200);
    assert_eq!(list, json!([first, second]), "no second default is created");
    let id = |namespace: &Value| namespace["id"].as_str().expect("an id").to_owned();
    app.admin().delete(&format!("{path}/{}", id(&first))).await.json_of(403);
    app.admin().delete(&format!("{path}/{}", id(&second))).await.json_of(200);
    let expected = [
        ["KB_NAMESPACE_CREATE".to_owned(), "kb_namespace".to_owned(), id(&first)],
        ["KB_NAMESPACE_CREATE".to_owned(), "kb_namespace".to_owned(), id(&second)],
        ["KB_NAMESPACE_DELETE".to_owned(), "kb_namespace".to_owned(), id(&second)],
    ];
    assert_eq!(activities(&app).await, expected);
}

#[tokio::test]
async fn name_and_settings_can_be_changed() {
    let app = App::new();
    let (owner, path) = (app.owner(), kb(&format!("/namespace/{SALES}")));
    let settings = json!({"model": "gpt-4o", "top_k": 2, "temperature": 1.0, "citations": true, "unknown": 1});
    let changed = owner.put(&path, json!({"name": "Shop", "preview_settings": settings})).await.json_of(200);
    assert_eq!(changed["name"], "Shop");
    let expected = json!({"model": "gpt-4o", "top_k": 2, "temperature": 1, "citations": true, "context": null});
    assert_eq!(changed["preview_settings"], expected, "replaced as a whole");
    assert_eq!(changed["updatedAt"], "2026-01-01T12:00:00.000Z");
    for nothing in [json!({}), json!({"name": "", "preview_settings": null}), json!({"name": null, "default": true})] {
        assert_eq!(owner.put(&path, nothing.clone()).await.json_of(200), changed, "{nothing}");
    }
}

#[tokio::test]
async fn deleting_a_knowledge_base_deletes_its_contents() {
    let app = App::new();
    let owner = app.owner();
    let counts = async || {
        let list = owner.get(&kb("/namespace/all?count=1")).await.json_of(200);
        list.as_array().expect("a list").iter().map(|one| one["count"].as_u64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(counts().await, [4, 0, 0, 2]);
    let content = add(&app, SALES, "Prices", "Everything is free.").await;
    assert_eq!(counts().await, [4, 1, 0, 2]);
    owner.delete(&kb(&format!("/namespace/{HELP}?contents_only=true"))).await.json_of(200);
    assert_eq!(counts().await, [4, 1, 0, 0]);
    owner.delete(&kb(&format!("/namespace/{SALES}?contents_only=false"))).await.json_of(200);
    assert_eq!(counts().await, [4, 0, 0]);
    owner.get(&kb(&format!("/{}", content["_id"].as_str().expect("an id")))).await.json_of(404);
    owner.delete(&kb(&format!("/namespace/{KNOWLEDGE}?contents_only=true"))).await.json_of(200);
    assert_eq!(counts().await, [0, 0, 0]);
    let verbs = activities(&app).await.into_iter().map(|[verb, ..]| verb).collect::<Vec<_>>();
    assert_eq!(verbs, ["KB_CONTENTS_ADD", "KB_CONTENTS_DELETE", "KB_NAMESPACE_DELETE", "KB_CONTENTS_DELETE"]);
}

#[tokio::test]
async fn limits_of_a_plan_are_enforced() {
    let app = App::new();
    let owner = app.owner();
    let full = |limit: u32| {
        let text = "Maximum number of resources reached for the current plan";
        json!({"success": false, "error": text, "plan_limit": limit})
    };
    let exceeded = |limit: u32| {
        let text = "Cannot exceed the number of resources in the current plan";
        json!({"success": false, "error": text, "plan_limit": limit})
    };
    plan(&app, "quotes", json!({"namespace": 5, "kbs": 8})).await;
    owner.post(&kb("/namespace"), json!({"name": "Fifth"})).await.json_of(200);
    let sixth = owner.post(&kb("/namespace"), json!({"name": "Sixth"})).await;
    assert_eq!(sixth.json_of(403), full(5));
    let pages =
        |count: u32| json!({"list": (0..count).map(|at| format!("https://a.example/{at}")).collect::<Vec<_>>()});
    let multi = kb(&format!("/multi?namespace={SALES}"));
    let before = app.state().await;
    assert_eq!(owner.post(&multi, pages(3)).await.json_of(403), exceeded(8));
    assert_eq!(app.state().await, before);
    owner.post(&multi, pages(2)).await.json_of(200);
    let text = json!({"type": "text", "name": "a", "source": "a", "namespace": SALES});
    assert_eq!(owner.post(&kb(""), text).await.json_of(403), full(8));
    assert_eq!(owner.post(&multi, pages(1)).await.json_of(403), full(8));
    let sitemap = json!({"type": "sitemap", "source": "https://b.example/sitemap.xml"});
    let sitemaps = kb(&format!("/sitemap/import?namespace={SALES}"));
    assert_eq!(owner.post(&sitemaps, sitemap.clone()).await.json_of(403), full(8));
    let room = App::new();
    for (limit, status) in [(8, 403), (9, 200)] {
        plan(&room, "quotes", json!({"kbs": limit})).await;
        room.owner().post(&sitemaps, sitemap.clone()).await.json_of(status);
    }
    // Imported contents replace the existing ones.
    let contents = |count: u32| {
        let content = |at| json!({"name": "a", "type": "text", "source": format!("{at}")});
        json!({"contents": (0..count).map(content).collect::<Vec<_>>()})
    };
    let import = kb(&format!("/namespace/import/{SALES}"));
    assert_eq!(owner.post(&import, contents(3)).await.json_of(403), exceeded(8));
    owner.post(&import, contents(2)).await.json_of(200);
}

#[tokio::test]
async fn hybrid_search_depends_on_the_plan() {
    let app = App::new();
    plan(&app, "customization", json!({"hybrid": true})).await;
    let created = app.owner().post(&kb("/namespace"), json!({"name": "Both", "hybrid": true})).await.json_of(200);
    assert_eq!(
        (&created["hybrid"], &created["engine"]["index_name"]),
        (&json!(true), &json!("llm-sample-hybrid-index"))
    );
    let answer = app.owner().post(&kb("/namespace"), json!({"name": "Both", "hybrid": null})).await;
    assert_eq!(answer.json_of(200)["hybrid"], false);
}

#[tokio::test]
async fn an_export_can_be_imported() {
    let app = App::new();
    let owner = app.owner();
    owner
        .post(
            &kb(&format!("/sitemap/import?namespace={KNOWLEDGE}")),
            json!({"type": "sitemap", "source": "https://a.example/s.xml", "tags": ["a"], "scrape_type": 4}),
        )
        .await
        .json_of(200);
    let answer = owner.get(&kb(&format!("/namespace/export/{KNOWLEDGE}"))).await;
    assert_eq!(answer.header("content-disposition"), Some(r#"attachment; filename="customer-support.json""#));
    let file = answer.json_of(200);
    let sources = |file: &Value| {
        let contents = file["contents"].as_array().expect("contents").iter();
        contents.map(|content| content["source"].as_str().expect("a string").to_owned()).collect::<Vec<_>>()
    };
    let expected = [
        "Shipping information",
        "Shipping information",
        "Return an item",
        "Use a Voucher",
        "https://a.example/page-1",
        "https://a.example/page-2",
    ];
    assert_eq!(sources(&file), expected, "without the sitemap itself");
    let indexed = owner.get(&kb(&format!("/namespace/export/{KNOWLEDGE}?status=-1"))).await.json_of(200);
    assert_eq!(sources(&indexed), expected[4..]);

    add(&app, SALES, "Prices", "Everything is free.").await;
    let import = kb(&format!("/namespace/import/{SALES}"));
    owner.post(&import, file.clone()).await.json_of(200);
    let imported = owner.get(&kb(&format!("/namespace/export/{SALES}"))).await.json_of(200);
    assert_eq!((&imported["name"], imported["contents"].as_array().expect("contents").len()), (&json!("Sales"), 5));
    for content in imported["contents"].as_array().expect("contents") {
        assert_eq!((&content["status"], &content["namespace"]), (&json!(-1), &json!(SALES)));
        let same = |other: &&Value| other["source"] == content["source"] && other["content"] == content["content"];
        let original =
            file["contents"].as_array().expect("contents").iter().find(same).expect("the content is in the export");
        assert_eq!((&content["tags"], &content["scrape_type"]), (&original["tags"], &original["scrape_type"]));
    }
}

#[tokio::test]
async fn contents_are_split_into_paragraphs_once_indexed() {
    let app = App::new();
    let content = add(&app, SALES, "Prices", "One.\n\nTwo,\nstill two.\r\n\r\n\n\n  Three.  ").await;
    let id = content["_id"].as_str().expect("an id");
    let path = kb(&format!("/namespace/{SALES}/chunks/{id}"));
    assert_eq!(app.owner().get(&path).await.json_of(200), json!({"matches": []}));
    let app = later(&app, 1_500).await;
    let matches = app.owner().get(&path).await.json_of(200)["matches"].clone();
    let texts: Vec<_> = matches.as_array().expect("a list").iter().map(|piece| piece["text"].clone()).collect();
    assert_eq!(texts, ["One.", "Two,\nstill two.", "Three."]);
    assert_eq!(matches[2]["id"], format!("{id}#2"));
    assert_eq!(matches[2]["metadata_source"], "Prices");
    let elsewhere = kb(&format!("/namespace/{HELP}/chunks/{id}"));
    assert_eq!(
        app.owner().get(&elsewhere).await.json_of(200),
        json!({"matches": []}),
        "the content is in another knowledge base"
    );
    let unknown = kb(&format!("/namespace/{SALES}/chunks/fake"));
    let words = format!("Content not found with id fake for project {KNOWLEDGE}");
    assert_eq!(app.owner().get(&unknown).await.json_of(404), error(words));
}

#[tokio::test]
async fn only_admins_and_subscriptions_of_the_project_have_access() {
    let (app, sink) = (App::new(), Sink::start());
    make_other(&app).await;
    let path = format!("{PROJECT}/kb/namespace/all");
    let target = json!({"event": "lead.create", "target": sink.url("/hook")});
    app.admin().post(&format!("{PROJECT}/subscriptions"), target).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"fullname": "Ada"})).await.json_of(200);
    let call = sink.calls(1).remove(0);
    let program = app.authorized(format!("JWT {}", call.body["token"].as_str().expect("a token")));
    assert_eq!(names(&program.get(&path).await.json_of(200)), ["Default"]);
    let asked = json!({"question": "Anything?", "namespace": PROJECT_ID});
    assert_eq!(program.post(&format!("{PROJECT}/kb/qa"), asked).await.json_of(200)["success"], false);
    assert_eq!(program.get(&kb("/namespace/all")).await.json_of(403)["msg"], "you dont belong to the project.");
    program.get(&format!("{PROJECT}/subscriptions")).await.json_of(403);
    assert_eq!(app.agent().get(&path).await.json_of(403)["msg"], "you dont have the required role.");
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    make_other(&app).await;
    let before = app.state().await;
    for (method, path, body, field) in [
        (Method::POST, kb("/namespace"), json!({}), "name"),
        (Method::POST, kb("/namespace"), json!({"name": ""}), "name"),
        (Method::POST, kb("/namespace"), json!({"name": {}}), "name"),
        (Method::PUT, kb(&format!("/namespace/{SALES}")), json!({"preview_settings": 5}), "preview_settings"),
        (
            Method::PUT,
            kb(&format!("/namespace/{SALES}")),
            json!({"preview_settings": {"top_k": "x"}}),
            "preview_settings.top_k",
        ),
        (Method::POST, kb(&format!("/namespace/import/{SALES}")), json!({"contents": [{"name": "a"}]}), "contents"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
    }
    let foreign = error(format!("Namespace not belonging to project {KNOWLEDGE}"));
    for id in ["fake", "twelve-chars", "6675a1b3c08d0b0014000000", PROJECT_ID] {
        let unknown =
            if id == PROJECT_ID { foreign.clone() } else { error(format!("Namespace not found with id {id}")) };
        let status = if id == PROJECT_ID { 403 } else { 404 };
        for (method, suffix) in [
            (Method::PUT, format!("/namespace/{id}")),
            (Method::GET, format!("/namespace/{id}/chatbots")),
            (Method::GET, format!("/namespace/{id}/chunks/66b6268722af86ab6a739cb6")),
            (Method::GET, format!("/namespace/export/{id}")),
        ] {
            let body = (method == Method::PUT).then(|| json!({"name": "x"}));
            assert_eq!(owner.call(method, &kb(&suffix), body).await.json_of(status), unknown, "{suffix}");
        }
        let delete = owner.delete(&kb(&format!("/namespace/{id}"))).await.json_of(404);
        assert_eq!(delete, error(format!("No namespace found for id {id}")));
        let import = owner.post(&kb(&format!("/namespace/import/{id}")), json!({"contents": []})).await.json_of(403);
        assert_eq!(import, error("Not allowed. The namespace does not belong to the current project."));
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn the_bots_that_use_a_knowledge_base_are_listed() {
    let app = App::new();
    let owner = app.owner();
    let made = owner.post(&kb("/namespace"), json!({"name": "Asked"})).await.json_of(200);
    let namespace = made["id"].as_str().or(made["_id"].as_str()).expect("an id").to_owned();
    let chatbots = kb(&format!("/namespace/{namespace}/chatbots"));
    assert_eq!(owner.get(&chatbots).await.json_of(200), json!([]));
    let bots = format!("/v3/{KNOWLEDGE}/bots");
    let bot = owner.post(&bots, json!({"name": "Asker", "template": "empty"})).await.json_of(200);
    for question in ["one", "two"] {
        let actions = json!([{"_tdActionType": "askgptv2", "namespace": &namespace}]);
        let faq = json!({"id_faq_kb": bot["_id"], "question": question, "answer": "x", "actions": actions});
        owner.post(&format!("/v3/{KNOWLEDGE}/faq"), faq).await.json_of(200);
    }
    assert_eq!(owner.get(&chatbots).await.json_of(200), json!([{"_id": bot["_id"], "name": "Asker"}]), "each once");
    owner.delete(&format!("{bots}/{}", bot["_id"].as_str().expect("an id"))).await.json_of(200);
    assert_eq!(owner.get(&chatbots).await.json_of(200), json!([]));
}
