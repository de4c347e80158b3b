//! The health check: whether the server responds, with `?instance` which server it is, and with `?deep` whether
//! background work failed.

use poem::Response;
use serde_json::json;

use super::response::JSON;
use crate::state::{Sandbox, World, failure::Task};

/// A random ID, for servers without a configured one. It does not derive from the seed: no two servers share one.
pub(crate) fn random_instance() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// `{"status":"ok"}`. `?instance` adds the ID of the server. `?deep` adds the use of the memory budget and the number of panics in background work by sandbox;
/// the status is `degraded` if there were any.
pub(super) fn response(world: &World, instance: &str, query: Option<&str>) -> Response {
    let names =
        |name: &str| query.is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some(name)));
    let mut body = if names("deep") { deep(world) } else { json!({"status": "ok"}) };
    if names("instance") {
        body["instance"] = instance.into();
    }
    Response::builder().content_type(JSON).body(body.to_string())
}

fn deep(world: &World) -> serde_json::Value {
    let sandboxes = world.sandboxes();
    let count = |sandbox: &Sandbox, task| sandbox.failures.of(task);
    let tasks = [Task::Webhooks, Task::Realtime, Task::Visitors];
    let failed = sandboxes.iter().map(|sandbox| (&*sandbox.name, tasks.map(|task| count(sandbox, task))));
    let failures: Vec<_> = failed
        .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
        .map(|(sandbox, [webhooks, realtime, visitors])| {
            json!({"sandbox": sandbox, "webhooks": webhooks, "realtime": realtime, "visitors": visitors})
        })
        .collect();
    let usage = world.memory.usage();
    json!({
        "status": if failures.is_empty() { "ok" } else { "degraded" },
        "sandboxes": sandboxes.len(),
        "failures": failures,
        "memory": {"limit": usage.limit, "used": usage.used, "evictions": usage.evicted, "refusals": usage.refused},
    })
}
