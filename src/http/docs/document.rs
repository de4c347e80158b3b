//! The served documents: selection, and the address of the server in them.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use poem::{Request, Response};

use crate::{
    http::{
        DocumentFn, Format,
        asset::Asset,
        mistake,
        path::version,
        problem::{Problem, ProblemDetail},
        response::JSON,
    },
    json_schema::dialect::Spec,
    value::suggest,
};

/// Stands for the base URL in documents before they are served.
pub(crate) const SERVER: &str = "https://server.invalid";

/// Number of documents kept compressed. Each sandbox path has its own.
const KEPT: usize = 16;

/// The API that a document describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Api {
    V3,
    V1,
    Control,
}

/// One of the documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DocumentId {
    pub(crate) api: Api,
    pub(crate) spec: Spec,
    pub(crate) format: Format,
}

const APIS: [(&str, Api); 3] = [("v3", Api::V3), ("v1", Api::V1), ("control", Api::Control)];
const SPECS: [(&str, Spec); 2] = [("3.1", Spec::V31), ("3.0", Spec::V30)];

impl Api {
    pub(super) fn name(self) -> &'static str {
        APIS[self as usize].0
    }

    /// The API served below a path.
    pub(super) fn below(folder: &str) -> Option<Self> {
        match (folder, version(folder)) {
            ("/_control", _) => Some(Self::Control),
            (_, (Some("/v1"), "")) => Some(Self::V1),
            (_, (_, "")) => Some(Self::V3),
            _ => None,
        }
    }

    /// The base path of the API for a document at `path`: the same prefix if it serves this API.
    pub(super) fn base(self, path: &str) -> &str {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match self {
            _ if !folder.is_empty() && Self::below(folder) == Some(self) => folder,
            Self::V3 => "/v3",
            Self::V1 => "/v1",
            Self::Control => "/_control",
        }
    }
}

impl DocumentId {
    /// The document that the contract is read from.
    pub(crate) const CONTRACT: Self = Self { api: Api::V3, spec: Spec::V31, format: Format::Json };

    /// Number of documents in one format.
    pub(crate) const COUNT: usize = APIS.len() * SPECS.len();

    /// Position among the documents in one format.
    pub(crate) fn index(self) -> usize {
        self.api as usize * SPECS.len() + usize::from(self.spec == Spec::V30)
    }
}

/// The document that a query selects.
pub(super) fn asked(default: Api, format: Format, query: Option<&str>) -> Result<DocumentId, Problem> {
    fn choose<T: Copy>(name: &str, value: &str, known: &[(&str, T)], chosen: &mut T) -> Option<ProblemDetail> {
        match known.iter().find(|(name, _)| *name == value) {
            Some((_, found)) => {
                *chosen = *found;
                None
            }
            None => Some(ProblemDetail {
                pointer: format!("/query/{name}").into(),
                detail: suggest::unknown(name, value, known.iter().map(|(name, _)| *name)).into(),
            }),
        }
    }

    let query = query.unwrap_or_default();
    let mut id = DocumentId { api: default, spec: Spec::V31, format };
    let mut mistakes = mistake::in_query(&["api", "spec"].into_iter(), query);
    if mistakes.is_empty() {
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            mistakes.extend(match &*name {
                "api" => choose("api", &value, &APIS, &mut id.api),
                _ => choose("spec", &value, &SPECS, &mut id.spec),
            });
        }
    }
    if mistakes.is_empty() { Ok(id) } else { Err(Problem::bad("The request is invalid.", mistakes)) }
}

/// Responds with a document whose server is at `server`.
pub(super) async fn answer(request: &Request, id: DocumentId, server: String, document: DocumentFn) -> Response {
    let written = document(id).await;
    let asset = kept(id, &server, &written);
    let content_type = match id.format {
        Format::Json => JSON,
        Format::Yaml => "application/yaml",
    };
    asset.answer(request, content_type, || with_server(&written, &server))
}

/// Documents with their servers.
type Assets = VecDeque<(DocumentId, String, Arc<Asset>)>;

/// The asset of a document. The last few are cached.
fn kept(id: DocumentId, server: &str, written: &[u8]) -> Arc<Asset> {
    static ASSETS: Mutex<Assets> = Mutex::new(VecDeque::new());
    let known = |assets: &Assets| {
        let mut assets = assets.iter();
        assets.find(|(known, address, _)| *known == id && address == server).map(|(.., asset)| asset.clone())
    };
    if let Some(asset) = known(&ASSETS.lock()) {
        return asset;
    }
    let asset = Arc::new(Asset::of(&with_server(written, server)));
    let mut assets = ASSETS.lock();
    assets.truncate(KEPT - 1);
    assets.push_front((id, server.to_owned(), asset.clone()));
    asset
}

/// Writes the address of the server into a document.
fn with_server(written: &[u8], server: &str) -> Bytes {
    let places = written.windows(SERVER.len()).position(|part| part == SERVER.as_bytes());
    let Some(mut start) = places else { return Bytes::copy_from_slice(written) };
    let mut end = start + SERVER.len();
    // JSON quotes it, YAML does not, and a JSON string is valid in both.
    if written[..start].ends_with(b"\"") {
        (start, end) = (start - 1, end + 1);
    }
    let server = serde_json::Value::from(server).to_string();
    [&written[..start], server.as_bytes(), &written[end..]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_server_is_quoted() {
        let json = format!("{{\"servers\": [{{\"url\": \"{SERVER}\"}}]}}");
        let yaml = format!("servers:\n- url: {SERVER}\n");
        for (server, quoted) in [("http://a:1/v3", "\"http://a:1/v3\""), ("/a\"b", "\"/a\\\"b\"")] {
            assert_eq!(with_server(json.as_bytes(), server), format!("{{\"servers\": [{{\"url\": {quoted}}}]}}"));
            assert_eq!(with_server(yaml.as_bytes(), server), format!("servers:\n- url: {quoted}\n"));
        }
    }

    #[test]
    fn a_document_names_the_prefix_under_which_it_is_served() {
        for (api, path, base) in [
            (Api::V3, "/openapi.json", "/v3"),
            (Api::V3, "/api/v2/openapi.json", "/api/v2"),
            (Api::V1, "/openapi.json", "/v1"),
            (Api::V1, "/api/v1/openapi.yaml", "/api/v1"),
            (Api::V1, "/v3/openapi.json", "/v1"),
            (Api::V3, "/_control/openapi.json", "/v3"),
            (Api::Control, "/v1/openapi.json", "/_control"),
        ] {
            assert_eq!(api.base(path), base, "{path}");
        }
    }
}
