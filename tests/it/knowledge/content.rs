//! Contents: how they are added, found, and indexed as the clock advances.

use http::Method;
use serde_json::{Value, json};

use super::{HELP, KNOWLEDGE, SALES, activities, add, error, kb, later, make_other};
use crate::support::{
    App,
    seed::{OWNER, PROJECT_ID},
};

/// The total count and the sources of a list, in order.
async fn listed(app: &App, query: &str) -> (u64, Vec<String>) {
    let list = app.owner().get(&kb(&format!("?{query}"))).await.json_of(200);
    let sources = list["kbs"].as_array().expect("a list").iter();
    let sources = sources.map(|content| content["source"].as_str().expect("a string").to_owned()).collect();
    (list["count"].as_u64().expect("a number"), sources)
}

fn path(content: &Value) -> String {
    kb(&format!("/{}", content["_id"].as_str().expect("an id")))
}

#[tokio::test]
async fn a_content_is_indexed_as_the_clock_advances() {
    let app = App::new();
    let content = add(&app, SALES, "Prices", "Everything is free.").await;
    assert_eq!(content["status"], -1);
    let query = json!({"id": content["_id"], "namespace": SALES});
    for (moment, status, code, queue) in [
        (0, -1, 0, -1),
        (499, -1, 0, -1),
        (500, 100, 0, 0),
        (1_000, 200, 2, -1),
        (1_499, 200, 2, -1),
        (1_500, 300, 3, -1),
        (90_000, 300, 3, -1),
    ] {
        let app = later(&app, moment).await;
        let owner = app.owner();
        let before = app.state().await;
        let shown = owner.get(&path(&content)).await.json_of(200);
        assert_eq!(shown["status"], status, "after {moment} ms");
        assert_eq!(owner.get(&path(&content)).await.json_of(200), shown, "a frozen clock changes nothing");
        let state = owner.post(&kb("/scrape/status"), query.clone()).await.json_of(200);
        assert_eq!((&state["status_code"], &state["queue_order"]), (&json!(code), &json!(queue)), "after {moment} ms");
        let object = owner.post(&kb("/scrape/status?returnObject=true"), query.clone()).await.json_of(200);
        assert_eq!(object, shown);
        for asked in [-1, 100, 200, 300, 400] {
            let (count, sources) = listed(&app, &format!("namespace={SALES}&status={asked}")).await;
            assert_eq!(
                (count, sources.len()),
                if asked == status { (1, 1) } else { (0, 0) },
                "{asked} after {moment} ms"
            );
        }
        assert_eq!(app.state().await, before, "reading changes nothing");
    }
}

#[tokio::test]
async fn adding_a_content_again_reindexes_it() {
    let app = App::new();
    let first = add(&app, SALES, "Prices", "Everything is free.").await;
    let app = later(&app, 5_000).await;
    let mut state = app.nobody().get("/_control/state").await.json_of(200);
    let contents = state["contents"].as_array_mut().expect("contents");
    let written = contents.iter_mut().find(|content| content["_id"] == first["_id"]).expect("the added content");
    written["__v"] = json!(3);
    app.nobody().put("/_control/state", state).await.json_of(200);
    let owner = app.owner();
    let body = json!({"type": "text", "name": "New prices", "source": "Prices", "namespace": HELP});
    let again = owner.post(&kb("/"), body).await.json_of(200);
    assert_eq!(again["lastErrorObject"], json!({"n": 1, "updatedExisting": true}));
    let value = &again["value"];
    assert_eq!((&value["_id"], &value["status"], &value["content"]), (&first["_id"], &json!(-1), &json!(null)));
    assert_eq!(
        (&value["namespace"], &value["createdAt"]),
        (&json!(HELP), &first["createdAt"]),
        "it moved to the other namespace"
    );
    assert_eq!(value["__v"], 3, "the version is not reset");
    assert_eq!(listed(&app, &format!("namespace={SALES}")).await, (0, vec![]));
    let app = later(&app, 7_000).await;
    let query = json!({"id": value["_id"], "namespace": HELP});
    assert_eq!(app.owner().get(&path(value)).await.json_of(200)["status"], 300);
    app.owner().post(&kb("/scrape/single"), query).await.json_of(200);
    assert_eq!(app.owner().get(&path(value)).await.json_of(200)["status"], -1);
    let failed = json!({"id": "66b6268722af86ab6a739cb7", "namespace": HELP});
    let state = app.owner().post(&kb("/scrape/status"), failed.clone()).await.json_of(200);
    assert_eq!(state, json!({"status_message": "Indexing failed", "status_code": 4, "queue_order": -1}));
    app.owner().post(&kb("/scrape/single"), failed).await.json_of(200);
    let shown = later(&app, 9_000).await.owner().get(&kb("/66b6268722af86ab6a739cb7")).await.json_of(200);
    assert_eq!((&shown["status"], shown.get("last_error")), (&json!(300), None), "the failure is cleared");
}

#[tokio::test]
async fn replacing_a_content_changes_its_id() {
    let app = App::new();
    let owner = app.owner();
    let body = json!({
        "type": "url", "name": "Shop", "source": "https://a.example/shop", "namespace": SALES,
        "scrape_type": 4, "scrape_options": {"tags_to_extract": ["main"]}, "tags": ["shop"], "refresh_rate": "daily",
        "chunk_regex": "\\n+",
    });
    let old = owner.post(&kb(""), body).await.json_of(200)["value"].clone();
    assert_eq!(old["chunk_regex"], "\\n+");
    add(&app, SALES, "Other", "Something else.").await;
    let new = owner.put(&path(&old), json!({"namespace": SALES, "name": "The shop", "tags": null})).await.json_of(200);
    assert_ne!(new["_id"], old["_id"]);
    let kept = ["source", "type", "content", "scrape_type", "scrape_options", "tags", "refresh_rate", "namespace"];
    for field in kept.into_iter().chain(["chunk_regex"]) {
        assert_eq!(new[field], old[field], "{field}");
    }
    assert_eq!((&new["name"], &new["status"]), (&json!("The shop"), &json!(-1)));
    owner.get(&path(&old)).await.json_of(404);
    // It replaces an existing content with the same type and source.
    let moved =
        owner.put(&path(&new), json!({"namespace": SALES, "type": "text", "source": "Other"})).await.json_of(200);
    assert_eq!(listed(&app, &format!("namespace={SALES}")).await, (1, vec!["Other".to_owned()]));
    assert_eq!((moved.get("scrape_type"), moved.get("refresh_rate")), (None, None), "texts are not scraped");
    let elsewhere = owner.put(&path(&moved), json!({"namespace": HELP})).await.json_of(404);
    assert_eq!(elsewhere, error("Content not found. Unable to update a non-existing content"));
}

#[tokio::test]
async fn scrape_options_apply_to_pages_only() {
    let app = App::new();
    let whole = json!({"tags_to_extract": ["body"], "unwanted_tags": [], "unwanted_classnames": []});
    let main = json!({"tags_to_extract": ["main"], "unwanted_tags": [], "unwanted_classnames": []});
    for (kind, asked, expected) in [
        ("url", json!({}), (json!(2), whole.clone(), json!("never"))),
        ("url", json!({"scrape_type": 3, "scrape_options": main}), (json!(2), whole.clone(), json!("never"))),
        ("url", json!({"scrape_type": 0, "scrape_options": main}), (json!(0), main.clone(), json!("never"))),
        ("url", json!({"scrape_type": 4, "refresh_rate": "weekly"}), (json!(4), Value::Null, json!("weekly"))),
        ("txt", json!({"scrape_type": 4, "scrape_options": main}), (json!(1), Value::Null, Value::Null)),
        ("pdf", json!({"scrape_type": 4, "refresh_rate": "daily"}), (Value::Null, Value::Null, Value::Null)),
    ] {
        let mut body = json!({"type": kind, "name": "a", "source": "https://a.example", "namespace": SALES});
        body.as_object_mut().expect("an object").extend(asked.as_object().expect("an object").clone());
        let value = app.owner().post(&kb(""), body).await.json_of(200)["value"].clone();
        let stored = (value["scrape_type"].clone(), value["scrape_options"].clone(), value["refresh_rate"].clone());
        assert_eq!(stored, expected, "{kind} {asked}");
    }
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged() {
    let app = App::new();
    add(&app, HELP, "Zoo", "Animals.").await;
    let app = later(&app, 700).await;
    add(&app, HELP, "Ant", "An animal.").await;
    let (article, gone) = (
        "https://gethelp.tiledesk.com/articles/create-an-ai-assistant-in-openai/",
        "https://gethelp.tiledesk.com/articles/gone/",
    );
    for (query, count, expected) in [
        ("", 4, vec!["Ant", "Zoo", gone, article]),
        ("&direction=1", 4, vec![article, gone, "Zoo", "Ant"]),
        ("&direction=-1&limit=3", 4, vec!["Ant", "Zoo", gone]),
        ("&limit=3&page=1", 4, vec![article]),
        ("&limit=3&page=2", 4, vec![]),
        ("&page=4000000000&limit=4000000000", 4, vec![]),
        ("&limit=0", 4, vec!["Ant", "Zoo", gone, article]),
        ("&sortField=source&direction=1", 4, vec!["Ant", "Zoo", article, gone]),
        ("&sortField=createdAt", 4, vec!["Ant", "Zoo", gone, article]),
        ("&sortField=nothing&limit=1", 4, vec!["Ant"]),
        ("&sortField=status&direction=1", 4, vec!["Ant", "Zoo", article, gone]),
        ("&sortField=status&direction=-1&limit=2", 4, vec![gone, article]),
        ("&sortField=status&direction=1&limit=2&page=1", 4, vec![article, gone]),
        ("&type=url", 2, vec![gone, article]),
        ("&type=url&status=300", 1, vec![article]),
        ("&status=100", 1, vec!["Zoo"]),
        ("&status=-1", 1, vec!["Ant"]),
        ("&search=articles", 2, vec![gone, article]),
        ("&search=ARTICLES", 0, vec![]),
        ("&search=^[A-Z]", 2, vec!["Ant", "Zoo"]),
        ("&search=^Z&status=-1", 0, vec![]),
        ("&type=&status=&search=", 4, vec!["Ant", "Zoo", gone, article]),
    ] {
        let found = listed(&app, &format!("namespace={HELP}{query}")).await;
        assert_eq!(found, (count, expected.iter().map(ToString::to_string).collect()), "{query}");
    }
    let echo = async |query: &str| {
        app.owner().get(&kb(&format!("?namespace={HELP}{query}"))).await.json_of(200)["query"].clone()
    };
    assert_eq!(echo("").await, json!({"limit": 200, "sortField": "updatedAt", "direction": -1}));
    let all = json!({"status": 300, "limit": 5, "page": 1, "sortField": "name", "direction": 1, "search": "a"});
    assert_eq!(echo("&status=300&limit=5&page=1&sortField=name&direction=1&search=a&type=url").await, all);
    assert_eq!(echo("&page=1").await, json!({"limit": 200, "sortField": "updatedAt", "direction": -1}));
}

#[tokio::test]
async fn an_unknown_namespace_has_no_contents() {
    let app = App::new();
    make_other(&app).await;
    for namespace in ["fake", "6675a1b3c08d0b0014000000", PROJECT_ID] {
        assert_eq!(listed(&app, &format!("namespace={namespace}")).await, (0, vec![]), "{namespace}");
    }
}

#[tokio::test]
async fn adding_and_deleting_contents_is_logged() {
    let app = App::new();
    let content = add(&app, SALES, "Prices", "Everything is free.").await;
    let deleted = app.owner().delete(&path(&content)).await.json_of(200);
    assert_eq!(deleted, content);
    app.owner().get(&path(&content)).await.json_of(404);
    let id = content["_id"].as_str().expect("an id").to_owned();
    let of = |verb: &str| [verb.to_owned(), "kb_content".to_owned(), id.clone()];
    assert_eq!(activities(&app).await, [of("KB_CONTENTS_ADD"), of("KB_CONTENT_DELETE")]);
    let state = app.state().await;
    let activities = state["activities"].as_array().expect("activities");
    let done = activities.iter().find(|done| done["verb"] == "KB_CONTENTS_ADD").expect("the activity was logged");
    assert_eq!((&done["target"]["object"], &done["id_project"]), (&content, &json!(KNOWLEDGE)));
    let actor = (&done["actor"]["type"], &done["actor"]["id"], &done["actor"]["name"]);
    assert_eq!(actor, (&json!("user"), &json!(OWNER), &json!("Andrea Leo")));
}

#[tokio::test]
async fn invalid_input_is_rejected_and_changes_nothing() {
    let app = App::new();
    let owner = app.owner();
    make_other(&app).await;
    let before = app.state().await;
    let text = |more: Value| {
        let mut body = json!({"type": "text", "name": "a", "source": "a", "namespace": SALES});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    for (method, suffix, body, field) in [
        (Method::POST, "", text(json!({"type": "video"})), "type"),
        (Method::POST, "", text(json!({"name": null})), "name"),
        (Method::POST, "", text(json!({"source": {}})), "source"),
        (Method::POST, "", text(json!({"content": []})), "content"),
        (Method::POST, "", text(json!({"tags": {}})), "tags"),
        (Method::POST, "", text(json!({"situated_context": "maybe"})), "situated_context"),
        (Method::POST, "", text(json!({"scrape_options": {"tags_to_extract": {}}})), "scrape_options.tags_to_extract"),
        (Method::PUT, "/667941c90d6bac990eb908da", text(json!({"type": "video"})), "type"),
        (Method::POST, "/scrape/single", json!({"namespace": HELP}), "id"),
        (Method::POST, "/scrape/status", json!({"id": "a"}), "namespace"),
        (Method::DELETE, "/deleteall", json!({}), "namespace"),
        (Method::POST, "/sitemap", json!({}), "sitemap"),
        (Method::POST, "/sitemap", json!({"sitemap": {}}), "sitemap"),
    ] {
        let answer = owner.call(method.clone(), &kb(suffix), Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {suffix} {body}: {answer}");
    }
    for (query, field) in [
        ("status=5", "status"),
        ("type=video", "type"),
        ("limit=-1", "limit"),
        ("page=x", "page"),
        ("direction=2", "direction"),
        ("search=(", "search"),
    ] {
        let answer = owner.get(&kb(&format!("?namespace={HELP}&{query}"))).await.json_of(422);
        assert_eq!((&answer["errors"][0]["param"], &answer["errors"][0]["location"]), (&json!(field), &json!("query")));
    }
    owner.post(&kb(""), text(json!({"content": "x".repeat(512_000)}))).await.json_of(413);
    let cut = owner.send(Method::POST, &kb(""), &[("content-type", "application/json")], "{").await;
    assert_eq!(cut.status, 400, "{}", cut.text());
    for id in ["fake", "twelve-chars", "667941c90d6bac990e000000"] {
        let unknown = error(format!("Content not found with id {id} for project {KNOWLEDGE}"));
        assert_eq!(owner.get(&kb(&format!("/{id}"))).await.json_of(404), unknown);
        assert_eq!(owner.delete(&kb(&format!("/{id}"))).await.json_of(404), error("Content not found"));
        let body = json!({"id": id, "namespace": HELP});
        for suffix in ["/scrape/single", "/scrape/status"] {
            assert_eq!(
                owner.post(&kb(suffix), body.clone()).await.json_of(404),
                error("Unable to find the kb requested")
            );
        }
    }
    let foreign = error(format!("Namespace not belonging to project {KNOWLEDGE}"));
    for (method, suffix, body) in [
        (Method::POST, String::new(), text(json!({"namespace": PROJECT_ID}))),
        (Method::PUT, "/667941c90d6bac990eb908da".into(), json!({"namespace": PROJECT_ID})),
        (Method::POST, format!("/multi?namespace={PROJECT_ID}"), json!({"list": []})),
        (
            Method::POST,
            format!("/sitemap/import?namespace={PROJECT_ID}"),
            json!({"type": "sitemap", "source": "https://a.example"}),
        ),
        (Method::POST, "/scrape/single".into(), json!({"id": "a", "namespace": PROJECT_ID})),
        (Method::POST, "/scrape/status".into(), json!({"id": "a", "namespace": PROJECT_ID})),
        (Method::DELETE, "/deleteall".into(), json!({"namespace": PROJECT_ID})),
    ] {
        assert_eq!(owner.call(method, &kb(&suffix), Some(body)).await.json_of(403), foreign, "{suffix}");
    }
    let elsewhere = format!("/v3/{PROJECT_ID}/kb/667941c90d6bac990eb908da");
    owner.get(&elsewhere).await.json_of(404);
    owner.delete(&elsewhere).await.json_of(404);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_page_added_alone_has_no_content_and_a_situated_context() {
    let app = App::new();
    let page = json!({"name": "a", "type": "url", "source": "https://example.com/a", "namespace": SALES});
    let page = app.owner().post(&kb(""), page).await.json_of(200)["value"].clone();
    assert_eq!((page.get("content"), &page["situated_context"]), (Some(&json!(null)), &json!(false)));
    assert_eq!(app.owner().get(&path(&page)).await.json_of(200)["content"], json!(null));
    let list = json!({"list": ["https://example.com/b"]});
    let pages = app.owner().post(&kb(&format!("/multi?namespace={SALES}")), list).await.json_of(200);
    assert_eq!((&pages[0]["content"], pages[0].get("situated_context")), (&json!(""), None));
}
