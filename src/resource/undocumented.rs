//! The operations that clients of the API use and no page documents. They are served, and left out of the exported documents.

/// Their ids.
pub(crate) const UNDOCUMENTED: &[&str] =
    &["export_public_messages_csv", "list_pending_invitations", "read_public_messages"];

#[cfg(test)]
mod tests {
    use super::UNDOCUMENTED;
    use crate::openapi::{self, Document, Encoding, Version};

    #[tokio::test]
    async fn they_are_built_and_not_exported() {
        let document = openapi::write(Document::V3, Version::V31, Encoding::Json).await;
        for id in UNDOCUMENTED {
            assert!(openapi::operations().contains(&format!(" {id} ")), "{id} is not built");
            assert!(!document.contains(id), "{id} is exported");
        }
    }
}
