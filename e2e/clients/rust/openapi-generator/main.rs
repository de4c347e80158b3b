//! Calls ten operations with the client that openapi-generator generates. The only argument is the base URL of the API.

use tiledesk::apis::authentication_api::{SignInParams, sign_in};
use tiledesk::apis::configuration::{ApiKey, Configuration};
use tiledesk::apis::files_api::{UploadUserFileParams, upload_user_file};
use tiledesk::apis::leads_api::{
    CreateLeadParams, DeleteLeadPhysicallyParams, GetLeadError, GetLeadParams, ListLeadsParams, UpdateLeadParams, create_lead,
    delete_lead_physically, get_lead, list_leads, update_lead,
};
use tiledesk::apis::messages_api::{SendMessageParams, send_message};
use tiledesk::apis::requests_api::{ListRequestsParams, list_requests};
use tiledesk::apis::Error;
use tiledesk::models::{Credentials, LeadPatch, NewLead, NewMessage, SortDirection};

const PROJECT: &str = "5b55e806c93dde00143163dd";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project_id = || PROJECT.to_owned();
    let given = |text: &str| Some(Some(text.to_owned()));
    let base_path = std::env::args().nth(1).ok_or("missing base URL")?;
    let anybody = Configuration { base_path, ..Configuration::default() };

    let credentials = Credentials::new("andrea.leo@f21.it".to_owned(), "123456".to_owned());
    let session = sign_in(&anybody, SignInParams { credentials }).await?;
    assert_eq!(session.user.firstname.as_deref(), Some("Andrea"));
    let agent = Configuration { api_key: Some(ApiKey { prefix: None, key: session.token }), ..anybody };

    let page = list_leads(&agent, some_leads()).await?;
    assert_eq!(page.leads.len(), 1);

    let new_lead = NewLead { lead_id: given("42"), fullname: given("Ada"), email: given("ada@example.com"), ..NewLead::new() };
    let made = create_lead(&agent, CreateLeadParams { project_id: project_id(), new_lead: Some(new_lead) }).await?;
    assert_eq!(made.fullname.as_deref(), Some("Ada"));

    let lead_id = || made._id.clone();
    let one = || GetLeadParams { project_id: project_id(), lead_id: lead_id() };
    assert_eq!(get_lead(&agent, one()).await?, made);

    let lead_patch = Some(LeadPatch { company: given("Ada & Co"), ..LeadPatch::new() });
    let changed = update_lead(&agent, UpdateLeadParams { project_id: project_id(), lead_id: lead_id(), lead_patch }).await?;
    assert_eq!(changed.company.as_deref(), Some("Ada & Co"));

    let requests = list_requests(&agent, some_requests()).await?;
    assert!(!requests.requests.is_empty());

    let new_message = Some(NewMessage { text: given("Hello"), ..NewMessage::new() });
    let request_id = "support-group-client".to_owned();
    let sent = send_message(&agent, SendMessageParams { project_id: project_id(), request_id, new_message }).await?;
    assert_eq!(sent.text.as_deref(), Some("Hello"));

    // The client sends no content type for files, which the upload of chat files rejects.
    std::fs::write("note.txt", "Hello")?;
    let upload = upload_user_file(&agent, UploadUserFileParams { file: "note.txt".into() }).await?;
    assert!(upload.filename.ends_with("note.txt"));

    let removed = delete_lead_physically(&agent, DeleteLeadPhysicallyParams { project_id: project_id(), lead_id: lead_id() }).await?;
    assert_eq!(removed.deleted_count, 1);

    match get_lead(&agent, one()).await {
        Err(Error::ResponseError(refused)) if refused.status == 404 => match refused.entity {
            // The enum is untagged, so that the first variant with this type is used for all statuses.
            Some(GetLeadError::Status400(refusal)) => assert_eq!(refusal.msg.as_deref(), Some("Object not found.")),
            other => panic!("unexpected error: {other:?}"),
        },
        other => panic!("unexpected response: {other:?}"),
    }
    Ok(())
}

/// Parameters have no defaults.
fn some_leads() -> ListLeadsParams {
    ListLeadsParams {
        project_id: PROJECT.to_owned(),
        status: Some(100),
        limit: Some(1),
        email: None,
        full_text: None,
        with_email: None,
        with_fullname: None,
        tags: None,
        segment: None,
        page: None,
        sort_field: None,
        sort: None,
        direction: None,
    }
}

fn some_requests() -> ListRequestsParams {
    ListRequestsParams {
        project_id: PROJECT.to_owned(),
        status: Some("all".to_owned()),
        has_bot: Some(false),
        direction: Some(SortDirection::NUMERIC_ASCENDING.to_string()),
        limit: Some(5),
        full_text: None,
        start_date: None,
        end_date: None,
        timezone: None,
        start_date_time: None,
        end_date_time: None,
        ticket_id: None,
        dept_id: None,
        lead: None,
        tags: None,
        channel: None,
        snap_lead_email: None,
        requester_email: None,
        snap_lead_lead_id: None,
        participant: None,
        preflight: None,
        priority: None,
        draft: None,
        rated: None,
        duration: None,
        duration_op: None,
        smart_assignment: None,
        working_status: None,
        snap_department_routing: None,
        snap_department_default: None,
        snap_department_id_bot: None,
        snap_department_id_bot_exists: None,
        caller: None,
        called: None,
        call_id: None,
        // The client merges the two kinds of requests of the response, which `anyOf` lists, into one type.
        no_populate: Some(true),
        no_count: None,
        no_textscore: None,
        page: None,
        sort_field: None,
        sort: None,
    }
}
