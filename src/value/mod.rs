//! The building blocks of documents, such as IDs, timestamps, text, numbers, and JSON, and their errors.

pub(crate) mod address;
pub(crate) mod decimal;
pub(crate) mod error;
pub(crate) mod explicit;
pub(crate) mod frozen;
pub(crate) mod id;
pub(crate) mod json;
pub(crate) mod lenient;
pub(crate) mod patch;
pub(crate) mod primitive;
pub(crate) mod query;
pub(crate) mod received_file;
pub(crate) mod role;
pub(crate) mod suggest;
pub(crate) mod timestamp;

pub(crate) use self::{
    decimal::Decimal,
    error::{Error, Result},
    id::{Id, RawId},
    primitive::{JsonObject, Text},
    role::Role,
    timestamp::Timestamp,
};
