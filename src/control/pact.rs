//! Provider states, in the format used by pact verifiers.

use poem_openapi::{Enum, Object, OpenApi};
use serde_json::Value;

use super::Tag;
use crate::{
    http::{AllSandboxes, Body, Problem, Reply, Selected},
    state::{Sandbox, fixture, provider_state::ProviderStates},
    value::{JsonObject, Text},
};

/// What to do with a provider state.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[oai(rename_all = "lowercase")]
enum StateAction {
    #[default]
    Setup,
    Teardown,
}

/// A provider state.
#[derive(Object)]
struct ProviderState {
    /// Name of the consumer.
    consumer: Option<Text>,
    /// Name of the state: that of a snapshot, or of a world in the `--pact-states` directory.
    state: Option<Text>,
    /// Names of several states, which are combined. Some verifiers send this instead of `state`.
    states: Option<Vec<Text>>,
    /// Parameters. They are returned, but have no effect.
    params: Option<JsonObject>,
    /// `setup` (default), or `teardown`, which resets the sandbox.
    action: Option<StateAction>,
}

/// The provider state of a sandbox.
#[derive(Object)]
struct CurrentState {
    /// Name of the sandbox.
    sandbox: Text,
    /// Name of the state that was set last; absent after a teardown.
    #[oai(skip_serializing_if_is_none)]
    state: Option<Text>,
    /// Names of all active states, if there are several.
    #[oai(skip_serializing_if_is_none)]
    states: Option<Vec<Text>>,
    /// The parameters as given.
    #[oai(skip_serializing_if_is_none)]
    params: Option<JsonObject>,
}

pub(super) struct PactControl;

#[OpenApi(tag = "Tag::Pacts")]
impl PactControl {
    /// Set a provider state
    ///
    /// Resets the sandbox and restores the documents of the state: the snapshot with this name, or else the world with
    /// this name in the `--pact-states` directory. Names of worlds are compared by their letters and digits. An action
    /// `teardown`, or a state without a name, only resets the sandbox. 404 if there is no such snapshot or world, 409
    /// if the documents of several states contradict each other.
    ///
    /// States that are set without another call in between are combined, as verifiers set several states of an
    /// interaction one after the other. For documents with the same ID, the later state wins.
    ///
    /// Returns the state.
    #[oai(path = "/pact/states", method = "post", operation_id = "set_provider_state")]
    async fn set(
        &self,
        selected: Selected,
        everything: AllSandboxes,
        body: Body<ProviderState>,
    ) -> Result<Reply<CurrentState>, Problem> {
        let (sandbox, wanted) = (selected.0, body.0);
        let names = wanted.state.into_iter().chain(wanted.states.into_iter().flatten());
        let mut names: Vec<Text> = names.filter(|name| !name.trim().is_empty()).collect();
        if wanted.action == Some(StateAction::Teardown) {
            names.clear();
        }
        let states = set(&sandbox, everything.0.provider_states(), names)?;
        let state = states.last().cloned();
        let params = wanted.params.filter(|_| state.is_some());
        let states = (states.len() > 1).then_some(states);
        Ok(Reply::of(&CurrentState { sandbox: (&*sandbox.name).into(), state, states, params }))
    }
}

/// Sets states in addition to those that no call has used yet. Returns the names of all active states.
fn set(sandbox: &Sandbox, worlds: &ProviderStates, wanted: Vec<Text>) -> Result<Vec<Text>, Problem> {
    let is_unused = sandbox.journal.is_kept() && sandbox.journal.arrived() == 0;
    let mut names: Vec<Text> =
        if is_unused && !wanted.is_empty() { sandbox.provider_states.lock().clone() } else { Vec::new() };
    for name in wanted {
        names.retain(|known| *known != name);
        names.push(name);
    }
    let snapshots = sandbox.snapshots.all();
    let mut states = Vec::new();
    for name in &names {
        let snapshot = snapshots.get(name).map(|snapshot| snapshot.state.clone());
        let tables = snapshot.as_ref().map(|state| state.tables.clone()).or_else(|| worlds.get(name));
        let Some(tables) = tables else {
            return Err(Problem::of(404, &worlds.unknown(name, snapshots.keys().map(|name| &**name))));
        };
        states.push((snapshot, tables));
    }
    match &states[..] {
        [] => drop(sandbox.reset()),
        [(Some(snapshot), _)] => {
            sandbox.reset();
            sandbox.restore(snapshot);
        }
        [(None, tables)] => {
            sandbox.reset();
            sandbox.replace(tables.clone());
        }
        several => {
            let exports = several.iter().map(|(_, tables)| tables.export());
            let worlds = exports.map(|export| serde_json::from_slice(&export).unwrap_or_default());
            let merged = worlds.reduce(merged).unwrap_or_default();
            let tables = fixture::parse("states", &merged.to_string());
            let tables = tables.map_err(|error| Problem::of(409, &error.to_string()))?;
            sandbox.reset();
            sandbox.replace(tables);
        }
    }
    sandbox.provider_states.lock().clone_from(&names);
    Ok(names)
}

/// The documents of two worlds. For documents with the same ID, the latter wins.
fn merged(mut world: Value, other: Value) -> Value {
    let Value::Object(other) = other else { return world };
    let id = |document: &Value| document.get("_id").or(document.get("id")).cloned();
    for (collection, documents) in other {
        let Value::Array(documents) = documents else { continue };
        if let Value::Array(known) = &mut world[&collection] {
            known.retain(|document| !documents.iter().any(|other| id(other) == id(document)));
            known.extend(documents);
        } else {
            world[&collection] = documents.into();
        }
    }
    world
}
