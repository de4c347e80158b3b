//! The activity log beyond the documented exchanges: which entries are recorded, and how they are listed and exported.

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, AGENT_MEMBER, BOT_USER, OUTSIDER, OWNER, PROJECT_ID, SALES},
};

fn at(path: &str) -> String {
    format!("{PROJECT}/{path}")
}

/// The entries of a list, newest first.
async fn log(app: &App, query: &str) -> Vec<Value> {
    let page = app.admin().get(&at(&format!("activities{query}"))).await.json_of(200);
    page["activities"].as_array().expect("a list").clone()
}

fn verbs(log: &[Value]) -> Vec<&str> {
    log.iter().map(|entry| entry["verb"].as_str().expect("a string")).collect()
}

#[tokio::test]
async fn team_changes_are_logged() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    owner.post(&at("project_users/invite"), json!({"email": "new@example.com", "role": "agent"})).await.json_of(200);
    let invited = json!({"email": "outsider@example.com", "role": "admin", "user_available": false});
    let member = owner.post(&at("project_users/invite"), invited).await.json_of(200);
    let id = member["_id"].as_str().expect("an id");
    let log = log(&app, "").await;
    assert_eq!(verbs(&log), ["PROJECT_USER_INVITE"; 2]);
    let expected =
        json!({"email": "outsider@example.com", "role": "admin", "user_available": false, "inviteType": "registered"});
    assert_eq!(log[0]["actionObj"], expected);
    assert_eq!((&log[0]["target"]["type"], &log[0]["target"]["id"]), (&json!("project_user"), &json!(id)));
    assert_eq!(log[0]["target"]["object"]["id_user"]["email"], "outsider@example.com");
    assert_eq!(log[0]["involvedUserIds"], json!([OUTSIDER, OWNER]));
    assert_eq!(log[0]["message"], "Andrea Leo invited Olga Outsider as admin");
    let expected =
        json!({"email": "new@example.com", "role": "agent", "user_available": true, "inviteType": "pending"});
    assert_eq!((&log[1]["actionObj"], &log[1]["target"]["type"]), (&expected, &json!("pendinginvitation")));
    let actor = json!({"_id": log[1]["actor"]["_id"], "type": "user", "id": OWNER, "name": "Andrea Leo"});
    assert_eq!(log[1]["actor"], actor);
    let own = actor["_id"].as_str().expect("the subdocument has an id");
    assert!(own.len() == 24 && log.iter().all(|entry| entry["_id"] != own));

    agent.put(&at("project_users"), json!({"user_available": false})).await.json_of(200);
    agent.put(&at("project_users"), json!({"profileStatus": "lunch", "role": "owner"})).await.json_of(200);
    agent.put(&at("project_users"), json!({"max_served_chat": 3})).await.json_of(200);
    owner.put(&at(&format!("project_users/{AGENT_MEMBER}")), json!({"role": "supervisor"})).await.json_of(200);
    let automatic = json!({"user_available": true, "availabilityInitiator": "system"});
    owner.put(&at(&format!("project_users/{AGENT_MEMBER}")), automatic).await.json_of(200);
    let entries = self::log(&app, "?limit=5").await;
    let expected = [
        "PROJECT_USER_AVAILABILITY_SYSTEM",
        "PROJECT_USER_UPDATE",
        "PROJECT_USER_UPDATE",
        "PROJECT_USER_AVAILABILITY_SELF",
        "PROJECT_USER_AVAILABILITY_SELF",
    ];
    assert_eq!(verbs(&entries), expected);
    let details: Vec<_> = entries.iter().map(|entry| &entry["actionObj"]).collect();
    let said = |status, kind, source, mut asked: Value| {
        asked["newStatus"] = json!(status);
        asked["updateType"] = json!(kind);
        asked["source"] = json!(source);
        asked
    };
    let asked = json!({"user_available": true, "availabilityInitiator": "system"});
    assert_eq!(*details[0], said("lunch", "system", "system", asked));
    assert_eq!(*details[1], said("lunch", "admin", "api", json!({"role": "supervisor"})));
    assert_eq!(*details[2], said("lunch", "self", "api", json!({"max_served_chat": 3})));
    assert_eq!(*details[3], said("lunch", "self", "api", json!({"profileStatus": "lunch"})), "the role stays");
    assert_eq!(*details[4], said("unavailable", "self", "api", json!({"user_available": false})));
    let sentences: Vec<_> = entries.iter().map(|entry| entry["message"].as_str()).collect();
    let expected = [
        Some("Andrea Leo was set to lunch"),
        None,
        None,
        Some("Andrea Leo is lunch now"),
        Some("Andrea Leo is unavailable now"),
    ];
    assert_eq!(sentences, expected);

    let path = at(&format!("project_users/{id}"));
    owner.delete(&path).await.json_of(200);
    assert_eq!(self::log(&app, "").await.len(), 7, "disabling a member is not logged");
    owner.delete(&format!("{path}?soft=true")).await.json_of(200);
    owner.put(&format!("{path}/restore"), Value::Null).await.json_of(200);
    owner.delete(&format!("{path}?hard=true")).await.json_of(200);
    let entries = self::log(&app, "?activities=PROJECT_USER_DELETE").await;
    let kinds: Vec<_> = entries.iter().map(|entry| &entry["actionObj"]["deleteType"]).collect();
    assert_eq!(kinds, ["hard", "soft"]);
    assert_eq!(
        (&entries[0]["actionObj"]["role"], &entries[0]["actionObj"]["email"]),
        (&json!("admin"), &json!("outsider@example.com"))
    );
}

#[tokio::test]
async fn rejected_calls_are_not_logged() {
    let app = App::new();
    let before = app.state().await;
    app.owner().put(&at(&format!("project_users/{AGENT_MEMBER}")), json!({"role": "king"})).await.json_of(422);
    app.owner()
        .post(&at("project_users/invite"), json!({"email": "agent@example.com", "role": "agent"}))
        .await
        .json_of(403);
    app.owner().delete(&at("project_users/0?hard=true")).await.json_of(404);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn the_lifecycle_of_a_conversation_is_logged() {
    let app = App::new();
    let (owner, agent, guest) = (app.owner(), app.agent(), app.guest().await);
    guest.post(&at("requests/told/messages"), json!({"text": "Hello", "preflight": true})).await.json_of(200);
    assert_eq!(log(&app, "").await.len(), 0, "before the visitor's first message");
    guest.post(&at("requests/told/messages"), json!({"text": "It is urgent"})).await.json_of(200);
    guest.post(&at("requests/told/messages"), json!({"text": "Anybody?"})).await.json_of(200);
    let entries = log(&app, "").await;
    assert_eq!(verbs(&entries), ["REQUEST_CREATE"], "once");
    assert_eq!(entries[0]["actionObj"], entries[0]["target"]["object"]);
    assert_eq!(entries[0]["actionObj"]["first_text"], "It is urgent");
    let request = owner.get(&at("requests/told")).await.json_of(200);
    for field in ["participantsBots", "channelOutbound", "snapshot"] {
        assert!(entries[0]["actionObj"].get(field).is_some(), "{field}: {}", entries[0]);
    }
    assert_eq!(entries[0]["actionObj"]["requester"], request["requester"]["_id"]);
    for field in ["id", "requester_id", "participatingBots"] {
        assert!(
            request.get(field).is_some() && entries[0]["actionObj"].get(field).is_none(),
            "{field}: {}",
            entries[0]
        );
    }
    assert!(entries[0].get("message").is_none());

    owner.put(&at("requests/told/departments"), json!({"departmentid": SALES})).await.json_of(200);
    owner.put(&at("requests/told/participants"), json!([BOT_USER])).await.json_of(200);
    agent.post(&at("requests/told/participants"), json!({"member": AGENT})).await.json_of(200);
    owner.put(&at("requests/told/participants"), json!([ADMIN])).await.json_of(200);
    owner.delete(&at(&format!("requests/told/participants/{ADMIN}"))).await.json_of(200);
    owner.put(&at("requests/told/participants"), json!([ADMIN])).await.json_of(200);
    owner.put(&at("requests/told/participants"), json!([])).await.json_of(200);
    owner.put(&at("requests/told/close"), json!({})).await.json_of(200);
    let mut entries = log(&app, "").await;
    entries.reverse();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            let (related, details) = (&entry["related"], &entry["actionObj"]);
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let all = [
                &entry["verb"],
                &details["assignmentType"],
                &related["role"],
                &related["id"],
                &details["previousAssigneeId"],
            ];
            all.map(text).join(" ")
        })
        .collect();
    let bot = BOT_USER;
    let first =
        owner.get(&at("requests/told/history")).await.json_of(200)[1]["target"]["object"]["participants"][0].clone();
    let first = first.as_str().expect("the department has an agent");
    assert_eq!(
        told,
        [
            "REQUEST_CREATE - - - -".to_owned(),
            format!("REQUEST_ASSIGNED_MANUAL manual_reassign_department assignee {SALES} {bot}"),
            format!("REQUEST_ASSIGNED_MANUAL manual_reassign_bot assignee {bot} {first}"),
            format!("REQUEST_ASSIGNED_SELF self_join assignee {AGENT} {bot}"),
            format!("REQUEST_ASSIGNED_MANUAL manual_reassign assignee {ADMIN} {AGENT}"),
            format!("LEAVE_CONVERSATION - unassigned_user {ADMIN} -"),
            format!("REQUEST_ASSIGNED_MANUAL manual_reassign assignee {ADMIN} -"),
            format!("REQUEST_UNASSIGNED unassign unassigned_user {ADMIN} {ADMIN}"),
            "REQUEST_CLOSE - - - -".to_owned(),
        ]
    );
    let sentences: Vec<_> = entries.iter().filter_map(|entry| entry["message"].as_str()).collect();
    assert_eq!(sentences[0], "Andrea Leo gave conversation 4 to Sales");
    assert_eq!(sentences[4], "Ada Admin left conversation 4");
}

#[tokio::test]
async fn a_deeply_nested_request_is_logged_in_full() {
    let app = App::new();
    let deep = (0..62).fold(json!(1), |inner, _| json!([inner]));
    let opened = json!({"request_id": "deep", "first_text": "Hello", "attributes": {"deep": &deep}});
    app.owner().post(&at("requests"), opened).await.json_of(200);
    let created = log(&app, "?activities=REQUEST_CREATE").await.swap_remove(0);
    assert_eq!(created["actionObj"]["attributes"]["deep"], deep);
}

#[tokio::test]
async fn join_and_leave_events_are_distinguished() {
    let app = App::new();
    let owner = app.owner();
    let (path, bot) = (at("requests/told/participants"), BOT_USER);
    let opened = json!({"request_id": "told", "first_text": "Hello", "participants": [ADMIN]});
    owner.post(&at("requests"), opened).await.json_of(200);
    owner.post(&path, json!({"member": AGENT})).await.json_of(200);
    let came = log(&app, "").await.swap_remove(0);
    let details = json!({
        "assigneeId": AGENT, "assigneeName": "Andrea Leo", "assigneeType": "user", "assignmentType": "manual_reassign",
        "source": "api",
    });
    assert_eq!(came["actionObj"], details, "the added participant only; no one left");
    assert_eq!((&came["related"]["id"], &came["involvedUserIds"]), (&json!(AGENT), &json!([AGENT, ADMIN, OWNER])));

    owner.put(&path, json!([ADMIN])).await.json_of(200);
    owner.put(&path, json!([])).await.json_of(200);
    let went = log(&app, "").await.swap_remove(0);
    let details = json!({
        "assignmentType": "unassign", "source": "api", "previousAssigneeId": ADMIN, "removedParticipants": [ADMIN],
    });
    assert_eq!(went["actionObj"], details);
    assert_eq!(went["involvedUserIds"], json!([ADMIN, OWNER]), "the removed participant is involved");
    owner.put(&path, json!([bot])).await.json_of(200);
    let taken = log(&app, "").await.swap_remove(0);
    assert_eq!((&taken["related"]["id"], &taken["involvedUserIds"]), (&json!(bot), &json!([OWNER])), "without bots");
}

#[tokio::test]
async fn automatic_assignments_to_bots_and_their_removal_are_not_logged() {
    let app = App::new();
    let (owner, guest) = (app.owner(), app.guest().await);
    guest.post(&at("requests/bots/messages"), json!({"text": "Hello"})).await.json_of(200);
    let request = owner.get(&at("requests/bots")).await.json_of(200);
    assert_eq!(request["participants"], json!([BOT_USER]));
    owner.put(&at("requests/bots/participants"), json!([])).await.json_of(200);
    assert_eq!(verbs(&log(&app, "").await), ["REQUEST_CREATE"]);
}

#[tokio::test]
async fn an_agent_who_leaves_is_the_actor() {
    let app = App::new();
    let owner = app.owner();
    let opened = json!({"request_id": "left", "first_text": "Hello", "participants": [AGENT, ADMIN]});
    owner.post(&at("requests"), opened).await.json_of(200);
    owner.delete(&at(&format!("requests/left/participants/{ADMIN}"))).await.json_of(200);
    let left = log(&app, "?activities=LEAVE_CONVERSATION").await.swap_remove(0);
    assert_eq!((&left["actor"]["type"], &left["actor"]["id"]), (&json!("user"), &json!(ADMIN)));
    assert_eq!(left["actor"]["name"], "Ada Admin");
    assert_eq!(left["involvedUserIds"], json!([AGENT, ADMIN]), "the participants, not the caller");
}

#[tokio::test]
async fn a_visitor_who_closes_a_conversation_is_named_by_id() {
    let app = App::new();
    let guest = app.guest().await;
    guest.post(&at("requests/closed/messages"), json!({"text": "Hello"})).await.json_of(200);
    guest.put(&at("requests/closed/closeg"), json!({})).await.json_of(200);
    let actor = &log(&app, "?activities=REQUEST_CLOSE").await[0]["actor"];
    assert_eq!((&actor["type"], &actor["name"]), (&json!("user"), &actor["id"]));
}

#[tokio::test]
async fn every_routing_to_a_department_is_manual() {
    let app = App::new();
    let owner = app.owner();
    let opened = json!({"request_id": "routed", "first_text": "Hello", "participants": [AGENT]});
    owner.post(&at("requests"), opened).await.json_of(200);
    owner.put(&at("requests/routed/departments"), json!({})).await.json_of(200);
    let routed = &log(&app, "").await[0];
    assert_eq!((&routed["verb"], &routed["actor"]["id"]), (&json!("REQUEST_ASSIGNED_MANUAL"), &json!(OWNER)));
    assert_eq!(routed["actionObj"]["assignmentType"], "manual_reassign_department");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = App::new();
    let mut state = app.state().await;
    let template = state["activities"][0].clone();
    let entries = (0..1_100).map(|number| {
        let mut entry = template.clone();
        let (day, month) = (1 + number % 28, 1 + number % 12);
        entry["_id"] = json!(format!("{number:024x}"));
        entry["id_project"] = json!(PROJECT_ID);
        entry["verb"] = json!(if number % 2 == 0 { "REQUEST_CLOSE" } else { "PROJECT_USER_DELETE" });
        entry["involvedUserIds"] = json!([if number % 10 == 0 { AGENT } else { ADMIN }]);
        entry["createdAt"] = json!(format!("2025-{month:02}-{day:02}T23:59:59.999Z"));
        entry
    });
    state["activities"] = entries.chain([template.clone()]).collect();
    app.nobody().put("/_control/state", state).await.json_of(200);
    let page = async |query: &str| app.admin().get(&at(&format!("activities{query}"))).await.json_of(200);
    let count = async |query: &str| page(query).await["count"].as_u64().expect("a number");
    assert_eq!(count("").await, 1_100, "entries of other projects are not counted");
    for (query, expected) in [
        ("?activities=REQUEST_CLOSE", 550),
        ("?activities=REQUEST_CLOSE,PROJECT_USER_DELETE", 1_100),
        ("?activities=REQUEST_CLOSE,%20NOTHING", 550),
        ("?activities=NOTHING", 0),
        ("?activities=request_close", 0),
        (&*format!("?agent_id={AGENT}"), 110),
        (&*format!("?agent_id={AGENT}&activities=PROJECT_USER_DELETE"), 0),
        ("?agent_id=nobody", 0),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    let between = async |query: &str| {
        let page = page(&format!("{query}&limit=1000&chart=true")).await;
        let mut days: Vec<_> = page["activities"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| entry["createdAt"].as_str().expect("a date")[..10].to_owned())
            .collect();
        days.dedup();
        days
    };
    assert_eq!(
        between("?start_date=02/06/2025&end_date=06/06/2025").await,
        ["2025-06-06", "2025-06-02"],
        "start and end dates are inclusive"
    );
    assert_eq!(count("?end_date=01/01/2025").await, 1_100, "end_date is ignored without start_date");
    assert!(between("?start_date=28/12/2025").await.iter().all(|day| day == "2025-12-28"));
    for (query, size, per_page) in [
        ("", 40, 40),
        ("?limit=7", 7, 7),
        ("?limit=101", 100, 100),
        ("?limit=0", 1_100, 0),
        ("?limit=500&chart=true", 500, 500),
        ("?limit=500&chart=1", 500, 500),
        ("?limit=500&chart=yes", 100, 100),
        ("?limit=1001&chart=true", 1_000, 1_000),
        ("?limit=1000&chart=true&page=1", 100, 1_000),
    ] {
        let page = page(query).await;
        assert_eq!(
            (page["activities"].as_array().map(Vec::len), &page["perPage"]),
            (Some(size), &json!(per_page)),
            "{query}"
        );
        let chart = query.contains("chart=true") || query.contains("chart=1");
        assert_eq!(page.get("chart"), chart.then_some(&json!(true)), "{query}");
        assert_eq!(page.get("limitWarning").is_some(), query.contains("1001"), "{query}");
    }
    let first = page("?limit=1").await["activities"][0]["createdAt"].clone();
    let last = page("?limit=1&direction=1").await["activities"][0]["createdAt"].clone();
    assert!(first.as_str() > last.as_str());
    assert_eq!(page("?limit=1&sortField=verb").await["activities"][0]["verb"], "REQUEST_CLOSE");
    assert_eq!(page("?limit=1&sort=verb&direction=1").await["activities"][0]["verb"], "PROJECT_USER_DELETE");
    for query in ["?start_date=2025", "?end_date=31/31/2025", "?page=-1", "?limit=x", "?direction=up"] {
        let answer = app.admin().get(&at(&format!("activities{query}"))).await.json_of(422);
        let field = query[1..].split('=').next();
        assert_eq!(answer["errors"][0]["param"].as_str(), field, "{query}");
    }
}

#[tokio::test]
async fn export_has_one_row_per_entry_with_a_localized_message() {
    let app = App::new();
    app.owner()
        .post(&at("project_users/invite"), json!({"email": "outsider@example.com", "role": "agent"}))
        .await
        .json_of(200);
    app.agent().put(&at("project_users"), json!({"user_available": false})).await.json_of(200);
    let csv = async |query: &str| app.admin().get(&at(&format!("activities/csv{query}"))).await;
    let english = csv("").await;
    assert_eq!(english.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = english.text();
    let rows: Vec<Vec<_>> = text.lines().map(|line| line.split(';').collect()).collect();
    assert_eq!((rows.len(), rows[0].len()), (3, 23));
    assert!(rows.iter().all(|row| row.len() == 23));
    let cell = |row: usize, column: &str| {
        rows[row][rows[0].iter().position(|known| *known == column).unwrap_or_else(|| panic!("{column}"))]
            .trim_matches('"')
    };
    assert_eq!(cell(1, "message"), "Andrea Leo is unavailable now");
    assert_eq!((cell(1, "verb"), cell(1, "actor_id")), ("PROJECT_USER_AVAILABILITY_SELF", AGENT));
    assert_eq!(cell(1, "actionObj_user_available"), "false");
    assert_eq!((cell(2, "target_user_fullname"), cell(2, "target_email")), ("Olga Outsider", "outsider@example.com"));
    assert_eq!((cell(2, "target_user_id"), cell(2, "target_type")), (OUTSIDER, "project_user"));
    assert_eq!(
        (cell(2, "actionObj_role"), cell(2, "target_role"), cell(2, "project_id")),
        ("agent", "agent", PROJECT_ID)
    );
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count(), "CRLF line ends");
    assert!(csv("?lang=it").await.text().contains("\n\"Andrea Leo ha invitato Olga Outsider come agent\";"));
    assert!(csv("?lang=de").await.text().contains("\n\"Andrea Leo invited Olga Outsider as agent\";"));
    let narrowed = csv(&format!("?agent_id={AGENT}&direction=1")).await.text();
    assert_eq!(narrowed.lines().count(), 2);
    assert_eq!(csv("?activities=REQUEST_CLOSE").await.text().lines().count(), 1, "the header row is always present");
    assert_eq!(csv("?page=1").await.text().lines().count(), 1);
    csv("?start_date=x").await.json_of(422);
    assert_eq!(app.agent().get(&at("activities/csv")).await.status, 403);
}
