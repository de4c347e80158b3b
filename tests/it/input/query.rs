//! Array syntax in queries, and unknown parameters.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, LEAD, PROJECT_ID},
};

#[tokio::test]
async fn arrays_are_accepted_in_every_syntax() {
    let app = App::new();
    let owner = app.owner();
    let get = async |path: String| owner.get(&format!("{PROJECT}/{path}")).await;
    for (list, name, value) in [
        ("requests?status=all&", "participant", AGENT),
        ("requests?status=all&", "participant", "nobody"),
        ("requests?", "status", "1000"),
        ("requests/csv?", "status", "1000"),
        ("requests/me?status=all&", "tags", "none"),
        ("leads?", "email", "ada@example.com"),
        ("leads/csv?", "email", "ada@example.com"),
        ("leads?", "limit", "1"),
        ("project_users?", "role", "guest"),
        ("groups?", "member", "nobody"),
        ("activities?", "activities", "REQUEST_CLOSE"),
        ("activities/csv?", "activities", "REQUEST_CLOSE"),
        ("segments?", "limit", "1"),
        ("messages?", "limit", "1"),
    ] {
        let plain = get(format!("{list}{name}={value}")).await;
        assert_eq!(plain.status, 200, "{list}{name}");
        for brackets in ["[]", "%5B%5D", "%5b0%5d", "[0]", "[7]"] {
            let answer = get(format!("{list}{name}{brackets}={value}")).await;
            assert_eq!(answer.text(), plain.text(), "{list}{name}{brackets}");
        }
    }
    get("leads?limit[]=abc".to_owned()).await.json_of(422);
}

#[tokio::test]
async fn several_elements_are_alternatives() {
    let app = App::new();
    let ids = async |query: &str| -> Vec<Value> {
        let page = app.owner().get(&format!("{PROJECT}/requests?{query}")).await.json_of(200);
        page["requests"].as_array().expect("requests").iter().map(|request| request["request_id"].clone()).collect()
    };
    let (served, closed, both) = (ids("status=200").await, ids("status=1000").await, ids("status=200,1000").await);
    assert!(!served.is_empty() && !closed.is_empty() && both.len() == served.len() + closed.len());
    for query in ["status=200&status=1000", "status[]=200&status[]=1000", "status[1]=1000&status[0]=200"] {
        assert_eq!(ids(query).await, both, "{query}");
    }
    let all = format!("participant[0]={AGENT}&participant[1]={ADMIN}&status=all");
    assert_eq!(ids(&all).await, ids(&all.replace("[0]", "").replace("[1]", "")).await);
    // A comma separates values only in documented lists of texts.
    assert!(ids(&format!("status=all&participant={AGENT},{ADMIN}")).await.is_empty());
}

#[tokio::test]
async fn whole_numbers_can_have_a_fraction_or_an_exponent() {
    let app = App::new();
    let owner = app.owner();
    for (written, plain) in [
        ("requests?limit=5.0", "requests?limit=5"),
        ("requests?limit=1&page=1e0", "requests?limit=1&page=1"),
        ("requests?status=2e2", "requests?status=200"),
        ("requests/csv?limit=1e1", "requests/csv?limit=10"),
        ("leads?limit=2.0", "leads?limit=2"),
        ("leads?status=1e2", "leads?status=100"),
    ] {
        let [written, plain] = [written, plain].map(|rest| format!("{PROJECT}/{rest}"));
        let answer = owner.get(&written).await;
        assert_eq!(answer.status, 200, "{written}: {}", answer.text());
        assert_eq!(answer.text(), owner.get(&plain).await.text(), "{written}");
    }
    for (query, field) in [
        ("requests?limit=2.5", "limit"),
        ("requests?page=-1.0", "page"),
        ("requests/csv?limit=1e10", "limit"),
        ("requests?status=2.5e2", "status"),
        ("leads?limit=1e400", "limit"),
        ("leads?limit=1e300", "limit"),
        ("leads?status=1.5", "status"),
    ] {
        let refused = owner.get(&format!("{PROJECT}/{query}")).await.json_of(422);
        let errors = refused["errors"].as_array().expect("errors");
        assert!(errors.iter().all(|error| error["param"] == field), "{query}: {refused}");
        assert!(!refused.to_string().contains("pars"), "{query}: {refused}");
    }
}

#[tokio::test]
async fn a_value_that_only_the_parser_rejects_is_named() {
    let app = App::new();
    // The schema admits every whole number up to 2⁶³.
    let path = format!("{PROJECT}/files/assets?expiration=1e17");
    let refused = app.owner().post(&path, Value::Null).await.json_of(422);
    let error = &refused["errors"][0];
    assert_eq!((&error["param"], &error["reason"]), (&json!("expiration"), &json!("invalid integer")), "{refused}");
}

#[tokio::test]
async fn the_first_of_several_values_of_a_scalar_wins() {
    let app = App::new();
    let per_page =
        async |query: &str| app.agent().get(&format!("{PROJECT}/leads?{query}")).await.json_of(200)["perPage"].clone();
    for query in ["limit=3&limit=5", "limit[]=3&limit[]=5", "limit[1]=5&limit[0]=3"] {
        assert_eq!(per_page(query).await, 3, "{query}");
    }
}

#[tokio::test]
async fn ignored_parameters_are_recorded_and_explained() {
    let app = App::new();
    let nobody = app.nobody();
    app.agent().get(&format!("{PROJECT}/leads?colour=red&limit[]=1&size[a]=1&colour=blue")).await.json_of(200);
    app.agent().get(&format!("{PROJECT}/leads/{LEAD}?x=1")).await.json_of(200);
    app.agent().get(&format!("{PROJECT}/leads?limit=1")).await.json_of(200);
    app.agent().get(&format!("{PROJECT}/leads?limit=abc&y=1")).await.json_of(422);
    let calls = nobody.get("/_control/journal").await.json_of(200)["calls"].clone();
    assert_eq!(calls[0]["ignored"], json!(["colour", "size[a]"]));
    assert_eq!(calls[1]["ignored"], json!(["x"]));
    assert_eq!(calls[2].get("ignored"), None);
    assert_eq!(calls[3]["ignored"], json!(["y"]));
    let told = nobody.get("/_control/explain/1").await.json_of(200);
    assert_eq!((&told["status"], &told["ignored"]), (&json!(200), &json!(["colour", "size[a]"])));
    assert_eq!(told.get("cause"), None, "nothing was rejected");
    assert!(told["rule"].as_str().is_some_and(|rule| rule.contains("colour")), "{told}");
    let told = nobody.get("/_control/explain/3").await.json_of(200);
    assert_eq!((&told["ignored"], &told["rule"]), (&json!([]), &json!("The call was not rejected.")));
    let told = nobody.get("/_control/explain/4").await.json_of(200);
    assert_eq!((&told["ignored"], &told["cause"]), (&json!(["y"]), &json!("caller")));
}

#[tokio::test]
async fn strict_mode_rejects_parameters_that_would_be_ignored() {
    let app = App::with(|config| config.strict = true);
    for query in ["colour=red", "limit[]=1", "limit[a]=1", "participant[]=1", "limit=1&limit=2"] {
        let problem = app.agent().get(&format!("{PROJECT}/leads?{query}")).await.json_of(400);
        let pointer = format!("/query/{}", query.split('=').next().unwrap_or_default());
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

/// Strict mode rejects undocumented parameters: version 1 documents `sortField`, `direction`, `email` and `page` of
/// this list.
#[tokio::test]
async fn strict_mode_validates_each_version_against_its_own_document() {
    let app = App::with(|config| config.strict = true);
    let project = PROJECT_ID;
    let get = async |path: String| app.agent().send(Method::GET, &path, &[], "").await;
    let problem = get(format!("/v1/{project}/leads?limit=1")).await.json_of(400);
    assert_eq!(problem["errors"][0]["pointer"], "/query/limit", "{problem}");
    get(format!("/v1/{project}/leads?email=a@b.c&page=0")).await.json_of(200);
    get(format!("/v3/{project}/leads?limit=1")).await.json_of(200);
    get(format!("/v2/{project}/leads?limit=1")).await.json_of(200);
    get(format!("/{project}/leads?limit=1")).await.json_of(200);
    let problem = get(format!("/v1/{project}/groups")).await.json_of(400);
    assert_eq!(problem["operation"], "list_groups", "{problem}");
    let faithful = App::new();
    faithful.agent().get(&format!("/v1/{project}/leads?limit=1")).await.json_of(200);
}
