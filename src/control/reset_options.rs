//! The query parameters of a reset.

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions, Object,
    registry::{MetaParamIn, MetaSchemaRef, Registry},
    types::Type,
};

use crate::{http::Problem, value::query};

/// The parameters as they are documented.
#[derive(Object)]
pub(super) struct Documented {
    /// Whether to read the files of the world again first. The name alone means `true`.
    reload: Option<bool>,
}

/// The query parameters of a reset.
pub(super) struct ResetOptions {
    pub(super) reload: bool,
}

impl<'a> ApiExtractor<'a> for ResetOptions {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = Documented;
    type ParamRawType = <Documented as Type>::RawValueType;

    fn register(registry: &mut Registry) {
        Documented::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(Registry::new().create_fake_schema::<Documented>())))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Documented>,
    ) -> poem::Result<Self> {
        let pairs = query::pairs(request.uri().query().unwrap_or_default());
        let reload = match pairs.into_iter().find(|(name, _)| name == "reload").map(|(_, value)| value) {
            None => false,
            Some(value) if value.is_empty() || value == "true" => true,
            Some(value) if value == "false" => false,
            Some(value) => {
                return Err(Problem::at("/query/reload", format!("expected `true` or `false`, got {value:?}")).into());
            }
        };
        Ok(Self { reload })
    }
}
