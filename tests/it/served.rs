//! The documents, the reference, and the index that the server serves.

use std::{fs, io::Read};

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, root};

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.nobody().send(Method::GET, path, headers, "").await
}

/// The URL of the server that a document names.
async fn server(app: &App, path: &str, host: &str) -> String {
    let document = get(app, path, &[("host", host)]).await.json_of(200);
    document["servers"][0]["url"].as_str().expect("a URL").to_owned()
}

#[tokio::test]
async fn queries_and_prefixes_select_the_document() {
    let app = App::new();
    let (v3, v1, control) = ("Tiledesk REST API", "Tiledesk REST API, version 1", "tiledesk-mock control API");
    for (path, title, version) in [
        ("/openapi.json", v3, "3.1.1"),
        ("/openapi.json?spec=3.0", v3, "3.0.3"),
        ("/openapi.json?api=v1", v1, "3.1.1"),
        ("/openapi.json?api=control&spec=3.0", control, "3.0.3"),
        ("/v1/openapi.json", v1, "3.1.1"),
        ("/api/v1/openapi.json?spec=3.1", v1, "3.1.1"),
        ("/v2/openapi.json", v3, "3.1.1"),
        ("/v1/openapi.json?api=v3", v3, "3.1.1"),
        ("/_control/openapi.json", control, "3.1.1"),
        ("/_sandbox/a/_control/openapi.json", control, "3.1.1"),
    ] {
        let document = get(&app, path, &[]).await.json_of(200);
        assert_eq!((&document["info"]["title"], &document["openapi"]), (&json!(title), &json!(version)), "{path}");
    }
    for (path, start) in [
        ("/openapi.yaml", "openapi: 3.1.1\n"),
        ("/v1/openapi.yaml?spec=3.0", "openapi: 3.0.3\n"),
        ("/_control/openapi.yaml", "openapi: 3.1.1\n"),
    ] {
        let document = get(&app, path, &[]).await;
        assert_eq!(document.header("content-type"), Some("application/yaml"));
        assert!(document.text().starts_with(start), "{path}");
    }
}

#[tokio::test]
async fn unknown_documents_are_rejected_with_a_suggestion() {
    let app = App::new();
    for (query, pointer, detail) in [
        ("api=v2", "/query/api", "unknown api `v2`; did you mean `v3`?"),
        ("api=contrl", "/query/api", "unknown api `contrl`; did you mean `control`?"),
        ("spec=2.0", "/query/spec", "unknown spec `2.0`"),
        ("spce=3.0", "/query/spce", "unknown parameter `spce`; did you mean `spec`?"),
        ("api=", "/query/api", "the parameter has no value"),
        ("api=v1&api=v3", "/query/api", "the parameter is given twice"),
    ] {
        let answer = get(&app, &format!("/openapi.json?{query}"), &[]).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
        let problem = answer.json_of(400);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
        let told = problem["errors"][0]["detail"].as_str().expect("a detail");
        assert!(told.starts_with(detail.split("; did").next().expect("a start")), "{query}: {told}");
    }
}

#[tokio::test]
async fn documents_name_the_requested_server() {
    let app = App::new();
    for (path, host, url) in [
        ("/openapi.json", "127.0.0.1:4810", "http://127.0.0.1:4810/v3"),
        ("/openapi.json?spec=3.0", "mock:80", "http://mock:80/v3"),
        ("/api/v2/openapi.json", "localhost", "http://localhost/api/v2"),
        ("/v1/openapi.json", "localhost", "http://localhost/v1"),
        ("/openapi.json?api=control", "localhost", "http://localhost/_control"),
        ("/_sandbox/a/openapi.json", "localhost:1", "http://localhost:1/_sandbox/a/v3"),
        ("/_sandbox/a/_control/openapi.json", "[::1]:1", "http://[::1]:1/_sandbox/a/_control"),
        ("/openapi.json", "a.localhost:1", "http://a.localhost:1/v3"),
        ("/openapi.json", "a b", "/v3"),
    ] {
        assert_eq!(server(&app, path, host).await, url, "{path} at {host}");
    }
    let secure = [("host", "mock.example"), ("x-forwarded-proto", "https")];
    let document = get(&app, "/openapi.json", &secure).await.json_of(200);
    assert_eq!(document["servers"][0]["url"], "https://mock.example/v3");
    let yaml = get(&app, "/openapi.yaml", &[("host", "localhost:1")]).await.text();
    assert!(yaml.contains("- url: \"http://localhost:1/v3\"\n"));
    let relative = get(&app, "/_sandbox/a/openapi.json", &[]).await.json_of(200);
    assert_eq!(relative["servers"][0]["url"], "/_sandbox/a/v3", "without a host");
}

#[tokio::test]
async fn documents_are_compressed_and_revalidated() {
    let app = App::new();
    let plain = get(&app, "/openapi.json", &[]).await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("Accept-Encoding")));
    let mut tags = vec![plain.header("etag").expect("a tag").to_owned()];
    for (accepted, coding, share) in [("gzip, deflate, br", "br", 15), ("gzip", "gzip", 8)] {
        let packed = get(&app, "/openapi.json", &[("accept-encoding", accepted)]).await;
        assert_eq!(packed.header("content-encoding"), Some(coding));
        assert!(packed.body.len() * share < plain.body.len(), "{coding}: {} bytes", packed.body.len());
        let tag = packed.header("etag").expect("a tag").to_owned();
        let known = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
        let again = get(&app, "/openapi.json", &known).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!((again.header("etag"), again.header("vary")), (Some(tag.as_str()), Some("Accept-Encoding")));
        tags.push(tag);
    }
    let other = get(&app, "/openapi.json", &[("host", "elsewhere")]).await;
    tags.push(other.header("etag").expect("a tag").to_owned());
    assert!(tags.iter().all(|tag| tag.starts_with('"')), "strong tags: {tags:?}");
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "each representation has its own tag");
    let stale = get(&app, "/openapi.json", &[("if-none-match", "\"0\"")]).await;
    assert_eq!(stale.body, plain.body);
}

#[tokio::test]
async fn compressed_documents_decode_to_the_plain_one() {
    let app = App::new();
    let fetch = async |coding| get(&app, "/v1/openapi.json", &[("accept-encoding", coding)]).await.body;
    let plain = fetch("identity").await;
    let (mut gzip, mut brotli) = (Vec::new(), Vec::new());
    flate2::read::GzDecoder::new(&*fetch("gzip").await).read_to_end(&mut gzip).expect("gzip");
    brotli_decompressor::Decompressor::new(&*fetch("br").await, 4096).read_to_end(&mut brotli).expect("brotli");
    assert_eq!((&gzip[..], &brotli[..]), (&plain[..], &plain[..]));
}

#[tokio::test]
async fn the_reference_is_served_for_each_api_and_loads_nothing_from_the_network() {
    let app = App::new();
    for (path, first, up) in [
        ("/docs", "v3", ""),
        ("/docs/", "v3", "../"),
        ("/v1/docs", "v1", "../"),
        ("/api/v3/docs", "v3", "../../"),
        ("/_control/docs", "control", "../"),
        ("/_sandbox/a/docs", "v3", ""),
    ] {
        let answer = get(&app, path, &[]).await;
        let page = answer.text();
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert!(page.contains(&format!("data-api=\"{first}\"")), "{path}");
        assert!(page.contains(&format!("src=\"{up}docs/scalar.js\"")), "{path}");
        assert!(page.contains(&format!("data-v3=\"{up}openapi.json\"")), "{path}");
        assert!(!["http", "{scripts}", "{settings}", "{document}"].iter().any(|word| page.contains(word)), "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'; script-src 'self'") && policy.contains("connect-src 'self'"));
    }
    for script in ["/docs/scalar.js", "/docs/page.js"] {
        let plain = get(&app, script, &[]).await;
        let packed = get(&app, script, &[("accept-encoding", "br")]).await;
        assert_eq!(plain.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(packed.header("content-encoding"), Some("br"));
        assert!(packed.body.len() * 2 < plain.body.len(), "{script}");
        let tag = packed.header("etag").expect("a tag").to_owned();
        let again = get(&app, script, &[("accept-encoding", "br"), ("if-none-match", &tag)]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{script}");
    }
    let component = get(&app, "/docs/scalar.js", &[]).await;
    assert_eq!(component.body.len(), 4_858_049, "the component decompresses to the published file");
}

#[tokio::test]
async fn without_a_control_api_its_document_is_not_served() {
    let app = App::with(|config| config.no_control = true);
    for path in ["/_control/openapi.json", "/openapi.json?api=control"] {
        assert_eq!(get(&app, path, &[]).await.json_of(404)["title"], "The control API is disabled.", "{path}");
    }
    assert!(!get(&app, "/docs", &[]).await.text().contains("data-control"));
    let app = App::new();
    assert!(get(&app, "/docs", &[]).await.text().contains("data-control=\"openapi.json?api=control\""));
}

#[tokio::test]
async fn the_index_lists_every_operation_and_its_links_work() {
    let app = App::new();
    let answer = get(&app, "/_sandbox/a/llms.txt", &[("host", "127.0.0.1:4010")]).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let index = answer.text();
    assert!(index.starts_with("# tiledesk-mock\n\n> "), "{index}");
    assert!(index.contains("`http://127.0.0.1:4010/_sandbox/a/v3`"));
    for path in ["/openapi.json", "/_control/openapi.json"] {
        let document = get(&app, path, &[]).await.json_of(200);
        let items = document["paths"].as_object().expect("paths").values();
        let operations = items.flat_map(|item| item.as_object().expect("an item").values());
        for id in operations.filter_map(|operation| operation["operationId"].as_str()) {
            assert_eq!(index.matches(&format!(", `{id}`\n")).count(), 1, "{id}");
        }
    }
    let links = index.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let mut paths: Vec<_> = links
        .map(|link| link.strip_prefix("http://127.0.0.1:4010").expect("a page of this server"))
        .filter_map(|path| path.split('#').next())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    assert!(paths.iter().any(|path| path.ends_with("/docs/guides/getting-started.md")), "{paths:?}");
    for path in paths {
        assert_eq!(get(&app, path, &[]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn pages_of_the_server_are_not_in_the_journal() {
    let app = App::new();
    for path in ["/docs", "/v1/docs", "/v1/openapi.json", "/api/openapi.yaml", "/llms.txt", "/docs/page.js"] {
        assert_eq!(get(&app, path, &[]).await.status, 200, "{path}");
    }
    let journal: Value = get(&app, "/_control/journal/count", &[]).await.json_of(200);
    assert_eq!(journal["count"], 0);
}

#[tokio::test]
async fn the_index_has_every_guide_for_users() {
    let app = App::new();
    let index = get(&app, "/llms.txt", &[]).await.text();
    for entry in fs::read_dir(root().join("docs")).expect("the guides") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let is_for_contributors = ["architecture.md", "benchmarks.md", "testing.md"].contains(&name.as_str());
        let is_guide = std::path::Path::new(&name).extension().is_some_and(|extension| extension == "md");
        if is_guide && !is_for_contributors {
            assert_eq!(index.matches(&format!("(/docs/guides/{name}): ")).count(), 1, "{name}");
            let guide = get(&app, &format!("/docs/guides/{name}"), &[]).await;
            assert_eq!(guide.header("content-type"), Some("text/markdown; charset=utf-8"));
            assert_eq!(guide.text(), fs::read_to_string(root().join("docs").join(&name)).expect("a guide"), "{name}");
        }
    }
}
