//! Operations that the API serves under a second path, and operations that no document lists.

use std::{collections::HashMap, marker::PhantomData};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaOperation, MetaPath, Registry},
};

/// A second name for the first path segment inside a project. It serves every operation of the original segment.
pub(crate) struct Alias {
    pub(crate) name: &'static str,
    /// The original segment.
    pub(crate) of: &'static str,
    /// The operations that the documentation lists under the alias; they have separate IDs. Calls of all others count
    /// as calls of the original operation.
    pub(crate) documented: &'static [Documented],
}

/// An operation that the documentation lists under an alias.
pub(crate) struct Documented {
    /// ID of the original operation.
    pub(crate) of: &'static str,
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
}

/// The aliases of an aggregate.
pub(crate) trait Aliases: 'static {
    const ALL: &'static [Alias];
}

impl Alias {
    /// The path under the alias, if the operation has one.
    pub(super) fn path(&self, path: &str) -> Option<String> {
        let (project, rest) = path.strip_prefix("/{project_id}/").map(|rest| ("/{project_id}/", rest))?;
        let rest = rest.strip_prefix(self.of).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        Some(format!("{project}{}{rest}", self.name))
    }

    /// The operation as documented under the alias, if it is.
    fn document(&self, mut operation: MetaOperation) -> Option<MetaOperation> {
        let documented = self.documented.iter().find(|documented| operation.operation_id == Some(documented.of))?;
        operation.operation_id = Some(documented.id);
        operation.summary = Some(documented.summary);
        operation.description = Some(documented.description);
        Some(operation)
    }
}

/// An aggregate whose document also lists the documented aliases of its operations. The router serves all aliases.
pub(crate) struct Aliased<A, N>(A, PhantomData<fn() -> N>);

impl<A, N> Aliased<A, N> {
    pub(crate) fn new(api: A) -> Self {
        Self(api, PhantomData)
    }
}

impl<A: OpenApi, N: Aliases> OpenApi for Aliased<A, N> {
    fn meta() -> Vec<MetaApi> {
        let mut all = A::meta();
        for alias in N::ALL {
            let paths = A::meta().into_iter().flat_map(|api| api.paths).filter_map(|path| {
                let operations = path.operations.into_iter().filter_map(|operation| alias.document(operation));
                Some(MetaPath { path: alias.path(&path.path)?, operations: operations.collect() })
            });
            all.push(MetaApi { paths: paths.collect() });
        }
        all
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}

/// Operations that are served but not exported: real clients call them, but the documentation does not mention them.
pub(crate) struct Undocumented<A>(pub(crate) A);

impl<A: OpenApi> OpenApi for Undocumented<A> {
    fn meta() -> Vec<MetaApi> {
        Vec::new()
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}
