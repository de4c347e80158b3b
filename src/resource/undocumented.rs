//! Operations that clients of the API use but no page documents. They are served, but left out of the exported
//! documents.

/// Operation IDs.
pub(crate) const UNDOCUMENTED: &[&str] =
    &["export_public_messages_csv", "list_pending_invitations", "read_public_messages"];

#[cfg(test)]
mod tests {
    use super::UNDOCUMENTED;
    use crate::openapi::{self, Document, Encoding, Version};

    #[tokio::test]
    async fn undocumented_operations_are_served_but_not_exported() {
        let document = openapi::write(Document::V3, Version::V31, Encoding::Json).await;
        for id in UNDOCUMENTED {
            assert!(openapi::operations().contains(&format!(" {id} ")), "{id} is not served");
            assert!(!document.contains(id), "{id} is exported");
        }
    }
}
