//! The aggregate of all operations: merges their paths, expands query structs into parameters, and names the operation
//! of every route.
//!
//! Given two impls with the same path, poem-openapi would export the path twice, and of two equal operations the last
//! would silently win. Here paths are merged, and equal operations panic before anything is served.

use std::{
    collections::{BTreeMap, HashMap},
    marker::PhantomData,
};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, ParameterStyle,
    registry::{MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaSchemaRef, Registry},
    types::Type,
};

use super::{auth, error, path};
use crate::value::RawId;

/// An operation, as the router, the journal, and the document know it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    /// Path with placeholders in braces, without a version prefix.
    pub(crate) path: String,
    pub(crate) tag: &'static str,
    /// Minimum role, if one is required.
    pub(crate) role: Option<String>,
    /// Names of the query parameters.
    pub(crate) query: Vec<String>,
    /// Whether it accepts a body.
    pub(crate) takes_body: bool,
}

/// Prefixes the paths of APIs with the path of a project.
pub(crate) struct Scoped<A, P = Root>(A, PhantomData<fn() -> P>);

/// Where project paths start.
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
        schema: RawId::<()>::schema_ref(),
        in_type: MetaParamIn::Path,
        description: path::describe("project_id"),
        required: true,
        deprecated: false,
        explode: true,
        style: None,
    }
}

/// All operations of `A`, merged.
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
            // An operation that documents all errors as one response has no others.
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

/// All operations with their paths, as declared.
fn declared<A: OpenApi>() -> impl Iterator<Item = (String, MetaOperation)> {
    let paths = A::meta().into_iter().flat_map(|api| api.paths);
    paths.flat_map(|path| path.operations.into_iter().map(move |operation| (path.path.clone(), operation)))
}

/// Expands a query struct into one parameter per property, and drops the role, which is not a parameter.
fn expand(parameter: MetaOperationParam) -> Vec<MetaOperationParam> {
    match (parameter.in_type, &parameter.schema) {
        (_, MetaSchemaRef::Inline(schema)) if schema.ty == auth::ROLE => Vec::new(),
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
        (MetaParamIn::Path, _) if parameter.description.is_none() => {
            vec![MetaOperationParam { description: path::describe(&parameter.name), ..parameter }]
        }
        _ => vec![parameter],
    }
}

/// Object parameters are written `name[key]=value`.
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

/// Path arguments are bound by position, so swapped ones would silently swap their values.
fn check_placeholders(path: &str, operation: &MetaOperation) {
    let arguments = operation.params.iter().filter(|parameter| parameter.in_type == MetaParamIn::Path);
    let arguments: Vec<_> = arguments.map(|parameter| parameter.name.as_str()).collect();
    let placeholders: Vec<_> = placeholders(path).collect();
    assert_eq!(arguments, placeholders, "path arguments of {:?} at {path}", operation.operation_id);
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
            takes_body: operation.request.is_some(),
            query: query(operation.params),
            method: operation.method,
            path,
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

fn query(parameters: Vec<MetaOperationParam>) -> Vec<String> {
    let parameters = parameters.into_iter().flat_map(expand);
    parameters.filter(|parameter| parameter.in_type == MetaParamIn::Query).map(|parameter| parameter.name).collect()
}

fn role(operation: &MetaOperation) -> Option<String> {
    operation.params.iter().find_map(|parameter| match &parameter.schema {
        MetaSchemaRef::Inline(schema) if schema.ty == auth::ROLE => schema.title.clone(),
        _ => None,
    })
}
