//! Export and import of knowledge bases.

use bytes::Bytes;
use serde_json::Value;

use super::{
    document::Namespace,
    plan, rules,
    schema::{Done, ImportedContent, NamespaceExportFilter, NamespaceImport},
};
use crate::{
    render,
    resource::knowledge::content::{
        self,
        document::{Content, ContentKind},
        rules::Source,
    },
    state::{ProjectScope, Tx, query::Selection},
    store::{render, words},
    value::{Error, RawId, Result, error::ErrorBody, lenient::Lenient, primitive::Number},
};

/// Kinds of content that a file contains.
const KINDS: [ContentKind; 3] = [ContentKind::Url, ContentKind::Text, ContentKind::Faq];

/// The name and the content of the exported file.
pub(super) fn export(
    scope: &ProjectScope,
    id: &RawId<Namespace>,
    filter: &NamespaceExportFilter,
) -> Result<(String, Bytes)> {
    let namespace = scope.read(|state| rules::find(state, scope.project, id.as_str()).cloned())?;
    let namespace = namespace.value();
    let kinds = KINDS.map(|kind| Content::of_kind(namespace.id, kind)).to_vec();
    let status = filter.status.as_ref().map(Number::get);
    let contents = content::rules::select_all(scope, Selection::of(vec![kinds]), status);
    let mut file = render::json::Object::new(b"{}", 256);
    file.field("name", &render(&namespace.name));
    file.field("preview_settings", &render(&namespace.preview_settings));
    file.list("contents", contents);
    let name = words(&namespace.name).collect::<Vec<_>>().join("-");
    Ok((format!("{name}.json"), file.end()))
}

pub(super) fn import(tx: &mut Tx, id: &RawId<Namespace>, file: NamespaceImport) -> Result<Done> {
    let contents = match file.contents.0 {
        Some(Lenient::Valid(contents)) => contents,
        Some(Lenient::Invalid(value @ Value::Array(_), reason)) => {
            return Err(Error::invalid("contents", value, reason));
        }
        Some(Lenient::Invalid(..)) => {
            return Err(Error::malformed(ErrorBody::error("The content field must be of type Array[]".into())));
        }
        None => {
            return Err(Error::malformed(ErrorBody::error("Imported json must contain the contents array".into())));
        }
    };
    let namespace = rules::find_own(tx.state(), tx.project(), id.as_str())?.value().id;
    for kind in KINDS {
        content::rules::remove_all(tx, Content::of_kind(namespace, kind))?;
    }
    plan::contents(tx, contents.len())?;
    for ImportedContent { name, kind, source, content, scraping } in contents {
        content::rules::keep(tx, namespace, Source { name, kind, source, content }, scraping.sent_for(kind))?;
    }
    Ok(Done { success: true, message: "Contents imported successfully".into() })
}
