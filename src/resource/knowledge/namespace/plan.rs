//! Limits set by a project's plan.
//
// Departs: Plan limits apply only where a plan states them; the reference server has limits for every plan.

use super::document::Namespace;
use crate::{
    resource::knowledge::content::document::Content,
    state::Tx,
    value::{Error, JsonObject, Result, error::ErrorBody},
};

const REACHED: &str = "Maximum number of resources reached for the current plan";
const EXCEEDED: &str = "Cannot exceed the number of resources in the current plan";

/// Fails if the plan does not allow another knowledge base.
pub(super) fn namespaces(tx: &Tx) -> Result<()> {
    let known = tx.state().tables.namespaces.count(Namespace::of_project(tx.project()));
    room(limit(tx, "namespace"), known, 1)
}

/// Fails if the plan does not allow `further` more contents.
pub(in crate::resource::knowledge) fn contents(tx: &Tx, further: usize) -> Result<()> {
    let known = tx.state().tables.contents.count(Content::of_project(tx.project()));
    room(limit(tx, "kbs"), known, further)
}

/// Fails if the `spent` tokens reach the plan's quota.
pub(in crate::resource::knowledge) fn tokens(tx: &Tx, spent: impl FnOnce() -> u64) -> Result<()> {
    match limit(tx, "tokens") {
        Some(limit) if spent() >= u64::from(limit) => {
            Err(Error::forbidden(ErrorBody::message("Tokens quota exceeded".into()).with("error_code", 13_001)))
        }
        _ => Ok(()),
    }
}

/// Whether the plan allows hybrid search.
pub(super) fn allows_hybrid(tx: &Tx) -> bool {
    of_profile(tx, |profile| profile.customization.clone())
        .is_some_and(|flags| flags.0.get("hybrid") == Some(&true.into()))
}

fn room(limit: Option<u32>, known: usize, further: usize) -> Result<()> {
    let Some(limit) = limit else { return Ok(()) };
    let most = limit as usize;
    match known {
        known if known >= most && further > 0 => {
            Err(Error::forbidden(ErrorBody::error(REACHED.into()).with("plan_limit", limit)))
        }
        known if known + further > most => {
            Err(Error::forbidden(ErrorBody::error(EXCEEDED.into()).with("plan_limit", limit)))
        }
        _ => Ok(()),
    }
}

fn limit(tx: &Tx, name: &str) -> Option<u32> {
    let limit = of_profile(tx, |profile| profile.quotes.clone())?.0.get(name)?.as_u64()?;
    Some(u32::try_from(limit).unwrap_or(u32::MAX))
}

fn of_profile(
    tx: &Tx,
    get: impl FnOnce(&crate::resource::project::document::ProjectProfile) -> Option<JsonObject>,
) -> Option<JsonObject> {
    get(&tx.state().tables.projects.get(tx.project())?.value().profile)
}
