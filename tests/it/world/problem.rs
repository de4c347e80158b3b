//! Problems of worlds: all of them at once, with their places.

use std::fs;

use serde_json::{Value, json};

use super::{Files, SHOP, options};

/// The problems of a world, one per line, without the folder.
#[track_caller]
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let files = Files::new(files);
    let error = files.dump().expect_err("the world has problems").to_string();
    let folder = format!("{}/", files.0.path().display());
    error.lines().map(|line| line.replace(&folder, "")).collect()
}

#[test]
fn all_problems_of_all_files_are_reported_at_once() {
    let told = problems(&[
        ("a.yaml", "users:\n  ada: {name: Ada, emailverified: maybe, statu: 100}\nprojects:\n  - {name: Shop}\n"),
        ("b.json", "{\n  \"leads\": [{\"name\": \"Maria\", \"tags\": 5, \"createdAt\": \"soon\"}],\n  \"lead\": []\n}"),
        ("c.yaml", "departments:\n  - {name: Main, default: true, group: Closer}\ngroups: [{name: Closers}]\n"),
        ("d.yaml", "leads: [\n"),
    ]);
    for (begin, end) in [
        ("a.yaml: /users/ada/statu: unknown field `statu`; did you mean `status`?", "(line 2, column 49)"),
        ("a.yaml: /users/ada/emailverified: expected a boolean, found string \"maybe\"", "(line 2, column 35)"),
        (
            "b.json: /lead: expected one of `users`, ",
            "found unknown field `lead`; did you mean `leads`? (line 3, column 11)",
        ),
        ("b.json: /leads/0/tags: expected an array, found number `5`", "(line 2, column 39)"),
        ("b.json: /leads/0/createdAt: expected a date such as 2026-11-29", "found string \"soon\" (line 2, column 55)"),
        (
            "c.yaml: /departments/0/group: expected a group by name, handle, or _id, found string \"Closer\"; did you mean `Closers`?",
            "(line 2, column 40)",
        ),
        ("d.yaml: /: ", ")"),
    ] {
        let line = told.iter().find(|line| line.starts_with(begin));
        assert!(line.is_some_and(|line| line.ends_with(end)), "{begin} … {end} is not in\n{}", told.join("\n"));
    }
    assert_eq!(told.len(), 7, "{}", told.join("\n"));
}

#[test]
fn ambiguous_and_unknown_names_are_rejected() {
    let world = format!(
        "{SHOP}
leads: [{{name: Guest}}, {{name: Guest}}]
requests: [{{lead: Guest, first_text: a}}, {{lead: '@gest', first_text: b}}]
"
    );
    let told = problems(&[("world.yaml", &world)]);
    assert!(
        told[0].contains("/requests/0/lead: expected a unique name, found string \"Guest\", which 2 documents"),
        "{told:?}"
    );
    assert!(
        told[1].contains("/requests/1/lead: expected a lead by name, handle, or _id, found string \"@gest\""),
        "{told:?}"
    );
    assert_eq!(told.len(), 2);
}

/// Changes the default world in its full form, and returns the problems.
#[track_caller]
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut world: Value = serde_json::from_str(&options().dump(None).expect("a valid world")).expect("JSON");
    change(&mut world);
    let text = serde_json::to_string_pretty(&world).expect("JSON");
    let told = problems(&[("world.json", &text)]);
    // A lenient check reports these problems as warnings.
    let files = Files::new(&[("world.json", &text)]);
    let options = tiledesk_mock::fixtures::Options { lenient: true, ..options() };
    let (_, warnings) = options.check(files.0.path()).expect("a lenient check");
    assert_eq!(warnings.len(), told.len());
    told
}

#[test]
fn inconsistent_documents_are_rejected_unless_lenient() {
    const NOBODY: &str = "0123456789abcdef01234567";
    let told = changed(|world| world["requests"][0]["lead"] = json!(NOBODY));
    assert!(
        told[0].contains(
            "/requests/0/lead: expected the _id of a document in `leads`, found \"0123456789abcdef01234567\" (line "
        ),
        "{told:?}"
    );
    let told = changed(|world| world["requests"][0]["department"] = json!(NOBODY));
    assert!(told[0].contains("/requests/0/department: "), "{told:?}");
    let told = changed(|world| world["requests"][0]["participants"] = json!([NOBODY]));
    assert!(told[0].contains("/requests/0/participants/0: "), "{told:?}");
    let told = changed(|world| world["requests"][0]["status"] = json!(777));
    assert!(told[0].contains("/requests/0/status: expected one of 50 (temporary), 100 (unserved)"), "{told:?}");
    let told = changed(|world| world["leads"][0]["status"] = json!(777));
    assert!(told[0].contains("/leads/0/status: expected one of 50 (temporary)"), "{told:?}");
    let told = changed(|world| world["messages"][0]["recipient"] = json!("support-group-nobody"));
    assert!(told[0].contains("/messages/0/recipient: expected the request_id of a conversation"), "{told:?}");
    let told = changed(|world| world["project_users"][0]["id_project"] = json!(NOBODY));
    assert!(
        told.iter().any(|line| line.contains("/project_users/0/id_project: expected the _id of an existing project")),
        "{told:?}"
    );
    let told = changed(|world| world["project_users"][0]["id_user"] = json!(NOBODY));
    assert!(told[0].contains("/project_users/0/id_user: "), "{told:?}");
    let told = changed(|world| {
        let project = world["projects"][0]["_id"].clone();
        let departments = world["departments"].as_array_mut().expect("departments").iter_mut();
        departments.filter(|one| one["id_project"] == project).for_each(|one| one["default"] = json!(false));
    });
    assert!(
        told[0].contains("/projects/0: expected a department of this project with `default: true`, found none"),
        "{told:?}"
    );
    let told = changed(|world| {
        let requests = world["requests"].as_array_mut().expect("requests");
        let mut twin = requests[0].clone();
        twin["_id"] = json!(NOBODY);
        twin["request_id"] = json!("support-group-twin");
        requests.push(twin);
    });
    assert!(
        told[0].contains("/ticket_id: expected a number that no other conversation of the project has, found 1"),
        "{told:?}"
    );
}

#[test]
fn mistakes_in_dialogues_are_rejected() {
    let world = format!(
        "{SHOP}
conversations:
  - {{visitor: A, dialogue: [{{visitor: Hi}}, {{adda +2m: Hello}}]}}
  - {{visitor: B, dialogue: [{{ada: Hi}}]}}
  - {{visitor: C, at: -1h, dialogue: [{{visitor: Hi}}, {{visitor +2h: Still there?}}]}}
  - {{visitor: D, dialoge: []}}
  - {{lead: maria, dialogue: [{{visitor: Hi}}]}}
  - {{visitor: E, departmet: Sales, dialogue: [{{visitor: Hi}}]}}
"
    );
    let told = problems(&[("world.yaml", &world)]);
    for (at, text) in [
        "/conversations/0/dialogue/1/adda +2m: expected `visitor`, a user, a bot, or one of `close`",
        "/conversations/1/dialogue/0/ada: expected a message of the visitor as the first line, which opens",
        "/conversations/2/dialogue/1/visitor +2h: expected a time before 2026-01-01T12:00:00.000Z",
        "/conversations/3/dialoge: unknown field `dialoge`; did you mean `dialogue`?",
        "/conversations/3: expected a `dialogue` with at least one line",
        "/conversations/4/lead: expected a lead by name, handle, or _id, found string \"maria\"",
        "/conversations/5/departmet: unknown field `departmet`; did you mean `department`?",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(told[at].contains(text), "{text} is not in\n{}", told.join("\n"));
    }
    assert!(told[0].contains("did you mean `ada`?"), "{told:?}");
}

#[test]
fn rejections_by_the_api_are_reported_for_their_line() {
    let world = format!(
        "{SHOP}
conversations:
  - {{visitor: A, dialogue: [{{visitor: Hi}}, {{join: visitor}}]}}
"
    );
    let told = problems(&[("world.yaml", &world)]);
    assert!(told[0].contains("/conversations/0/dialogue/1/join: the API rejects this: "), "{told:?}");
}

#[test]
fn a_project_in_the_full_form_needs_a_default_department() {
    let date = "2026-01-01T09:00:00.000Z";
    let world = json!({
        "users": [{"_id": "5b55e806c93dde0014310001", "email": "ada@example.com", "emailverified": true, "createdAt": date, "updatedAt": date}],
        "projects": [{"_id": "5b55e806c93dde0014310002", "name": "Shop", "createdBy": "5b55e806c93dde0014310001", "createdAt": date, "updatedAt": date}],
    });
    let told = problems(&[("world.json", &world.to_string())]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("/projects/0: expected a department of this project"), "{told:?}");
}

#[test]
fn a_check_summarizes_what_it_found() {
    let files = Files::new(&[("world.yaml", SHOP)]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tiledesk-mock"))
        .args(["fixtures", "check"])
        .arg(files.0.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(told, "1 user, 1 project, 1 department, 0 conversations, 0 problems\n");
    fs::write(files.0.path().join("more.yaml"), "leads: [{status: 777}, {status: 778}]").expect("the file is writable");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tiledesk-mock"))
        .args(["fixtures", "check", "--lenient"])
        .arg(files.0.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).ends_with(", 2 problems\n"));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().filter(|line| line.contains("warning: ")).count(), 2);
}
