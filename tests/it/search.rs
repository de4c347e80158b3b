//! Full-text search in lists.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT, seed::AGENT};

/// Percent-encodes a query value.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The names of the leads found by a search, sorted.
async fn found(agent: &Actor<'_>, search: &str) -> Vec<String> {
    let path = format!("{PROJECT}/leads?sortField=fullname&direction=1&full_text={}", encoded(search));
    let page = agent.get(&path).await.json_of(200);
    let leads = page["leads"].as_array().expect("leads").iter();
    let names: Vec<_> = leads.map(|lead| lead["fullname"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(page["count"], names.len(), "{search}");
    names
}

async fn add_leads(agent: &Actor<'_>, names: &[&str]) {
    for name in names {
        agent.post(&format!("{PROJECT}/leads"), json!({"fullname": name})).await.json_of(200);
    }
}

#[tokio::test]
async fn search_ignores_case_and_accents_in_any_normalization_form() {
    let app = App::new();
    let agent = app.agent();
    add_leads(&agent, &["Café", "Zoe\u{308}", "\u{130}stanbul"]).await;
    for (search, expected) in [
        ("cafe\u{301}", "Café"),
        ("cafe", "Café"),
        ("CAFÉ", "Café"),
        ("zoë", "Zoe\u{308}"),
        ("zoe", "Zoe\u{308}"),
        ("istanbul", "\u{130}stanbul"),
        ("ISTANBUL", "\u{130}stanbul"),
    ] {
        assert_eq!(found(&agent, search).await, [expected], "{search}");
    }
}

#[tokio::test]
async fn search_supports_alternatives_exclusions_and_phrases() {
    let app = App::new();
    let agent = app.agent();
    add_leads(&agent, &["Alpha Bravo", "Alpha Charlie", "Bravo Alpha"]).await;
    for (search, expected) in [
        ("bravo charlie", vec!["Alpha Bravo", "Alpha Charlie", "Bravo Alpha"]),
        ("alpha -charlie", vec!["Alpha Bravo", "Bravo Alpha"]),
        ("-charlie", vec![]),
        ("\"alpha bravo\"", vec!["Alpha Bravo"]),
        ("charlie \"alpha bravo\"", vec!["Alpha Bravo"]),
        ("alpha -\"bravo alpha\"", vec!["Alpha Bravo", "Alpha Charlie"]),
        ("alph", vec![]),
    ] {
        assert_eq!(found(&agent, search).await, expected, "{search}");
    }
}

#[tokio::test]
async fn search_combines_with_a_segment() {
    let app = App::new();
    let agent = app.agent();
    add_leads(&agent, &["Alpha Bravo", "Alpha Charlie", "Delta Bravo"]).await;
    let filters = json!([{"field": "fullname", "operator": "contains", "value": "Bravo"}]);
    let segment = json!({"name": "B", "match": "all", "filters": filters});
    let segment = app.admin().post(&format!("{PROJECT}/segments"), segment).await.json_of(200);
    let id = segment["_id"].as_str().expect("the id is a string");
    let path = format!("{PROJECT}/leads?segment={id}&full_text={}", encoded("alpha delta -delta"));
    let page = agent.get(&path).await.json_of(200);
    assert_eq!((&page["count"], &page["leads"][0]["fullname"]), (&json!(1), &json!("Alpha Bravo")));
}

#[tokio::test]
async fn canned_responses_faqs_and_bots_are_searched_the_same_way() {
    let app = App::new();
    let owner = app.owner();
    for text in ["Grüße aus Zürich", "Grüße aus Bern"] {
        owner.post(&format!("{PROJECT}/canned"), json!({"title": "t", "text": text})).await.json_of(200);
    }
    let bot = json!({"name": "Zürich Bern", "type": "internal"});
    let bot = owner.post(&format!("{PROJECT}/faq_kb"), bot).await.json_of(200)["_id"].clone();
    for question in ["Wo ist Zürich?", "Wo ist Bern?"] {
        let faq = json!({"id_faq_kb": bot, "question": question, "answer": "Da."});
        owner.post(&format!("{PROJECT}/faq"), faq).await.json_of(200);
    }
    let search = encoded("zurich bern -\"ist bern\" -\"aus bern\"");
    for (path, field, expected) in [
        (format!("canned?full_text={search}"), "text", "Grüße aus Zürich"),
        (format!("faq?id_faq_kb={}&text={search}", bot.as_str().expect("an id")), "question", "Wo ist Zürich?"),
        (format!("faq_kb?text={search}"), "name", "Zürich Bern"),
    ] {
        let list = owner.call(Method::GET, &format!("{PROJECT}/{path}"), None).await.json_of(200);
        let list: Vec<&Value> = list.as_array().expect("a list").iter().map(|item| &item[field]).collect();
        assert_eq!(list, [&json!(expected)], "{path}");
    }
}

/// Numbers and scores of the requests found by a search, most relevant first.
async fn found_requests(app: &App, search: &str) -> Vec<(Value, Value)> {
    let page = app.owner().get(&format!("{PROJECT}/requests?{search}")).await.json_of(200);
    let requests = page["requests"].as_array().expect("requests").iter();
    let found: Vec<_> = requests.map(|request| (request["request_id"].clone(), request["score"].clone())).collect();
    assert_eq!(page["count"], found.len(), "{search}");
    found
}

/// Two open conversations with messages.
async fn conversations() -> App {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    for (request_id, texts) in [
        ("needles", ["Where is my Nähnadel", "The näh\u{302}nadel arrives tomorrow"]),
        ("threads", ["Where is my thread", "Your thread arrives soon"]),
    ] {
        let path = format!("{PROJECT}/requests/{request_id}/messages");
        let first = json!({"text": texts[0], "participants": [AGENT]});
        visitor.post(&path, first).await.json_of(200);
        owner.post(&path, json!({"text": texts[1]})).await.json_of(200);
    }
    app
}

#[tokio::test]
async fn open_requests_are_found_by_first_text_and_messages() {
    let app = conversations().await;
    for (search, expected) in [
        ("nahnadel", vec![("needles", 1)]),
        ("tomorrow", vec![("needles", 1)]),
        ("TOMORROW arrives", vec![("needles", 2), ("threads", 1)]),
        ("thread arrives tomorrow", vec![("threads", 2), ("needles", 2)]),
        ("arrives -tomorrow", vec![("threads", 1)]),
        ("arrives -where", vec![]),
        ("\"thread arrives\"", vec![("threads", 2)]),
        ("\"my thread arrives\"", vec![]),
        ("arrives -\"your thread\"", vec![("needles", 1)]),
        ("assigned", vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(id, score)| (json!(id), json!(score))).collect();
        assert_eq!(found_requests(&app, &format!("full_text={}", encoded(search))).await, expected, "{search}");
    }
}

#[tokio::test]
async fn a_message_search_combines_with_other_filters() {
    let app = conversations().await;
    let owner = app.owner();
    owner.put(&format!("{PROJECT}/requests/threads/close"), Value::Null).await.json_of(200);
    let one = |id: &str, score: Value| vec![(json!(id), score)];
    for (query, expected) in [
        ("full_text=arrives", one("needles", json!(1))),
        ("full_text=arrives&status=1000", one("threads", json!(1))),
        ("full_text=arrives&participant=5aaa99024c3b110014b478f0&no_textscore=true", one("needles", Value::Null)),
    ] {
        assert_eq!(found_requests(&app, query).await, expected, "{query}");
    }
    let csv = owner.get(&format!("{PROJECT}/requests/csv?full_text=tomorrow")).await;
    let csv = String::from_utf8(csv.body.to_vec()).expect("a string");
    assert_eq!((csv.lines().count(), csv.contains("needles")), (2, true), "{csv}");
    let visitor = app.guest().await;
    let own = visitor.get(&format!("{PROJECT}/requests/me?full_text=arrives")).await.json_of(200);
    assert_eq!(own["count"], 0, "the messages belong to other visitors");
}

#[tokio::test]
async fn requests_are_found_by_rating_message_and_visitor_name() {
    let app = App::new();
    let visitor = app.guest().await;
    let path = format!("{PROJECT}/requests/rated");
    let first = json!({"text": "Hello", "senderFullname": "Zoë Möller"});
    visitor.post(&format!("{path}/messages"), first).await.json_of(200);
    app.owner().put(&format!("{path}/close"), Value::Null).await.json_of(200);
    visitor
        .patch(&format!("{path}/rating"), json!({"rating": 5, "rating_message": "Superbe réponse"}))
        .await
        .json_of(200);
    for search in ["reponse", "moller", "zoe"] {
        assert_eq!(found_requests(&app, &format!("full_text={search}&status=all")).await.len(), 1, "{search}");
    }
}
