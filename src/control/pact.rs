//! Provider states, in the form in which verifiers of pacts ask for them.

use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use crate::{
    http::{AllSandboxes, Body, Problem, Reply, Selected},
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
    /// Names of several states, of which the last one that exists counts. Some verifiers send this instead of `state`.
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
    /// Name of the state; none after a teardown.
    #[oai(skip_serializing_if_is_none)]
    state: Option<Text>,
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
    /// `teardown`, or a state without a name, only resets the sandbox. 404 if nothing has the name.
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
        let names: Vec<Text> = names.filter(|name| !name.trim().is_empty()).collect();
        let is_setup = wanted.action.unwrap_or_default() == StateAction::Setup;
        let name = names.last().filter(|_| is_setup).cloned();
        if let Some(name) = &name {
            let snapshots = sandbox.snapshots.all();
            match (snapshots.get(name), everything.0.provider_states().get(name)) {
                (Some(snapshot), _) => {
                    sandbox.reset();
                    sandbox.restore(&snapshot.state);
                }
                (None, Some(tables)) => {
                    sandbox.reset();
                    sandbox.replace(tables);
                }
                (None, None) => {
                    let known = snapshots.keys().map(|name| &**name);
                    return Err(Problem::of(404, &everything.0.provider_states().unknown(name, known)));
                }
            }
        } else {
            sandbox.reset();
        }
        let params = wanted.params.filter(|_| name.is_some());
        Ok(Reply::of(&CurrentState { sandbox: (&*sandbox.name).into(), state: name, params }))
    }
}
