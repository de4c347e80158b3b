//! Names of query parameters as clients write them: `a`, `a[]`, `a[0]` and `a[key]`.

use std::borrow::Cow;

/// A part of a query: the text that it gives to a parameter, and where in it.
pub(crate) struct Part<'a> {
    /// The parameter, without brackets.
    pub(crate) name: &'a str,
    pub(crate) place: Place<'a>,
}

/// Where in a parameter a text belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place<'a> {
    /// It is the parameter, or the next element of a list.
    Next,
    /// It is the element of a list at this index.
    At(u32),
    /// It is the property of an object with this name.
    Property(&'a str),
}

impl<'a> Part<'a> {
    pub(crate) fn of(name: &'a str) -> Self {
        let Some((outer, key)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
            return Self { name, place: Place::Next };
        };
        let place = match key {
            "" => Place::Next,
            _ if key.bytes().all(|byte| byte.is_ascii_digit()) => Place::At(key.parse().unwrap_or(u32::MAX)),
            _ => Place::Property(key),
        };
        Self { name: outer, place }
    }
}

/// The names and texts of a query, elements of lists in the order of their indices.
pub(crate) fn pairs(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    // Elements of different lists need no order among each other.
    pairs.sort_by_key(|(name, _)| match Part::of(name).place {
        Place::At(index) => index,
        Place::Next | Place::Property(_) => 0,
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_say_where_a_text_belongs() {
        for (written, name, place) in [
            ("a", "a", Place::Next),
            ("a[]", "a", Place::Next),
            ("a[0]", "a", Place::At(0)),
            ("a[12]", "a", Place::At(12)),
            ("a[b]", "a", Place::Property("b")),
            ("a[-1]", "a", Place::Property("-1")),
            ("a[b][c]", "a", Place::Property("b][c")),
            ("a]", "a]", Place::Next),
            ("a[", "a[", Place::Next),
            ("[]", "", Place::Next),
        ] {
            let part = Part::of(written);
            assert_eq!((part.name, part.place), (name, place), "{written}");
        }
    }

    #[test]
    fn elements_are_in_the_order_of_their_indices() {
        let texts = |query| pairs(query).into_iter().map(|(_, text)| text.into_owned()).collect::<Vec<_>>();
        assert_eq!(texts("a[1]=y&a[0]=x"), ["x", "y"]);
        assert_eq!(texts("a=1&a=2&b[3]=4&a%5B2%5D=3"), ["1", "2", "3", "4"]);
    }
}
