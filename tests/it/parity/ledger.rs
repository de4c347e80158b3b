//! The ledger: the recorded and documented responses that the implementation of each operation is based on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::{Map, Value, json};
use tiledesk_mock::{exchanges, openapi};

use super::script::{Numbers, Script, Step, read};
use crate::support::{App, assert_file};

struct Operation {
    method: String,
    path: Vec<String>,
    id: String,
}

fn operations() -> Vec<Operation> {
    let list = openapi::operations();
    let read = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let at = words.iter().position(|word| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(word))?;
        let path = words[at + 1].split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        Some(Operation { method: words[at].to_owned(), path, id: words[at - 1].to_owned() })
    };
    list.lines().filter_map(read).collect()
}

/// The operation of a recorded call: the one whose path has the most literal segments, earlier ones first.
fn operation_of(all: &[Operation], method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let find = |path: &str| {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let literals = |operation: &Operation| {
            let fits = operation.method == method && operation.path.len() == segments.len();
            let pairs = operation.path.iter().zip(&segments).filter(|_| fits);
            let literals =
                pairs.map(
                    |(known, given)| {
                        if known.starts_with('{') { Some(false) } else { (known == given).then_some(true) }
                    },
                );
            literals.collect::<Option<Vec<bool>>>().filter(|_| fits)
        };
        let found = all.iter().filter_map(|operation| Some((literals(operation)?, operation)));
        // The first wins a tie.
        let found = found.fold(None::<(Vec<bool>, &Operation)>, |best, one| match best {
            Some(best) if best.0 >= one.0 => Some(best),
            _ => Some(one),
        });
        found.map(|(_, operation)| operation.id.clone())
    };
    find(path).or_else(|| find(&path.replace("/faq_kb", "/bots").replace("/intents", "/faq")))
}

type Counts = BTreeMap<String, BTreeMap<u16, u32>>;

fn recorded(all: &[Operation], script: &Script) -> (Counts, BTreeMap<u32, String>, BTreeMap<String, BTreeSet<String>>) {
    let (mut counts, mut of_step, mut of_resource) = (Counts::new(), BTreeMap::new(), BTreeMap::new());
    for step in &script.steps {
        let Step::Call(call) = step else { continue };
        let Some(id) = operation_of(all, &call.method, &call.path) else { continue };
        // Status 0 stands for no response.
        if call.reference.status > 0 {
            *counts.entry(id.clone()).or_default().entry(call.reference.status).or_default() += 1;
        }
        of_step.insert(call.n, id.clone());
        of_resource.entry(call.resource.clone()).or_insert_with(BTreeSet::new).insert(id);
    }
    (counts, of_step, of_resource)
}

/// Responses of the public documentation.
fn documented() -> Counts {
    let mut counts = Counts::new();
    for (name, exchange) in exchanges() {
        let is_page = ["page on", "tutorial", "introduction"].iter().any(|word| exchange.source.contains(word));
        let operation = name.split('.').next().unwrap_or_default();
        if is_page {
            *counts.entry(operation.to_owned()).or_default().entry(exchange.status).or_default() += 1;
        }
    }
    counts
}

/// A rule of `deviations.json` from the point of view of the reference server, with operations instead of steps.
fn rule(
    rule: &Value,
    of_step: &BTreeMap<u32, String>,
    of_resource: &BTreeMap<String, BTreeSet<String>>,
) -> Option<Value> {
    if rule.get("event").is_some() || rule.get("socket").is_some() {
        return None;
    }
    let names: Option<BTreeSet<&String>> = match (rule.get("steps"), rule["resource"].as_str()) {
        (Some(steps), _) => {
            let steps: Numbers = serde_json::from_value(steps.clone()).expect("step numbers");
            Some(of_step.iter().filter(|(number, _)| steps.contains(**number)).map(|(_, id)| id).collect())
        }
        (None, Some(resource)) => of_resource.get(resource).map(|ids| ids.iter().collect()),
        (None, None) => None,
    };
    if names.as_ref().is_some_and(BTreeSet::is_empty) {
        return None;
    }
    let mut told = Map::new();
    if let Some(names) = names {
        told.insert("operations".to_owned(), json!(names));
    }
    if let Some(pointer) = rule.get("pointer") {
        told.insert("at".to_owned(), pointer.clone());
    }
    if let Some(kinds) = rule["kinds"].as_array() {
        let flipped = kinds.iter().filter_map(Value::as_str).flat_map(|kind| match kind {
            "missing" => vec!["extra"],
            "extra" => vec!["missing", "renamed", "empty"],
            "type" => vec!["type", "null"],
            "count" => vec![],
            other => vec![other],
        });
        told.insert("kinds".to_owned(), flipped.collect());
    }
    let renamed = [
        ("ours", "expected"),
        ("reference", "actual"),
        ("oursLike", "expected_like"),
        ("referenceLike", "actual_like"),
        ("equalAfter", "equal_after"),
    ];
    for (old, new) in renamed {
        if let Some(value) = rule.get(old) {
            told.insert(new.to_owned(), value.clone());
        }
    }
    Some(told.into())
}

fn ledger() -> (String, Counts, Counts, BTreeSet<String>) {
    let all = operations();
    let (recorded, of_step, of_resource) = recorded(&all, &read::<Script>("exchanges.json"));
    let documented = documented();
    let ids: BTreeSet<_> = all.into_iter().map(|operation| operation.id).collect();
    let by_status = |counts: &Counts, id: &String| {
        let counts = counts.get(id).into_iter().flatten();
        Value::Object(counts.map(|(status, count)| (status.to_string(), json!(count))).collect())
    };
    let source = json!({"server": "@tiledesk/tiledesk-server", "version": "2.19.16", "date": "2026-11-29"});
    let operations = ids.iter().map(|id| {
        let parity = json!({"recorded": by_status(&recorded, id), "documented": by_status(&documented, id)});
        format!("{}:{parity}", json!(id))
    });
    let operations = operations.collect::<Vec<_>>().join(",\n");
    let deviations = read::<Value>("deviations.json");
    let deviations = deviations["deviations"].as_array().into_iter().flatten().filter_map(|deviation| {
        let rules = deviation["covers"].as_array().into_iter().flatten();
        let rules: Vec<_> = rules.filter_map(|one| rule(one, &of_step, &of_resource)).collect();
        let told = json!({
            "id": deviation["id"], "what": deviation["what"], "reason": deviation["reason"], "differences": rules,
        });
        (!rules.is_empty()).then(|| told.to_string())
    });
    let deviations = deviations.collect::<Vec<_>>().join(",\n");
    let text = format!(
        "{{\"recorded_from\":{source},\n\"operations\":{{\n{operations}}},\n\"deviations\":[\n{deviations}]}}\n"
    );
    (text, recorded, documented, ids)
}

#[test]
fn the_committed_ledger_is_current() {
    assert_file("src/parity/ledger.json", &ledger().0);
}

#[test]
fn the_parity_page_lists_every_operation() {
    let (_, recorded, documented, ids) = ledger();
    let shown = |counts: &Counts, id: &String| {
        let counts = counts.get(id).into_iter().flatten();
        counts.map(|(status, count)| format!("{status} × {count}")).collect::<Vec<_>>().join(", ")
    };
    let evidence = |id: &String| match (recorded.contains_key(id), documented.contains_key(id)) {
        (true, _) => "recorded",
        (false, true) => "documented",
        (false, false) => "inferred",
    };
    let count = |name: &str| ids.iter().filter(|id| evidence(id) == name).count();
    let mut page = format!(
        "# Parity\n\nGenerated from the recording and the documented exchanges; checked by a test. The evidence \
         behind the responses of each\noperation:\n\n\
         - **recorded** ({}): returned by `@tiledesk/tiledesk-server` 2.19.16 on 2026-11-29. [Deviations](deviations.md) lists where \
         tiledesk-mock differs.\n\
         - **documented** ({}): shown in the public documentation only.\n\
         - **inferred** ({}): neither; they follow from the reference server's source and from similar operations.\n\n\
         `GET /_control/parity` returns the same. With `--self-check`, the header `X-Fake-Parity` contains it for each response.\n\n\
         | Operation | Evidence | Recorded responses | Documented responses |\n|---|---|---|---|\n",
        count("recorded"),
        count("documented"),
        count("inferred")
    );
    for id in &ids {
        writeln!(page, "| {id} | {} | {} | {} |", evidence(id), shown(&recorded, id), shown(&documented, id))
            .expect("writing to a String cannot fail");
    }
    assert_file("docs/parity.md", &page);
}

#[tokio::test]
async fn the_control_api_returns_the_ledger() {
    let answer = App::new().nobody().get("/_control/parity").await.json_of(200);
    assert_eq!(answer["recorded_from"]["version"], "2.19.16");
    let operations = answer["operations"].as_array().expect("operations");
    let of = |id: &str| operations.iter().find(|one| one["operation"] == id).expect("the operation is listed");
    assert_eq!(of("create_lead")["evidence"], "recorded");
    assert_eq!(of("create_lead")["documented"][0]["status"], 200);
    assert_eq!(of("expand_sitemap")["recorded"], json!([]));
    let counts = ["recorded", "documented", "inferred"].map(|name| answer["counts"][name].as_u64().expect("a count"));
    assert_eq!(counts.iter().sum::<u64>(), operations.len() as u64);
}

#[tokio::test]
async fn responses_name_their_evidence_in_self_check_mode() {
    let checked = App::new();
    let lead = "/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66";
    let answer = checked.owner().get(lead).await;
    let expected = "recorded; server=\"@tiledesk/tiledesk-server@2.19.16\"; date=2026-11-29";
    assert_eq!(answer.header("x-fake-parity"), Some(expected));
    let plain = App::with(|config| config.self_check = false);
    assert_eq!(plain.owner().get(lead).await.header("x-fake-parity"), None);
}
