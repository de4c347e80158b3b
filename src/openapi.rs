//! The exported OpenAPI documents: their metadata, and the execution of their examples.

#[cfg(feature = "cli")]
pub mod diff;

mod abridge;
mod enum_name;
mod error_response;
mod examples;
mod export;
mod first_version;
mod identifier;
mod links;
mod parameter;
mod publish;
mod share;
mod union;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, mpsc, watch};

use self::export::About;
use crate::{
    app, control,
    example::{self, Example},
    http::{self, Contract, DocumentId, DocumentedApi, Format, Operation, SERVER},
    json_schema::dialect::Spec,
    resource::{self, subscription::payload},
    runtime::clock::ClockSetting,
    state::{
        Settings, World,
        event::{Commit, Signal, Signals},
        fixture,
    },
    webhook,
};

/// An exported document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Document {
    /// The documented API.
    V3,
    /// The first version of the API, as far as it is documented.
    V1,
    /// The control API.
    Control,
}

/// A version of the OpenAPI specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Version {
    /// OpenAPI 3.1.
    #[cfg_attr(feature = "cli", value(name = "3.1"))]
    V31,
    /// OpenAPI 3.0.
    #[cfg_attr(feature = "cli", value(name = "3.0"))]
    V30,
}

/// A file format for documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Encoding {
    /// Indented JSON.
    Json,
    /// YAML.
    Yaml,
}

const V3: About = About {
    title: "Tiledesk REST API",
    description: include_str!("openapi/introduction.md"),
    address: Some("https://api.tiledesk.com/v3"),
    path: "/v3",
    closed: false,
};

const V1: About = About {
    title: "Tiledesk REST API, version 1",
    description: "The first version of the Tiledesk REST API, as publicly documented: signing in, and a project with \
                  its departments, leads, and requests.",
    address: Some("https://api.tiledesk.com/v1"),
    path: "/v1",
    closed: false,
};

const CONTROL: About = About {
    title: "tiledesk-mock control API",
    description: "Controls a running tiledesk-mock: its state, sandboxes, clock, faults, webhooks, journal, and \
                  coverage.",
    address: None,
    path: "/_control",
    closed: true,
};

/// Generates a document.
///
/// # Panics
///
/// Panics if the operations contradict each other, which tests rule out.
pub async fn write(document: Document, version: Version, encoding: Encoding) -> String {
    let spec = match version {
        Version::V31 => Spec::V31,
        Version::V30 => Spec::V30,
    };
    encoding.write(&published(document, spec).await)
}

impl From<DocumentedApi> for Document {
    fn from(api: DocumentedApi) -> Self {
        match api {
            DocumentedApi::V3 => Self::V3,
            DocumentedApi::V1 => Self::V1,
            DocumentedApi::Control => Self::Control,
        }
    }
}

impl Encoding {
    fn write(self, document: &Value) -> String {
        match self {
            Self::Json => serde_json::to_string_pretty(document).expect("a document serializes to JSON") + "\n",
            Self::Yaml => serde_yaml::to_string(document).expect("JSON converts to YAML"),
        }
    }
}

/// Lists the operations of the API, one per line: tag, ID, method, path, and minimum role.
#[must_use]
pub fn operations() -> String {
    struct Line<'a>(&'a Operation);

    impl fmt::Display for Line<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Operation { id, method, path, tag, role, .. } = self.0;
            let role = role.as_deref().unwrap_or("-");
            writeln!(f, "{tag:<16} {id:<28} {:<6} {path:<44} {role}", method.as_str())
        }
    }

    fn list<A: poem_openapi::OpenApi>(_: A, prefix: &str) -> Vec<Operation> {
        let operations = http::operations::<A>().into_iter();
        operations.map(|operation| Operation { path: format!("{prefix}{}", operation.path), ..operation }).collect()
    }

    let mut all = list(resource::operations(), "");
    all.extend(list(resource::first_version(), "/v1"));
    all.sort_by(|a, b| (a.tag, &a.path, a.method.as_str()).cmp(&(b.tag, &b.path, b.method.as_str())));
    all.iter().map(|operation| Line(operation).to_string()).collect()
}

/// The JSON Schema of each webhook payload, with the name of its event.
///
/// # Panics
///
/// Panics if the operations contradict each other, which tests rule out.
pub async fn webhooks() -> Vec<(String, String)> {
    let document = published(Document::V3, Spec::V31).await;
    let schemas = webhook::document::schemas(&document).into_iter();
    let text = |schema| serde_json::to_string_pretty(&schema).expect("a schema serializes to JSON") + "\n";
    schemas.map(|(name, schema)| (name.to_owned(), text(schema))).collect()
}

/// The documents, for the endpoint that serves them.
pub(crate) const DOCUMENTS: app::Documents =
    app::Documents { served: |id| Box::pin(served(id)), contract: || Box::pin(contract()) };

/// A document as it is served: with a placeholder for the server's address. Generated on first use.
pub(crate) async fn served(id: DocumentId) -> Bytes {
    static JSON: [OnceCell<Bytes>; DocumentId::COUNT] = [const { OnceCell::const_new() }; DocumentId::COUNT];
    static YAML: [OnceCell<Bytes>; DocumentId::COUNT] = [const { OnceCell::const_new() }; DocumentId::COUNT];
    let generate = || async {
        let mut document = published(id.api.into(), id.spec).await;
        document["servers"] = json!([{"url": SERVER, "description": "This server."}]);
        Encoding::Json.write(&document).into()
    };
    let json = JSON[id.index()].get_or_init(generate).await;
    match id.format {
        Format::Json => json.clone(),
        Format::Yaml => {
            let convert = || async {
                let document = serde_json::from_slice(json).expect("the document is JSON");
                Encoding::Yaml.write(&document).into()
            };
            YAML[id.index()].get_or_init(convert).await.clone()
        }
    }
}

/// The reference of the API as a static site: the name and the content of each file. It shows `first` first.
///
/// # Panics
///
/// Panics if the operations contradict each other, which tests rule out.
#[cfg(feature = "docs-ui")]
pub async fn site(first: Document) -> Vec<(String, Bytes)> {
    let mut documents = Vec::new();
    for api in [DocumentedApi::V3, DocumentedApi::V1, DocumentedApi::Control] {
        documents.push((api, write(api.into(), Version::V31, Encoding::Json).await.into()));
    }
    let first = documents.iter().map(|(api, _)| *api).find(|api| Document::from(*api) == first);
    http::site(first.unwrap_or(DocumentedApi::V3), documents)
}

/// Blocks until a document is generated.
pub(crate) fn wait<T>(written: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime without timers and sockets needs no system resources").block_on(written)
}

/// The contract that strict mode and the self-check validate against.
pub(crate) async fn contract() -> Arc<Contract> {
    static CONTRACT: OnceCell<Arc<Contract>> = OnceCell::const_new();
    let new = async || {
        let (examples, told) = examples().await;
        let mut current = v3(&examples, &told, Spec::V31);
        // Departs: Strict mode accepts a form for signing in, `hasbot` for `hasBot`, and JSON or an upload where the
        // exported document declares only the other; code generators fail on several content types, and on names that
        // differ only in case.
        //
        // The exported document mentions the form in the description of the operation.
        first_version::add_form(&mut current["paths"]["/auth/signin"]["post"], &examples);
        let contract = Contract::new(&current, &v1(examples, Spec::V31));
        Arc::new(contract.checking(&["create_subscription", "update_subscription"], unknown_event))
    };
    CONTRACT.get_or_init(new).await.clone()
}

/// Validates the event of a subscription, which the document declares as a plain string.
fn unknown_event(body: &Value) -> Vec<(&'static str, String)> {
    let problem = body["event"].as_str().and_then(payload::unknown_event);
    problem.map(|detail| ("/event", detail)).into_iter().collect()
}

/// A document as it is published.
async fn published(which: Document, spec: Spec) -> Value {
    let mut document = value(which, spec).await;
    publish::publish(&mut document, spec);
    document
}

/// A document as the server itself validates against it.
async fn value(which: Document, spec: Spec) -> Value {
    match which {
        Document::V3 => {
            let (examples, told) = examples().await;
            v3(&examples, &told, spec)
        }
        Document::V1 => v1(examples().await.0, spec),
        Document::Control => {
            let mut document = written(control::operations(), &CONTROL, spec, &[]);
            // Verifiers of pacts send further fields.
            document["components"]["schemas"]["ProviderState"]["additionalProperties"] = true.into();
            identifier::declare_once(&mut document);
            document
        }
    }
}

fn v3(examples: &[Example], told: &[Commit], spec: Spec) -> Value {
    let mut document = written(resource::operations(), &V3, spec, examples);
    drop_undocumented(&mut document);
    complete(&mut document, spec);
    if spec == Spec::V31 {
        webhook::document::add(&mut document, &webhook::document::examples(told));
    }
    identifier::declare_once(&mut document);
    document
}

fn v1(mut examples: Vec<Example>, spec: Spec) -> Value {
    examples.retain(first_version::shows);
    let mut document = written(resource::operations(), &V1, spec, &examples);
    export::overlay(&mut document, &written(resource::first_version(), &V1, spec, &examples));
    complete(&mut document, spec);
    let mut document = first_version::keep(document, &examples);
    identifier::declare_once(&mut document);
    document
}

/// Completes the parameters of a document.
fn complete(document: &mut Value, spec: Spec) {
    parameter::set_patterns(document);
    parameter::add_defaults(document, spec);
    parameter::add_examples(document);
}

fn written<A: poem_openapi::OpenApi>(api: A, about: &About, spec: Spec, examples: &[Example]) -> Value {
    let operations = http::operations::<A>();
    export::write(api, about, spec, &operations, examples)
}

/// Executes the documented exchanges in the default world. Returns them as examples, and their commits.
async fn examples() -> (Vec<Example>, Vec<Commit>) {
    let tables = fixture::parse("seed.json", fixture::DEFAULT).expect("the default world is valid, as tests show");
    let noon = ClockSetting::Frozen(1_767_268_800_000);
    let (sender, mut signalled) = mpsc::unbounded_channel();
    let listeners = watch::Sender::new(1).subscribe();
    let signals = Signals { sender, listeners, may_be_told: payload::may_be_told };
    let world = Arc::new(World::new(tables, Settings::of(noon), Some(signals)));
    let sandbox = world.default_sandbox().clone();
    let examples = example::examples(&http::endpoint(app::site(world, DOCUMENTS)), || {
        sandbox.reset();
    })
    .await;
    let mut told = Vec::new();
    while let Ok(signal) = signalled.try_recv() {
        if let Signal::Commit(commit) = signal {
            told.push(commit);
        }
    }
    (examples, told)
}

/// Removes undocumented operations.
fn drop_undocumented(document: &mut Value) {
    let items = document["paths"].as_object_mut().into_iter();
    for paths in items {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            let is_documented = |node: &Value| !resource::UNDOCUMENTED.iter().any(|id| node["operationId"] == *id);
            item.retain(|_, node| is_documented(node));
        }
        paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
    }
    export::drop_unused(document);
}
