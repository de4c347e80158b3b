//! Planted differences and unused rules are found.

use serde_json::{Value, json};

use super::{
    deviation::{Deviations, Place},
    difference::{Difference, Kind, compare, compare_kind},
    normal::{Variables, find, view},
    script::{Response, View},
};

fn response(body: Value) -> Response {
    Response { status: 200, content_type: Some("application/json".to_owned()), body: Some(body), ..Response::default() }
}

/// Kind and pointer of each difference between two bodies.
fn differences(reference: Value, ours: Value) -> Vec<(Kind, String)> {
    briefly(compare(&response(reference), &response(ours)))
}

fn briefly(found: Vec<Difference>) -> Vec<(Kind, String)> {
    found.into_iter().map(|difference| (difference.kind, difference.pointer)).collect()
}

fn found(kind: Kind, pointer: &str) -> Vec<(Kind, String)> {
    vec![(kind, pointer.to_owned())]
}

fn deviations(rule: &Value) -> Deviations {
    let deviation = json!({"id": "a", "what": "w", "reason": "r", "source": "decision: s", "covers": [rule]});
    serde_json::from_value(json!({"about": "", "deviations": [deviation]})).expect("deviations")
}

#[test]
fn equal_responses_have_no_difference() {
    let body = json!({"a": [1, "b", null, {"c": true}]});
    assert_eq!(differences(body.clone(), body), []);
    assert_eq!(differences(json!(1), json!(1.0)), [], "JSON has only one number type");
}

#[test]
fn a_different_status_hides_all_other_differences() {
    let ours = Response { status: 404, ..response(json!({"b": 2})) };
    assert_eq!(briefly(compare(&response(json!({"a": 1})), &ours)), found(Kind::Status, "status"));
}

#[test]
fn a_different_content_type_is_found() {
    let ours = Response { content_type: None, ..response(json!({})) };
    assert_eq!(briefly(compare(&response(json!({})), &ours)), found(Kind::ContentType, "content-type"));
}

#[test]
fn a_different_header_is_found() {
    let allow =
        |value: &str| Response { headers: [("allow".to_owned(), value.to_owned())].into(), ..response(json!({})) };
    assert_eq!(briefly(compare(&allow("GET"), &allow("PUT"))), found(Kind::Header, "header allow"));
    assert_eq!(briefly(compare(&allow("GET"), &response(json!({})))), found(Kind::Header, "header allow"));
}

#[test]
fn missing_and_extra_fields_are_found() {
    assert_eq!(differences(json!({"a": {"b": null}}), json!({"a": {}})), found(Kind::Missing, "/a/b"));
    assert_eq!(differences(json!([{}]), json!([{"b": 1}])), found(Kind::Extra, "/0/b"));
    let empty = Response { body: None, ..response(Value::Null) };
    assert_eq!(briefly(compare(&response(Value::Null), &empty)), found(Kind::Missing, "/"));
}

#[test]
fn a_different_type_is_found() {
    assert_eq!(differences(json!({"a": 5}), json!({"a": "5"})), found(Kind::Type, "/a"));
    assert_eq!(differences(json!({"a": null}), json!({"a": {}})), found(Kind::Type, "/a"));
}

#[test]
fn a_different_length_is_found() {
    assert_eq!(differences(json!({"a": [1, 2]}), json!({"a": [1]})), found(Kind::Length, "/a"));
}

#[test]
fn a_different_value_is_found() {
    assert_eq!(differences(json!([1]), json!([2])), found(Kind::Value, "/0"));
    assert_eq!(differences(json!("a"), json!("b")), found(Kind::Value, "/"));
}

#[test]
fn kinds_are_compared_by_number_and_shape() {
    let reference = [json!({"a": [{"b": 1}], "c": ""}), json!({"a": [], "c": ""})];
    let ours = [json!({"a": [{"d": 1}], "c": null})];
    let pointers = [(Kind::Count, "count"), (Kind::Missing, "/a/#/b"), (Kind::Extra, "/a/#/d"), (Kind::Type, "/c")];
    let pointers = pointers.map(|(kind, pointer)| (kind, pointer.to_owned()));
    assert_eq!(briefly(compare_kind(&reference, &ours)), pointers);
    assert_eq!(briefly(compare_kind(&reference, &[])), found(Kind::Count, "count"));
    assert_eq!(compare_kind(&reference, &reference), []);
}

#[test]
fn a_rule_allows_only_what_it_names() {
    let difference = |pointer: &str, reference: &str, ours: &str| Difference {
        pointer: pointer.to_owned(),
        kind: Kind::Value,
        reference: Some(reference.into()),
        ours: Some(ours.into()),
    };
    let planted = difference("/0/name", "Ada ", "Ada");
    let place = Place::Event("lead.create");
    let matching = [
        json!({}),
        json!({"event": "lead.create"}),
        json!({"pointer": "/name$", "kinds": ["value"]}),
        json!({"reference": ["Ada "], "ours": ["Ada"]}),
        json!({"referenceLike": "^A", "oursLike": "^A.a$"}),
        json!({"equalAfter": [["Ada ", "Ada"]]}),
    ];
    for rule in matching {
        assert!(deviations(&rule).allow(&planted, place), "{rule}");
    }
    let others = [
        json!({"event": "lead.update"}),
        json!({"socket": "lead.create"}),
        json!({"steps": "1-9"}),
        json!({"resource": "leads"}),
        json!({"pointer": "^/name$"}),
        json!({"kinds": ["type", "length"]}),
        json!({"reference": ["Ada"]}),
        json!({"ours": ["Ada "]}),
        json!({"oursLike": "^B"}),
        json!({"referenceLike": "^B"}),
        json!({"equalAfter": [["B", "C"]]}),
    ];
    for rule in others {
        assert!(!deviations(&rule).allow(&planted, place), "{rule}");
    }
}

#[test]
fn an_unused_rule_is_reported() {
    let place = Place::Event("lead.create");
    let planted = differences_of_status();
    let useless = deviations(&json!({"pointer": "^/name$"}));
    assert!(!useless.allow(&planted, place));
    assert_eq!(useless.unused(), ["a covers[0]"]);
    let useful = deviations(&json!({"pointer": "^status$"}));
    assert!(useful.allow(&planted, place));
    assert_eq!(useful.unused(), <[&str; 0]>::default());
}

fn differences_of_status() -> Difference {
    let ours = Response { status: 404, ..response(json!({})) };
    compare(&response(json!({})), &ours).remove(0)
}

#[test]
fn run_specific_values_are_replaced() {
    let mut variables = Variables::default();
    variables.set("project", "0123456789abcdef01234567".into());
    let value = json!({
        "id": "support-group-0123456789abcdef01234567", "other": "fedcba987654321001234567", "at": "2026-11-29T22:00:00.000Z",
        "ms": 1_795_989_600_000_i64, "seconds": 1_795_989_600, "count": 3, "url": "http://localhost:4010/a",
    });
    let replaced = json!({
        "id": "support-group-<project>", "other": "<oid>", "at": "<date>",
        "ms": "<ms>", "seconds": "<sec>", "count": 3, "url": "http://<host>/a",
    });
    assert_eq!(variables.normalize(&value), replaced);
    assert_eq!(
        variables.fill_value(&json!({"{project}": "a {project} {x}"}))["0123456789abcdef01234567"],
        "a 0123456789abcdef01234567 {x}"
    );
}

#[test]
fn saved_values_are_found_by_path() {
    let body = json!({"a": {"b": [1, 2]}, "list": [{"role": "agent"}, {"role": "owner", "_id": 3}], "null": null});
    assert_eq!(find(&body, "a.b[1]"), Some(&json!(2)));
    assert_eq!(find(&body, "x._id|null|a.b[0]"), Some(&json!(1)));
    assert_eq!(find(&body["list"], "[role=owner]._id"), Some(&json!(3)));
    assert_eq!(find(&body, "a.c"), None);
}

#[test]
fn views_select_a_part_of_a_body() {
    let page = json!({"perPage": 40, "requests": [{"ticket_id": 2, "department": {}}, {"ticket_id": 1}], "x": 1});
    assert_eq!(view(View::Tickets, page.clone()), json!({"perPage": 40, "ids": [2, 1], "dept": "object"}));
    assert_eq!(view(View::Rows, page), json!({"perPage": 40, "n": 2}));
    assert_eq!(view(View::FirstLine, json!("a\nb")), json!("a"));
    assert_eq!(
        view(View::LabelCounts, json!([{"lang": "EN", "data": {"a": 1, "b": 2}}])),
        json!([{"lang": "EN", "data": 2}])
    );
    let activities = json!({"activities": [{"verb": "V", "actor": {"type": "user"}}]});
    assert_eq!(view(View::Verbs, activities), json!({"verbs": ["V user undefined"]}));
}
