//! The health check: whether the server responds, and with `?deep` whether background work failed.

use poem::Response;
use serde_json::json;

use super::response::JSON;
use crate::state::{Sandbox, World, failure::Task};

/// `{"status":"ok"}`. `?deep` adds the use of the memory budget and the number of panics in background work by sandbox;
/// the status is `degraded` if there were any.
pub(super) fn response(world: &World, query: Option<&str>) -> Response {
    let is_deep = query.is_some_and(|query| query.split('&').any(|pair| pair == "deep" || pair.starts_with("deep=")));
    let body = if is_deep { deep(world) } else { json!({"status": "ok"}) };
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
