//! Bulk additions: lists and files of URLs, questions with answers, and sitemaps.

use http::Method;
use serde_json::{Value, json};

use super::{HELP, SALES, error, kb, later};
use crate::support::{Answer, App};

/// Sends a multipart form with these fields; `uploadFile` is sent as a file.
async fn send(app: &App, suffix: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = fields.iter().map(|(name, text)| {
        let file = if *name == "uploadFile" { "; filename=\"a.txt\"\r\nContent-Type: text/plain" } else { "" };
        format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
    });
    let body = fields.chain(["--cut--\r\n".to_owned()]).collect::<String>();
    app.owner().send(Method::POST, &kb(suffix), &[("content-type", "multipart/form-data; boundary=cut")], body).await
}

/// One field of each content.
fn each(contents: &Value, field: &str) -> Vec<Value> {
    contents.as_array().expect("a list").iter().map(|content| content[field].clone()).collect()
}

#[tokio::test]
async fn pages_are_added_once_and_queued_again() {
    let app = App::new();
    let multi = format!("/multi?namespace={SALES}");
    let list = json!({"list": ["https://a.example/1", "https://a.example/2", "https://a.example/1"], "scrape_type": 3});
    let added = app.owner().post(&kb(&multi), list).await.json_of(200);
    assert_eq!(each(&added, "source"), ["https://a.example/1", "https://a.example/2"]);
    assert_eq!(each(&added, "name"), each(&added, "source"));
    assert_eq!((&added[0]["scrape_type"], &added[0]["status"]), (&json!(3), &json!(-1)), "every scrape type is stored");
    let app = later(&app, 60_000).await;
    let text = "\u{feff}https://a.example/2\r\n\r\n  https://a.example/3 \r\n";
    let fields = [("uploadFile", text), ("tags", r#"["a","b"]"#), ("situated_context", "true"), ("scrape_type", "2")];
    let again = send(&app, &multi, &fields).await.json_of(200);
    assert_eq!(each(&again, "source"), ["https://a.example/2", "https://a.example/3"]);
    assert_eq!((&again[0]["_id"], &again[0]["status"]), (&added[1]["_id"], &json!(-1)));
    assert_eq!((&again[1]["tags"], &again[1]["situated_context"]), (&json!(["a", "b"]), &json!(true)));
    assert_eq!(again[1]["scrape_options"]["tags_to_extract"], json!(["body"]));
    // The same URL in another knowledge base is a separate content.
    let elsewhere = kb(&format!("/multi?namespace={HELP}"));
    let elsewhere = app.owner().post(&elsewhere, json!({"list": ["https://a.example/2"]})).await.json_of(200);
    assert_ne!(elsewhere[0]["_id"], again[0]["_id"]);
    let count = app.owner().get(&kb(&format!("?namespace={SALES}"))).await.json_of(200)["count"].clone();
    assert_eq!(count, 3);
    let nothing = app.owner().post(&kb(&multi), json!({"list": []})).await.json_of(200);
    assert_eq!(nothing, json!([]));
}

#[tokio::test]
async fn at_most_three_hundred_pages_are_added_at_once() {
    let app = App::new();
    let multi = kb(&format!("/multi?namespace={SALES}"));
    let pages =
        |count: u32| json!({"list": (0..count).map(|at| format!("https://a.example/{at}")).collect::<Vec<_>>()});
    let before = app.state().await;
    let refused = app.owner().post(&multi, pages(301)).await.json_of(403);
    assert_eq!(refused, error("Too many urls. Can't index more than 300 urls at a time."));
    assert_eq!(app.state().await, before);
    assert_eq!(each(&app.owner().post(&multi, pages(300)).await.json_of(200), "_id").len(), 300);
}

#[tokio::test]
async fn each_row_of_a_file_is_a_question_with_its_answer() {
    let app = App::new();
    let csv = format!("/csv?namespace={SALES}");
    let file = "Do you ship?;We do.\n\"A; or B?\";\"Both,\nof course.\";ignored\n";
    let fields = [("uploadFile", file), ("tags", r#"["shop"]"#), ("situated_context", "true")];
    let added = send(&app, &csv, &fields).await.json_of(200);
    assert_eq!(each(&added, "type"), ["faq", "faq"]);
    assert_eq!(each(&added, "name"), ["Do you ship?", "A; or B?"]);
    assert_eq!(each(&added, "content"), ["Do you ship?\nWe do.", "A; or B?\nBoth,\nof course."]);
    assert_eq!((&added[1]["tags"], &added[1]["source"]), (&json!(["shop"]), &json!("A; or B?")));
    assert_eq!((&added[1]["situated_context"], added[1].get("__v")), (&json!(true), None), "without its version");
    let again = send(&app, &csv, &[("uploadFile", "Do you ship?,Not today."), ("delimiter", ",")]).await.json_of(200);
    assert_eq!((&again[0]["_id"], &again[0]["content"]), (&added[0]["_id"], &json!("Do you ship?\nNot today.")));
    assert_eq!(again[0].get("tags"), None, "the content was replaced");
}

#[tokio::test]
async fn an_exported_file_can_be_imported_as_a_form() {
    let app = App::new();
    let file = app.owner().get(&kb("/namespace/export/63ad512e70d5ed0012ad6286")).await.text();
    let import = format!("/namespace/import/{SALES}");
    send(&app, &import, &[("uploadFile", &file)]).await.json_of(200);
    let list = app.owner().get(&kb(&format!("?namespace={SALES}"))).await.json_of(200);
    assert_eq!(list["count"], 3, "two of the four have the same source");
    let broken = send(&app, &import, &[("uploadFile", "{\"contents\":")]).await;
    assert_eq!(broken.status, 400, "{}", broken.text());
    assert!(broken.text().starts_with("The body is not valid JSON"), "{}", broken.text());
    let missing = error("Imported json must contain the contents array");
    assert_eq!(send(&app, &import, &[("uploadFile", "{}")]).await.json_of(400), missing);
}

#[tokio::test]
async fn a_sitemap_and_its_pages_become_contents() {
    let app = App::new();
    let owner = app.owner();
    let expanded = owner.post(&kb("/sitemap"), json!({"sitemap": "http://b.example:8080/a/s.xml"})).await.json_of(200);
    assert_eq!(expanded["sites"], json!(["http://b.example:8080/page-1", "http://b.example:8080/page-2"]));
    for address in ["", "s.xml", "ftp://b.example/s.xml"] {
        let expanded = owner.post(&kb("/sitemap"), json!({"sitemap": address})).await.json_of(200);
        assert_eq!((&expanded["sites"], each(&expanded["errors"], "url")), (&json!([]), vec![json!(address)]));
    }
    let body = json!({"type": "sitemap", "source": "https://a.example/sitemap.xml", "tags": ["site"]});
    let imported = owner.post(&kb(&format!("/sitemap/import?namespace={SALES}")), body).await.json_of(200);
    assert_eq!(each(&imported, "type"), ["url", "url", "sitemap"]);
    let sitemap = imported[2]["_id"].clone();
    for page in &imported.as_array().expect("a list")[..2] {
        assert_eq!((&page["sitemap_origin_id"], &page["sitemap_origin"]), (&sitemap, &imported[2]["source"]));
        assert_eq!((&page["tags"], &page["scrape_type"]), (&json!(["site"]), &json!(2)));
    }
    let count = async || owner.get(&kb(&format!("?namespace={SALES}"))).await.json_of(200)["count"].clone();
    assert_eq!(count().await, 3);

    let page = imported[0]["_id"].as_str().expect("an id");
    owner.delete(&kb(&format!("/{page}"))).await.json_of(200);
    let again = json!({"id": sitemap, "namespace": SALES, "type": "sitemap"});
    let done = owner.post(&kb("/scrape/single"), again).await.json_of(200);
    let message = "Content queued for reindexing";
    assert_eq!(done, json!({"success": true, "message": message, "added_urls": 1, "removed_url": 0}));
    assert_eq!(count().await, 3);
    let moved = json!({"id": sitemap, "namespace": SALES, "type": "sitemap", "source": "https://gethelp.tiledesk.com/sitemap.xml"});
    let done = owner.post(&kb("/scrape/single"), moved).await.json_of(200);
    assert_eq!((&done["added_urls"], &done["removed_url"]), (&json!(4), &json!(2)));
    assert_eq!(count().await, 5);
    let plain = json!({"id": sitemap, "namespace": SALES});
    let done = owner.post(&kb("/scrape/single"), plain).await.json_of(200);
    assert_eq!(done, json!({"success": true, "message": message}), "only queued");
}

#[tokio::test]
async fn invalid_uploads_are_rejected_and_change_nothing() {
    let app = App::new();
    let before = app.state().await;
    let (multi, csv) = (format!("/multi?namespace={SALES}"), format!("/csv?namespace={SALES}"));
    for (suffix, fields, field) in [
        (&multi, vec![], "uploadFile"),
        (&multi, vec![("list", "https://a.example")], "uploadFile"),
        (&multi, vec![("uploadFile", "https://a.example"), ("tags", "{}")], "tags"),
        (&multi, vec![("uploadFile", "https://a.example"), ("scrape_type", "x")], "scrape_type"),
        (&csv, vec![], "uploadFile"),
        (&csv, vec![("uploadFile", "")], "uploadFile"),
        (&csv, vec![("uploadFile", "a;b"), ("delimiter", ";;")], "delimiter"),
        (&csv, vec![("uploadFile", "a;b"), ("delimiter", "è")], "delimiter"),
        (&csv, vec![("uploadFile", "a;b\nonly a question\n")], "uploadFile"),
        (&csv, vec![("uploadFile", "a;b\n;c\n")], "uploadFile"),
        (&csv, vec![("uploadFile", "a;b"), ("tags", "{}")], "tags"),
    ] {
        let answer = send(&app, suffix, &fields).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{suffix} {fields:?}: {answer}");
    }
    let row = send(&app, &csv, &[("uploadFile", "a;b\nonly a question\n")]).await.json_of(422);
    assert_eq!(row["errors"][0]["reason"], "row 2: expected a question and an answer");
    for (body, field) in [(json!({}), "list"), (json!({"list": [{}]}), "list.0"), (json!({"list": [[5]]}), "list.0")] {
        let answer = app.owner().post(&kb(&multi), body.clone()).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{body}");
    }
    let json = app.owner().post(&kb(&csv), json!({"uploadFile": "a;b"})).await.json_of(422);
    assert_eq!(json["errors"][0]["param"], "uploadFile", "a form is required");
    for suffix in ["/csv", "/multi", "/sitemap/import"] {
        let answer = match suffix {
            "/sitemap/import" => app.owner().post(&kb(suffix), json!({"type": "sitemap", "source": "a"})).await,
            _ => send(&app, suffix, &[("uploadFile", "a;b")]).await,
        };
        assert_eq!(answer.json_of(400), error("queryParam 'namespace' is not defined"));
    }
    let cut = "--cut\r\nContent-Disposition: form-data; name=\"uploadFile\"\r\n\r\na;b";
    let headers = [("content-type", "multipart/form-data; boundary=cut")];
    let answer = app.owner().send(Method::POST, &kb(&csv), &headers, cut).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let headers = [("content-type", "multipart/form-data")];
    assert_eq!(app.owner().send(Method::POST, &kb(&csv), &headers, cut).await.status, 400, "no boundary");
    let large = "x".repeat(17 << 20);
    assert_eq!(send(&app, &csv, &[("uploadFile", &large)]).await.json_of(413)["limit_file_size"], 16 << 20);
    assert_eq!(app.state().await, before);
}
