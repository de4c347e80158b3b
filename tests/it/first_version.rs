//! Version 1 of the API: its documented operations, and the contract of strict mode.

use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::openapi::{self, Document, Encoding, Version};

use crate::support::{
    App, PROJECT,
    seed::{LEAD, OTHER_PROJECT_ID},
};

const LEADS: &str = "/v1/5b55e806c93dde00143163dd/leads";

async fn document() -> Value {
    let text = openapi::write(Document::V1, Version::V31, Encoding::Json).await;
    serde_json::from_str(&text).expect("the document is JSON")
}

/// Creates a lead in strict mode.
async fn create_strictly(app: &App, path: &str, body: &str) -> crate::support::Answer {
    let headers = [("content-type", "application/json"), ("prefer", "handling=strict")];
    app.agent().send(Method::POST, path, &headers, body.to_owned()).await
}

#[tokio::test]
async fn a_new_lead_requires_a_lead_id_where_documented() {
    // `{% api-method-parameter name="lead_id" type="string" required=true %} the external id of the lead`
    let lead = document().await["components"]["schemas"]["NewLead"].clone();
    assert_eq!(lead["required"], json!(["lead_id"]));
    assert_eq!(lead["properties"]["lead_id"]["type"], "string");
    assert_eq!(lead["properties"].as_object().map(serde_json::Map::len), Some(3), "email, lead_id and fullname");

    let app = App::new();
    let refused = create_strictly(&app, LEADS, r#"{"fullname":"Ada"}"#).await.json_of(400);
    assert_eq!(refused["errors"][0]["pointer"], "/lead_id", "{refused}");
    create_strictly(&app, LEADS, r#"{"fullname":"Ada","lead_id":"1"}"#).await.json_of(200);
    create_strictly(&app, &LEADS.replace("v1", "v3"), r#"{"fullname":"Ada"}"#).await.json_of(200);
    let generated = app.agent().post(LEADS, json!({"fullname": "Ada"})).await.json_of(200);
    assert_eq!(generated["lead_id"].as_str().map(str::len), Some(36), "a UUID");
}

#[tokio::test]
async fn a_new_lead_requires_a_body() {
    let create = document().await["paths"]["/{project_id}/leads"]["post"].clone();
    assert_eq!(create["requestBody"]["required"], true);
    let lead = document().await["components"]["schemas"]["NewLead"].clone();
    assert_eq!(lead["properties"]["lead_id"]["description"], "Your own identifier.", "it is not generated");

    let app = App::new();
    for headers in
        [&[("prefer", "handling=strict")][..], &[("prefer", "handling=strict"), ("content-type", "application/json")]]
    {
        let refused = app.agent().send(Method::POST, LEADS, headers, "").await.json_of(400);
        assert_eq!(refused["errors"][0]["detail"], "the body is missing", "{refused}");
    }
    app.agent().send(Method::POST, LEADS, &[], "").await.json_of(200);
}

#[tokio::test]
async fn strict_mode_validates_each_version_against_its_own_document() {
    let app = App::with(|config| config.strict = true);
    app.agent().get(&format!("{PROJECT}/leads?limit=1")).await.json_of(200);
    for path in
        [format!("{LEADS}?limit=1"), format!("/_sandbox/default{LEADS}?limit=1"), format!("/api{LEADS}?limit=1")]
    {
        let answer = app.agent().get(&path).await;
        assert_eq!(answer.json_of(400)["errors"][0]["pointer"], "/query/limit", "{path}");
    }
    let link = app.agent().get(&format!("{LEADS}?limit=1")).await.header("link").map(str::to_owned).expect("a link");
    let explanation =
        app.nobody().get(link.trim_start_matches('<').split('>').next().expect("a path")).await.json_of(200);
    let parameters = explanation["contract"]["parameters"].as_array().expect("parameters").len();
    assert_eq!(parameters, 5, "the project and the four documented parameters: {explanation}");
    app.agent().get(&format!("{LEADS}?email=a@b.c&direction=1&page=0&sortField=email")).await.json_of(200);
}

#[tokio::test]
async fn requests_of_every_status_are_listed() {
    // "Allows an account to list all the requests for the project." No parameter asks for a status.
    let app = App::new();
    let count = async |path: &str| app.owner().get(path).await.json_of(200)["count"].as_u64();
    let all = count(&format!("{PROJECT}/requests?status=all")).await;
    assert!(all > count(&format!("{PROJECT}/requests")).await, "some are closed");
    assert_eq!(count("/v1/5b55e806c93dde00143163dd/requests").await, all);
    // One of these is a request whose visitor has not written yet.
    let (project, state) = ("5ad5bd52c975820014ba900a", app.state().await);
    let stored = state["requests"].as_array().expect("requests").iter();
    let stored: Vec<_> = stored.filter(|request| request["id_project"] == project).collect();
    assert!(stored.iter().any(|request| request["preflight"] == true && request["status"] == 50));
    assert_eq!(count(&format!("/v1/{project}/requests")).await, u64::try_from(stored.len()).ok());
    assert!(
        count(&format!("/v3/{project}/requests?status=all")).await < count(&format!("/v1/{project}/requests")).await
    );
}

#[tokio::test]
async fn the_departments_of_the_introduction_are_in_the_document() {
    // "curl -v -X GET -u andrea.leo@f21.it:123456 https://api.tiledesk.com/v1/5ab0f32757066e0014bfd718/departments"
    let document = document().await;
    let departments = &document["paths"]["/{project_id}/departments"]["get"];
    assert_eq!(departments["parameters"][0]["example"], OTHER_PROJECT_ID);
    assert!(departments["responses"]["200"]["content"]["application/json"]["examples"].is_object());
    assert!(document["paths"]["/{project_id}"]["get"].is_object(), "GET /v1/{{project_id}} is documented, too");
}

#[tokio::test]
async fn signing_in_accepts_json_and_forms() {
    // "curl -v -X POST -d 'email=andrea.leo@f21.it&password=123456' https://api.tiledesk.com/v1/auth/signin"
    let sign_in = document().await["paths"]["/auth/signin"]["post"].clone();
    let content = sign_in["requestBody"]["content"].as_object().expect("bodies");
    assert_eq!(content.keys().collect::<Vec<_>>(), ["application/json", "application/x-www-form-urlencoded"]);
    let form = &content["application/x-www-form-urlencoded"]["examples"]["form"]["value"];
    assert_eq!(*form, json!({"email": "andrea.leo@f21.it", "password": "123456"}));
    for status in ["404", "409"] {
        assert!(sign_in["responses"][status].is_null(), "{status} is not documented for signing in");
    }
    let app = App::with(|config| config.strict = true);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "email=andrea.leo@f21.it&password=123456";
    app.nobody().send(Method::POST, "/v1/auth/signin", &form, body).await.json_of(200);
}

#[tokio::test]
async fn path_parameters_are_called_id() {
    // `path="/v1/:project_id/leads/:id"` and `path="/v1/:project_id/requests/:id"`
    let document = document().await;
    for (path, id) in [("leads", LEAD), ("requests", "support-group-L_OG76RYhR0XFiMf2PK")] {
        let parameters = &document["paths"][format!("/{{project_id}}/{path}/{{id}}")]["get"]["parameters"];
        assert_eq!((&parameters[1]["name"], &parameters[1]["example"]), (&json!("id"), &json!(id)));
    }
    let text = document.to_string();
    assert!(!text.contains("{lead_id}") && !text.contains("{request_id}"));
}

#[tokio::test]
async fn the_document_contains_nothing_from_later_versions() {
    let document = document().await;
    let leads = &document["paths"]["/{project_id}/leads"]["get"];
    assert!(!leads["description"].as_str().expect("a string").contains("status"), "a parameter of later versions");
    let text = document.to_string();
    assert!(!text.contains("segment"), "segments belong to later versions");
}

#[tokio::test]
async fn documented_defaults_and_the_documented_call_are_in_the_document() {
    let document = document().await;
    // "Return the results in ascending or descending order. defaults to desc" and "what page of results to fetch. defaults to
    // first page."
    for path in ["leads", "requests"] {
        let parameters = document["paths"][format!("/{{project_id}}/{path}")]["get"]["parameters"].as_array().cloned();
        let default = |name: &str| {
            let mut all = parameters.iter().flatten();
            all.find(|parameter| parameter["name"] == name).map(|parameter| parameter["schema"]["default"].clone())
        };
        assert_eq!((default("direction"), default("page")), (Some(json!("-1")), Some(json!(0))), "{path}");
    }
    // `-d '{"fullanem":"andrea", "lead_id":"123456"}'`, verbatim.
    let examples =
        &document["paths"]["/{project_id}/leads"]["post"]["requestBody"]["content"]["application/json"]["examples"];
    assert_eq!(examples["documented"]["value"], json!({"fullanem": "andrea", "lead_id": "123456"}));
}
