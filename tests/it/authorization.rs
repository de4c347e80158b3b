//! Authorization of every operation, derived from its type: callers below the required role are rejected before
//! anything else in the call is checked.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Actor, App, root,
    seed::{PROJECT_ID, UNKNOWN_PROJECT_ID},
};

/// Roles of the default world in ascending order.
const ROLES: [&str; 5] = ["guest", "user", "agent", "admin", "owner"];

/// An operation of the generated list.
struct Operation<'a> {
    line: &'a str,
    id: &'a str,
    method: Method,
    /// The path with the ID of the main project, and 0 for every other parameter.
    path: String,
    role: Option<usize>,
}

fn operations(list: &str) -> Vec<Operation<'_>> {
    let operations = list.lines().map(|line| {
        let [.., id, method, path, role] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let path = path.replace("{project_id}", PROJECT_ID);
        let words = path.split('/').map(|word| if word.starts_with('{') { "0" } else { word });
        let path = words.collect::<Vec<_>>().join("/");
        Operation {
            line,
            id,
            method: method.parse().expect("a valid method"),
            path: if path.starts_with("/v1/") { path } else { format!("/v3{path}") },
            role: ROLES.iter().position(|known| *known == role),
        }
    });
    operations.collect()
}

impl Operation<'_> {
    async fn call(&self, actor: &Actor<'_>, path: &str) -> crate::support::Answer {
        actor.send(self.method.clone(), path, &[("content-type", "application/json")], "not JSON").await
    }
}

#[tokio::test]
async fn every_operation_rejects_callers_below_its_role() {
    let list = fs::read_to_string(root().join("openapi/operations.txt")).expect("the list is generated");
    let mut seen = 0;
    for operation in operations(&list) {
        let Operation { line, path, .. } = &operation;
        let Some(required) = operation.role else {
            assert!(line.ends_with(" -"), "{line}");
            continue;
        };
        seen += 1;
        // Some of them delete the project.
        let app = App::new();
        let (guest, user) = (app.guest().await, app.visitor().await);
        let (agent, admin, owner) = (app.agent(), app.admin(), app.owner());
        assert_eq!(operation.call(&app.nobody(), path).await.status, 401, "{line}: no credentials");
        let outside = operation.call(&app.outsider(), path).await;
        assert_eq!(outside.json_of(403)["msg"], "you dont belong to the project.", "{line}");
        for (rank, actor) in [&guest, &user, &agent, &admin, &owner].into_iter().enumerate() {
            let answer = operation.call(actor, path).await;
            if rank < required {
                // Some operations have their own message for the team.
                let own = ["delete_request", "delete_request_by_internal_id", "delete_lead_physically"];
                let own = own.contains(&operation.id) && rank > 1;
                let words = if own { "Unauthorized." } else { "you dont have the required role." };
                assert_eq!(answer.json_of(403)["msg"], words, "{line}: {}", ROLES[rank]);
            } else {
                // 403 because the request or knowledge base belongs to another project, not because of the role.
                let foreign =
                    ["Request does not belong to the project", "The namespace does not belong to the current"];
                let foreign = foreign.iter().any(|words| answer.text().contains(words));
                let refused = matches!(answer.status.as_u16(), 401 | 403) && !foreign;
                assert!(!refused, "{line}: {} gets {}", ROLES[rank], answer.text());
            }
        }
        let nowhere = path.replace(PROJECT_ID, UNKNOWN_PROJECT_ID);
        if path.starts_with("/v3/projects/") || operation.id == "get_project_root" {
            // These operations act on the project itself, and no one is a member of a project that does not exist.
            let answer = operation.call(&app.outsider(), &nowhere).await;
            assert_eq!(answer.json_of(403)["msg"], "you dont belong to the project.", "{line}");
        } else {
            let answer = operation.call(&app.nobody(), &nowhere).await;
            assert_eq!(answer.json_of(400)["error"], "Project not found with id: 5b55e806c93dde00143163d0", "{line}");
        }
    }
    assert!(seen > 60, "the list of operations is empty");
}

#[tokio::test]
async fn operations_that_need_an_account_reject_anonymous_callers() {
    let app = App::new();
    let document: Value = app.nobody().get("/openapi.json").await.json_of(200);
    let list = fs::read_to_string(root().join("openapi/operations.txt")).expect("the list is generated");
    let mut seen = 0;
    for operation in operations(&list).into_iter().filter(|operation| operation.role.is_none()) {
        // Two undocumented operations are public.
        if ["read_public_messages", "export_public_messages_csv"].contains(&operation.id) {
            assert_eq!(operation.call(&app.nobody(), &operation.path).await.status, 200, "{}", operation.line);
            continue;
        }
        let template = operation.line.split_whitespace().nth_back(1).expect("a path");
        let node = &document["paths"][template][operation.method.as_str().to_lowercase()];
        let asks = node["security"] != json!([]);
        let answer = operation.call(&app.nobody(), &operation.path).await;
        // Some check only the format of the header.
        let refused = answer.status == 401 || answer.status == 403 && answer.json()["msg"] == "Unauthorized.";
        assert_eq!(refused, asks, "{}: {}", operation.line, answer.text());
        seen += usize::from(asks);
    }
    assert!(seen > 5, "the list of operations is empty");
}

#[tokio::test]
async fn an_invalid_project_id_is_reported_first() {
    let app = App::new();
    for (id, words) in [("fake1234", "Invalid project id"), ("twelve-chars", "Project not found with id")] {
        let answer = app.nobody().get(&format!("/v3/{id}/leads")).await;
        assert_eq!(answer.json_of(400)["error"], format!("{words}: {id}"));
    }
}
