//! Operations on leads: people who contact a project.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Lead,
    rules,
    schema::{LeadExport, LeadFilter, LeadPage, LeadPatch, NewLead},
};
use crate::{
    http::{Agent, Body, Csv, Filter, Member, OwnerOnly, Path, Reply, respond},
    resource::removal::{self, Removal},
    value::{JsonObject, RawId, Result, Text},
};

pub(crate) struct Leads;

#[OpenApi(tag = "Section::Leads")]
impl Leads {
    /// List the project's leads
    ///
    /// Lists the leads of the project, newest first by default. Deleted and temporary leads are omitted unless
    /// requested with `status`.
    ///
    /// Returns one page of leads.
    #[oai(path = "/leads", method = "get", operation_id = "list_leads")]
    async fn list(&self, member: Member<Agent>, filter: Filter<LeadFilter>) -> Result<Reply<LeadPage>> {
        let page = filter.0.paging.page(rules::PER_PAGE);
        Ok(respond::page(&member.scope, rules::selection(&member.scope, &filter.0)?, page))
    }

    /// Create a lead
    ///
    /// Adds a lead to the project and emits `lead.create`. `lead_id` is generated if it is absent or empty.
    ///
    /// Returns the created lead.
    #[oai(path = "/leads", method = "post", operation_id = "create_lead")]
    // Departs: Creating a lead returns what was sent; the documented response shows another lead, with a `fullname`
    // that the documented call does not send.
    //
    // Departs: A lead created without a `lead_id` gets a UUID, as on the reference server; the documentation of the
    // first version requires the field, and strict mode enforces it.
    async fn create(&self, member: Member<Agent>, body: Body<NewLead>) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0)))
    }

    /// Export leads as CSV
    ///
    /// Exports all leads that are not deleted, up to 100,000 per page. `attributes`, `properties`, and `__v` are
    /// omitted.
    ///
    /// Returns a CSV file with a header row and one row per lead.
    #[oai(path = "/leads/csv", method = "get", operation_id = "export_leads_csv")]
    async fn export_csv(&self, member: Member<Agent>, filter: Filter<LeadExport>) -> Result<Csv> {
        rules::csv(&member.scope, filter.0).map(Csv::Utf8)
    }
}

pub(crate) struct LeadDetails;

#[OpenApi(tag = "Section::Leads")]
impl LeadDetails {
    /// Get a lead
    ///
    /// Leads are identified by the `_id` assigned by Tiledesk, not by your own `lead_id`. Deleted leads can still be
    /// read.
    ///
    /// Returns the lead.
    #[oai(path = "/leads/:lead_id", method = "get", operation_id = "get_lead")]
    async fn get(&self, member: Member<Agent>, lead_id: Path<RawId<Lead>>) -> Result<Reply<Lead>> {
        respond::get(&member.scope, &lead_id)
    }

    /// Update a lead
    ///
    /// Changes the given fields. Fields that are absent or `null` keep their value. If the name or the email address
    /// changes, a system message informs the widget in the latest `chat21` conversation of the lead.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id", method = "put", operation_id = "update_lead")]
    async fn update(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        body: Body<LeadPatch>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &lead_id, body.0)))
    }

    /// Delete a lead
    ///
    /// Sets the status to 1000: the lead no longer appears in lists but can still be read by its `_id`.
    ///
    /// Returns the deleted lead.
    #[oai(path = "/leads/:lead_id", method = "delete", operation_id = "delete_lead")]
    async fn delete(&self, member: Member<Agent>, lead_id: Path<RawId<Lead>>) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &lead_id)))
    }

    /// Delete a lead permanently
    ///
    /// Removes the lead. It cannot be restored.
    ///
    /// Returns the number of removed objects.
    #[oai(path = "/leads/:lead_id/physical", method = "delete", operation_id = "delete_lead_physically")]
    async fn delete_physically(&self, member: Member<OwnerOnly>, lead_id: Path<RawId<Lead>>) -> Result<Reply<Removal>> {
        member.scope.write(|tx| tx.remove(&lead_id))?;
        Ok(removal::removed())
    }

    /// Add tags to a lead
    ///
    /// Tags that the lead already has are not added again.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id/tag", method = "put", operation_id = "add_lead_tags")]
    async fn add_tags(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        body: Body<Vec<Text>>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::add_tags(tx, &lead_id, body.0)))
    }

    /// Remove a tag from a lead
    ///
    /// Removing a tag that the lead does not have changes nothing.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id/tag/:tag", method = "delete", operation_id = "remove_lead_tag")]
    async fn remove_tag(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        /// Tag to remove.
        tag: Path<Text>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::remove_tag(tx, &lead_id, &tag)))
    }

    /// Update the attributes of a lead
    ///
    /// Each key of the body overwrites that attribute; other attributes keep their value.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id/attributes", method = "patch", operation_id = "update_lead_attributes")]
    async fn update_attributes(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::update_attributes(tx, &lead_id, body.0)))
    }

    /// Set properties of a lead
    ///
    /// Each key of the body overwrites that property; other properties keep their value.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id/properties", method = "post", operation_id = "set_lead_properties")]
    async fn set_properties(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::update_properties(tx, &lead_id, body.0)))
    }

    /// Update the properties of a lead
    ///
    /// Each key of the body overwrites that property; other properties keep their value.
    ///
    /// Returns the updated lead.
    #[oai(path = "/leads/:lead_id/properties", method = "patch", operation_id = "update_lead_properties")]
    async fn update_properties(
        &self,
        member: Member<Agent>,
        lead_id: Path<RawId<Lead>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Lead>> {
        respond::reply(member.scope.write(|tx| rules::update_properties(tx, &lead_id, body.0)))
    }
}
