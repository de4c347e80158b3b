//! The aggregate of all operations: one path a key, every argument where the document expects it, every route under the
//! name of its operation.
//!
//! poem-openapi would write a path of two impls twice, and let the last of two equal operations win silently; here the
//! first is merged and the second panics, before anything is served.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    marker::PhantomData,
};

use poem::{
    Endpoint, EndpointExt, Request, Response, Route, RouteMethod,
    endpoint::{BoxEndpoint, make_sync},
    http::Method,
};
use poem_openapi::{
    OpenApi, ParameterStyle,
    registry::{MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaSchemaRef, Registry},
    types::Type,
};

use super::{error, member, observe};
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
        for path in A::meta().into_iter().flat_map(|api| api.paths) {
            let known = paths.entry(path.path.clone()).or_default();
            for mut operation in path.operations {
                let twice = known.iter().any(|other| other.method == operation.method);
                assert!(!twice, "{} {} is declared twice", operation.method, path.path);
                operation.params = operation.params.into_iter().flat_map(expand).collect();
                check_placeholders(&path.path, &operation);
                operation.responses.responses.extend(error::documented(&operation));
                known.push(operation);
            }
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
    let roles: HashMap<_, _> = A::meta()
        .into_iter()
        .flat_map(|api| api.paths)
        .flat_map(|path| path.operations)
        .filter_map(|operation| Some((operation.operation_id?, role(&operation)?)))
        .collect();
    let mut all = Vec::new();
    for path in Api::<A>::meta().into_iter().flat_map(|api| api.paths) {
        for operation in path.operations {
            let id = operation.operation_id.expect("every operation has an id");
            let tag = *operation.tags.first().expect("every operation has a tag");
            let (method, path) = (operation.method, path.path.clone());
            all.push(Operation { id, method, path, tag, role: roles.get(id).cloned() });
        }
    }
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
    route: Route,
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
        for operation in unbuilt {
            add_unbuilt(&mut routes, operation);
        }
        let route = routes.into_iter().fold(Route::new(), |route, (path, methods)| {
            let methods = methods.into_iter().fold(RouteMethod::new(), |known, (method, endpoint)| {
                match by_route.get(&(method.clone(), anonymous(&path))) {
                    Some(operation) => known.method(method, Named { operation: (*operation).clone(), endpoint }),
                    None => known.method(method, endpoint),
                }
            });
            route.at(path, methods)
        });
        let fixed = operations.iter().flat_map(|operation| operation.path.split('/'));
        let words: HashSet<_> = fixed.filter(|word| !word.starts_with('{')).map(str::to_owned).collect();
        let lower_words = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        Self { route, operations, unbuilt, words, lower_words }
    }

    pub(crate) async fn call(&self, request: Request) -> poem::Result<Response> {
        self.route.call(request).await
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
    pub(crate) fn respell(&self, path: &str) -> Option<String> {
        if !path.split('/').any(|word| self.is_misspelt(word)) {
            return None;
        }
        let operation = self.operations.iter().find(|operation| matches(&operation.path, path))?;
        let words = operation.path.split('/').zip(path.split('/'));
        let words: Vec<_> = words.map(|(known, given)| if known.starts_with('{') { given } else { known }).collect();
        Some(words.join("/"))
    }

    fn is_misspelt(&self, word: &str) -> bool {
        word.bytes().any(|byte| byte.is_ascii_alphabetic())
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

/// A route that says that its operation is not built.
fn add_unbuilt(
    routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>,
    (name, method, template): &'static Unbuilt,
) {
    let text = format!("The operation {name} ({method} {template}) is known but not built.");
    let endpoint = make_sync(move |_: Request| -> poem::Result<Response> {
        Err(Error::new(Kind::NotBuilt, Words::Msg(text.clone().into())).into())
    });
    let method = Method::from_bytes(method.as_bytes()).expect("the list names methods of HTTP");
    routes.entry(shared(routes, template)).or_default().entry(method).or_insert_with(|| endpoint.boxed());
}

/// The path in the router's spelling. A placeholder is called as in the routes that begin alike: the router takes placeholders
/// of two names for two branches, and would go into the wrong one.
fn shared<T>(routes: &HashMap<String, T>, template: &str) -> String {
    let name = |path: &str| {
        let next = |known: &String| known.strip_prefix(path)?.strip_prefix('/')?.split('/').next().map(str::to_owned);
        routes.keys().filter_map(next).find(|segment| segment.starts_with(':'))
    };
    template.split('/').skip(1).fold(String::new(), |path, segment| {
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(given) => format!("{path}/{}", name(&path).unwrap_or_else(|| format!(":{given}"))),
            None => format!("{path}/{segment}"),
        }
    })
}

/// The path with its placeholders unnamed: the same from the router's side and from the document's.
fn anonymous(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with([':', '{']) { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// An endpoint that knows which operation it is.
struct Named<E> {
    operation: Operation,
    endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Named<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let outcome =
            observe::operate(&self.operation, request, async |request| self.endpoint.call(request).await).await;
        let status = outcome.as_ref().map_or_else(poem::Error::status, Response::status);
        tracing::debug!(operation = self.operation.id, status = status.as_u16());
        outcome
    }
}
