//! Composition of rendered JSON: an answer is a concatenation of bytes that were rendered when they were written.

use bytes::{BufMut, Bytes, BytesMut};

/// `[a,b,c]`, of rendered documents.
pub(crate) fn array(items: &[Bytes]) -> Bytes {
    let mut out = BytesMut::with_capacity(size(items));
    put_array(&mut out, items);
    out.freeze()
}

/// `{"perPage":40,"count":2,"leads":[a,b]}`: the page object of the API's paged lists.
pub(crate) fn page(per_page: u32, count: usize, name: &str, items: &[Bytes]) -> Bytes {
    let mut out = BytesMut::with_capacity(64 + name.len() + size(items));
    out.put_slice(format!(r#"{{"perPage":{per_page},"count":{count},"{name}":"#).as_bytes());
    put_array(&mut out, items);
    out.put_u8(b'}');
    out.freeze()
}

fn size(items: &[Bytes]) -> usize {
    2 + items.iter().map(|item| item.len() + 1).sum::<usize>()
}

fn put_array(out: &mut BytesMut, items: &[Bytes]) {
    out.put_u8(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.put_u8(b',');
        }
        out.put_slice(item);
    }
    out.put_u8(b']');
}

/// A rendered object that gets more fields: how documents embed others, as they are now.
pub(crate) struct Object(BytesMut);

impl Object {
    /// Starts with the fields of `own`, which is a rendered object. `room` is a guess at how many bytes are to come.
    pub(crate) fn new(own: &[u8], room: usize) -> Self {
        let mut out = BytesMut::with_capacity(own.len() + room);
        out.put_slice(&own[..own.len() - 1]);
        Self(out)
    }

    /// Adds a field with a rendered value.
    pub(crate) fn field(&mut self, name: &str, json: &[u8]) -> &mut Self {
        self.name(name);
        self.0.put_slice(json);
        self
    }

    /// Adds a field with a text that needs no escapes: an id.
    pub(crate) fn text(&mut self, name: &str, text: impl std::fmt::Display) -> &mut Self {
        self.name(name);
        self.0.put_slice(format!("\"{text}\"").as_bytes());
        self
    }

    /// Adds a field with a list of rendered values.
    pub(crate) fn list(&mut self, name: &str, items: &[Bytes]) -> &mut Self {
        self.name(name);
        put_array(&mut self.0, items);
        self
    }

    pub(crate) fn end(mut self) -> Bytes {
        self.0.put_u8(b'}');
        self.0.freeze()
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.put_u8(b',');
        }
        self.0.put_u8(b'"');
        self.0.put_slice(name.as_bytes());
        self.0.put_slice(b"\":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_to_json() {
        let items = ["1", r#"{"a":2}"#].map(|item| Bytes::from_static(item.as_bytes()));
        assert_eq!(array(&items), r#"[1,{"a":2}]"#);
        assert_eq!(array(&[]), "[]");
        assert_eq!(page(40, 7, "leads", &items), r#"{"perPage":40,"count":7,"leads":[1,{"a":2}]}"#);
        assert_eq!(page(40, 0, "leads", &[]), r#"{"perPage":40,"count":0,"leads":[]}"#);
    }

    #[test]
    fn adds_fields_to_objects() {
        let mut object = Object::new(br#"{"a":1}"#, 0);
        object.text("b", "x").field("c", b"null").list("d", &[Bytes::from_static(b"{}")]);
        assert_eq!(object.end(), r#"{"a":1,"b":"x","c":null,"d":[{}]}"#);
        let mut object = Object::new(b"{}", 0);
        object.field("a", b"1");
        assert_eq!(object.end(), r#"{"a":1}"#);
        assert_eq!(Object::new(b"{}", 0).end(), "{}");
    }
}
