//! Which conversations a member may access, and on whose behalf. The minimum role of an operation is checked elsewhere.

use super::rules::find;
use crate::{
    identity::Actor,
    state::{Hole, State},
    value::{Error, Result, Text},
};

/// Fails if a visitor did not open the conversation. Operations handle missing conversations themselves.
pub(crate) fn may_reach(state: &State, by: &Actor, request_id: &str) -> Result<()> {
    let member = by.membership.value();
    let Some(request) = find(state, member.id_project, request_id).filter(|_| !by.role().is_team()) else {
        return Ok(());
    };
    let links = request.kept();
    let is_lead = || {
        let lead = links.lead.and_then(|lead| state.tables.leads.get(lead));
        lead.is_some_and(|lead| lead.value().lead_id == by.id())
    };
    if links.requester == Some(member.id) || is_lead() || state.allows(Hole::OthersConversations) {
        return Ok(());
    }
    let rule = "Visitors can access only conversations that they opened; agents can access all of the project.";
    Err(Error::FORBIDDEN.because(rule))
}

/// Fails if a visitor writes as another sender. Agents may write on behalf of others.
pub(crate) fn may_speak_as(state: &State, by: &Actor, sender: Option<&Text>) -> Result<()> {
    let is_own = sender.is_none_or(|sender| *sender == by.id());
    if is_own || by.role().is_team() || state.allows(Hole::OtherSenders) {
        return Ok(());
    }
    let rule = "Visitors can write only as themselves: `sender` must be absent or the caller's identifier.";
    Err(Error::FORBIDDEN.because(rule))
}
