//! What calls send and receive.

use poem_openapi::Object;

use super::document::Lead;
use crate::{
    http::Pagination,
    value::{
        JsonObject, Text,
        primitive::{Number, Numbers},
    },
};

/// A lead to be created.
#[derive(Object)]
pub(crate) struct NewLead {
    /// Your own identifier; generated when it is missing.
    pub(crate) lead_id: Option<Text>,
    /// Name and surname.
    pub(crate) fullname: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// The statuses of leads.
#[derive(Debug)]
pub(crate) enum LeadStatus {}

impl Numbers for LeadStatus {
    const ALL: &'static [i16] = &[50, 100, 1000];
}

/// Changes of a lead. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct LeadPatch {
    /// Name and surname.
    pub(crate) fullname: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// 50 temporary, 100 normal, 1000 deleted.
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

/// Which leads a list shows.
#[derive(Object, Default)]
pub(crate) struct LeadFilter {
    /// Only leads with exactly this e-mail address.
    pub(crate) email: Option<Text>,
    /// Status of the leads: 50 temporary, 100 normal (the default), 1000 deleted.
    pub(crate) status: Option<Number<LeadStatus>>,
    /// Only leads that match a text search over `fullname` and `email`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    /// Only leads that have an e-mail address, whatever the value of the parameter.
    pub(crate) with_email: Option<Text>,
    /// Only leads that have a name, whatever the value of the parameter.
    pub(crate) with_fullname: Option<Text>,
    /// Only leads with this tag.
    pub(crate) tags: Option<Text>,
    /// Only leads that match the segment with this identifier.
    pub(crate) segment: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// Which leads an export holds.
#[derive(Object)]
pub(crate) struct LeadExport {
    /// Only leads with exactly this e-mail address.
    pub(crate) email: Option<Text>,
    /// Only leads that match a text search over `fullname` and `email`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// A page of leads.
#[derive(Object)]
pub(crate) struct LeadPage {
    /// Most leads of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Leads on all pages.
    count: u64,
    /// The leads of this page.
    leads: Vec<Lead>,
}
