//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::Lead;
use crate::{
    http::Pagination,
    value::{
        JsonObject, Text,
        primitive::{Number, Numbers},
    },
};

/// A lead to create.
#[derive(Object)]
pub(crate) struct NewLead {
    /// Your own identifier (default: generated).
    pub(crate) lead_id: Option<Text>,
    /// Full name.
    pub(crate) fullname: Option<Text>,
    /// Email address.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// Values of the lead status.
#[derive(Debug)]
pub(crate) enum LeadStatus {}

impl Numbers for LeadStatus {
    const ALL: &'static [i16] = &[50, 100, 1000];
}

/// Changes to a lead. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct LeadPatch {
    /// Full name.
    pub(crate) fullname: Option<Text>,
    /// Email address.
    pub(crate) email: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// Status: 50 temporary, 100 normal, 1000 deleted.
    pub(crate) status: Option<Number<LeadStatus>>,
    /// Phone number.
    pub(crate) phone: Option<Text>,
    /// Company.
    pub(crate) company: Option<Text>,
    /// Note.
    pub(crate) note: Option<Text>,
    /// Street address.
    #[oai(rename = "streetAddress")]
    pub(crate) street_address: Option<Text>,
    /// City.
    pub(crate) city: Option<Text>,
    /// Region.
    pub(crate) region: Option<Text>,
    /// Postal code.
    pub(crate) zipcode: Option<Text>,
    /// Country.
    pub(crate) country: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<Text>>,
}

/// Filters for listing leads.
#[derive(Object, Default)]
pub(crate) struct LeadFilter {
    /// Only leads with exactly this email address.
    pub(crate) email: Option<Text>,
    /// Status: 50 temporary, 100 normal (default), 1000 deleted.
    pub(crate) status: Option<Number<LeadStatus>>,
    /// Only leads that match a full-text search over `fullname` and `email`: any of the words, every `"phrase"`, and
    /// none of the `-excluded` words or phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    /// Only leads with an email address. Any value enables it.
    pub(crate) with_email: Option<Text>,
    /// Only leads with a name. Any value enables it.
    pub(crate) with_fullname: Option<Text>,
    /// Only leads with this tag.
    pub(crate) tags: Option<Text>,
    /// Only leads of the segment with this identifier.
    pub(crate) segment: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// Filters for exporting leads.
#[derive(Object)]
pub(crate) struct LeadExport {
    /// Only leads with exactly this email address.
    pub(crate) email: Option<Text>,
    /// Only leads that match a full-text search over `fullname` and `email`: any of the words, every `"phrase"`, and
    /// none of the `-excluded` words or phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// A page of leads.
#[derive(Object)]
pub(crate) struct LeadPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of leads.
    count: u64,
    /// The leads on this page.
    leads: Vec<Lead>,
}
