//! The `request_id` of each conversation: as written, or derived from the handle or else from the position. No two are
//! the same.

use std::{collections::HashMap, iter};

use serde_json::Value;

use crate::world::{
    collection::Collection,
    draft::{Origin, Script, plain},
    expand::{self, Expansion},
};

/// The request IDs of conversations, in their order. Reports duplicates, which have none, and neither do conversations
/// without a project.
pub(super) fn request_ids(all: &mut Expansion, scripts: &[Script]) -> Vec<Option<String>> {
    let requests = all.drafts.iter().enumerate().filter(|(_, draft)| draft.collection.name == "requests");
    let mut taken: HashMap<String, Origin> =
        requests.map(|(at, draft)| (all.request_id_of(at), draft.origin.clone())).collect();
    let mut handles: HashMap<(usize, &str), Origin> = HashMap::new();
    let mut ids = vec![None; scripts.len()];
    let mut unnamed = Vec::new();
    for (at, script) in scripts.iter().enumerate() {
        let Ok(project) = project_of(all, script) else { continue };
        let own = script.fields.get("request_id").and_then(Value::as_str);
        let handle = script.handle.as_deref();
        let twin = handle.and_then(|handle| handles.insert((project, handle), script.origin.clone()));
        if let (Some(handle), Some(twin)) = (handle, twin) {
            let expected = "a handle that no other conversation of the project has";
            report(all, script, field_of(script, handle), (expected, handle), &twin);
            continue;
        }
        let id = own.map(str::to_owned);
        let id = id.or_else(|| handle.map(|handle| expand::request_id(&all.drafts[project].id, handle)));
        let Some(id) = id else {
            unnamed.push((at, project));
            continue;
        };
        if let Some(twin) = taken.get(&id) {
            let field = if own.is_some() { "request_id" } else { field_of(script, handle.unwrap_or_default()) };
            report(all, script, field, ("a request_id that no other conversation has", &id), twin);
            continue;
        }
        taken.insert(id.clone(), script.origin.clone());
        ids[at] = Some(id);
    }
    // Only now is it known which ones are taken.
    for (at, project) in unnamed {
        let names = iter::once(format!("#{at}")).chain((1_u32..).map(|more| format!("#{at}.{more}")));
        let mut derived = names.map(|name| expand::request_id(&all.drafts[project].id, &name));
        let Some(id) = derived.find(|id| !taken.contains_key(id)) else { continue };
        taken.insert(id.clone(), scripts[at].origin.clone());
        ids[at] = Some(id);
    }
    ids
}

/// The project of a conversation, or the field with the problem, and the problem.
pub(super) fn project_of(all: &Expansion, script: &Script) -> Result<usize, (&'static str, String)> {
    if let Some(named) = script.fields.get("project") {
        let name = named.as_str().unwrap_or_default();
        let collection = Collection::named("projects").expect("it is in the list");
        let by_id = all.with_id("projects", name);
        let found = by_id.map_or_else(|| all.names.find(&all.drafts, collection, None, name), Ok);
        return found.map_err(|problem| ("project", problem));
    }
    script.project.or_else(|| all.only_project()).ok_or_else(|| ("", all.missing_project()))
}

/// The field in which a handle is written, or an empty one if it is the key of the conversation.
fn field_of(script: &Script, handle: &str) -> &'static str {
    let key = script.origin.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    if plain(&key) == handle { "" } else { "handle" }
}

fn report(all: &mut Expansion, script: &Script, field: &str, (expected, found): (&str, &str), twin: &Origin) {
    let place = format!("{} in {}", twin.pointer, all.sources[twin.source].name);
    let problem = format!("expected {expected}, found string {found:?}, which {place} has, too");
    let pointer = format!("{}/{field}", script.origin.pointer);
    let source = &all.sources[script.origin.source];
    all.problems.push(source.problem(pointer.trim_end_matches('/'), &problem));
}
