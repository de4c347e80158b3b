//! Composition of the widget settings.

use std::net::IpAddr;

use bytes::Bytes;
use serde_json::Value;

use super::schema::WidgetAgent;
use crate::{
    render,
    resource::{
        chatbot::document::Bot,
        department::{
            rules::{self as department, Visibility},
            schema::DepartmentFilter,
        },
        project::{availability, document::Project, rules as project, schema::AvailabilityFilter},
        team::document::Teammate,
    },
    state::State,
    store::{Doc, render},
    value::{Error, Id, Result, Timestamp},
};

pub(super) fn settings(state: &State, id: Id<Project>, ip: IpAddr, now: Timestamp) -> Result<Bytes> {
    let known = state.tables.projects.get(id).ok_or(Error::OBJECT_NOT_FOUND)?.value().into_owned();
    let agents = availability::available(state, &known, &AvailabilityFilter { raw: None, department: None }, now)?;
    let agents: Vec<_> = agents.iter().filter_map(|agent| shown_agent(state, agent)).collect();
    let departments = department::list(state, id, &DepartmentFilter { sort: None }, Visibility::Widget);
    let shown = Doc::new(Project { settings: None, ip_filter_enabled: None, ip_filter: None, ..known });
    let mut whole = render::json::Object::new(b"{}", 3_000);
    whole.field("project", &project::show(&shown, now));
    whole.field("user_available", &render(&agents));
    whole.field("departments", &departments);
    whole.text("ip", ip.to_canonical()).field("botsRules", &render(&rules(state, id)));
    Ok(whole.end())
}

fn shown_agent(state: &State, agent: &Doc<Teammate>) -> Option<WidgetAgent> {
    let user = state.tables.users.get(agent.value().id_user?)?.value();
    Some(WidgetAgent { id: user.id, firstname: user.firstname.clone() })
}

/// The rules of all bots, which are stored in their attributes.
fn rules(state: &State, project: Id<Project>) -> Vec<Value> {
    let bots = state.tables.bots.with(Bot::of_project(project, false)).map(|bot| bot.value());
    let rules = bots.filter_map(|bot| bot.attributes.as_ref()?.0.get("rules")?.as_array().cloned());
    rules.flatten().collect()
}
