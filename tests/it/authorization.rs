//! Authorization of every operation, derived from its type: whoever may less than its role is refused, before anything
//! else of the call is looked at.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT, root};

/// Roles of the default world, in ascending order.
const ROLES: [&str; 5] = ["guest", "user", "agent", "admin", "owner"];

/// An operation of the list that is generated with the documents.
struct Operation<'a> {
    line: &'a str,
    id: &'a str,
    method: Method,
    /// In the project of the tests, other ids being such that name nothing.
    path: String,
    role: Option<usize>,
}

fn operations(list: &str) -> Vec<Operation<'_>> {
    let operations = list.lines().map(|line| {
        let [.., id, method, path, role] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let path = path.replace("{project_id}", &PROJECT[4..]);
        let words = path.split('/').map(|word| if word.starts_with('{') { "0" } else { word });
        let path = words.collect::<Vec<_>>().join("/");
        Operation {
            line,
            id,
            method: method.parse().expect("operations have methods"),
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
async fn every_operation_refuses_whoever_may_less() {
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
        assert_eq!(operation.call(&app.nobody(), path).await.status, 401, "{line}: nobody");
        let outside = operation.call(&app.outsider(), path).await;
        assert_eq!(outside.expect(403)["msg"], "you dont belong to the project.", "{line}");
        for (rank, actor) in [&guest, &user, &agent, &admin, &owner].into_iter().enumerate() {
            let answer = operation.call(actor, path).await;
            if rank < required {
                // Some operations have their own words for the team.
                let own = ["delete_request", "delete_request_by_internal_id", "delete_lead_physically"];
                let own = own.contains(&operation.id) && rank > 1;
                let words = if own { "Unauthorized." } else { "you dont have the required role." };
                assert_eq!(answer.expect(403)["msg"], words, "{line}: {}", ROLES[rank]);
            } else {
                // The id of another project's request or knowledge base: not a matter of roles.
                let foreign =
                    ["Request does not belong to the project", "The namespace does not belong to the current"];
                let foreign = foreign.iter().any(|words| answer.text().contains(words));
                let refused = matches!(answer.status.as_u16(), 401 | 403) && !foreign;
                assert!(!refused, "{line}: {} gets {}", ROLES[rank], answer.text());
            }
        }
        let nowhere = path.replace(&PROJECT[4..], "5b55e806c93dde00143163d0");
        if path.starts_with("/v3/projects/") || operation.id == "get_project_root" {
            // The project is the object here: one that does not exist is one to which nobody belongs.
            let answer = operation.call(&app.outsider(), &nowhere).await;
            assert_eq!(answer.expect(403)["msg"], "you dont belong to the project.", "{line}");
        } else {
            let answer = operation.call(&app.nobody(), &nowhere).await;
            assert_eq!(answer.expect(400)["error"], "Project not found with id: 5b55e806c93dde00143163d0", "{line}");
        }
    }
    assert!(seen > 60, "the list of operations was read");
}

#[tokio::test]
async fn what_needs_an_account_refuses_whoever_has_none() {
    let app = App::new();
    let document: Value = app.nobody().get("/openapi.json").await.expect(200);
    let list = fs::read_to_string(root().join("openapi/operations.txt")).expect("the list is generated");
    let mut seen = 0;
    for operation in operations(&list).into_iter().filter(|operation| operation.role.is_none()) {
        // Two that no page documents are public.
        if ["read_public_messages", "export_public_messages_csv"].contains(&operation.id) {
            assert_eq!(operation.call(&app.nobody(), &operation.path).await.status, 200, "{}", operation.line);
            continue;
        }
        let template = operation.line.split_whitespace().nth_back(1).expect("a path");
        let node = &document["paths"][template][operation.method.as_str().to_lowercase()];
        let asks = node["security"] != json!([]);
        let answer = operation.call(&app.nobody(), &operation.path).await;
        // Some look at the form of the header only.
        let refused = answer.status == 401 || answer.status == 403 && answer.json()["msg"] == "Unauthorized.";
        assert_eq!(refused, asks, "{}: {}", operation.line, answer.text());
        seen += usize::from(asks);
    }
    assert!(seen > 5, "the list of operations was read");
}

#[tokio::test]
async fn a_project_id_that_is_none_is_told_before_anything_else() {
    let app = App::new();
    for (id, words) in [("fake1234", "Invalid project id"), ("twelve-chars", "Project not found with id")] {
        let answer = app.nobody().get(&format!("/v3/{id}/leads")).await;
        assert_eq!(answer.expect(400)["error"], format!("{words}: {id}"));
    }
}
