//! CSV export of the activity log.

use serde_json::Value;

use super::{
    document::Activity,
    rules::{selection, whole},
    schema::ActivityExport,
    summary_text::{Language, sentence},
};
use crate::{
    render::csv,
    state::{ProjectScope, query},
    store::Doc,
    value::Result,
};

/// Rows per page.
const ROWS: u32 = 100_000;

/// Column names and JSON pointers to their values. `message` is computed.
const COLUMNS: [(&str, &str); 23] = [
    ("message", ""),
    ("activity_id", "/_id"),
    ("createdAt", "/createdAt"),
    ("updatedAt", "/updatedAt"),
    ("project_id", "/id_project"),
    ("actor_name", "/actor/name"),
    ("actor_id", "/actor/id"),
    ("actor_type", "/actor/type"),
    ("verb", "/verb"),
    ("target_user_fullname", "/target/object/id_user/fullname"),
    ("target_email", "/target/object/email"),
    ("target_type", "/target/type"),
    ("target_user_id", "/target/object/id_user/_id"),
    ("actionObj_email", "/actionObj/email"),
    ("actionObj_id_project", "/actionObj/id_project"),
    ("actionObj_project_name", "/actionObj/project_name"),
    ("actionObj_role", "/actionObj/role"),
    ("actionObj_user_available", "/actionObj/user_available"),
    ("target_id", "/target/id"),
    ("target_createdAt", "/target/object/createdAt"),
    ("target_createdBy", "/target/object/createdBy"),
    ("target_role", "/target/object/role"),
    ("target_user_available", "/target/object/user_available"),
];

/// A header row, then one row per activity.
pub(in crate::resource::activity) fn csv(scope: &ProjectScope, export: &ActivityExport) -> Result<Vec<u8>> {
    let selection = selection(scope.project, &export.selection)?;
    let language = Language::of(export.lang.as_deref());
    scope.read(|state| {
        let rows = query::select(state, selection, export.pages.page(ROWS));
        let rows = rows.docs.iter().map(|doc| row(doc, language));
        Ok(csv::semicolons_of_rows(&COLUMNS.map(|(column, _)| column), rows))
    })
}

fn row(doc: &Doc<Activity>, language: Language) -> Vec<Option<String>> {
    let document: Value = serde_json::from_slice(&whole(doc).end()).expect("documents are rendered JSON");
    let at = |pointer: &str| document.pointer(pointer);
    let cells = COLUMNS.iter().map(|(column, pointer)| match *column {
        "message" => sentence(&doc.value(), language),
        "target_user_fullname" => {
            let names = ["firstname", "lastname"].map(|name| at(&format!("/target/object/id_user/{name}")));
            let name = names.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
            Some(name).filter(|name| !name.is_empty())
        }
        "target_email" => csv::cell(at(pointer).or(at("/target/object/id_user/email"))),
        _ => csv::cell(at(pointer)),
    });
    cells.collect()
}
