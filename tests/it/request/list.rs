//! Listing and filtering of requests.

use serde_json::{Value, json};

use super::requests;
use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, BOT_USER, DEFAULT, OTHER_PROJECT, OWNER, PROJECT_ID, SALES},
};

/// A world of requests that differ in every filterable field. In these tests they are named by their numbers.
pub(super) async fn world() -> App {
    let app = App::new();
    let owner = app.owner();
    let exported = app.nobody().get("/_control/state").await.json_of(200);
    let mut state = exported.clone();
    let template = exported["requests"][0].clone();
    let leads = [&exported["leads"][0], &exported["leads"][3]];
    let requests: Vec<_> = (1..=12_usize)
        .map(|number| {
            let mut request = template.clone();
            let day = format!("2025-03-{number:02}T10:00:00.000Z");
            let lead = leads[number % 2];
            request["_id"] = json!(format!("{number:024x}"));
            request["id"] = request["_id"].clone();
            request["request_id"] = json!(format!("support-group-{number}"));
            request["ticket_id"] = json!(number);
            request["status"] = json!([100, 200, 1000][number % 3]);
            request["department"] = json!(if number <= 4 { SALES } else { DEFAULT });
            request["participants"] = [[ADMIN, AGENT, BOT_USER][number % 3]].into();
            request["lead"] = lead["_id"].clone();
            request["snapshot"]["lead"] = lead.clone();
            request["channel"]["name"] = ["chat21", "email", "form"][number % 3].into();
            request["tags"] = json!([{"_id": format!("{:024x}", 100 + number), "tag": format!("tag{}", number % 4)}]);
            request["subject"] = json!(format!("Order {} of {}", number * 11, ["apples", "pears"][number % 2]));
            request["agents"] = json!([]);
            request["createdAt"] = json!(day);
            request["rating"] = if number == 3 { json!(4) } else { Value::Null };
            request["priority"] = ["normal", "high"][number % 2].into();
            request["draft"] = json!(number % 4 == 0);
            request["duration"] = if number % 3 == 2 { json!(number * 60_000) } else { Value::Null };
            let department = &mut request["snapshot"]["department"];
            department["routing"] = ["assigned", "pooled"][number % 2].into();
            department["default"] = json!(number > 4);
            department["id_bot"] = if number > 9 { json!(&BOT_USER[4..]) } else { Value::Null };
            request["attributes"] = json!({"caller_phone": "+39055", "call_id": number});
            request
        })
        .collect();
    state["requests"] = json!(requests);
    state["messages"] = json!([]);
    app.nobody().put("/_control/state", state).await.json_of(200);
    assert_eq!(owner.get(&super::requests("?status=all")).await.json_of(200)["count"], 12);
    app
}

pub(super) fn numbers(page: &Value) -> Vec<u64> {
    page["requests"].as_array().expect("requests").iter().filter_map(|request| request["ticket_id"].as_u64()).collect()
}

#[tokio::test]
async fn every_filter_applies_and_filters_combine() {
    let app = world().await;
    let owner = app.owner();
    let open = [12, 10, 9, 7, 6, 4, 3, 1];
    let cases: Vec<(&str, Vec<u64>)> = vec![
        ("", open.into()),
        ("?status=all", (1..=12).rev().collect()),
        ("?status=100", vec![12, 9, 6, 3]),
        ("?status=1000", vec![11, 8, 5, 2]),
        ("?status=100,1000", vec![12, 11, 9, 8, 6, 5, 3, 2]),
        ("?status=150", vec![]),
        ("?dept_id=5c34ba232c62730016da250e", vec![4, 3, 1]),
        ("?dept_id=5c34ba232c62730016da250e&status=all", vec![4, 3, 2, 1]),
        ("?dept_id=5c34ba232c62730016da250e&status=1000", vec![2]),
        ("?lead=5c81565edf767b0017d1aa35&status=all", vec![12, 10, 8, 6, 4, 2]),
        ("?participant=5aaa99024c3b110014b478f0", vec![10, 7, 4, 1]),
        ("?participant=5aaa99024c3b110014b478f0&participant=5ab0f3fa57066e0014bfd71e", open.into()),
        ("?hasBot=true", vec![]),
        ("?hasBot=true&status=all", vec![11, 8, 5, 2]),
        ("?hasbot=false&status=all", open.into()),
        ("?channel=email", vec![10, 7, 4, 1]),
        ("?channel=online&status=all", vec![12, 9, 6, 3]),
        ("?channel=offline&status=all", vec![11, 10, 8, 7, 5, 4, 2, 1]),
        ("?tags=tag1&status=all", vec![9, 5, 1]),
        ("?tags=tag1", vec![9, 1]),
        ("?ticket_id=7", vec![7]),
        ("?ticket_id=8", vec![]),
        ("?ticket_id=8&status=all", vec![8]),
        ("?snap_lead_lead_id=bb0d809b-b093-419b-8b48-11a192cc3619&tags=tag1&status=all", vec![9, 5, 1]),
        ("?snap_lead_email=giulia@example.com", vec![9, 7, 3, 1]),
        ("?full_text=pears", vec![9, 7, 3, 1]),
        ("?full_text=132&status=all", vec![12]),
        ("?full_text=order&participant=5aaa99024c3b110014b478f0&dept_id=5c34ba232c62730016da250e", vec![4, 1]),
        ("?start_date=03/03/2025&end_date=06/03/2025", vec![6, 4, 3]),
        ("?start_date=11/03/2025&status=all", vec![12, 11]),
        ("?end_date=01/03/2025", vec![1]),
        ("?start_date=06/03/2025&end_date=03/03/2025", vec![]),
        ("?start_date_time=03/03/2025%2010:00:00&end_date_time=04/03/2025%2009:59:59", vec![3]),
        ("?start_date_time=03/03/2025%2010:00:01&end_date_time=04/03/2025%2010:00:00", vec![4]),
        ("?start_date=2025-03-03&end_date=2025-03-06", vec![6, 4, 3]),
        ("?start_date_time=2025-03-03T10:00:00Z&end_date_time=2025-03-04T10:59:59%2B01:00", vec![3]),
        ("?start_date=03/03/2025&end_date=03/03/2025&timezone=Pacific/Kiritimati", vec![]),
        ("?start_date=04/03/2025&end_date=04/03/2025&timezone=Pacific/Kiritimati", vec![3]),
        ("?status=100&start_date=05/03/2025&channel=chat21&tags=tag0", vec![12]),
        ("?sort=ticket_id&direction=1", vec![1, 3, 4, 6, 7, 9, 10, 12]),
        ("?sortField=subject&direction=1&status=1000", vec![11, 2, 5, 8]),
        ("?direction=1&limit=3", vec![1, 3, 4]),
        ("?limit=3&page=1", vec![7, 6, 4]),
        ("?limit=3&page=3", vec![]),
        ("?unknown=1&ticket_id=7", vec![7]),
    ];
    for (query, expected) in cases {
        let page = owner.get(&requests(query)).await.json_of(200);
        assert_eq!(numbers(&page), expected, "{query}");
        if !query.contains("limit") {
            assert_eq!(page["count"], expected.len(), "{query}");
        }
        // Version 1 lists every status by default.
        if !query.contains("status") {
            continue;
        }
        let first = owner.get(&format!("/v1/{PROJECT_ID}/requests{query}")).await.json_of(200);
        let ids = |page: &Value| -> Vec<_> {
            page["requests"].as_array().expect("requests").iter().map(|request| request["_id"].clone()).collect()
        };
        assert_eq!(ids(&first), ids(&page), "version 1, {query}");
    }
}

#[tokio::test]
async fn search_results_are_sorted_by_relevance() {
    let app = world().await;
    let page = app.owner().get(&requests("?full_text=pears%20132%2099&status=all")).await.json_of(200);
    let scores: Vec<_> =
        page["requests"].as_array().expect("requests").iter().map(|request| &request["score"]).collect();
    assert_eq!(numbers(&page)[0], 9, "matches two of the words");
    assert_eq!((scores[0], scores[1]), (&json!(2), &json!(1)));
    assert_eq!(page["count"], 7);
}

#[tokio::test]
async fn invalid_filter_values_are_rejected_by_name() {
    let app = App::new();
    for (query, field) in [
        ("?status=open", "status"),
        ("?status=100,", "status"),
        ("?status=300", "status"),
        ("?start_date=01/03/25", "start_date"),
        ("?start_date=01/03/2025&timezone=Atlantis", "timezone"),
        ("?start_date=31/02/2025", "start_date"),
        ("?end_date=tomorrow", "end_date"),
        ("?start_date_time=01/03/25%2010:00:00", "start_date_time"),
        ("?end_date_time=01/03/2025%2025:00:00", "end_date_time"),
        ("?hasBot=maybe", "hasBot"),
        ("?page=-1", "page"),
        ("?page=1.5", "page"),
        ("?page=x", "page"),
        ("?limit=-5", "limit"),
        ("?direction=up", "direction"),
        ("?duration=long&duration_op=gt", "duration"),
        ("?duration=1&duration_op=eq", "duration_op"),
        ("?rated=often", "rated"),
    ] {
        let refused = app.owner().get(&requests(query)).await.json_of(422);
        assert_eq!(refused["errors"][0]["param"], field, "{query}: {refused}");
        assert_eq!(refused["errors"][0]["location"], "query", "{query}");
        assert!(refused["errors"][0]["reason"].is_string(), "{query}");
    }
}

#[tokio::test]
async fn pages_have_40_requests_by_default_and_100_at_most() {
    let app = App::new();
    let owner = app.owner();
    for number in 0..105 {
        let body = json!({"first_text": number.to_string(), "participants": [ADMIN]});
        owner.post(&requests(""), body).await.json_of(200);
    }
    for (query, per_page, found, first) in [
        ("", 40, 40, "104"),
        ("?page=2", 40, 27, "24"),
        ("?limit=100", 100, 100, "104"),
        ("?limit=101", 40, 40, "104"),
        ("?limit=10&page=3&direction=1", 10, 10, "28"),
        // "limit … 0 for all"
        ("?limit=0", 0, 107, "104"),
        ("?limit=0&page=1", 0, 107, "104"),
    ] {
        let page = owner.get(&requests(query)).await.json_of(200);
        let count = page["requests"].as_array().map(Vec::len);
        assert_eq!((&page["perPage"], count, &page["count"]), (&json!(per_page), Some(found), &json!(107)), "{query}");
        assert_eq!(page["requests"][0]["first_text"], first, "{query}");
    }
}

#[tokio::test]
async fn agents_see_requests_they_serve_or_could_have_served() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    let group = json!({"name": "Two", "members": [OWNER, ADMIN]});
    let group = owner.post(&format!("{PROJECT}/groups"), group).await.json_of(200)["_id"].clone();
    let body = json!({"name": "Closed circle", "routing": "assigned", "id_group": group});
    let department = owner.post(&format!("{PROJECT}/departments"), body).await.json_of(200)["_id"].clone();
    for (id, department) in [("theirs", &department), ("everybody's", &json!(SALES))] {
        let body = json!({"request_id": id, "first_text": "Hello", "departmentid": department});
        owner.post(&requests(""), body).await.json_of(200);
    }
    let ids = async |query: &str| -> Vec<_> {
        let page = agent.get(&requests(query)).await.json_of(200);
        page["requests"].as_array().expect("requests").iter().map(|request| request["request_id"].clone()).collect()
    };
    assert!(!ids("").await.contains(&json!("theirs")));
    assert!(ids("").await.contains(&json!("everybody's")));
    assert_eq!(ids("?tags=none").await, Vec::<Value>::new());
    owner.post(&requests("/theirs/participants"), json!({"member": AGENT})).await.json_of(200);
    assert!(ids("").await.contains(&json!("theirs")), "now the agent serves it, too");
    agent.get(&requests("/theirs")).await.json_of(200);
    let group = json!({"name": "One", "members": [OWNER]});
    let group = owner.post(&format!("{PROJECT}/groups"), group).await.json_of(200)["_id"].clone();
    let body = json!({"name": "Inner circle", "routing": "assigned", "id_group": group});
    let department = owner.post(&format!("{PROJECT}/departments"), body).await.json_of(200)["_id"].clone();
    let body = json!({"request_id": "the owner's", "first_text": "Hello", "departmentid": department});
    owner.post(&requests(""), body).await.json_of(200);
    assert!(!ids("").await.contains(&json!("the owner's")));
    let all = app.admin().get(&requests("")).await.json_of(200);
    assert_eq!(all["requests"][0]["request_id"], "the owner's", "admins see all requests");
}

#[tokio::test]
async fn requests_of_other_projects_are_not_found() {
    let app = App::new();
    let owner = app.owner();
    let other = &format!("{OTHER_PROJECT}/requests");
    assert_eq!(owner.get(other).await.json_of(200)["count"], 0);
    owner.get(&format!("{other}/support-group-1234")).await.json_of(404);
    owner.patch(&format!("{other}/support-group-1234"), json!({"status": 1000})).await.json_of(404);
    assert_eq!(owner.get(&format!("{other}/support-group-1234/messages")).await.json_of(200), json!([]));
}

#[tokio::test]
async fn requests_are_counted_by_assignment() {
    let app = world().await;
    let agent = app.agent();
    let counts = agent.get(&super::requests("/count")).await.json_of(200);
    // 100: 12, 9, 6, 3; 200: 10, 7, 4, 1, served by the agent.
    assert_eq!(counts, json!({"unassigned": 4, "assigned": 4, "bot_assigned": 0}));
    let body = json!([BOT_USER]);
    app.owner().put(&super::requests("/support-group-3/participants"), body).await.json_of(200);
    let counts = agent.get(&super::requests("/count")).await.json_of(200);
    assert_eq!(counts, json!({"unassigned": 3, "assigned": 4, "bot_assigned": 1}));
    let merged = agent.get(&super::requests("/count?merge_assigned=true")).await.json_of(200);
    assert_eq!(merged, json!({"unassigned": 3, "assigned": 5}));
    super::open(&app.owner(), "support-group-new", &[AGENT]).await;
    let quota = agent.get(&super::requests("/count?conversation_quota=true")).await.json_of(200);
    let slot = json!({"startDate": "2026-01-01T00:00:00.000Z", "endDate": "2026-01-31T23:59:59.999Z"});
    assert_eq!(quota, json!({"open": 1, "closed": 0, "slot": slot}));
    app.owner().put(&super::requests("/support-group-new/close"), Value::Null).await.json_of(200);
    let quota = agent.get(&super::requests("/count?conversation_quota=true")).await.json_of(200);
    assert_eq!((&quota["open"], &quota["closed"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn visitors_find_the_requests_they_opened() {
    let app = App::new();
    let (guest, other) = (app.guest().await, app.guest().await);
    for number in ["one", "two"] {
        let path = super::requests(&format!("/support-group-{number}/messages"));
        guest.post(&path, json!({"text": number})).await.json_of(200);
    }
    let own = super::requests("/me");
    let page = guest.get(&own).await.json_of(200);
    assert_eq!((&page["count"], &page["requests"][0]["first_text"]), (&json!(2), &json!("two")));
    assert_eq!(other.get(&own).await.json_of(200)["count"], 0);
    app.owner().put(&super::requests("/support-group-two/close"), Value::Null).await.json_of(200);
    assert_eq!(guest.get(&own).await.json_of(200)["count"], 1);
    assert_eq!(guest.get(&format!("{own}?status=all")).await.json_of(200)["count"], 2);
    assert_eq!(guest.get(&format!("{own}?status=1000")).await.json_of(200)["requests"][0]["first_text"], "two");
    guest.get(&format!("{own}?status=7")).await.json_of(422);
}

#[tokio::test]
async fn an_export_has_one_row_per_listed_request() {
    let app = world().await;
    let rows = |text: String| {
        let mut table = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
        let column = table.headers().expect("a header").iter().position(|column| column == "ticket_id");
        let cell = |row: csv::StringRecord| row[column.expect("a column")].to_owned();
        table.records().map(|row| cell(row.expect("a row"))).collect::<Vec<_>>()
    };
    let all = app.owner().get(&super::requests("/csv?status=all&sortField=ticket_id&direction=1")).await;
    assert_eq!(all.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(all.text().starts_with("preflight;hasBot;participants;priority;"), "{}", all.text());
    let names = "channel_name;department_name;lead_fullname;lead_email";
    assert!(all.text().lines().next().is_some_and(|header| header.ends_with(names)), "{}", all.text());
    assert_eq!(rows(all.text()), (1..=12).map(|number| number.to_string()).collect::<Vec<_>>());
    let few = app.owner().get(&super::requests("/csv?status=100&tags=tag0")).await;
    let same = app.owner().get(&super::requests("?status=100&tags=tag0")).await.json_of(200);
    assert_eq!(rows(few.text()), numbers(&same).iter().map(ToString::to_string).collect::<Vec<_>>());
    // Agents export only the requests they see.
    let seen = app.agent().get(&super::requests("?status=all")).await.json_of(200);
    let exported = app.agent().get(&super::requests("/csv?status=all")).await;
    assert_eq!(rows(exported.text()).len(), numbers(&seen).len());
    app.owner().get(&super::requests("/csv?start_date=tomorrow")).await.json_of(422);
}

#[tokio::test]
async fn a_request_is_deleted_by_its_internal_id_with_its_messages() {
    let app = App::new();
    let owner = app.owner();
    let known = owner.get(&super::requests("/support-group-1234")).await.json_of(200);
    let id = known["_id"].as_str().expect("an id").to_owned();
    // The public ID is not accepted here, and another project has no such request.
    owner.delete(&super::requests("/id/support-group-1234")).await.json_of(404);
    owner.delete(&format!("/v3/5ebd890292befe0019054973/requests/id/{id}")).await.json_of(404);
    assert_eq!(
        owner.delete(&super::requests(&format!("/id/{id}"))).await.json_of(200)["request_id"],
        "support-group-1234"
    );
    owner.get(&super::requests("/support-group-1234")).await.json_of(404);
    assert_eq!(owner.get(&super::requests("/support-group-1234/messages")).await.json_of(200), json!([]));
    owner.delete(&super::requests(&format!("/id/{id}"))).await.json_of(404);
}
