//! Composition of rendered JSON: responses are concatenated from bytes rendered when the documents were written.

use bytes::Bytes;

/// `[a,b,c]`, from rendered documents.
pub(crate) fn array(items: impl IntoIterator<Item: AsRef<[u8]>>) -> Bytes {
    whole("", items, "")
}

/// `{"perPage":40,"count":2,"leads":[a,b]}`: the page object of the API's paged lists.
pub(crate) fn page(per_page: u32, count: usize, name: &str, items: impl IntoIterator<Item: AsRef<[u8]>>) -> Bytes {
    whole(&head(per_page, count, name), items, "}")
}

/// A page of objects that get additional fields: `more` appends them to each object, given its companion value.
pub(crate) fn page_of<'a, T>(
    per_page: u32,
    count: usize,
    name: &str,
    items: impl ExactSizeIterator<Item = (&'a [u8], T)>,
    mut more: impl FnMut(&mut Object, T),
) -> Bytes {
    let mut whole = Object(head(per_page, count, name).into_bytes());
    let mut others = items.len().checked_sub(1);
    whole.array(items, |whole, (own, item)| {
        let start = whole.0.len();
        whole.nest(own, |object| more(object, item));
        // Reserve for the rest, assuming that the first item has a typical size.
        if let Some(others) = others.take() {
            let size = whole.0.len() - start;
            whole.0.reserve(others * (size + size / 16));
        }
    });
    whole.end()
}

fn head(per_page: u32, count: usize, name: &str) -> String {
    format!(r#"{{"perPage":{per_page},"count":{count},"{name}":"#)
}

/// An array with a prefix and a suffix, in a buffer of the exact size.
fn whole(start: &str, items: impl IntoIterator<Item: AsRef<[u8]>>, end: &str) -> Bytes {
    let items: Vec<_> = items.into_iter().collect();
    let size: usize = items.iter().map(|item| item.as_ref().len() + 1).sum();
    let mut out = Object(Vec::with_capacity(start.len() + size.max(1) + 1 + end.len()));
    out.0.extend_from_slice(start.as_bytes());
    out.array(items, |out, item| out.0.extend_from_slice(item.as_ref()));
    out.0.extend_from_slice(end.as_bytes());
    out.0.into()
}

/// A rendered object to which further fields are appended. This is how documents embed the current state of others.
pub(crate) struct Object(Vec<u8>);

impl Object {
    /// Starts with the fields of `own`, a rendered object. `room` estimates how many bytes will follow.
    pub(crate) fn new(own: &[u8], room: usize) -> Self {
        let mut out = Self(Vec::with_capacity(own.len() + room));
        out.begin(own);
        out
    }

    /// Appends a field with a rendered value.
    pub(crate) fn field(&mut self, name: &str, json: &[u8]) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(json);
        self
    }

    /// Appends a field with a rendered object, and further fields to that object.
    pub(crate) fn object(&mut self, name: &str, own: &[u8], more: impl FnOnce(&mut Self)) -> &mut Self {
        self.name(name);
        self.nest(own, more);
        self
    }

    /// Appends a field with a text that needs no escaping, such as an ID.
    pub(crate) fn text(&mut self, name: &str, text: impl std::fmt::Display) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(format!("\"{text}\"").as_bytes());
        self
    }

    /// Appends a field with a list of rendered values.
    pub(crate) fn list(&mut self, name: &str, items: impl IntoIterator<Item: AsRef<[u8]>>) -> &mut Self {
        self.name(name);
        self.array(items, |out, item| out.0.extend_from_slice(item.as_ref()));
        self
    }

    pub(crate) fn end(mut self) -> Bytes {
        self.0.push(b'}');
        self.0.into()
    }

    fn array<I>(&mut self, items: impl IntoIterator<Item = I>, mut put: impl FnMut(&mut Self, I)) {
        self.0.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            put(self, item);
        }
        self.0.push(b']');
    }

    fn nest(&mut self, own: &[u8], more: impl FnOnce(&mut Self)) {
        self.begin(own);
        more(self);
        self.0.push(b'}');
    }

    fn begin(&mut self, own: &[u8]) {
        self.0.extend_from_slice(&own[..own.len() - 1]);
    }

    fn name(&mut self, name: &str) {
        // Only an empty object ends in a brace here: no complete value does.
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_pages_are_valid_json() {
        let (items, none) = (["1", r#"{"a":2}"#], [""; 0]);
        assert_eq!(array(items), r#"[1,{"a":2}]"#);
        assert_eq!(array(none), "[]");
        assert_eq!(page(40, 7, "leads", items), r#"{"perPage":40,"count":7,"leads":[1,{"a":2}]}"#);
        assert_eq!(page(40, 0, "leads", none), r#"{"perPage":40,"count":0,"leads":[]}"#);
    }

    #[test]
    fn fields_are_appended_to_objects() {
        let mut object = Object::new(br#"{"a":1}"#, 0);
        object.text("b", "x").field("c", b"null").list("d", ["{}"]);
        object.object("e", b"{}", |inner| {
            inner.field("f", b"1").object("g", br#"{"h":2}"#, |_| {});
        });
        object.object("i", b"{}", |_| {}).text("j", "{");
        assert_eq!(object.end(), r#"{"a":1,"b":"x","c":null,"d":[{}],"e":{"f":1,"g":{"h":2}},"i":{},"j":"{"}"#);
        let mut object = Object::new(b"{}", 0);
        object.field("a", b"1");
        assert_eq!(object.end(), r#"{"a":1}"#);
        assert_eq!(Object::new(b"{}", 0).end(), "{}");
    }

    #[test]
    fn objects_in_a_page_get_additional_fields() {
        let items: [(&[u8], u8); 3] = [(b"{}", 1), (br#"{"a":0}"#, 2), (b"{}", 3)];
        let more = |object: &mut Object, number: u8| {
            object.text("n", number);
        };
        let page = |items: &[(&'static [u8], u8)]| page_of(40, 7, "leads", items.iter().copied(), more);
        assert_eq!(page(&items), r#"{"perPage":40,"count":7,"leads":[{"n":"1"},{"a":0,"n":"2"},{"n":"3"}]}"#);
        assert_eq!(page(&items[..1]), r#"{"perPage":40,"count":7,"leads":[{"n":"1"}]}"#);
        assert_eq!(page(&[]), r#"{"perPage":40,"count":7,"leads":[]}"#);
    }
}
