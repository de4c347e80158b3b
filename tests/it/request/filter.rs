//! Parameters that the reference server supports but the documentation does not list.

use serde_json::{Value, json};

use super::{
    list::{numbers, world},
    open, requests,
};
use crate::support::{
    App,
    seed::{AGENT, BOT, PROJECT_ID},
};

#[tokio::test]
async fn every_condition_filters_the_list_and_the_export() {
    let app = world().await;
    let owner = app.owner();
    let bot = format!("?snap_department_id_bot={BOT}&status=all");
    for (query, expected) in [
        ("?priority=high", vec![9, 7, 3, 1]),
        ("?draft=false", vec![10, 9, 7, 6, 3, 1]),
        ("?draft=true", vec![12, 10, 9, 7, 6, 4, 3, 1]),
        ("?rated=true", vec![3]),
        ("?rated=false", vec![12, 10, 9, 7, 6, 4, 3, 1]),
        ("?duration=5&duration_op=gt&status=all", vec![11, 8, 5]),
        ("?duration=5&duration_op=lt&status=all", vec![5, 2]),
        ("?duration=7.5&duration_op=gt&status=1000", vec![11, 8]),
        ("?duration=5&status=1000", vec![11, 8, 5, 2]),
        ("?duration_op=gt&status=1000", vec![11, 8, 5, 2]),
        ("?requester_email=giulia@example.com", vec![9, 7, 3, 1]),
        ("?snap_department_routing=assigned&status=1000", vec![8, 2]),
        ("?snap_department_default=false", vec![4, 3, 1]),
        ("?snap_department_id_bot_exists=true", vec![12, 10]),
        ("?snap_department_id_bot_exists=false&status=1000", vec![8, 5, 2]),
        (&bot, vec![12, 11, 10]),
        ("?caller=%2B39055&call_id=7", vec![7]),
        ("?called=%2B39055", vec![]),
        ("?smartAssignment=false", vec![]),
        ("?workingStatus=pending", vec![]),
        ("?priority=high&tags=tag3&limit=1", vec![7]),
    ] {
        let page = owner.get(&requests(query)).await.json_of(200);
        assert_eq!(numbers(&page), expected, "{query}");
        let csv = owner.get(&requests(&format!("/csv{query}"))).await;
        assert_eq!(csv.text().lines().count(), expected.len() + 1, "{query}");
    }
}

#[tokio::test]
async fn no_populate_returns_ids_instead_of_documents() {
    let app = App::new();
    let owner = app.owner();
    let whole = owner.get(&requests("?status=200")).await.json_of(200);
    let plain = owner.get(&requests("?status=200&no_populate=true")).await.json_of(200);
    let (whole, plain) = (&whole["requests"][0], &plain["requests"][0]);
    for name in ["department", "lead", "requester"] {
        assert_eq!(plain[name], whole[name]["_id"], "{name}");
    }
    assert_eq!((plain.get("participatingAgents"), plain.get("participatingBots")), (None, None));
    let own = app.guest().await;
    own.post(&requests("/own/messages"), json!({"text": "Hello"})).await.json_of(200);
    let page = own.get(&requests("/me?no_populate=true")).await.json_of(200);
    assert!(page["requests"][0]["lead"].is_string(), "{page}");
}

#[tokio::test]
async fn no_count_skips_the_count() {
    let app = world().await;
    let page = app.owner().get(&requests("?no_count=true&limit=3")).await.json_of(200);
    assert_eq!((&page["count"], numbers(&page)), (&json!(0), vec![12, 10, 9]));
}

#[tokio::test]
async fn no_textscore_sorts_search_results_like_any_list() {
    let app = world().await;
    let query = "?full_text=pears%20132%2099&status=all&sort=ticket_id&direction=1&no_textscore=true";
    let page = app.owner().get(&requests(query)).await.json_of(200);
    assert_eq!(numbers(&page), [1, 3, 5, 7, 9, 11, 12]);
    assert_eq!(page["requests"][0].get("score"), None);
}

#[tokio::test]
async fn preflight_includes_requests_without_a_visitor_message() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let early = json!({"text": "opened the page", "preflight": true, "participants": [AGENT]});
    visitor.post(&requests("/early/messages"), early).await.json_of(200);
    open(&owner, "late", &[AGENT]).await;
    let listed = async |query: &str| {
        let page = owner.get(&requests(query)).await.json_of(200);
        let all = page["requests"].as_array().expect("requests").iter();
        all.filter(|request| request["request_id"] == "early").count()
    };
    for (query, expected) in [
        ("", 0),
        ("?preflight=false", 0),
        ("?preflight=true", 1),
        ("?preflight=true&status=200", 1),
        ("?preflight=true&status=100", 0),
        ("?preflight=true&channel=email", 0),
        ("?preflight=true&participant=5aaa99024c3b110014b478f0", 1),
    ] {
        assert_eq!(listed(query).await, expected, "{query}");
    }
    assert_eq!(visitor.get(&requests("/me")).await.json_of(200)["count"], 0);
    assert_eq!(visitor.get(&requests("/me?preflight=true")).await.json_of(200)["count"], 1);
    visitor.post(&requests("/early/messages"), json!({"text": "Hello"})).await.json_of(200);
    assert_eq!(listed("").await, 1);
    owner.put(&requests("/early/close"), Value::Null).await.json_of(200);
    assert_eq!(listed("?preflight=true").await, 0);
}

// "List all the requests for the project."
#[tokio::test]
async fn version_1_lists_every_status() {
    let app = world().await;
    let first = async |query: &str| {
        let path = format!("/v1/{PROJECT_ID}/requests{query}");
        app.owner().get(&path).await.json_of(200)["count"].clone()
    };
    assert_eq!((first("").await, first("?status=100").await), (json!(12), json!(4)));
}

#[tokio::test]
async fn a_transcript_is_available_as_text_and_csv_without_credentials() {
    let app = App::new();
    let visitor = app.guest().await;
    let path = requests("/support-group-public/messages");
    let body = json!({"text": "Hello; <b>you</b>", "senderFullname": "Ada"});
    visitor.post(&path, body).await.json_of(200);
    app.owner().put(&requests("/support-group-public/close"), Value::Null).await.json_of(200);
    let text = app.nobody().get("/public/requests/support-group-public/messages.txt").await;
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"), "browsers must not render it as markup");
    let lines: Vec<_> = text.text().lines().map(str::to_owned).collect();
    assert_eq!(lines[..2], ["Chat transcript:", "[ 2026-01-01T12:00:00.000Z] Ada: Hello; <b>you</b>"]);
    assert!(lines.last().is_some_and(|line| line.ends_with("] Bot: Chat closed")), "{lines:?}");
    let csv = app.nobody().get("/public/requests/support-group-public/messages.csv").await;
    let text = csv.text();
    let rows: Vec<_> = text.lines().take(2).collect();
    assert_eq!(rows, ["createdAt;senderFullname;text", "\"2026-01-01T12:00:00.000Z\";\"Ada\";\"Hello; <b>you</b>\""]);
    assert!(!text.contains("Chat closed"), "system messages are left out: {text}");
    let nothing = app.nobody().get("/public/requests/nothing/messages.txt").await;
    assert_eq!(nothing.text(), "Chat transcript:\n");
}
