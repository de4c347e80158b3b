//! The realtime API over real sockets, and shared helpers.

mod client;
mod door;
mod invalid;
mod rights;
mod topic;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use crate::support::{App, PROJECT, seed, socket::Socket};

const OWNER: &str = "andrea.leo@f21.it";
const ADMIN: &str = "admin@example.com";
const AGENT: &str = "agent@example.com";

/// A request served by the agent.
const SERVED: &str = "support-group-L_OG76RYhR0XFiMf2PK";
/// A request that no one serves.
const UNSERVED: &str = "support-group-1234";

/// A topic of the main project.
fn topic(rest: &str) -> String {
    format!("{}{rest}", &PROJECT[3..])
}

fn path(rest: &str) -> String {
    format!("{PROJECT}{rest}")
}

async fn patch(app: &App, request: &str, subject: &str) {
    let path = path(&format!("/requests/{request}"));
    app.admin().patch(&path, json!({"subject": subject})).await.json_of(200);
}

async fn say(app: &App, request: &str, text: &str) -> Value {
    app.admin().post(&path(&format!("/requests/{request}/messages")), json!({"text": text})).await.json_of(200)
}

/// Opens a request that only the admin could serve.
async fn open(app: &App, text: &str) -> Value {
    let group = json!({"name": "Admins", "members": [seed::ADMIN]});
    let group = app.admin().post(&path("/groups"), group).await.json_of(200);
    let department = json!({"name": "Admins", "routing": "assigned", "id_group": group["_id"]});
    let department = app.admin().post(&path("/departments"), department).await.json_of(200);
    let body = json!({"first_text": text, "departmentid": department["_id"]});
    app.admin().post(&path("/requests"), body).await.json_of(200)
}

fn refused(outcome: Result<Socket, Error>) -> (u16, String) {
    match outcome {
        Err(Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            (response.status().as_u16(), String::from_utf8_lossy(&body).into_owned())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the connection was accepted"),
    }
}
