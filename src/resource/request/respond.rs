//! Responses of operations that change a request.

use std::sync::Arc;

use crate::{
    http::Reply,
    json_schema::Populated,
    resource::request::{document::Request, rules},
    state::{ProjectScope, Tx},
    store::Doc,
    value::Result,
};

/// Runs a rule that changes a request, and responds with the request and its references.
pub(crate) fn change(
    scope: &ProjectScope,
    rule: impl FnOnce(&mut Tx) -> Result<Arc<Doc<Request>>>,
) -> Result<Reply<Populated<Request>>> {
    scope.write(|tx| rule(tx).map(|doc| rules::show(tx.state(), &doc))).map(Reply::new)
}

/// Like [`change`], for a rule that may call out to select who serves the request.
pub(crate) async fn route(
    scope: &ProjectScope,
    rule: impl Fn(&mut Tx) -> Result<Arc<Doc<Request>>>,
) -> Result<Reply<Populated<Request>>> {
    let shown = scope.write_with_callouts(|tx| rule(tx).map(|doc| rules::show(tx.state(), &doc)));
    shown.await.map(Reply::new)
}
