//! Authorization of every operation, derived from its type: whoever may less than its role is refused, before anything
//! else of the call is looked at.

use std::fs;

use http::Method;

use crate::support::{Actor, App, PROJECT, root};

/// Roles of the default world, in ascending order.
const ROLES: [&str; 4] = ["guest", "agent", "admin", "owner"];

#[tokio::test]
async fn every_operation_refuses_whoever_may_less() {
    let app = App::new();
    let guest = app.guest().await;
    let (agent, admin, owner) = (app.agent(), app.admin(), app.owner());
    let actors: [&Actor<'_>; 4] = [&guest, &agent, &admin, &owner];
    let operations = fs::read_to_string(root().join("openapi/operations.txt")).expect("the list is generated");
    let mut seen = 0;
    for line in operations.lines() {
        let [.., method, path, role] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let Some(required) = ROLES.iter().position(|known| *known == role) else {
            assert_eq!(role, "-", "{line}");
            continue;
        };
        seen += 1;
        let method: Method = method.parse().expect("operations have methods");
        let project = path.replace("/{project_id}", PROJECT);
        let url: String = project
            .split('/')
            .map(|word| if word.starts_with('{') { "/0" } else { word })
            .collect::<Vec<_>>()
            .join("/")
            .replace("//0", "/0");
        let call = async |actor: &Actor<'_>| {
            actor.send(method.clone(), &url, &[("content-type", "application/json")], "not JSON").await
        };
        assert_eq!(call(&app.nobody()).await.status, 401, "{line}: nobody");
        let outside = call(&app.outsider()).await;
        assert_eq!(outside.expect(403)["msg"], "you dont belong to the project.", "{line}");
        for (rank, actor) in actors.iter().enumerate() {
            let answer = call(actor).await;
            if rank < required {
                assert_eq!(answer.expect(403)["msg"], "you dont have the required role.", "{line}: {}", ROLES[rank]);
            } else {
                assert!(!matches!(answer.status.as_u16(), 401 | 403), "{line}: {} gets {}", ROLES[rank], answer.text());
            }
        }
        let nowhere = url.replace(PROJECT, "/v3/5b55e806c93dde00143163d0");
        let answer = app.nobody().send(method.clone(), &nowhere, &[], "").await;
        assert_eq!(answer.expect(400)["error"], "Project not found with id: 5b55e806c93dde00143163d0", "{line}");
    }
    assert!(seen > 10, "the list of operations was read");
}

#[tokio::test]
async fn a_project_id_that_is_none_is_told_before_anything_else() {
    let app = App::new();
    for (id, words) in [("fake1234", "Invalid project id"), ("twelve-chars", "Project not found with id")] {
        let answer = app.nobody().get(&format!("/v3/{id}/leads")).await;
        assert_eq!(answer.expect(400)["error"], format!("{words}: {id}"));
    }
}
