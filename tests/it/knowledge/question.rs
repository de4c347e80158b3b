//! Questions: how they are answered and recorded.

use http::Method;
use serde_json::{Value, json};

use super::{HELP, KNOWLEDGE, SALES, add, error, kb, later, make_other, plan};
use crate::support::{App, seed::PROJECT_ID};

/// A knowledge base with three indexed texts.
async fn shop() -> App {
    let app = App::new();
    add(&app, SALES, "Shipping", "We ship to Ireland in three days.\n\nTo Italy it takes two.").await;
    add(&app, SALES, "Returns", "Send it back in two weeks.").await;
    let body = json!({"type": "faq", "name": "Do you take cards?", "source": "Do you take cards?", "content": "Do you take cards?\nWe take all of them.", "tags": ["money"], "namespace": SALES});
    app.owner().post(&kb(""), body).await.json_of(200);
    later(&app, 60_000).await
}

async fn ask(app: &App, question: &str, more: Value) -> Value {
    let mut body = json!({"question": question, "namespace": SALES});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    app.owner().post(&kb("/qa"), body).await.json_of(200)
}

async fn recorded(app: &App, kind: &str, query: &str) -> Value {
    app.owner().get(&kb(&format!("/{kind}/{SALES}{query}"))).await.json_of(200)
}

/// The questions of a list.
fn questions(list: &Value) -> Vec<&str> {
    list["questions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["question"].as_str().expect("a string"))
        .collect()
}

#[tokio::test]
async fn a_question_is_answered_by_the_contents_that_share_most_words() {
    let app = shop().await;
    let answer = ask(&app, "SHIP to Ireland, in days?", json!({})).await;
    let text = "We ship to Ireland in three days.\n\nTo Italy it takes two.\n\nSend it back in two weeks.";
    assert_eq!((&answer["answer"], &answer["success"]), (&json!(text), &json!(true)));
    assert_eq!(answer["sources"], json!(["Shipping", "Returns"]));
    assert_eq!((&answer["source"], &answer["id"]), (&json!("Shipping"), &answer["ids"][0]));
    assert_eq!(answer["chat_history_dict"], json!({"0": {"question": "SHIP to Ireland, in days?", "answer": text}}));
    assert_eq!((&answer["content_chunks"], &answer["error_message"]), (&Value::Null, &Value::Null));
    assert_eq!(answer["prompt_token_size"], 5 + 18);
    assert_eq!(answer.get("citations"), None);
    // Ties are ordered by creation.
    assert_eq!(ask(&app, "two", json!({})).await["sources"], json!(["Shipping", "Returns"]));
    assert_eq!(ask(&app, "two", json!({"top_k": 1})).await["sources"], json!(["Shipping"]));
    assert_eq!(ask(&app, "two", json!({"max_tokens": 3})).await["answer"], "We ship to");
    assert_eq!(
        ask(&app, "do you take it", json!({"tags": ["money", "gold"]})).await["sources"],
        json!(["Do you take cards?"])
    );
    assert_eq!(ask(&app, "two", json!({"tags": ["gold"]})).await["success"], false);
    let cited = ask(&app, "weeks", json!({"citations": true})).await;
    assert_eq!(cited["citations"], json!([{"source_id": cited["id"], "source_name": "Returns"}]));
    let again =
        ask(&app, "SHIP to Ireland, in days?", json!({"llm": "openai", "temperature": 1, "reranking": true})).await;
    assert_eq!(again, answer, "answers are deterministic");
}

#[tokio::test]
async fn chunks_can_be_requested_instead_of_an_answer() {
    let app = shop().await;
    let answer = ask(&app, "two weeks", json!({"chunks_only": true, "top_k": 2})).await;
    assert_eq!(answer["chunks"], json!(["Send it back in two weeks.", "We ship to Ireland in three days."]));
    let sources: Vec<_> =
        answer["metadata"].as_array().expect("a list").iter().map(|one| &one["metadata_source"]).collect();
    assert_eq!(sources, ["Returns", "Shipping"]);
    assert_eq!((&answer["success"], &answer["duration"]), (&json!(true), &json!(0)));
    assert_eq!(recorded(&app, "answered", "").await["count"], 0, "no answer is recorded");
    let nothing = ask(&app, "xyzzy", json!({"chunks_only": true})).await;
    assert_eq!((&nothing["success"], &nothing["chunks"]), (&json!(false), &json!([])));
    assert_eq!(recorded(&app, "unanswered", "").await["count"], 1);
}

#[tokio::test]
async fn an_answer_can_be_streamed() {
    let app = shop().await;
    let whole = ask(&app, "weeks", json!({})).await;
    let body = json!({"question": "weeks", "namespace": SALES, "stream": true});
    let answer = app.owner().post(&kb("/qa"), body).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("text/event-stream")));
    let text = answer.text();
    let events: Vec<_> = text.split("\n\n").filter(|event| !event.is_empty()).collect();
    let data = |at: usize| events[at].strip_prefix("data: ").expect("an event has data");
    let words = events.len() - 2;
    let pieces = (0..words).map(|at| {
        serde_json::from_str::<Value>(data(at)).expect("JSON")["content"].as_str().expect("a string").to_owned()
    });
    assert_eq!(pieces.collect::<String>(), whole["answer"].as_str().expect("a string"));
    assert_eq!(words, 6);
    assert_eq!(serde_json::from_str::<Value>(data(words)).expect("JSON"), whole);
    assert_eq!(data(words + 1), "[DONE]");
    let none = json!({"question": "xyzzy", "namespace": SALES, "stream": true});
    assert!(app.owner().post(&kb("/qa"), none).await.text().starts_with("data: {\"content\":\"No \"}\n\n"));
}

#[tokio::test]
async fn only_indexed_contents_are_found() {
    let app = App::new();
    let content = add(&app, SALES, "Prices", "Everything is free.").await;
    assert_eq!(ask(&app, "free", json!({})).await["success"], false, "not indexed yet");
    let app = later(&app, 1_499).await;
    assert_eq!(ask(&app, "free", json!({})).await["success"], false, "still being indexed");
    let app = later(&app, 1_500).await;
    assert_eq!(ask(&app, "free", json!({})).await["success"], true);
    app.owner().call(Method::DELETE, &kb("/deleteall"), Some(json!({"namespace": SALES}))).await.json_of(200);
    assert_eq!(ask(&app, "free", json!({})).await["success"], false, "the index was deleted");
    let path = kb(&format!("/{}", content["_id"].as_str().expect("an id")));
    assert_eq!(app.owner().get(&path).await.json_of(200)["status"], 300, "the content still exists");
    let app = later(&app, 2_000).await;
    app.owner().post(&kb("/scrape/single"), json!({"id": content["_id"], "namespace": SALES})).await.json_of(200);
    let app = later(&app, 3_500).await;
    assert_eq!(ask(&app, "free", json!({})).await["success"], true, "indexed again");
    let failed = json!({"question": "gone", "namespace": HELP});
    assert_eq!(app.owner().post(&kb("/qa"), failed).await.json_of(200)["success"], false, "indexing failed");
}

#[tokio::test]
async fn answered_and_unanswered_questions_are_recorded() {
    let app = shop().await;
    let none = ask(&app, "Quo vadis?", json!({})).await;
    let expected = json!({
        "answer": "No answer", "success": false, "namespace": SALES, "id": null, "ids": [], "source": null, "sources": [],
        "content_chunks": null, "prompt_token_size": 2, "error_message": null,
        "chat_history_dict": {"0": {"question": "Quo vadis?", "answer": "No answer"}},
    });
    assert_eq!(none, expected);
    assert_eq!(ask(&app, "?!", json!({})).await["success"], false, "a question without words");
    ask(&app, "Back in two weeks?", json!({"top_k": 1})).await;
    let unanswered = recorded(&app, "unanswered", "").await;
    assert_eq!(questions(&unanswered), ["?!", "Quo vadis?"], "newest first");
    let answered = recorded(&app, "answered", "").await;
    let question = &answered["questions"][0];
    assert_eq!(
        (&question["question"], &question["answer"]),
        (&json!("Back in two weeks?"), &json!("Send it back in two weeks."))
    );
    assert_eq!((&question["tokens"], &question["namespace"]), (&json!(10), &json!(SALES)));
    for (kind, count) in [("unanswered", 2), ("answered", 1)] {
        let path = kb(&format!("/{kind}/count/{SALES}"));
        assert_eq!(app.owner().get(&path).await.json_of(200), json!({"count": count}));
    }
}

#[tokio::test]
async fn recorded_questions_can_be_created_updated_searched_and_deleted() {
    let app = App::new();
    let owner = app.owner();
    for (kind, fields) in [
        ("unanswered", json!({"request_id": "support-group-1", "sender": "Ada"})),
        ("answered", json!({"request_id": "support-group-1", "answer": "It does.", "tokens": 3})),
    ] {
        for question in ["Does it float?", "Does it fly and float?", "Is it new?"] {
            let mut body = json!({"namespace": SALES, "question": question});
            body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
            let created = owner.post(&kb(&format!("/{kind}")), body.clone()).await.json_of(200);
            for (field, value) in body.as_object().expect("an object") {
                assert_eq!(&created[field], value, "{field}");
            }
            assert_eq!(created["id_project"], KNOWLEDGE);
        }
        for (query, expected) in [
            ("", vec!["Is it new?", "Does it fly and float?", "Does it float?"]),
            ("?direction=1&limit=2", vec!["Does it float?", "Does it fly and float?"]),
            ("?limit=2&page=1", vec!["Does it float?"]),
            ("?sortField=question&direction=1", vec!["Does it float?", "Does it fly and float?", "Is it new?"]),
            ("?search=float+FLY", vec!["Does it fly and float?", "Does it float?"]),
            ("?search=submarine", vec![]),
        ] {
            assert_eq!(questions(&recorded(&app, kind, query).await), expected, "{kind}{query}");
        }
        let found = recorded(&app, kind, "?search=float&limit=1").await;
        assert_eq!((&found["count"], questions(&found)), (&json!(2), vec!["Does it fly and float?"]));
        let echo = json!({"page": 0, "limit": 1, "sortField": "createdAt", "direction": -1, "search": "float"});
        assert_eq!(found["query"], echo);
        let id = found["questions"][0]["_id"].as_str().expect("an id").to_owned();
        let one = kb(&format!("/{kind}/{id}"));
        if kind == "unanswered" {
            let changed = owner.put(&one, json!({"question": "Does it dive?"})).await.json_of(200);
            assert_eq!((&changed["question"], &changed["sender"]), (&json!("Does it dive?"), &json!("Ada")));
        }
        let done = json!({"success": true, "message": "Question deleted successfully"});
        assert_eq!(owner.delete(&one).await.json_of(200), done);
        assert_eq!(owner.delete(&one).await.json_of(404), error("Question not found"));
        let all = owner.delete(&kb(&format!("/{kind}/namespace/{SALES}"))).await.json_of(200);
        assert_eq!(all, json!({"success": true, "count": 2, "message": "All questions deleted successfully"}));
        assert_eq!(recorded(&app, kind, "").await["count"], 0);
        let others = owner.get(&kb(&format!("/{kind}/count/{HELP}"))).await.json_of(200);
        assert_ne!(others["count"], 0, "other knowledge bases are not affected");
    }
}

#[tokio::test]
async fn recorded_questions_are_exported_as_csv_and_json() {
    let app = App::new();
    let owner = app.owner();
    let body = json!({"namespace": SALES, "question": "A, \"B\"\nor C?", "answer": "B; of course", "tokens": 3});
    let id = |answer: Value| answer["_id"].as_str().expect("an id").to_owned();
    let unanswered = id(owner.post(&kb("/unanswered"), body.clone()).await.json_of(200));
    let answered = id(owner.post(&kb("/answered"), body).await.json_of(200));
    for (kind, rows) in [
        (
            "unanswered",
            format!(
                "id,namespace,question,request_id,createdAt\n{unanswered},{SALES},\"A, \"\"B\"\"\nor C?\",,2026-01-01T12:00:00.000Z\n"
            ),
        ),
        (
            "answered",
            format!(
                "id,namespace,question,answer,tokens,request_id,createdAt\n{answered},{SALES},\"A, \"\"B\"\"\nor C?\",B; of course,3,,2026-01-01T12:00:00.000Z\n"
            ),
        ),
    ] {
        for query in ["", "?mode=csv"] {
            let file = owner.get(&kb(&format!("/{kind}/{SALES}/export{query}"))).await;
            assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some("text/csv; charset=utf-8")));
            let name = format!("attachment; filename=\"{kind}-{SALES}.csv\"");
            assert_eq!((file.header("content-disposition"), file.text()), (Some(name.as_str()), rows.clone()));
        }
        let file = owner.get(&kb(&format!("/{kind}/{SALES}/export?mode=json"))).await;
        let name = format!("attachment; filename=\"{kind}-{SALES}.json\"");
        assert_eq!(file.header("content-disposition"), Some(name.as_str()));
        let list = recorded(&app, kind, "").await;
        let expected = json!({"namespace": SALES, "exportedAt": "2026-01-01T12:00:00.000Z", "count": 1, "questions": list["questions"]});
        assert_eq!(file.json_of(200), expected);
    }
}

#[tokio::test]
async fn a_plan_can_limit_the_tokens() {
    let app = shop().await;
    plan(&app, "quotes", json!({"tokens": 12})).await;
    ask(&app, "weeks", json!({})).await;
    let before = app.state().await;
    assert_eq!(recorded(&app, "answered", "").await["questions"][0]["tokens"], 7);
    // The questions of the default world add eleven.
    let refused = app.owner().post(&kb("/qa"), json!({"question": "weeks", "namespace": SALES})).await.json_of(403);
    assert_eq!(refused, json!({"success": false, "message": "Tokens quota exceeded", "error_code": 13001}));
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn invalid_input_is_rejected_and_changes_nothing() {
    let app = App::new();
    let owner = app.owner();
    make_other(&app).await;
    let before = app.state().await;
    for (body, field) in [
        (json!({"namespace": SALES}), "question"),
        (json!({"question": "a"}), "namespace"),
        (json!({"question": {}, "namespace": SALES}), "question"),
        (json!({"question": "a", "namespace": SALES, "top_k": -1}), "top_k"),
        (json!({"question": "a", "namespace": SALES, "tags": {}}), "tags"),
        (json!({"question": "a", "namespace": SALES, "stream": "maybe"}), "stream"),
    ] {
        let answer = owner.post(&kb("/qa"), body.clone()).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{body}: {answer}");
    }
    for llm in ["ollama", "vllm"] {
        let answer = owner.post(&kb("/qa"), json!({"question": "a", "namespace": SALES, "llm": llm})).await;
        assert_eq!(answer.json_of(404), error(format!("Integration {llm} not found for project {KNOWLEDGE}")));
    }
    let foreign = owner.post(&kb("/qa"), json!({"question": "a", "namespace": PROJECT_ID})).await.json_of(403);
    assert_eq!(foreign, error(format!("Namespace not belonging to project {KNOWLEDGE}")));
    let foreign = error("Not allowed. The namespace does not belong to the current project.");
    for kind in ["unanswered", "answered"] {
        let missing = match kind {
            "unanswered" => error("Missing required parameters: namespace and question"),
            _ => error("Missing required parameters: namespace, question and answer"),
        };
        for body in [
            json!({}),
            json!({"namespace": "", "question": "a", "answer": "b"}),
            json!({"namespace": SALES, "question": "", "answer": "b"}),
        ] {
            assert_eq!(owner.post(&kb(&format!("/{kind}")), body.clone()).await.json_of(400), missing, "{body}");
        }
        for namespace in ["fake", "6675a1b3c08d0b0014000000", PROJECT_ID] {
            let body = json!({"namespace": namespace, "question": "a", "answer": "b"});
            assert_eq!(owner.post(&kb(&format!("/{kind}")), body).await.json_of(403), foreign);
            for suffix in [format!("count/{namespace}"), namespace.to_owned(), format!("{namespace}/export")] {
                assert_eq!(owner.get(&kb(&format!("/{kind}/{suffix}"))).await.json_of(403), foreign, "{kind}/{suffix}");
            }
            let all = owner.delete(&kb(&format!("/{kind}/namespace/{namespace}"))).await;
            assert_eq!(all.json_of(403), foreign);
        }
        let of_another_project = format!("/v3/{PROJECT_ID}/kb/{kind}/671a1b2c3d4e5f6789012345");
        owner.delete(&of_another_project).await.json_of(404);
        for id in ["fake", "twelve-chars", "671a1b2c3d4e5f6789000000"] {
            assert_eq!(owner.delete(&kb(&format!("/{kind}/{id}"))).await.json_of(404), error("Question not found"));
        }
        let list = kb(&format!("/{kind}/{SALES}?direction=0"));
        assert_eq!(owner.get(&list).await.json_of(422)["errors"][0]["param"], "direction");
    }
    let one = kb("/unanswered/671a1b2c3d4e5f6789012345");
    assert_eq!(
        owner.put(&one, json!({"question": ""})).await.json_of(400),
        error("Missing required parameter: question")
    );
    owner.put(&one, json!({"question": {}})).await.json_of(422);
    owner.put(&kb("/unanswered/fake"), json!({"question": "a"})).await.json_of(404);
    assert_eq!(app.state().await, before);
}
