//! Parser of the fixture format, collection by collection and document by document.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Collection, Tables};
use crate::{
    store::{BulkLoader, Document, Duplicate, Table},
    value::json,
};

/// Parses the fixture format, and adds its documents to the tables.
impl<'de> DeserializeSeed<'de> for &mut Tables {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Tables {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of collections")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.read_collection(&name, &mut map)?;
        }
        Ok(())
    }
}

/// The value of an unknown collection. It fails as a value, so that the error points at it.
pub(crate) struct Unknown<'a>(pub(crate) &'a str, pub(crate) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Unknown<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::unknown_field(self.0, self.1))
    }
}

/// Parses a collection, document by document.
pub(crate) struct Documents<'a, T: Document>(pub(crate) &'a mut Table<T>);

impl<'de, T: Collection> DeserializeSeed<'de> for Documents<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Collection> Visitor<'de> for Documents<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {}", T::NAME)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut documents: A) -> Result<(), A::Error> {
        let mut load = self.0.load();
        while documents.next_element_seed(One(&mut load))?.is_some() {}
        load.finish();
        Ok(())
    }
}

/// Parses a document, and adds it to its table here, so that errors point at it.
struct One<'a, 'b, T: Document>(&'a mut BulkLoader<'b, T>);

impl<'de, T: Collection> DeserializeSeed<'de> for One<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let mut document = T::deserialize(deserializer)?;
        document.normalize();
        document.normalize_frozen().map_err(D::Error::custom)?;
        let id = document.id();
        if self.0.knows(id) {
            return Err(D::Error::custom(format!("duplicate _id {id}")));
        }
        let levels = self.0.add(document).map(|doc| json::levels(&doc.stored())).map_err(|Duplicate(field)| {
            D::Error::custom(format!("duplicate {field}: another document already has it"))
        })?;
        if levels > T::NESTING {
            return Err(D::Error::custom(format!("expected at most {} levels of nesting, found {levels}", T::NESTING)));
        }
        Ok(())
    }
}
