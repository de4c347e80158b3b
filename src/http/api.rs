//! The aggregate of all operations: one path a key, every argument where the document expects it, every route under the
//! name of its operation.
//!
//! poem-openapi would write a path of two impls twice, and let the last of two equal operations win silently; here the
//! first is merged and the second panics, before anything is served.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    marker::PhantomData,
};

use futures_util::future::BoxFuture;
use poem::{
    EndpointExt, Request, Response,
    endpoint::{BoxEndpoint, make_sync},
    error::{MethodNotAllowedError, NotFoundError},
    http::Method,
};
use poem_openapi::{
    OpenApi, ParameterStyle,
    registry::{MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaSchemaRef, Registry},
    types::Type,
};

use super::{error, member, observe, path::Arguments};
use crate::world::{
    Error, Given,
    error::{Kind, Words},
};

/// One operation, as the router, the journal and the document know it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    /// With placeholders in braces, without a version prefix.
    pub(crate) path: String,
    pub(crate) tag: &'static str,
    /// The least role that may call it, where one is needed.
    pub(crate) role: Option<String>,
}

/// APIs whose paths are relative to a project: puts the project's own path before each.
pub(crate) struct Scoped<A, P = Root>(A, PhantomData<fn() -> P>);

/// Where projects are: at the root, or under a word of their own.
pub(crate) trait Under: 'static {
    const PATH: &'static str;
}

/// `/{project_id}/…`
pub(crate) struct Root;

/// `/projects/{project_id}/…`
pub(crate) struct Projects;

impl Under for Root {
    const PATH: &'static str = "";
}

impl Under for Projects {
    const PATH: &'static str = "/projects";
}

impl<A, P> Scoped<A, P> {
    pub(crate) fn new(api: A) -> Self {
        Self(api, PhantomData)
    }
}

impl<A: OpenApi, P: Under> OpenApi for Scoped<A, P> {
    fn meta() -> Vec<MetaApi> {
        let mut apis = A::meta();
        for path in apis.iter_mut().flat_map(|api| &mut api.paths) {
            path.path = format!("{}/{{project_id}}{}", P::PATH, path.path.trim_end_matches('/'));
            for operation in &mut path.operations {
                operation.params.insert(0, project_parameter());
            }
        }
        apis
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let mut inner = HashMap::new();
        self.0.add_routes(&mut inner);
        for (path, methods) in inner {
            let path = format!("{}/:project_id{}", P::PATH, path.trim_end_matches('/'));
            routes.entry(path).or_default().extend(methods);
        }
    }
}

fn project_parameter() -> MetaOperationParam {
    MetaOperationParam {
        name: "project_id".into(),
        schema: Given::<()>::schema_ref(),
        in_type: MetaParamIn::Path,
        description: Some("Identifier of the project.".into()),
        required: true,
        deprecated: false,
        explode: true,
        style: None,
    }
}

/// All operations of `A` as one.
pub(crate) struct Api<A>(pub(crate) A);

impl<A: OpenApi> OpenApi for Api<A> {
    fn meta() -> Vec<MetaApi> {
        let mut paths: BTreeMap<String, Vec<MetaOperation>> = BTreeMap::new();
        for (path, mut operation) in declared::<A>() {
            let known = paths.entry(path.clone()).or_default();
            let twice = known.iter().any(|other| other.method == operation.method);
            assert!(!twice, "{} {path} is declared twice", operation.method);
            operation.params = operation.params.into_iter().flat_map(expand).collect();
            check_placeholders(&path, &operation);
            // An operation that documents all refusals as one has no others.
            if operation.responses.responses.iter().all(|response| response.status_range.is_none()) {
                operation.responses.responses.extend(error::documented(&operation));
            }
            known.push(operation);
        }
        vec![MetaApi { paths: paths.into_iter().map(|(path, operations)| MetaPath { path, operations }).collect() }]
    }

    fn register(registry: &mut Registry) {
        error::Refusal::register(registry);
        A::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}

/// All operations with their paths, as they are declared.
fn declared<A: OpenApi>() -> impl Iterator<Item = (String, MetaOperation)> {
    let paths = A::meta().into_iter().flat_map(|api| api.paths);
    paths.flat_map(|path| path.operations.into_iter().map(move |operation| (path.path.clone(), operation)))
}

/// A query struct becomes one parameter per property; the role is no parameter at all.
fn expand(parameter: MetaOperationParam) -> Vec<MetaOperationParam> {
    match (parameter.in_type, &parameter.schema) {
        (_, MetaSchemaRef::Inline(schema)) if schema.ty == member::ROLE => Vec::new(),
        (MetaParamIn::Query, MetaSchemaRef::Inline(object)) if object.ty == "object" => object
            .properties
            .iter()
            .map(|(name, schema)| MetaOperationParam {
                name: (*name).to_owned(),
                schema: schema.clone(),
                in_type: MetaParamIn::Query,
                description: description(schema),
                required: object.required.contains(name),
                deprecated: false,
                explode: true,
                style: style(schema),
            })
            .collect(),
        _ => vec![parameter],
    }
}

/// Objects are written `name[key]=value`.
fn style(schema: &MetaSchemaRef) -> Option<ParameterStyle> {
    match schema {
        MetaSchemaRef::Inline(schema) if schema.ty == "object" => Some(ParameterStyle::DeepObject),
        _ => None,
    }
}

fn description(schema: &MetaSchemaRef) -> Option<String> {
    match schema {
        MetaSchemaRef::Inline(schema) => schema.description.map(str::to_owned),
        MetaSchemaRef::Reference(_) => None,
    }
}

/// Path arguments are bound by position: two that are swapped would swap their values silently.
fn check_placeholders(path: &str, operation: &MetaOperation) {
    let arguments = operation.params.iter().filter(|parameter| parameter.in_type == MetaParamIn::Path);
    let arguments: Vec<_> = arguments.map(|parameter| parameter.name.as_str()).collect();
    let placeholders: Vec<_> = placeholders(path).collect();
    assert_eq!(arguments, placeholders, "the path arguments of {:?} at {path}", operation.operation_id);
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// The operations of an aggregate, ordered by path.
pub(crate) fn operations<A: OpenApi>() -> Vec<Operation> {
    let mut all: Vec<_> = declared::<A>()
        .map(|(path, operation)| Operation {
            id: operation.operation_id.expect("every operation has an id"),
            tag: operation.tags.first().expect("every operation has a tag"),
            role: role(&operation),
            method: operation.method,
            path,
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

fn role(operation: &MetaOperation) -> Option<String> {
    operation.params.iter().find_map(|parameter| match &parameter.schema {
        MetaSchemaRef::Inline(schema) if schema.ty == member::ROLE => schema.title.clone(),
        _ => None,
    })
}

/// An operation that the API is known to have and that is not built: its name, method and path.
pub(crate) type Unbuilt = (&'static str, &'static str, &'static str);

/// The routes of an aggregate, each operation wrapped, and what is needed to refuse well.
pub(crate) struct Router {
    places: matchit::Router<Place>,
    operations: Vec<Operation>,
    unbuilt: &'static [Unbuilt],
    /// The fixed words of all paths, as they are and in lower case.
    words: HashSet<String>,
    lower_words: HashSet<String>,
}

impl Router {
    pub(crate) fn new<A: OpenApi>(api: A, unbuilt: &'static [Unbuilt]) -> Self {
        let operations = operations::<A>();
        let by_route: HashMap<_, _> = operations
            .iter()
            .map(|operation| ((operation.method.clone(), anonymous(&operation.path)), operation))
            .collect();
        let mut routes = HashMap::new();
        api.add_routes(&mut routes);
        let mut all: HashMap<_, _> =
            routes.into_iter().map(|(path, methods)| (anonymous(&path), (braced(&path), methods))).collect();
        for (name, method, template) in unbuilt {
            let (_, methods) =
                all.entry(anonymous(template)).or_insert_with(|| ((*template).to_owned(), HashMap::new()));
            let method = Method::from_bytes(method.as_bytes()).expect("the list names methods of HTTP");
            methods.entry(method).or_insert_with_key(|method| not_built(name, method, template));
        }
        let mut places = matchit::Router::new();
        for (place, (path, methods)) in all {
            let methods = methods.into_iter().map(|(method, endpoint)| {
                let operation = by_route.get(&(method.clone(), place.clone())).map(|operation| (*operation).clone());
                (method, Named { operation, endpoint })
            });
            places.insert(path, Place(methods.collect())).expect("paths that are alike are one");
        }
        let fixed = operations.iter().flat_map(|operation| operation.path.split('/'));
        let words: HashSet<_> = fixed.filter(|word| !word.starts_with('{')).map(str::to_owned).collect();
        assert!(
            !words.iter().any(|word| word.contains(|byte: char| byte.is_ascii_digit())),
            "a word of a path has a digit"
        );
        let lower_words = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        Self { places, operations, unbuilt, words, lower_words }
    }

    /// What answers the calls of a path, and what stands in it for placeholders. Words may be spelt in another case.
    pub(super) fn find(&self, method: &Method, path: &str) -> poem::Result<(&Named, Arguments)> {
        // Only what stands for a placeholder can be a word that is misspelt.
        let is_spelt = |arguments: &Arguments| !arguments.values().any(|value| self.is_misspelt(value));
        let (place, arguments) = match self.at(path) {
            Some(found) if is_spelt(&found.1) => found,
            found => self.respell(path).map_or(found, |path| self.at(&path)).ok_or(NotFoundError)?,
        };
        let named = place.0.iter().find(|(known, _)| known == method).map(|(_, named)| named);
        Ok((named.ok_or(MethodNotAllowedError)?, arguments))
    }

    fn at(&self, path: &str) -> Option<(&Place, Arguments)> {
        self.places.at(path).ok().map(|found| (found.value, Arguments::new(found.params.iter())))
    }

    /// Whether an operation has this method and path.
    pub(crate) fn knows(&self, method: &Method, path: &str) -> bool {
        self.operations.iter().any(|operation| operation.method == *method && matches(&operation.path, path))
    }

    /// The methods of a path: what a refused method's `Allow` says.
    pub(crate) fn allowed(&self, path: &str) -> String {
        let operations = self.operations.iter().map(|operation| (operation.method.as_str(), &*operation.path));
        let operations = operations.chain(self.unbuilt.iter().map(|(_, method, path)| (*method, *path)));
        let mut methods: Vec<_> =
            operations.filter(|(_, known)| matches(known, path)).map(|(method, _)| method).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.join(", ")
    }

    /// The path in the spelling of the document, for one that differs from it in the case of its words only.
    fn respell(&self, path: &str) -> Option<String> {
        if !path.split('/').any(|word| self.is_misspelt(word)) {
            return None;
        }
        let operation = self.operations.iter().find(|operation| matches(&operation.path, path))?;
        let words = operation.path.split('/').zip(path.split('/'));
        let words: Vec<_> = words.map(|(known, given)| if known.starts_with('{') { given } else { known }).collect();
        Some(words.join("/"))
    }

    fn is_misspelt(&self, word: &str) -> bool {
        // Most identifiers have a digit, and need not be looked up.
        !word.bytes().any(|byte| byte.is_ascii_digit())
            && !self.words.contains(word)
            && self.lower_words.contains(&word.to_ascii_lowercase())
    }
}

fn matches(template: &str, path: &str) -> bool {
    let mut given = path.split('/');
    let fits = |known: &str, given: &str| {
        if known.starts_with('{') { !given.is_empty() } else { known.eq_ignore_ascii_case(given) }
    };
    template.split('/').all(|known| given.next().is_some_and(|given| fits(known, given))) && given.next().is_none()
}

/// What says that an operation is not built.
fn not_built(name: &str, method: &Method, template: &str) -> BoxEndpoint<'static> {
    let text = format!("The operation {name} ({method} {template}) is known but not built.");
    let endpoint = make_sync(move |_: Request| -> poem::Result<Response> {
        Err(Error::new(Kind::NotBuilt, Words::Msg(text.clone().into())).into())
    });
    endpoint.boxed()
}

/// The path with its placeholders unnamed: the same from the router's side and from the document's.
fn anonymous(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with([':', '{']) { "{_}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The same with placeholders in braces, as the document has it.
fn braced(path: &str) -> String {
    let segment = |segment: &str| segment.strip_prefix(':').map_or(segment.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// What answers the calls of a path, by method.
struct Place(Vec<(Method, Named)>);

/// An endpoint that knows which operation it is, if it is one.
pub(super) struct Named {
    operation: Option<Operation>,
    endpoint: BoxEndpoint<'static>,
}

impl Named {
    pub(super) fn call(&self, request: Request) -> BoxFuture<'_, poem::Result<Response>> {
        match &self.operation {
            Some(operation) => observe::operate(operation, request, &self.endpoint),
            None => self.endpoint.call(request),
        }
    }
}
