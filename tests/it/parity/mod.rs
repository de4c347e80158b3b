//! The recorded calls of `tests/parity`, made to an empty world: every difference from the reference server is a listed
//! deviation.

mod comparer;
mod deviation;
mod difference;
mod ledger;
mod normal;
mod player;
mod recording;
mod script;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::{
    deviation::{Deviations, Place},
    difference::{Difference, compare, compare_kind},
    player::Player,
    script::{Delivery, Frame, Frames, Script, Webhooks, read},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_from_the_reference_server_are_listed() {
    let (script, deviations) = (read::<Script>("exchanges.json"), Deviations::load());
    let mut player = Player::new();
    let mut unlisted = Vec::new();
    let mut judge = |found: Vec<Difference>, place: Place<'_>, label: &str| {
        for difference in found {
            if !deviations.allow(&difference, place) {
                unlisted.push(format!("{label}  {difference}"));
            }
        }
    };
    for step in &script.steps {
        if let Some((call, response)) = player.take(step).await {
            judge(compare(&call.reference, &response), Place::Call(call), &call.label());
        }
    }
    let sent = player.finish().await;
    let recorded = by_event(read::<Webhooks>("webhooks.json").deliveries);
    for (event, found) in compare_kinds(&recorded, &by_event(sent.deliveries)) {
        judge(found, Place::Event(&event), &format!("webhooks {event}"));
    }
    let recorded = by_kind(read::<Frames>("frames.json").frames);
    for (kind, found) in compare_kinds(&recorded, &by_kind(sent.frames)) {
        judge(found, Place::Socket(&kind), &format!("realtime {kind}"));
    }
    let unused = deviations.unused();
    assert!(
        unlisted.is_empty() && unused.is_empty(),
        "{} differences that deviations.json does not allow:\n{}\nrules in deviations.json that allow nothing:\n{}",
        unlisted.len(),
        unlisted.join("\n"),
        unused.join("\n")
    );
}

#[test]
fn deviations_have_a_reason_and_a_source() {
    let deviations = Deviations::load().deviations;
    for deviation in &deviations {
        let id = &deviation.id;
        assert!(
            !deviation.what.is_empty() && !deviation.reason.is_empty(),
            "{id}: `what` and `reason` must not be empty"
        );
        let kind = deviation.source.split_once(": ").map(|(kind, _)| kind);
        assert!(
            matches!(kind, Some("seed" | "documentation" | "decision" | "recording")),
            "{id}: {}",
            deviation.source
        );
    }
    let ids: BTreeSet<_> = deviations.iter().map(|deviation| &deviation.id).collect();
    assert_eq!(ids.len(), deviations.len(), "ids must be unique");
}

type Kinds = BTreeMap<String, Vec<Value>>;

fn compare_kinds(reference: &Kinds, ours: &Kinds) -> Vec<(String, Vec<Difference>)> {
    let kinds: BTreeSet<_> = reference.keys().chain(ours.keys()).collect();
    let of = |kinds: &Kinds, kind| kinds.get(kind).cloned().unwrap_or_default();
    kinds.into_iter().map(|kind| (kind.clone(), compare_kind(&of(reference, kind), &of(ours, kind)))).collect()
}

fn by_event(deliveries: Vec<Delivery>) -> Kinds {
    let mut kinds = Kinds::new();
    for Delivery { event, headers, body } in deliveries {
        kinds.entry(event.unwrap_or_default()).or_default().push(json!({"headers": headers, "body": body}));
    }
    kinds
}

/// Frames by connection, topic and method. The server's own heartbeats depend on how long a run takes and are left out.
fn by_kind(frames: Vec<Frame>) -> Kinds {
    let mut kinds = Kinds::new();
    for Frame { socket, refused, frame } in frames {
        let payload = &frame["payload"];
        let kind = match (refused, frame["action"].as_str()) {
            (Some(status), _) => format!("{socket} refused {status}"),
            (None, Some("heartbeat")) if payload["message"]["text"] == "ping" => continue,
            (None, Some("publish")) => {
                let [topic, method] = [&payload["topic"], &payload["method"]].map(normal::text);
                format!("{socket} {topic} {method}")
            }
            (None, action) => format!("{socket} {}", action.unwrap_or("undefined")),
        };
        kinds.entry(kind).or_default().push(frame);
    }
    kinds
}
