//! The settings of the widget.

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
    /// Get the settings of the widget
    ///
    /// The project, who is available, and the visible departments. No credentials are needed.
    #[oai(path = "/widgets", method = "get", operation_id = "get_widget_settings")]
    async fn get(&self, public: Public, request: &Request) -> Result<Reply<WidgetSettings>> {
        let (scope, now) = (&public.0, public.0.sandbox.clock.now());
        scope.read(|state| rules::settings(state, scope.project, address(request), now)).map(Reply::new)
    }
}
