//! The operations that the API is known to have and that are not built: name, method and path.
//!
//! They answer 501, so that nobody takes them for a misspelt path.

use crate::http::Unbuilt;

pub(crate) const UNBUILT: &[Unbuilt] = &[
    ("list_canned_responses", "GET", "/{project_id}/canned"),
    ("get_canned_response", "GET", "/{project_id}/canned/{id}"),
    ("create_canned_response", "POST", "/{project_id}/canned"),
    ("update_canned_response", "PUT", "/{project_id}/canned/{id}"),
    ("delete_canned_response", "DELETE", "/{project_id}/canned/{id}"),
    ("delete_canned_response_physically", "DELETE", "/{project_id}/canned/{id}/physical"),
    ("list_bots", "GET", "/{project_id}/bots"),
    ("get_bot", "GET", "/{project_id}/bots/{id}"),
    ("export_bot_json", "GET", "/{project_id}/bots/exportjson/{id}"),
    ("create_bot", "POST", "/{project_id}/bots"),
    ("fork_bot", "POST", "/{project_id}/bots/fork/{id}"),
    ("import_bot_json", "POST", "/{project_id}/bots/importjson/{id}"),
    ("update_bot", "PUT", "/{project_id}/bots/{id}"),
    ("delete_bot", "DELETE", "/{project_id}/bots/{id}"),
    ("list_faq_kbs", "GET", "/{project_id}/faq_kb"),
    ("get_faq_kb", "GET", "/{project_id}/faq_kb/{id}"),
    ("create_faq_kb", "POST", "/{project_id}/faq_kb"),
    ("update_faq_kb", "PUT", "/{project_id}/faq_kb/{id}"),
    ("delete_faq_kb", "DELETE", "/{project_id}/faq_kb/{id}"),
    ("set_bot_language", "PUT", "/{project_id}/bots/{id}/language/{language}"),
    ("patch_bot_attributes", "PATCH", "/{project_id}/bots/{id}/attributes"),
    ("get_bot_jwt", "GET", "/{project_id}/bots/{id}/jwt"),
    ("list_published_bots", "GET", "/{project_id}/bots/{id}/published"),
    ("publish_bot", "PUT", "/{project_id}/bots/{id}/publish"),
    ("ask_bot", "POST", "/{project_id}/bots/askbot"),
    ("train_bot_ai", "POST", "/{project_id}/bots/aitrain"),
    ("train_bot", "POST", "/{project_id}/bots/train"),
    ("mark_bot_trained", "POST", "/{project_id}/bots/{id}/training"),
    ("list_faqs", "GET", "/{project_id}/faq"),
    ("get_faq", "GET", "/{project_id}/faq/{id}"),
    ("create_faq", "POST", "/{project_id}/faq"),
    ("update_faq", "PUT", "/{project_id}/faq/{id}"),
    ("delete_faq", "DELETE", "/{project_id}/faq/{id}"),
    ("patch_faq_attributes", "PATCH", "/{project_id}/faq/{id}/attributes"),
    ("bulk_update_faqs", "POST", "/{project_id}/faq/ops_update"),
    ("upload_faq_csv", "POST", "/{project_id}/faq/uploadcsv"),
    ("export_faq_csv", "GET", "/{project_id}/faq/csv"),
    ("upload_project_asset", "POST", "/{project_id}/files/assets"),
    ("upload_chat_file", "POST", "/{project_id}/files/chat"),
    ("upload_user_photo", "POST", "/{project_id}/files/users/photo"),
    ("get_file", "GET", "/files"),
    ("get_project_file", "GET", "/{project_id}/files"),
    ("download_file", "GET", "/files/download"),
    ("delete_file", "DELETE", "/files"),
    ("delete_project_file", "DELETE", "/{project_id}/files"),
    ("upload_user_file", "POST", "/files/users"),
    ("upload_user_image", "POST", "/images/users"),
    ("get_image", "GET", "/images"),
    ("put_user_image", "PUT", "/images/users"),
    ("put_user_photo", "PUT", "/images/users/photo"),
    ("delete_user_image", "DELETE", "/images/users"),
    ("upload_public_image", "POST", "/images/public"),
    ("list_jwt_history", "GET", "/jwt/history"),
    ("revoke_jwt_by_jti", "DELETE", "/jwt/history/{jti}"),
    ("revoke_jwt_by_id", "DELETE", "/jwt/history/id/{id}"),
    ("generate_test_jwt", "POST", "/{project_id}/jwt/generatetestjwt"),
    ("decode_project_jwt", "POST", "/{project_id}/jwt/decode"),
    ("list_contents", "GET", "/{project_id}/kb"),
    ("get_content", "GET", "/{project_id}/kb/{content_id}"),
    ("create_content", "POST", "/{project_id}/kb"),
    ("create_url_contents", "POST", "/{project_id}/kb/multi"),
    ("expand_sitemap", "POST", "/{project_id}/kb/sitemap"),
    ("delete_content", "DELETE", "/{project_id}/kb/{content_id}"),
    ("update_content", "PUT", "/{project_id}/kb/{content_id}"),
    ("create_faq_contents_from_csv", "POST", "/{project_id}/kb/csv"),
    ("import_sitemap", "POST", "/{project_id}/kb/sitemap/import"),
    ("reindex_content", "POST", "/{project_id}/kb/scrape/single"),
    ("get_content_status", "POST", "/{project_id}/kb/scrape/status"),
    ("delete_all_contents_index", "DELETE", "/{project_id}/kb/deleteall"),
    ("ask_knowledge_base", "POST", "/{project_id}/kb/qa"),
    ("create_unanswered_question", "POST", "/{project_id}/kb/unanswered"),
    ("count_unanswered_questions", "GET", "/{project_id}/kb/unanswered/count/{namespace}"),
    ("list_unanswered_questions", "GET", "/{project_id}/kb/unanswered/{namespace}"),
    ("delete_unanswered_question", "DELETE", "/{project_id}/kb/unanswered/{id}"),
    ("delete_all_unanswered_questions", "DELETE", "/{project_id}/kb/unanswered/namespace/{namespace}"),
    ("update_unanswered_question", "PUT", "/{project_id}/kb/unanswered/{id}"),
    ("export_unanswered_questions", "GET", "/{project_id}/kb/unanswered/{namespace}/export"),
    ("create_answered_question", "POST", "/{project_id}/kb/answered"),
    ("list_answered_questions", "GET", "/{project_id}/kb/answered/{namespace}"),
    ("count_answered_questions", "GET", "/{project_id}/kb/answered/count/{namespace}"),
    ("delete_answered_question", "DELETE", "/{project_id}/kb/answered/{id}"),
    ("delete_all_answered_questions", "DELETE", "/{project_id}/kb/answered/namespace/{namespace}"),
    ("export_answered_questions", "GET", "/{project_id}/kb/answered/{namespace}/export"),
    ("list_namespaces", "GET", "/{project_id}/kb/namespace/all"),
    ("create_namespace", "POST", "/{project_id}/kb/namespace"),
    ("update_namespace", "PUT", "/{project_id}/kb/namespace/{id}"),
    ("delete_namespace", "DELETE", "/{project_id}/kb/namespace/{id}"),
    ("list_namespace_chatbots", "GET", "/{project_id}/kb/namespace/{id}/chatbots"),
    ("list_content_chunks", "GET", "/{project_id}/kb/namespace/{id}/chunks/{content_id}"),
    ("export_namespace", "GET", "/{project_id}/kb/namespace/export/{id}"),
    ("import_namespace", "POST", "/{project_id}/kb/namespace/import/{id}"),
    ("list_labels", "GET", "/{project_id}/labels"),
    ("get_labels_by_language", "GET", "/{project_id}/labels/{id}"),
    ("create_or_update_labels", "POST", "/{project_id}/labels"),
    ("set_default_label_language", "PATCH", "/{project_id}/labels/{lang}/default"),
    ("delete_labels_by_language", "DELETE", "/{project_id}/labels/{lang}"),
    ("delete_all_labels", "DELETE", "/{project_id}/labels"),
    ("list_default_labels", "GET", "/{project_id}/labels/default"),
    ("get_default_labels_by_language", "GET", "/{project_id}/labels/default/{lang}"),
    ("clone_default_labels", "POST", "/{project_id}/labels/default/clone"),
    ("export_request_messages_csv", "GET", "/{project_id}/requests/{request_id}/messages/csv"),
    ("list_project_messages", "GET", "/{project_id}/messages"),
    ("export_project_messages_csv", "GET", "/{project_id}/messages/csv"),
    ("ban_project_user", "POST", "/projects/{project_id}/ban"),
    ("unban_project_user", "DELETE", "/projects/{project_id}/ban/{ban_id}"),
    ("list_all_projects", "GET", "/projects/all"),
    ("list_segments", "GET", "/{project_id}/segments"),
    ("get_segment", "GET", "/{project_id}/segments/{id}"),
    ("create_segment", "POST", "/{project_id}/segments"),
    ("update_segment", "PUT", "/{project_id}/segments/{id}"),
    ("delete_segment", "DELETE", "/{project_id}/segments/{id}"),
    ("test_subscription", "POST", "/{project_id}/subscriptions/test"),
    ("list_tags", "GET", "/{project_id}/tags"),
    ("get_tag", "GET", "/{project_id}/tags/{id}"),
    ("create_tag", "POST", "/{project_id}/tags"),
    ("update_tag", "PUT", "/{project_id}/tags/{id}"),
    ("delete_tag", "DELETE", "/{project_id}/tags/{id}"),
    ("send_login_email", "POST", "/users/loginemail"),
    ("replace_request_bot", "PUT", "/{project_id}/requests/{request_id}/replace"),
    ("list_own_requests", "GET", "/{project_id}/requests/me"),
    ("count_requests_by_state", "GET", "/{project_id}/requests/count"),
    ("export_requests_csv", "GET", "/{project_id}/requests/csv"),
    ("send_request_email", "POST", "/{project_id}/requests/{request_id}/email/send"),
    ("delete_request_by_internal_id", "DELETE", "/{project_id}/requests/id/{id}"),
    ("set_request_assignee", "PUT", "/{project_id}/requests/{request_id}/assignee"),
    ("create_simple_request", "POST", "/{project_id}/requests/simple"),
    ("list_public_messages", "GET", "/public/requests/{request_id}/messages"),
    ("list_public_messages_of_users", "GET", "/public/requests/{request_id}/messages-user"),
];

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::UNBUILT;
    use crate::{Config, Fake, openapi};

    #[tokio::test]
    async fn each_says_that_it_is_not_built() {
        let fake = Fake::start(&Config::default()).expect("the default world is valid");
        let built = openapi::operations();
        for (name, method, path) in UNBUILT {
            let words =
                path.split('/').map(|word| if word.starts_with('{') { "5b55e806c93dde00143163dd" } else { word });
            let request = http::Request::builder().method(*method).uri(words.collect::<Vec<_>>().join("/"));
            let answer = fake.call(request.body(Bytes::new()).expect("a valid request")).await;
            let text = String::from_utf8_lossy(answer.body());
            assert_eq!(answer.status(), 501, "{name}: {text}");
            assert!(text.starts_with(r#"{"success":false,"msg":"#) && text.contains(name), "{name}: {text}");
            assert!(!built.contains(&format!(" {name} ")), "{name} is built");
        }
    }
}
