//! Paths: normalization, version prefixes, and path arguments.

use std::{borrow::Cow, ops::Deref};

use percent_encoding::percent_decode_str;
use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ParsePathError,
    registry::{MetaParamIn, MetaSchemaRef, Registry},
    types::ParseFromParameter,
};

use super::context::RequestContext;

/// Splits off the version prefix, which the real API's proxies strip.
pub(crate) fn version(path: &str) -> (Option<&'static str>, &str) {
    let versioned = path.strip_prefix("/api").filter(|rest| starts_segment(rest)).unwrap_or(path);
    let rest = ["/v1", "/v2", "/v3"].into_iter().find_map(|version| Some((version, versioned.strip_prefix(version)?)));
    match rest.filter(|(_, rest)| starts_segment(rest)) {
        Some((version, rest)) => (Some(version), rest),
        None => (None, versioned),
    }
}

/// Whether the path, as sent, has the prefix of version 1.
pub(crate) fn is_first_version(path: &str) -> bool {
    let path = merged(path);
    let path = path.strip_prefix("/_sandbox/").and_then(|rest| rest.find('/').map(|end| &rest[end..])).unwrap_or(&path);
    version(path).0 == Some("/v1")
}

/// Whether a call belongs to the realtime API: by its path `/ws`, or as an upgrade of the root, which newer clients
/// reach as `/api`.
pub(crate) fn is_realtime(headers: &HeaderMap, path: &str) -> bool {
    let upgrades =
        || headers.get(header::UPGRADE).is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"));
    path == "/ws" || path == "/" && upgrades()
}

/// The path without empty segments. Clients rely on the proxies in front of the real API, which merge slashes. Encoded
/// slashes stay, because identifiers may contain them.
//
// Departs: Repeated slashes in a path count as one; the reference server ignores them only where its routers are
// joined.
pub(crate) fn merged(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return path.into();
    }
    // An empty sandbox name must stay empty rather than become the next segment.
    let (start, rest) = path.strip_prefix("/_sandbox//").map_or(("", path), |rest| ("/_sandbox//", rest));
    let mut merged = String::with_capacity(path.len());
    merged.push_str(start);
    for letter in rest.chars() {
        if letter != '/' || !merged.ends_with('/') {
            merged.push(letter);
        }
    }
    merged.into()
}

/// Whether a word has the form of an object ID.
pub(crate) fn is_object_id(word: &str) -> bool {
    word.len() == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn starts_segment(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The path without its insignificant trailing slash, and without the stray quote after an ID at the end of an example
/// in the documentation.
pub(crate) fn canonical(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    match path.strip_suffix('\'').filter(|rest| rest.rsplit('/').next().is_some_and(is_object_id)).unwrap_or(path) {
        "" => "/",
        path => path,
    }
}

/// The values of a call's path placeholders.
#[derive(Clone, Default)]
pub(crate) struct Arguments {
    /// Alternating names and values, as sent.
    text: String,
    /// End offsets in `text` of each name and of its value.
    ends: Vec<(usize, usize)>,
}

impl Arguments {
    pub(crate) fn new<'a>(arguments: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut text, mut ends) = (String::with_capacity(128), Vec::with_capacity(8));
        for (name, value) in arguments {
            text.push_str(name);
            let middle = text.len();
            text.push_str(value);
            ends.push((middle, text.len()));
        }
        Self { text, ends }
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(middle, end)| {
            (&self.text[std::mem::replace(&mut start, end)..middle], &self.text[middle..end])
        })
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.pairs().map(|(_, value)| value)
    }

    /// The decoded value of a placeholder. Invalid UTF-8 is decoded lossily, since no name contains it.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.pairs().find(|(known, _)| *known == name)?;
        let is_encoded = value.contains('%');
        Some(if is_encoded { percent_decode_str(value).decode_utf8_lossy() } else { value.into() })
    }
}

/// Descriptions of path parameters, by name. An operation whose parameter means something else documents it itself.
const PARAMETERS: [(&str, &str); 14] = [
    ("bot_id", "Identifier of the bot."),
    ("canned_response_id", "Identifier of the canned response."),
    ("content_id", "Identifier of the content item (`_id`)."),
    ("department_id", "Identifier of the department."),
    ("group_id", "Identifier of the group."),
    ("lang", "Language code, such as `EN`."),
    ("lead_id", "Identifier of the lead (`_id`)."),
    ("namespace_id", "Identifier of the knowledge base (`id`)."),
    ("project_id", "Identifier of the project."),
    ("project_user_id", "Identifier of the teammate (`_id`)."),
    ("request_id", "Identifier of the request chosen by the client (`request_id`)."),
    ("segment_id", "Identifier of the segment (`_id`)."),
    ("subscription_id", "Identifier of the subscription (`_id`)."),
    ("tag_id", "Identifier of the tag (`_id`)."),
];

/// The description of a path parameter that its operation does not document.
pub(super) fn describe(name: &str) -> Option<String> {
    PARAMETERS.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
}

/// A path argument.
pub(crate) struct Path<T>(pub(crate) T);

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'a, T: ParseFromParameter> ApiExtractor<'a> for Path<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = T;
    type ParamRawType = T::RawValueType;

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(T::schema_ref())
    }

    fn param_raw_type(&self) -> Option<&T::RawValueType> {
        self.0.as_raw_value()
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        options: ExtractParamOptions<T>,
    ) -> poem::Result<Self> {
        let name = options.name;
        let refused = |reason: String| ParsePathError { name, reason };
        let parsed = T::parse_from_parameters(RequestContext::of(request).arguments.get(name));
        Ok(Self(parsed.map_err(|error| refused(error.into_message()))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_prefixes_and_trailing_slashes_are_removed() {
        let cases = [
            ("/v3/p/leads", "/p/leads"),
            ("/v1/auth/signin", "/auth/signin"),
            ("/api/v2/p/leads/", "/p/leads"),
            ("/api/p/leads", "/p/leads"),
            ("/p/leads", "/p/leads"),
            ("/v34/leads", "/v34/leads"),
            ("/apis/leads", "/apis/leads"),
            ("/v3", "/"),
            ("/v3/", "/"),
            ("/v3/projects/62c3f10152dc7400352bab0d'", "/projects/62c3f10152dc7400352bab0d"),
            ("/v3/p/leads/1/tag/it's'", "/p/leads/1/tag/it's'"),
        ];
        for (path, expected) in cases {
            assert_eq!(canonical(version(path).1), expected, "{path}");
        }
    }

    #[test]
    fn first_version_is_recognized_by_prefix() {
        for path in ["/v1/p/leads", "/api/v1/p", "/_sandbox/one/v1/p", "//v1//p", "/v1"] {
            assert!(is_first_version(path), "{path}");
        }
        for path in ["/v3/p/leads", "/p/v1", "/_sandbox/v1", "/_sandbox/one/v2/p/v1", "/v10/p", "/"] {
            assert!(!is_first_version(path), "{path}");
        }
    }

    #[test]
    fn empty_segments_are_removed_and_encoded_slashes_kept() {
        for (path, expected) in [
            ("/p/requests//me", "/p/requests/me"),
            ("//v3///p//", "/v3/p/"),
            ("/p/requests/a%2F%2Fb", "/p/requests/a%2F%2Fb"),
            ("/", "/"),
            ("//", "/"),
        ] {
            assert_eq!(merged(path), expected, "{path}");
        }
    }

    #[test]
    fn arguments_are_found_by_name() {
        assert_eq!(Arguments::default().get("a"), None);
        let sent = [("a", "b"), ("b", "a"), ("c", "x%2Fy%20%F0%9F%91%8B"), ("d", "%ff!")];
        let arguments = Arguments::new(sent.into_iter());
        assert!(arguments.values().eq(sent.map(|(_, value)| value)));
        let found = ["a", "b", "c", "d", "e", ""].map(|name| arguments.get(name));
        let found = found.each_ref().map(Option::as_deref);
        assert_eq!(found, [Some("b"), Some("a"), Some("x/y 👋"), Some("\u{fffd}!"), None, None]);
    }
}
