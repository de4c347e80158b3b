//! Query parameter names in the notations that clients use: `a`, `a[]`, `a[0]`, and `a[key]`.

use std::borrow::Cow;

/// A parsed parameter name: the parameter, and the place within it that the value belongs to.
pub(crate) struct Part<'a> {
    /// The parameter name without brackets.
    pub(crate) name: &'a str,
    pub(crate) place: Place<'a>,
}

/// The place of a value within a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place<'a> {
    /// The parameter itself, or the next element of a list.
    Next,
    /// The list element at this index.
    At(u32),
    /// The object property with this name.
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

/// The names and values of a query, with list elements sorted by index.
pub(crate) fn pairs(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    // The sort may interleave elements of different lists, which does no harm.
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
    fn brackets_determine_the_place_of_a_value() {
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
    fn list_elements_are_sorted_by_index() {
        let texts = |query| pairs(query).into_iter().map(|(_, text)| text.into_owned()).collect::<Vec<_>>();
        assert_eq!(texts("a[1]=y&a[0]=x"), ["x", "y"]);
        assert_eq!(texts("a=1&a=2&b[3]=4&a%5B2%5D=3"), ["1", "2", "3", "4"]);
    }
}
