//! Operation that returns the settings of the widget.

use poem::Request;
use poem_openapi::OpenApi;

use super::{rules, schema::WidgetSettings};
use crate::{
    http::{Public, Reply, address},
    resource::project::Section,
    value::Result,
};

pub(crate) struct Widgets;

#[OpenApi(tag = "Section::Projects")]
impl Widgets {
    /// Get the widget settings
    ///
    /// Contains everything that the widget needs before the visitor is known. Requires no credentials.
    ///
    /// Returns the project, its available agents, and its visible departments.
    #[oai(path = "/widgets", method = "get", operation_id = "get_widget_settings")]
    async fn get(&self, public: Public, request: &Request) -> Result<Reply<WidgetSettings>> {
        let (scope, now) = (&public.0, public.0.sandbox.clock.now());
        scope.read(|state| rules::settings(state, scope.project, address(request), now)).map(Reply::new)
    }
}
