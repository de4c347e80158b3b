//! Mistakes in handwritten worlds, and their messages: location, expected and actual values, and the closest valid name.

use super::{Files, SHOP};

/// Asserts that a world has exactly these problems: each starts with a pointer, and contains all parts of the text.
#[track_caller]
fn assert_told(world: &str, expected: &[(&str, &str)]) {
    assert_all_told(&[("world.yaml", world)], expected);
}

#[track_caller]
fn assert_all_told(files: &[(&str, &str)], expected: &[(&str, &str)]) {
    let files = Files::new(files);
    let error = files.dump().expect_err("the world has problems").to_string();
    let folder = format!("{}/", files.0.path().display());
    let told: Vec<_> = error.lines().map(|line| line.replace(&folder, "")).collect();
    let all = told.join("\n");
    assert_eq!(told.len(), expected.len(), "{all}");
    for (line, (pointer, text)) in told.iter().zip(expected) {
        let (_, rest) = line.split_once(": ").expect("a file");
        assert!(rest.starts_with(&format!("{pointer}: ")), "{pointer} is not the location in\n{all}");
        assert!(line.contains(text), "{text} is not in\n{all}");
        assert!(line.ends_with(')') && line.contains("(line "), "no position in\n{all}");
    }
}

/// A shop with two agents.
fn shop(more: &str) -> String {
    format!(
        "users: {{ada: {{name: Ada Lovelace}}, bob: {{name: Bob Moore}}}}\nprojects:\n  - name: Shop\n    team: {{ada: owner, bob: agent}}\n{more}"
    )
}

#[test]
fn misspelled_keys_at_every_level() {
    assert_told(
        &shop("convrsations: []\n"),
        &[("/convrsations", "found unknown field `convrsations`; did you mean `conversations`?")],
    );
    assert_told(
        &shop("    teem: {}\n    converstions: []\n"),
        &[
            ("/projects/0/teem", "unknown field `teem`; did you mean `team`?"),
            ("/projects/0/converstions", "unknown field `converstions`; did you mean `conversations`?"),
        ],
    );
    assert_told(
        &shop("    bots: [{name: Owl, faqs: [{questoin: Hi, answr: Hello}]}]\n"),
        &[
            ("/projects/0/bots/0/faqs/0/questoin", "did you mean `question`?"),
            ("/projects/0/bots/0/faqs/0/answr", "did you mean `answer`?"),
        ],
    );
    assert_told(
        &shop(
            "conversations: [{vistor: A, dialogue: [{visitor: {txt: Hi}}, {rate: {ratng: 5}}, {note: {tect: x}}]}]\n",
        ),
        &[
            ("/conversations/0/vistor", "did you mean `visitor`?"),
            ("/conversations/0/dialogue/0/visitor/txt", "unknown field `txt`; did you mean `text`?"),
            ("/conversations/0/dialogue/1/rate", "unknown field `ratng`; did you mean `rating`?"),
            ("/conversations/0/dialogue/2/note", "unknown field `tect`; did you mean `text`?"),
        ],
    );
}

#[test]
fn operating_hours_are_reported_as_written() {
    assert_told(
        &shop(
            "    operatingHours: {mno-fri: '09:00-18:00', sat: 9 to 5, sun: '09:00-25:00', timezone: Europe/Roma}\n    timeSlots: {late: {hours: {mon: '18:00-09:00'}}, early: {hours: {mno: '06:00-07:00'}}}\n",
        ),
        &[
            ("/projects/0/operatingHours/mno-fri", "unknown day `mno`; did you mean `mon`?"),
            (
                "/projects/0/operatingHours/sat",
                "expected times such as 09:00-13:00, 14:00-18:00, found string \"9 to 5\"",
            ),
            ("/projects/0/operatingHours/sun", "expected times from 00:00 to 24:00, found \"09:00-25:00\""),
            ("/projects/0/operatingHours/timezone", "found string \"Europe/Roma\"; did you mean `Europe/Rome`?"),
            ("/projects/0/timeSlots/late/hours/mon", "expected an end after the start, found \"18:00-09:00\""),
            ("/projects/0/timeSlots/early/hours/mno", "unknown day `mno`; did you mean `mon`?"),
        ],
    );
    for hours in ["mon-fri 9-18", "[mon, tue]", "5"] {
        assert_told(
            &shop(&format!("    operatingHours: {hours}\n")),
            &[("/projects/0/operatingHours", "expected days with times such as { mon-fri: ")],
        );
    }
}

#[test]
fn malformed_dates_are_rejected() {
    assert_told(
        &shop("leads: [{name: A, createdAt: 2026-13-01}, {name: B, createdAt: -3}, {name: C, createdAt: [now]}]\n"),
        &[
            ("/leads/0/createdAt", "expected a date such as 2026-11-29, 2026-11-29T14:30:00Z, or -3d 2h"),
            ("/leads/1/createdAt", "or -3d 2h before the clock's time, found number `-3`"),
            ("/leads/2/createdAt", "or -3d 2h before the clock's time, found an array"),
        ],
    );
}

#[test]
fn unknown_names_are_rejected_with_a_suggestion() {
    assert_told(
        &shop(
            "departments: [{name: Support, default: true, bot: Owk}, {name: Sales, group: Closer}]\ngroups: [{name: Closers, members: [adda]}]\nbots: [{name: Owl}]\nrequests: [{lead: Mraia, department: Sale, first_text: Hi, participants: [bbo]}]\nleads: [{name: Maria}]\n",
        ),
        &[
            ("/departments/0/bot", "expected a bot by name, handle, or _id, found string \"Owk\"; did you mean `Owl`?"),
            ("/departments/1/group", "did you mean `Closers`?"),
            ("/groups/0/members/0", "did you mean `ada`?"),
            ("/requests/0/lead", "did you mean `Maria`?"),
            ("/requests/0/department", "did you mean `Sales`?"),
            ("/requests/0/participants/0", "did you mean `bob`?"),
        ],
    );
    assert_told(
        "users: {ada: {name: Ada}}\nprojects: [{name: One, team: {ada: onwer, bbo: agent}}, {name: Two, owner: ada}]\nleads: [{name: A}, {name: B, project: Tow}]\n",
        &[
            (
                "/leads/1/project",
                "expected a project by name, handle, or _id, found string \"Tow\"; did you mean `Two`?",
            ),
            ("/leads/0", "missing field `project`: expected one of the projects, such as `One`, `Two`"),
            ("/projects/0/team/ada", "did you mean `owner`?"),
            ("/projects/0/team/bbo", "expected a user by name, handle, or _id, found string \"bbo\""),
        ],
    );
}

#[test]
fn all_problems_of_a_dialogue_are_reported_at_once() {
    let lines = "[{vistor: Hi}, {adda +2m: Hello}, {bob +2x: Hello}, clsoe, bob, {route: Mian}, {rate: 9}, {tag: 5}]";
    let told = [
        ("/conversations/0/dialogue/0/vistor", "found `vistor`; did you mean `visitor`?"),
        ("/conversations/0/dialogue/1/adda +2m", "found `adda`; did you mean `ada`?"),
        ("/conversations/0/dialogue/2/bob +2x", "expected a pause such as +40s, or a date, found \"+2x\""),
        ("/conversations/0/dialogue/3", "expected an action: one of `close`, `join`, "),
        ("/conversations/0/dialogue/4", "found `bob`; write a message as {\"bob\": \"Hello\"}"),
        ("/conversations/0/dialogue/5/route", "did you mean `Main`?"),
        (
            "/conversations/0/dialogue/6/rate",
            "expected a number from 0 to 5, or an object with `rating` and `message`, found number `9`",
        ),
        ("/conversations/0/dialogue/7/tag", "expected a tag, or an array of tags, found number `5`"),
    ];
    let departments = "departments: [{name: Main, default: true}]\n";
    assert_told(&shop(&format!("{departments}conversations: [{{visitor: A, dialogue: {lines}}}]\n")), &told);
    // Neither an unknown lead nor a wrong date hides them.
    let all = [
        [("/conversations/0/at", "expected a date"), ("/conversations/0/lead", "did you mean `maria`?")].as_slice(),
        &told,
    ];
    let world = format!(
        "{departments}leads: {{maria: {{name: Maria}}}}\nconversations: [{{lead: mraia, at: soon, dialogue: {lines}}}]\n"
    );
    assert_told(&shop(&world), &all.concat());
    // Without a project, the lines are still read.
    assert_told(
        "users: {ada: {name: Ada}}\nconversations: [{visitor: A, dialogue: [{visitor: Hi}, {ada +2x: Hi}, clsoe]}]\n",
        &[
            ("/conversations/0", "missing field `project`: the world has no project"),
            ("/conversations/0/dialogue/1/ada +2x", "expected a pause such as +40s"),
            ("/conversations/0/dialogue/2", "did you mean `close`?"),
        ],
    );
}

#[test]
fn malformed_dialogues_are_rejected() {
    assert_told(
        &shop(
            "conversations: [{dialogue: {visitor: Hi}}, {dialogue: []}, {visitor: A}, 5, {visitor: 5, dialogue: [[visitor, Hi]]}, {visitor: {nam: A}, priority: [x], attributes: no, dialogue: [{visitor: {text: 5, metadata: x}}]}]\n",
        ),
        &[
            ("/conversations/3", "expected a conversation as an object, found number `5`"),
            (
                "/conversations/0/dialogue",
                "expected an array of lines such as {\"visitor\": \"Hello\"}, found an object",
            ),
            ("/conversations/1/dialogue", "expected a `dialogue` with at least one line"),
            ("/conversations/2", "expected a `dialogue` with at least one line"),
            (
                "/conversations/4/visitor",
                "expected the name of a visitor, or an object with `name` and `email`, found number `5`",
            ),
            ("/conversations/4/dialogue/0", "expected a line such as {\"visitor\": \"Hello\"}, found an array"),
            ("/conversations/5/visitor", "unknown field `nam`; did you mean `name`?"),
            ("/conversations/5/attributes", "expected an object, found string \"no\""),
            ("/conversations/5/priority", "expected a string, found an array"),
            ("/conversations/5/dialogue/0/visitor/text", "expected a string, found number `5`"),
            ("/conversations/5/dialogue/0/visitor/metadata", "expected an object, found string \"x\""),
        ],
    );
    assert_told(
        &shop(
            "conversations: [{visitor: A, at: -1h, dialogue: [{visitor: Hi}, {ada -2h: Hi}]}, {visitor: B, at: +1h, dialogue: [{visitor: Hi}]}]\n",
        ),
        &[
            (
                "/conversations/0/dialogue/1/ada -2h",
                "expected a time after that of the line before, found 2026-01-01T10:00",
            ),
            (
                "/conversations/1/dialogue/0/visitor",
                "expected a time before 2026-01-01T12:00:00.000Z, which the clock shows",
            ),
        ],
    );
    assert_told(
        &shop(
            "conversations: [{visitor: A, ticket_id: 7, dialogue: [{visitor: Hi}]}, {visitor: B, ticket_id: 7, ids: x, dialogue: [{visitor: Hi}]}]\n",
        ),
        &[
            (
                "/conversations/1/ticket_id",
                "expected a number that no other conversation of the project has, found 7 again",
            ),
            ("/conversations/1/ids", "expected 16 hexadecimal digits, found string \"x\""),
        ],
    );
}

#[test]
fn types_are_named_as_in_json() {
    assert_told(
        &shop(
            "leads: [{name: [a], tags: vip, email: {a: b}, status: x}, 5]\ndepartments: 5\ntags: [{tag: a, createdAt: 5}]\n",
        ),
        &[
            ("/leads/1", "expected an object, found number `5`"),
            ("/departments", "expected an array of departments, or an object with their handles, found number `5`"),
            ("/leads/0/name", "expected a string, found an array"),
            ("/leads/0/tags", "expected an array, found string \"vip\""),
            ("/leads/0/email", "expected a string, found an object"),
            ("/leads/0/status", "expected an integer from 0 to 65535, found string \"x\""),
            ("/tags/0/createdAt", "expected a date such as 2026-11-29"),
        ],
    );
}

#[test]
fn conflicting_documents_are_named_as_written() {
    let requests = "requests:\n  - {lead: Maria, first_text: Hi, ticket_id: 1}\n";
    assert_all_told(
        &[("a.yaml", &format!("{SHOP}{requests}")), ("b.yaml", &format!("leads: [{{name: Maria}}]\n{requests}"))],
        &[(
            "/requests/0/ticket_id",
            "expected a number that no other conversation of the project has, found 1, which /requests/0 in ",
        )],
    );
    assert_told(
        &format!("{SHOP}leads: [{{name: M}}, {{name: M}}]\nrequests: [{{lead: M, first_text: Hi}}]\n"),
        &[(
            "/requests/0/lead",
            "expected a unique name, found string \"M\", which 2 documents in `leads` have; use a handle or an _id",
        )],
    );
}

#[test]
fn duplicate_keys_in_json_are_reported() {
    let text = r#"{
  "users": {"ada": {"name": "A", "n\u0061me": "Ada"}},
  "projects": [{"name": "Shop"}],
  "leads": [],
  "leads": [{"name": "Maria", "attributes": {"a": 1, "a": 2}}]
}"#;
    assert_all_told(
        &[("world.json", text)],
        &[
            ("/users/ada/name", "duplicate key `name` (line 2, column 34)"),
            ("/leads", "duplicate key `leads` (line 5, column 3)"),
            ("/leads/0/attributes/a", "duplicate key `a` (line 5, column 54)"),
        ],
    );
    let full = super::options().dump(None).expect("the default world is valid");
    let full = full.replacen("\"leads\":[", "\"leads\":[],\n\"leads\":[", 1);
    assert_all_told(&[("world.json", &full)], &[("/leads", "duplicate key `leads`")]);
}

#[test]
fn conversations_with_the_same_identifier_are_rejected() {
    const LINES: &str = "dialogue: [{visitor: Hi}]";
    assert_told(
        &shop(&format!(
            "conversations:\n  - {{handle: a, visitor: Q, {LINES}}}\n  - {{handle: a, visitor: R, {LINES}}}\n  - {{request_id: support-group-x, visitor: Q, {LINES}}}\n  - {{request_id: support-group-x, visitor: Q, {LINES}}}\n"
        )),
        &[
            (
                "/conversations/1/handle",
                "expected a handle that no other conversation of the project has, found string \"a\", which /conversations/0 in ",
            ),
            (
                "/conversations/3/request_id",
                "expected a request_id that no other conversation has, found string \"support-group-x\", which /conversations/2 in ",
            ),
        ],
    );
    assert_told(
        &shop(&format!("conversations: {{a: {{visitor: Q, {LINES}}}, '@a': {{visitor: R, {LINES}}}}}\n")),
        &[("/conversations/@a", "expected a handle that no other conversation of the project has, found string \"a\"")],
    );
    assert_told(
        &shop(&format!(
            "leads: [{{name: Maria}}]\nrequests: [{{lead: Maria, first_text: Hi, request_id: support-group-x}}]\nconversations: [{{request_id: support-group-x, visitor: Q, {LINES}}}]\n"
        )),
        &[("/conversations/0/request_id", "found string \"support-group-x\", which /requests/0 in ")],
    );
    let ids = "ids: '0000000000000001', at: -1d";
    assert_told(
        &shop(&format!("conversations: [{{{ids}, visitor: Q, {LINES}}}, {{{ids}, visitor: R, {LINES}}}]\n")),
        &[(
            "/conversations/1/ids",
            "expected a number that no other conversation of the same second has, found string \"0000000000000001\", which /conversations/0 in ",
        )],
    );
}

#[test]
fn emails_of_users_that_differ_in_case_are_duplicates() {
    assert_told(
        "users: {ada: {name: Ada, email: Ada@example.com}, bob: {name: Bob, email: ada@Example.com}}\nprojects: [{name: Shop, team: {ada: owner}}]\n",
        &[("/users/bob", "duplicate email: another document already has it")],
    );
}

#[test]
fn a_speaker_whom_several_members_may_be_is_rejected() {
    assert_told(
        "users: {a: {name: Ann Lee}, b: {name: Ann Lee}}\nprojects: [{name: Shop, team: {a: owner, b: agent}}]\nconversations: [{visitor: Q, dialogue: [{visitor: Hi}, {Ann Lee +1m: yo}]}]\n",
        &[(
            "/conversations/0/dialogue/1/Ann Lee +1m",
            "expected a unique name, found string \"Ann Lee\", which 2 documents in `users` have; use a handle or an _id",
        )],
    );
}

#[test]
fn missing_parts_are_reported() {
    for (more, pointer, text) in [
        ("messages: [{sender: ada, text: Hi}]\n", "/messages/0", "missing field `recipient`"),
        (
            "departments: [{name: Sales}]\n",
            "/projects/0",
            "expected a department of this project with `default: true`, found none",
        ),
        ("leads: [{handle: 5, name: A}]\n", "/leads/0/handle", "expected a handle such as maria, found number `5`"),
        ("extends: defualt\n", "/extends", "expected `default`, found string \"defualt\"; did you mean `default`?"),
    ] {
        assert_told(&shop(more), &[(pointer, text)]);
    }
    assert_told(
        "users: {ada: {name: Ada}}\nproject_users: [{user: ada, role: agent}]\n",
        &[("/project_users/0", "missing field `project`: the world has no project")],
    );
}

#[test]
fn syntax_errors_come_with_advice() {
    for (text, told) in [
        ("leads:\n\t- {name: A}\n", "; indent with spaces (line 2, column "),
        ("leads: [{name: A}\n", "expected ',' or ']'"),
        ("leads: [*x]\n", "found unknown anchor"),
        ("a: &a [*a]\n", "expected an alias of an anchor before it"),
        ("conversations: [{lead: @maria}]\n", "quote the handle: \"@maria\", or leave out the @"),
        ("conversations: [{dialogue: [{visitor: Question: why?}]}]\n", "; quote texts that contain `: `"),
        ("a:\n  - b: 1\n   c: 2\n", "; check the indentation of this line"),
    ] {
        assert_told(text, &[("/", told)]);
    }
    assert_all_told(&[("a.json", "{\"leads\": [{\"name\": \"A\",}]}")], &[("/leads/0", "trailing comma")]);
    assert_all_told(&[("a.json", "{\"leads\": [")], &[("/leads", "unexpected end of the file")]);
    assert_told(
        "users: {ada: {name: Ada}}\nleads: [{name: A, name: B}]\nusers: {}\n",
        &[
            ("/leads/0/name", "duplicate key `name`"),
            ("/users", "duplicate key `users`"),
            ("/leads/0", "missing field `project`: the world has no project"),
        ],
    );
}

#[test]
fn empty_files_are_rejected() {
    for empty in ["", "# nothing\n", "---\n", "null\n"] {
        let files = Files::new(&[("world.yaml", empty)]);
        let error = files.dump().expect_err("the file is empty").to_string();
        assert!(error.ends_with("/: expected an object of collections, found an empty file"), "{error}");
    }
}
