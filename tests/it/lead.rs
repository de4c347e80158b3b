//! Leads beyond the documented exchanges: state, lists, and access.

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{AGENT, LEAD, OTHER_PROJECT, OWNER, PROJECT_ID},
};

fn leads(suffix: &str) -> String {
    format!("{PROJECT}/leads{suffix}")
}

#[tokio::test]
async fn leads_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let sent =
        json!({"lead_id": "a1", "fullname": "Ada", "email": "ada@example.com", "attributes": {"b": 1, "a": [null]}});
    let created = agent.post(&leads(""), sent.clone()).await.json_of(200);
    for key in ["lead_id", "fullname", "email", "attributes"] {
        assert_eq!(created[key], sent[key], "{key}");
    }
    assert_eq!(created["createdBy"], AGENT);
    let one = leads(&format!("/{}", created["_id"].as_str().expect("the id is a string")));
    assert_eq!(agent.get(&one).await.json_of(200), created);
    assert_eq!(agent.get(&leads("")).await.json_of(200)["leads"][0], created);

    let patch = json!({"fullname": "Ada L.", "tags": ["x"], "city": "Bari", "email": null, "lead_id": "other"});
    let updated = agent.put(&one, patch).await.json_of(200);
    assert_eq!(updated["fullname"], "Ada L.");
    assert_eq!(updated["email"], "ada@example.com", "null changes nothing");
    assert_eq!(updated["lead_id"], "a1", "lead_id cannot be changed");
    let survived = agent.put(&one, json!({"attributes": null, "tags": null})).await.json_of(200);
    assert_eq!((&survived["tags"], &survived["attributes"]), (&json!(["x"]), &sent["attributes"]));

    let deleted = agent.delete(&one).await.json_of(200);
    assert_eq!(deleted["status"], 1000);
    assert_eq!(agent.get(&one).await.json_of(200), deleted, "a deleted lead can still be read");
    assert_eq!(agent.delete(&one).await.json_of(200)["status"], 1000, "deleting is idempotent");
    assert_eq!(agent.get(&leads("")).await.json_of(200)["count"], 4);
    assert_eq!(agent.get(&leads("?status=1000")).await.json_of(200)["leads"], json!([deleted]));

    app.owner().delete(&format!("{one}/physical")).await.json_of(200);
    agent.get(&one).await.json_of(404);
}

#[tokio::test]
async fn a_lead_without_a_lead_id_gets_one() {
    let app = App::new();
    for body in [json!({}), json!({"lead_id": null}), json!({"lead_id": ""})] {
        let lead_id = app.agent().post(&leads(""), body).await.json_of(200)["lead_id"].clone();
        assert_eq!(lead_id.as_str().map(str::len), Some(36), "{lead_id} is not a UUID");
    }
}

#[tokio::test]
async fn tags_are_a_set_and_update_lead_attributes_merges_shallowly() {
    let app = App::new();
    let agent = app.agent();
    let one = leads(&format!("/{LEAD}"));
    agent.put(&format!("{one}/tag"), json!(["a", "b", "a"])).await.json_of(200);
    assert_eq!(agent.put(&format!("{one}/tag"), json!(["b", "c"])).await.json_of(200)["tags"], json!(["a", "b", "c"]));
    assert_eq!(agent.delete(&format!("{one}/tag/b")).await.json_of(200)["tags"], json!(["a", "c"]));
    assert_eq!(agent.delete(&format!("{one}/tag/b")).await.json_of(200)["tags"], json!(["a", "c"]));

    let attributes = agent.patch(&format!("{one}/attributes"), json!({"plan": {"a": 1}})).await.json_of(200);
    assert_eq!(attributes["attributes"], json!({"client": "https://www.tiledesk.com", "plan": {"a": 1}}));
    let attributes = agent.patch(&format!("{one}/attributes"), json!({"plan": {"b": 2}})).await.json_of(200);
    assert_eq!(attributes["attributes"]["plan"], json!({"b": 2}), "the merge is shallow");
    agent.post(&format!("{one}/properties"), json!({"x": 1})).await.json_of(200);
    let properties = agent.patch(&format!("{one}/properties"), json!({"y": 2})).await.json_of(200);
    assert_eq!(properties["properties"], json!({"x": 1, "y": 2}));
}

#[tokio::test]
async fn pages_count_from_zero_and_counts_cover_all_pages() {
    let app = App::new();
    let agent = app.agent();
    for number in 0..95 {
        agent
            .post(&leads(""), json!({"lead_id": number.to_string(), "email": format!("{}@example.com", number % 5)}))
            .await
            .json_of(200);
    }
    let ids = |page: &Value| -> Vec<String> {
        let leads = page["leads"].as_array().expect("a page holds leads");
        leads.iter().map(|lead| lead["lead_id"].as_str().expect("the id is a string").to_owned()).collect()
    };
    let first = agent.get(&leads("")).await.json_of(200);
    assert_eq!((&first["perPage"], &first["count"]), (&json!(40), &json!(99)));
    assert_eq!(ids(&first), (55..95).rev().map(|number| number.to_string()).collect::<Vec<_>>(), "newest first");
    let third = agent.get(&leads("?page=2")).await.json_of(200);
    assert_eq!((third["leads"].as_array().map(Vec::len), &third["count"]), (Some(19), &json!(99)));
    let beyond = agent.get(&leads("?page=9")).await.json_of(200);
    assert_eq!((&beyond["leads"], &beyond["count"]), (&json!([]), &json!(99)));
    let oldest = agent.get(&leads("?direction=1&limit=3")).await.json_of(200);
    assert_eq!(ids(&oldest)[2], OWNER);
    assert_eq!(oldest["perPage"], 3);
    let all = agent.get(&leads("?limit=0")).await.json_of(200);
    assert_eq!((all["leads"].as_array().map(Vec::len), &all["perPage"]), (Some(99), &json!(0)));
    let sorted = agent.get(&leads("?sortField=lead_id&direction=asc&limit=2&page=1")).await.json_of(200);
    assert_eq!(ids(&sorted), ["10", "11"], "sorted as text: 0 1 10 11");
    let documented_wins = agent.get(&leads("?sort=createdAt&sortField=lead_id&direction=1&limit=1")).await.json_of(200);
    assert_eq!(ids(&documented_wins), ["0"]);
    let unknown = agent.get(&leads("?sortField=nothing&limit=1")).await.json_of(200);
    assert_eq!(ids(&unknown), ["94"], "an unknown field keeps the default order");
    let some = agent.get(&leads("?email=3@example.com&limit=2&page=1")).await.json_of(200);
    assert_eq!((ids(&some), &some["count"]), (vec!["83".to_owned(), "78".to_owned()], &json!(19)));
}

#[tokio::test]
async fn every_filter_applies_and_filters_combine() {
    let app = App::new();
    let agent = app.agent();
    for body in [
        json!({"lead_id": "1", "fullname": "Ada Lovelace", "email": "ada@example.com"}),
        json!({"lead_id": "2", "fullname": "Grace Hopper"}),
        json!({"lead_id": "3", "email": "grace@example.com"}),
    ] {
        agent.post(&leads(""), body).await.json_of(200);
    }
    let vip = agent.get(&leads("?limit=1")).await.json_of(200)["leads"][0]["_id"].clone();
    agent
        .put(&leads(&format!("/{}/tag", vip.as_str().expect("the id is a string"))), json!(["vip"]))
        .await
        .json_of(200);
    let all = vec![
        "3",
        "2",
        "1",
        "bb0d809b-b093-419b-8b48-11a192cc3619",
        OWNER,
        "SRbb2PfbSFcgICv9VQBcURZeloh1",
        "WTteQpKpGZN1aElfFYCP9YPaaLN2",
    ];
    let cases = [
        ("", all.clone()),
        ("?email=ada@example.com", vec!["1"]),
        ("?email=Ada@example.com", vec![]),
        ("?email=", all),
        ("?with_email=1", vec!["3", "1", "bb0d809b-b093-419b-8b48-11a192cc3619", OWNER]),
        ("?with_fullname=1&with_email=no", vec!["1", "bb0d809b-b093-419b-8b48-11a192cc3619", OWNER]),
        ("?tags=vip", vec!["3"]),
        ("?tags=vip&email=ada@example.com", vec![]),
        ("?full_text=grace", vec!["3", "2"]),
        ("?full_text=LOVELACE%20hopper", vec!["2", "1"]),
        ("?full_text=grace&with_email=1", vec!["3"]),
        ("?full_text=---", vec![]),
        ("?status=50", vec![]),
        ("?email=ada@example.com&email=grace@example.com", vec!["1"]),
        ("?nonsense=1&email=ada@example.com", vec!["1"]),
    ];
    for (query, expected) in cases {
        let page = agent.get(&leads(query)).await.json_of(200);
        let found: Vec<_> = page["leads"].as_array().expect("leads").iter().map(|lead| &lead["lead_id"]).collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!(page["count"], expected.len(), "{query}");
    }
}

#[tokio::test]
async fn invalid_filters_are_rejected_by_name() {
    let app = App::new();
    for (query, field) in [
        ("page=-1", "page"),
        ("page=two", "page"),
        ("limit=1.5", "limit"),
        ("direction=up", "direction"),
        ("status=7", "status"),
    ] {
        let answer = app.agent().get(&leads(&format!("?{query}"))).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{query}");
        assert_eq!(answer["errors"][0]["location"], "query");
    }
}

#[tokio::test]
async fn all_problems_of_a_body_are_reported_and_nothing_changes() {
    let app = App::new();
    let agent = app.agent();
    let body = json!({"fullname": {}, "attributes": [], "email": "fine@example.com", "tags": {}, "status": 70});
    let answer = agent.put(&leads(&format!("/{LEAD}")), body).await.json_of(422);
    let fields: Vec<_> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["param"]).collect();
    assert_eq!(fields, ["fullname", "attributes", "status", "tags"]);
    let lead = agent.get(&leads(&format!("/{LEAD}"))).await.json_of(200);
    assert_eq!((&lead["fullname"], lead.get("email")), (&json!("Guest"), None));
}

#[tokio::test]
async fn leads_of_another_project_are_not_found() {
    let app = App::new();
    let other = &format!("{OTHER_PROJECT}/leads/{LEAD}");
    let owner = app.owner();
    owner.get(other).await.json_of(404);
    owner.put(other, json!({"fullname": "x"})).await.json_of(404);
    owner.delete(other).await.json_of(404);
    owner.delete(&format!("{other}/physical")).await.json_of(404);
    assert_eq!(owner.get(&format!("{OTHER_PROJECT}/leads")).await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn unknown_ids_are_not_found_and_never_created() {
    let app = App::new();
    let owner = app.owner();
    for id in ["5c81593adf767b0017d1aa00", "fake", "+c81593adf767b0017d1aa66", "5C81593ADF767B0017D1AA0G"] {
        let one = leads(&format!("/{id}"));
        owner.get(&one).await.json_of(404);
        owner.put(&one, json!({"fullname": "x"})).await.json_of(404);
        owner.patch(&format!("{one}/attributes"), json!({})).await.json_of(404);
        owner.delete(&one).await.json_of(404);
    }
    assert_eq!(owner.get(&leads("?limit=0")).await.json_of(200)["count"], 4);
    owner.get(&leads("/5C81593ADF767B0017D1AA66")).await.json_of(200);
}

#[tokio::test]
async fn the_export_has_one_row_per_lead_and_quotes_where_necessary() {
    let app = App::new();
    let agent = app.agent();
    agent.post(&leads(""), json!({"lead_id": "1", "fullname": "A; \"B\"\nC"})).await.json_of(200);
    let csv = agent.get(&leads("/csv")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    assert!(text.starts_with("tags;status;_id;lead_id;fullname;"), "{text}");
    assert!(text.contains(";1;\"A; \"\"B\"\"\nC\";"), "{text}");
    assert_eq!(text.matches(PROJECT_ID).count(), 5);
    agent.post(&leads(""), json!({"lead_id": "2", "fullname": "Zita", "email": "z@example.com"})).await.json_of(200);
    for query in ["email=z@example.com", "full_text=zita"] {
        let text = agent.get(&leads(&format!("/csv?{query}"))).await.text();
        assert!(text.lines().count() == 2 && text.contains(";2;\"Zita\";\"z@example.com\";"), "{query}: {text}");
    }
}

#[tokio::test]
async fn a_created_lead_has_a_null_phone() {
    let app = App::new();
    let created = app.agent().post(&leads(""), json!({"fullname": "Ada"})).await.json_of(200);
    assert_eq!(created.get("phone"), Some(&json!(null)));
    let path = leads(&format!("/{}", created["_id"].as_str().expect("the id is a string")));
    assert_eq!(app.agent().put(&path, json!({"phone": "1"})).await.json_of(200)["phone"], "1");
    assert_eq!(app.agent().put(&path, json!({"phone": null})).await.json_of(200)["phone"], "1");
}

#[tokio::test]
async fn only_the_owner_deletes_a_lead_permanently() {
    let app = App::new();
    let one = leads(&format!("/{LEAD}/physical"));
    let refused = json!({"success": false, "msg": "Unauthorized."});
    assert_eq!(app.agent().delete(&one).await.json_of(403), refused);
    assert_eq!(app.admin().delete(&one).await.json_of(403), refused);
    let guest = app.guest().await.delete(&one).await.json_of(403);
    assert_eq!(guest["msg"], "you dont have the required role.");
    app.owner().delete(&one).await.json_of(200);
}
