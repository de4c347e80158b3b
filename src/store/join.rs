//! Composition of rendered JSON: an answer is a concatenation of bytes that were rendered when they were written.

use bytes::{BufMut, Bytes, BytesMut};

/// `{"perPage":40,"count":2,"leads":[a,b]}`: the page object of the API's paged lists.
pub(crate) fn page(per_page: u32, count: usize, name: &str, items: &[Bytes]) -> Bytes {
    let size = 64 + name.len() + items.iter().map(|item| item.len() + 1).sum::<usize>();
    let mut out = BytesMut::with_capacity(size);
    out.put_slice(format!(r#"{{"perPage":{per_page},"count":{count},"{name}":"#).as_bytes());
    put_array(&mut out, items);
    out.put_u8(b'}');
    out.freeze()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_to_json() {
        let items = ["1", r#"{"a":2}"#].map(|item| Bytes::from_static(item.as_bytes()));
        assert_eq!(page(40, 7, "leads", &items), r#"{"perPage":40,"count":7,"leads":[1,{"a":2}]}"#);
        assert_eq!(page(40, 0, "leads", &[]), r#"{"perPage":40,"count":0,"leads":[]}"#);
    }
}
