//! Calls nine operations with the client that progenitor generates. The only argument is the base URL of the API.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tiledesk_progenitor::types::SortDirection;
use tiledesk_progenitor::{Client, Error};

const PROJECT: &str = "5b55e806c93dde00143163dd";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base_url = std::env::args().nth(1).ok_or("missing base URL")?;
    let anybody = Client::new(&base_url);

    let session = anybody.sign_in().body_map(|body| body.email("andrea.leo@f21.it").password("123456")).send().await?;
    assert_eq!(session.user.firstname.as_deref(), Some("Andrea"));
    let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(&session.token)?)]);
    let agent = Client::new_with_client(&base_url, reqwest::Client::builder().default_headers(headers).build()?);

    let page = agent.list_leads().project_id(PROJECT).status(100).limit(1).send().await?;
    assert_eq!(page.leads.len(), 1);

    let draft = agent.create_lead().project_id(PROJECT).body_map(|body| {
        body.lead_id("42".to_owned()).fullname("Ada".to_owned()).email("ada@example.com".to_owned())
    });
    let made = draft.send().await?;
    assert_eq!(made.fullname.as_deref(), Some("Ada"));

    let id = made.id.to_string();
    let found = agent.get_lead().project_id(PROJECT).lead_id(&id).send().await?;
    assert_eq!((&found.lead_id, found.created_at), (&made.lead_id, made.created_at));

    let patch = agent.update_lead().project_id(PROJECT).lead_id(&id).body_map(|body| body.company("Ada & Co".to_owned()));
    assert_eq!(patch.send().await?.company.as_deref(), Some("Ada & Co"));

    let filter = agent.list_requests().project_id(PROJECT).status("all").has_bot(false).limit(5);
    let requests = filter.direction(SortDirection::X1).send().await?;
    assert!(!requests.requests.is_empty());

    let message = agent.send_message().project_id(PROJECT).request_id("support-group-client");
    let sent = message.body_map(|body| body.text("Hello".to_owned())).send().await?;
    assert_eq!(sent.text.as_deref(), Some("Hello"));

    let removed = agent.delete_lead_physically().project_id(PROJECT).lead_id(&id).send().await?;
    assert_eq!(removed.deleted_count, 1);

    match agent.get_lead().project_id(PROJECT).lead_id(&id).send().await {
        Err(Error::ErrorResponse(refusal)) if refusal.status() == 404 => {
            assert_eq!(refusal.msg.as_deref(), Some("Object not found."));
        }
        other => panic!("unexpected response: {other:?}"),
    }
    Ok(())
}
