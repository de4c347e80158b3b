//! The exported documents: which there are, what they say of themselves, and where their examples come from.

mod examples;
mod export;
mod first_version;
mod identifier;
mod links;
mod parameter;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use clap::ValueEnum;
use serde_json::Value;
use tokio::sync::{OnceCell, mpsc, watch};

use self::export::About;
use crate::{
    app, control,
    example::{self, Example},
    http::{self, Contract, Format, Operation},
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

/// The documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Document {
    /// The API as documented today.
    V3,
    /// What the pages of the first version document.
    V1,
    /// The control API.
    Control,
}

/// The versions of the specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Version {
    /// OpenAPI 3.1.
    #[value(name = "3.1")]
    V31,
    /// OpenAPI 3.0.
    #[value(name = "3.0")]
    V30,
}

/// The formats of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Encoding {
    /// JSON, indented.
    Json,
    /// YAML.
    Yaml,
}

const V3: About = About {
    title: "Tiledesk REST API",
    description: "The REST API of Tiledesk, an open-source live-chat and helpdesk platform, as its public documentation \
                  describes it and as tiledesk-mock serves it: leads, conversations, teams, bots, webhooks and what belongs to them.",
    server: "http://127.0.0.1:4010/v3",
    closed: false,
};

const V1: About = About {
    title: "Tiledesk REST API, version 1",
    description: "What the pages of the first version of the Tiledesk REST API document: signing in, and the project with its departments, leads and requests.",
    server: "http://127.0.0.1:4010/v1",
    closed: false,
};

const CONTROL: About = About {
    title: "tiledesk-mock control API",
    description: "What tests do to tiledesk-mock and could not do to the real API: reset, export and import its state.",
    server: "http://127.0.0.1:4010/_control",
    closed: true,
};

/// Writes a document.
///
/// # Panics
///
/// When the operations contradict each other, which a test excludes.
pub async fn write(document: Document, version: Version, encoding: Encoding) -> String {
    let spec = match version {
        Version::V31 => Spec::V31,
        Version::V30 => Spec::V30,
    };
    let value = value(document, spec).await;
    match encoding {
        Encoding::Json => serde_json::to_string_pretty(&value).expect("a document is JSON") + "\n",
        Encoding::Yaml => serde_yaml::to_string(&value).expect("JSON can be said in YAML"),
    }
}

/// One line for each operation of the API: id, method, path, least role.
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

/// The JSON Schema of what each webhook tells, by the name of its event.
///
/// # Panics
///
/// When the operations contradict each other, which a test excludes.
pub async fn webhooks() -> Vec<(String, String)> {
    let document = value(Document::V3, Spec::V31).await;
    let schemas = webhook::document::schemas(&document).into_iter();
    let text = |schema| serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    schemas.map(|(name, schema)| (name.to_owned(), text(schema))).collect()
}

/// The documents, for the endpoint that serves them.
pub(crate) const DOCUMENTS: app::Documents =
    app::Documents { served: |format| Box::pin(served(format)), contract: || Box::pin(contract()) };

/// What `/openapi.json` and `/openapi.yaml` answer. It is written when it is asked for the first time.
pub(crate) async fn served(format: Format) -> Bytes {
    static JSON: OnceCell<Bytes> = OnceCell::const_new();
    static YAML: OnceCell<Bytes> = OnceCell::const_new();
    let (cell, encoding) = match format {
        Format::Json => (&JSON, Encoding::Json),
        Format::Yaml => (&YAML, Encoding::Yaml),
    };
    cell.get_or_init(|| async { write(Document::V3, Version::V31, encoding).await.into() }).await.clone()
}

/// Waits for a document where nothing can be awaited.
pub(crate) fn wait<T>(written: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime without timers and sockets needs nothing of the machine").block_on(written)
}

/// The documents as rules.
pub(crate) async fn contract() -> Arc<Contract> {
    static CONTRACT: OnceCell<Arc<Contract>> = OnceCell::const_new();
    let new = async || {
        let v3 = serde_json::from_slice(&served(Format::Json).await).expect("a document is JSON");
        let contract = Contract::new(&v3, &value(Document::V1, Spec::V31).await);
        Arc::new(contract.checking(&["create_subscription", "update_subscription"], unknown_event))
    };
    CONTRACT.get_or_init(new).await.clone()
}

/// What is wrong with the event of a subscription, which is any text to the document.
fn unknown_event(body: &Value) -> Vec<(&'static str, String)> {
    let problem = body["event"].as_str().and_then(payload::unknown_event);
    problem.map(|detail| ("/event", detail)).into_iter().collect()
}

async fn value(which: Document, spec: Spec) -> Value {
    let mut document = match which {
        Document::V3 => {
            let (examples, told) = examples().await;
            let mut document = written(resource::operations(), &V3, spec, &examples);
            drop_undocumented(&mut document);
            parameter::add_defaults(&mut document, spec);
            take_misspelt_fields(&mut document);
            if spec == Spec::V31 {
                webhook::document::add(&mut document, &webhook::document::examples(&told));
            }
            document
        }
        Document::V1 => {
            let (mut examples, _) = examples().await;
            examples.retain(first_version::shows);
            let mut document = written(resource::operations(), &V1, spec, &examples);
            export::overlay(&mut document, &written(resource::first_version(), &V1, spec, &examples));
            parameter::add_defaults(&mut document, spec);
            take_misspelt_fields(&mut document);
            first_version::keep(document, &examples)
        }
        Document::Control => written(control::operations(), &CONTROL, spec, &[]),
    };
    identifier::declare_once(&mut document);
    document
}

/// The printed call that creates a lead misspells a field, which is ignored like every other unknown one.
fn take_misspelt_fields(document: &mut Value) {
    document["components"]["schemas"]["NewLead"]["additionalProperties"] = true.into();
}

fn written<A: poem_openapi::OpenApi>(api: A, about: &About, spec: Spec, examples: &[Example]) -> Value {
    let operations = http::operations::<A>();
    export::write(api, about, spec, &operations, examples)
}

/// The answers of the default world to the documented exchanges, and what they committed: every example was executed.
async fn examples() -> (Vec<Example>, Vec<Commit>) {
    let tables = fixture::parse("seed.json", fixture::DEFAULT).expect("the default world is valid: a test reads it");
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

/// Drops the operations that no page documents.
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
