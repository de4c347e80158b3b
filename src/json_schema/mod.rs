//! Types that describe themselves in JSON Schema, and validation of values against those schemas.

mod advice;
pub(crate) mod dialect;
mod either;
mod one_of;
mod populated;
pub(crate) mod validate;

pub(crate) use self::{
    either::{Either, EventStream},
    one_of::OneOf,
    populated::{Embedded, Populate, Populated},
};
