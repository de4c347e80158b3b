//! Segments: lifecycle, and the leads they match.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Actor, App, PROJECT,
    seed::{AGENT, LEAD, OTHER_PROJECT},
};

fn segments(suffix: &str) -> String {
    format!("{PROJECT}/segments{suffix}")
}

fn filter(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "operator": operator, "value": value.into()})
}

/// A new segment with these filters.
async fn create(actor: &Actor<'_>, matching: &str, filters: &[Value]) -> String {
    let body = json!({"name": "test", "match": matching, "filters": filters});
    let created = actor.post(&segments(""), body).await.json_of(200);
    created["_id"].as_str().expect("the id is a string").to_owned()
}

/// The `lead_id`s of a page of leads, oldest first, and the count of all pages.
async fn page(app: &App, query: &str) -> (Vec<String>, u64) {
    let page = app.agent().get(&format!("{PROJECT}/leads?direction=1&{query}")).await.json_of(200);
    let ids = page["leads"].as_array().expect("leads").iter().map(|lead| lead["lead_id"].as_str().expect("a string"));
    (ids.map(str::to_owned).collect(), page["count"].as_u64().expect("a number"))
}

/// A world with its own leads: those of the default world have status 1000.
async fn with_leads() -> App {
    let app = App::new();
    let agent = app.agent();
    let old = agent.get(&format!("{PROJECT}/leads")).await.json_of(200);
    for lead in old["leads"].as_array().expect("leads") {
        let id = lead["_id"].as_str().expect("the id is a string");
        agent.delete(&format!("{PROJECT}/leads/{id}")).await.json_of(200);
    }
    for (lead, patch) in [
        (json!({"lead_id": "ada", "fullname": "Ada", "email": "ada@example.com"}), json!({"tags": ["vip", "it"]})),
        (json!({"lead_id": "bob", "fullname": "Bob", "email": "bob@example.org"}), json!({"city": "Bari"})),
        (json!({"lead_id": "cid", "fullname": "Cid", "attributes": {"plan": {"seats": 5}}}), json!({"tags": ["vip"]})),
        (json!({"lead_id": "dan", "email": "dan@example.com"}), json!({"city": "Rome", "tags": ["it"]})),
        (json!({"lead_id": "eva", "attributes": {"plan": {"seats": 9}, "beta": true}}), json!({"city": "Bari"})),
    ] {
        let created = agent.post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
        let id = created["_id"].as_str().expect("the id is a string");
        agent.put(&format!("{PROJECT}/leads/{id}"), patch).await.json_of(200);
    }
    app
}

#[tokio::test]
async fn segments_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let filters = json!([filter("email", "=", "a"), filter("attributes.n", ">", 5)]);
    let sent = json!({"name": "one", "match": "any", "filters": filters, "status": 0});
    let created = agent.post(&segments(""), sent).await.json_of(200);
    assert_eq!((&created["name"], &created["match"], &created["filters"]), (&json!("one"), &json!("any"), &filters));
    assert_eq!((&created["status"], &created["__v"]), (&json!(100), &json!(0)));
    assert_eq!(created["createdBy"], AGENT);
    let one = segments(&format!("/{}", created["_id"].as_str().expect("the id is a string")));
    assert_eq!(agent.get(&one).await.json_of(200), created);
    let listed = agent.get(&segments("")).await.json_of(200);
    assert_eq!((&listed["segments"][0], &listed["count"], &listed["perPage"]), (&created, &json!(3), &json!(40)));

    let unchanged = agent.put(&one, json!({"name": null, "match": null, "filters": null})).await.json_of(200);
    assert_eq!(unchanged, created);
    let updated = agent.put(&one, json!({"match": "All", "filters": []})).await.json_of(200);
    assert_eq!((&updated["name"], &updated["match"], &updated["filters"]), (&json!("one"), &json!("all"), &json!([])));
    assert_eq!(agent.put(&one, json!({"name": "two", "status": 0})).await.json_of(200)["name"], "two");

    let deleted = agent.delete(&one).await.json_of(200);
    assert_eq!((&deleted["status"], &deleted["name"]), (&json!(0), &json!("two")));
    assert_eq!(agent.get(&segments("")).await.json_of(200)["count"], 2);
    assert_eq!(agent.get(&one).await.json_of(200), deleted, "a deleted segment can still be read");
    let plain = agent.post(&segments(""), json!({"name": "plain"})).await.json_of(200);
    assert_eq!((&plain["match"], &plain["filters"]), (&json!("all"), &json!([])));
}

#[tokio::test]
async fn lists_are_paged_and_sorted() {
    let app = App::new();
    for name in ["c", "a", "b"] {
        app.agent().post(&segments(""), json!({"name": name})).await.json_of(200);
    }
    for (query, expected) in [
        ("?limit=3", vec!["b", "a", "c"]),
        ("?limit=2&page=1", vec!["c", "Can be written to"]),
        ("?limit=2&page=9", vec![]),
        ("?limit=2&direction=1", vec!["segment1", "Can be written to"]),
        ("?limit=3&sort=name&direction=1&page=1", vec!["c", "segment1"]),
        ("?limit=0", vec!["b", "a", "c", "Can be written to", "segment1"]),
    ] {
        let page = app.agent().get(&segments(query)).await.json_of(200);
        let names: Vec<_> = page["segments"].as_array().expect("segments").iter().map(|one| &one["name"]).collect();
        assert_eq!(names, expected, "{query}");
        assert_eq!(page["count"], 5, "{query}");
    }
    let answer = app.agent().get(&segments("?direction=up")).await.json_of(422);
    assert_eq!(answer["errors"][0]["param"], "direction");
}

#[tokio::test]
async fn a_segment_filters_leads_by_every_operator() {
    let app = with_leads().await;
    let agent = app.agent();
    for (filters, all, any) in [
        (vec![], vec!["ada", "bob", "cid", "dan", "eva"], vec!["ada", "bob", "cid", "dan", "eva"]),
        (vec![filter("email", "=", "ada@example.com")], vec!["ada"], vec!["ada"]),
        (
            vec![filter("email", "!=", "ada@example.com")],
            vec!["bob", "cid", "dan", "eva"],
            vec!["bob", "cid", "dan", "eva"],
        ),
        (vec![filter("email", "contains", "example.com")], vec!["ada", "dan"], vec!["ada", "dan"]),
        (vec![filter("email", "starts with", "b")], vec!["bob"], vec!["bob"]),
        (vec![filter("email", "is null", "")], vec!["cid", "eva"], vec!["cid", "eva"]),
        (vec![filter("email", "is not null", "")], vec!["ada", "bob", "dan"], vec!["ada", "bob", "dan"]),
        (vec![filter("fullname", "is not null", "")], vec!["ada", "bob", "cid"], vec!["ada", "bob", "cid"]),
        (vec![filter("attributes.plan.seats", ">", 5)], vec!["eva"], vec!["eva"]),
        (vec![filter("attributes.plan.seats", ">=", 5)], vec!["cid", "eva"], vec!["cid", "eva"]),
        (vec![filter("attributes.beta", "=", true)], vec!["eva"], vec!["eva"]),
        (vec![filter("lead_id", "=", "dan")], vec!["dan"], vec!["dan"]),
        (vec![filter("tags", "=", "it")], vec!["ada", "dan"], vec!["ada", "dan"]),
        (
            vec![filter("tags", "=", "vip"), filter("email", "is not null", "")],
            vec!["ada"],
            vec!["ada", "bob", "cid", "dan"],
        ),
        (vec![filter("tags", "=", "vip"), filter("tags", "=", "it")], vec!["ada"], vec!["ada", "cid", "dan"]),
        (vec![filter("tags", "=", "vip"), filter("city", "=", "Bari")], vec![], vec!["ada", "bob", "cid", "eva"]),
        (vec![filter("lead_id", "=", "cid"), filter("tags", "=", "vip")], vec!["cid"], vec!["ada", "cid"]),
        (vec![filter("lead_id", "=", "nobody"), filter("lead_id", "=", "eva")], vec![], vec!["eva"]),
        (
            vec![filter("email", "contains", "@"), filter("city", "starts with", "R")],
            vec!["dan"],
            vec!["ada", "bob", "dan"],
        ),
    ] {
        for (matching, expected) in [("all", all), ("any", any)] {
            let id = create(&agent, matching, &filters).await;
            let (found, count) = page(&app, &format!("segment={id}")).await;
            assert_eq!(found, expected, "{matching} {filters:?}");
            assert_eq!(count, expected.len() as u64, "{matching} {filters:?}");
        }
    }
}

#[tokio::test]
async fn a_segment_combines_with_other_filters_and_pages() {
    let app = with_leads().await;
    let agent = app.agent();
    let bari = create(&agent, "all", &[filter("city", "=", "Bari")]).await;
    let mailed = create(&agent, "any", &[filter("email", "is not null", ""), filter("city", "=", "Bari")]).await;
    let tagged = create(&agent, "any", &[filter("tags", "=", "vip"), filter("tags", "=", "it")]).await;
    for (query, expected, count) in [
        (format!("segment={bari}&with_email=1"), vec!["bob"], 1),
        (format!("segment={bari}&email=ada@example.com"), vec![], 0),
        (format!("segment={mailed}&tags=it"), vec!["ada", "dan"], 2),
        (format!("segment={tagged}&with_fullname=1"), vec!["ada", "cid"], 2),
        (format!("segment={tagged}&full_text=cid%20ada"), vec!["ada", "cid"], 2),
        (format!("segment={mailed}&limit=2"), vec!["ada", "bob"], 4),
        (format!("segment={mailed}&limit=2&page=1"), vec!["dan", "eva"], 4),
        (format!("segment={mailed}&limit=2&page=2"), vec![], 4),
        (format!("segment={tagged}&limit=1&page=1"), vec!["cid"], 3),
        (format!("segment={mailed}&sortField=lead_id&limit=1"), vec!["ada"], 4),
        (format!("segment={bari}&status=1000"), vec![], 0),
    ] {
        assert_eq!(page(&app, &query).await, (expected.into_iter().map(str::to_owned).collect(), count), "{query}");
    }
    let deleted = create(&agent, "all", &[filter("lead_id", "=", "ada"), filter("status", "=", 1000)]).await;
    let (_, lead) =
        (page(&app, "").await, agent.get(&format!("{PROJECT}/leads?email=ada@example.com")).await.json_of(200));
    let lead = lead["leads"][0]["_id"].as_str().expect("the id is a string").to_owned();
    agent.delete(&format!("{PROJECT}/leads/{lead}")).await.json_of(200);
    assert_eq!(page(&app, &format!("segment={deleted}")).await.1, 0, "deleted leads are listed only on request");
    assert_eq!(page(&app, &format!("segment={deleted}&status=1000")).await, (vec!["ada".to_owned()], 1));
}

#[tokio::test]
async fn a_segment_follows_changes() {
    let app = with_leads().await;
    let agent = app.agent();
    let id = create(&agent, "all", &[filter("city", "=", "Bari")]).await;
    assert_eq!(page(&app, &format!("segment={id}")).await.0, ["bob", "eva"]);
    agent.put(&segments(&format!("/{id}")), json!({"filters": [filter("city", "=", "Rome")]})).await.json_of(200);
    assert_eq!(page(&app, &format!("segment={id}")).await.0, ["dan"]);
    agent.delete(&segments(&format!("/{id}"))).await.json_of(200);
    assert_eq!(page(&app, &format!("segment={id}")).await.0, ["dan"], "a deleted segment still filters");
}

#[tokio::test]
async fn an_unknown_segment_id_is_rejected() {
    let app = App::new();
    let refused = json!({"success": false, "msg": "Error segment not found"});
    for (project, id) in [(PROJECT, "fake"), (PROJECT, "5c81593adf767b0017d1aa00"), (OTHER_PROJECT, LEAD)] {
        assert_eq!(app.owner().get(&format!("{project}/leads?segment={id}")).await.json_of(404), refused, "{id}");
    }
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let one = segments("/5c81593adf767b0017d1aa66");
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"name": {}}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x", "match": "some"}), "match"),
        (json!({"name": "x", "filters": 5}), "filters"),
        (json!({"name": "x", "filters": [5]}), "filters.0"),
        (json!({"name": "x", "filters": [{"operator": "=", "value": 1}]}), "filters.0.field"),
        (json!({"name": "x", "filters": [filter("", "=", 1)]}), "filters.0.field"),
        (json!({"name": "x", "filters": [{"field": "a", "value": 1}]}), "filters.0.operator"),
        (json!({"name": "x", "filters": [filter("a", "=", 1), filter("a", "<", 1)]}), "filters.1.operator"),
        (json!({"name": "x", "filters": [filter("a", "=", 1), {"field": "a", "operator": "="}]}), "filters.1.value"),
        (json!({"name": "x", "filters": [filter("a", "is null", Value::Null)]}), "filters.0.value"),
    ] {
        for (method, path) in [(Method::POST, segments("")), (Method::PUT, one.clone())] {
            let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
            assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
        }
    }
    assert_eq!(owner.post(&segments(""), json!({})).await.json_of(422)["errors"][0]["param"], "name");
    let missing = json!({"success": false, "msg": "Object not found."});
    let other = &format!("{OTHER_PROJECT}/segments");
    for path in [segments("/fake"), segments("/5c81593adf767b0017d1aa00"), format!("{other}/{LEAD}")] {
        for (method, body) in
            [(Method::GET, Value::Null), (Method::PUT, json!({"name": "x"})), (Method::DELETE, Value::Null)]
        {
            assert_eq!(owner.call(method, &path, Some(body)).await.json_of(404), missing, "{path}");
        }
    }
    assert_eq!(owner.get(other).await.json_of(200)["count"], 0);
    assert_eq!(app.state().await, before);
}
