//! Routing: finds the operation of a call.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use poem::{
    EndpointExt, Request, Response,
    endpoint::{BoxEndpoint, make_sync},
    error::{MethodNotAllowedError, NotFoundError},
    http::Method,
};
use poem_openapi::OpenApi;

use super::{
    alias::Alias,
    api::{Operation, operations},
    inject,
    path::{Arguments, is_object_id},
};
use crate::value::{
    Error,
    error::{ErrorBody, ErrorKind},
};

/// A known operation that the fake does not implement: name, method, and path.
pub(crate) type Unbuilt = (&'static str, &'static str, &'static str);

/// The routes of the operations, and the path words needed to correct spelling.
pub(crate) struct Router {
    places: matchit::Router<Arc<Place>>,
    /// The places of `places`, ordered by path.
    known: Vec<Arc<Place>>,
    /// The fixed words of all implemented operations' paths, as written and in lower case.
    words: HashSet<String>,
    lower_words: HashSet<String>,
}

impl Router {
    pub(crate) fn new<A: OpenApi>(api: A, unbuilt: &[Unbuilt], aliases: &[Alias]) -> Self {
        let operations = operations::<A>();
        let by_route: HashMap<_, _> = operations
            .iter()
            .map(|operation| ((operation.method.clone(), anonymous(&operation.path)), operation))
            .collect();
        let operation = |method: &Method, place: &str| {
            by_route.get(&(method.clone(), place.to_owned())).map(|operation| (*operation).clone())
        };
        let mut routes = HashMap::new();
        api.add_routes(&mut routes);
        // Keyed by anonymous path.
        let mut places = BTreeMap::new();
        for (path, methods) in routes {
            let (place, path) = (anonymous(&path), braced(&path));
            let methods = methods.into_iter().map(|(method, endpoint)| {
                let operation = operation(&method, &place);
                (method, Named { operation, endpoint: Arc::new(endpoint) })
            });
            let methods = methods.collect();
            places.insert(place, Place::new(path, methods));
        }
        for (name, method, template) in unbuilt {
            let place =
                places.entry(anonymous(template)).or_insert_with(|| Place::new((*template).to_owned(), Vec::new()));
            let method = Method::from_bytes(method.as_bytes()).expect("unbuilt operations have valid methods");
            if place.get(&method).is_none() {
                let endpoint = Arc::new(not_built(name, &method, template));
                place.methods.push((method, Named { operation: None, endpoint }));
            }
        }
        for alias in aliases {
            let renamed = places.values().filter_map(|place| Some((alias.path(&place.path)?, place.methods.clone())));
            for (path, mut methods) in renamed.collect::<Vec<_>>() {
                let place = anonymous(&path);
                for (method, named) in &mut methods {
                    named.operation = operation(method, &place).or(named.operation.take());
                }
                let twice = places.insert(place, Place::new(path, methods));
                assert!(twice.is_none(), "an alias adds paths that no operation has");
            }
        }
        let mut known: Vec<_> = places.into_values().map(Arc::new).collect();
        known.sort_by(|a, b| a.path.cmp(&b.path));
        let mut places = matchit::Router::new();
        for place in &known {
            places.insert(&place.path, place.clone()).expect("places have distinct anonymous paths");
        }
        let built = known.iter().filter(|place| place.methods.iter().any(|(_, named)| named.operation.is_some()));
        let words = built.flat_map(|place| place.path.split('/')).filter(|word| !word.starts_with('{'));
        let words: HashSet<_> = words.map(str::to_owned).collect();
        assert!(
            !words.iter().any(|word| word.contains(|byte: char| byte.is_ascii_digit())),
            "a word of a path has a digit"
        );
        let lower_words = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        Self { places, known, words, lower_words }
    }

    /// The endpoint for a call, and the path arguments. Fixed words match regardless of case.
    pub(super) fn find(&self, method: &Method, path: &str) -> poem::Result<(&Named, Arguments)> {
        let (place, arguments) = self.place(path).ok_or(NotFoundError)?;
        Ok((place.get(method).ok_or(MethodNotAllowedError)?, arguments))
    }

    /// The ID of the operation with this method and path.
    pub(super) fn operation(&self, method: &Method, path: &str) -> Option<&'static str> {
        Some(self.find(method, path).ok()?.0.operation()?.id)
    }

    fn place(&self, path: &str) -> Option<(&Place, Arguments)> {
        // A misspelt fixed word can only match as the value of a placeholder.
        let is_spelt = |arguments: &Arguments| !arguments.values().any(|value| self.is_misspelt(value));
        match self.at(path) {
            Some(found) if is_spelt(&found.1) => Some(found),
            found => self.respell(path).map_or(found, |path| self.at(&path)),
        }
    }

    fn at(&self, path: &str) -> Option<(&Place, Arguments)> {
        let found = self.places.at(path).ok()?;
        let arguments = Arguments::new(found.params.iter());
        // A single-segment path that is not an object ID is unknown, not a project.
        let is_one = !found.value.is_bare || arguments.values().all(is_object_id);
        is_one.then_some((&**found.value, arguments))
    }

    /// Whether any operation has this method and path.
    pub(crate) fn knows(&self, method: &Method, path: &str) -> bool {
        self.matching(path).any(|place| place.get(method).is_some())
    }

    /// The methods of a path, for the header `Allow`.
    pub(crate) fn allowed(&self, path: &str) -> String {
        let methods = self.place(path).into_iter().flat_map(|(place, _)| &place.methods);
        let mut methods: Vec<_> = methods.map(|(method, _)| method.as_str()).collect();
        methods.sort_unstable();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.join(", ")
    }

    /// Restores the documented case of the path's fixed words, if they differ only in case.
    fn respell(&self, path: &str) -> Option<String> {
        if !path.split('/').any(|word| self.is_misspelt(word)) {
            return None;
        }
        let place = self.matching(path).next()?;
        let words = place.path.split('/').zip(path.split('/'));
        let words: Vec<_> = words.map(|(known, given)| if known.starts_with('{') { given } else { known }).collect();
        Some(words.join("/"))
    }

    fn matching(&self, path: &str) -> impl Iterator<Item = &Place> {
        self.known.iter().map(|place| &**place).filter(move |place| matches(&place.path, path))
    }

    fn is_misspelt(&self, word: &str) -> bool {
        // Most IDs contain a digit and no path word does, so they need no lookup.
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

/// An endpoint that responds that an operation is not implemented.
fn not_built(name: &str, method: &Method, template: &str) -> BoxEndpoint<'static> {
    let text = format!("The operation {name} ({method} {template}) is not implemented.");
    let endpoint = make_sync(move |_: Request| -> poem::Result<Response> {
        Err(Error::new(ErrorKind::NotImplemented, ErrorBody::msg(text.clone().into())).into())
    });
    endpoint.boxed()
}

/// The path with unnamed placeholders, in which routes and document agree.
fn anonymous(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with([':', '{']) { "{_}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The path with its placeholders in braces, as in the document.
fn braced(path: &str) -> String {
    let segment = |segment: &str| segment.strip_prefix(':').map_or(segment.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The endpoints of a path, by method.
struct Place {
    /// Path with placeholders in braces.
    path: String,
    methods: Vec<(Method, Named)>,
    /// Whether the path is a single placeholder.
    is_bare: bool,
}

impl Place {
    fn new(path: String, methods: Vec<(Method, Named)>) -> Self {
        Self { is_bare: path.starts_with("/{") && !path[1..].contains('/'), path, methods }
    }

    fn get(&self, method: &Method) -> Option<&Named> {
        self.methods.iter().find(|(known, _)| known == method).map(|(_, named)| named)
    }
}

/// An endpoint and its operation, if it belongs to one.
#[derive(Clone)]
pub(super) struct Named {
    operation: Option<Operation>,
    endpoint: Arc<BoxEndpoint<'static>>,
}

impl Named {
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.operation.as_ref()
    }

    pub(super) fn call(&self, request: Request) -> BoxFuture<'_, poem::Result<Response>> {
        match &self.operation {
            Some(operation) => inject::operate(operation, request, &self.endpoint),
            None => self.endpoint.call(request),
        }
    }
}
