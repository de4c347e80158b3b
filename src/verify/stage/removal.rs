//! Removal of everything that a stage has created on the verified server.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::{
    super::{recipe::as_owner, server::Server},
    Stage,
};
use crate::example::Call;

impl Stage<'_> {
    /// Records the projects and accounts that cases themselves create.
    pub(super) fn note(&mut self, call: &Call, response: &Response<Bytes>) {
        let path = call.path.trim_end_matches('/');
        let body = || serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
        if call.method == "POST" && path.ends_with("/projects") {
            let id = body()["_id"].as_str().map(str::to_owned);
            let known = |id: &String| self.leftovers.projects.iter().any(|(known, _)| known == id);
            if let (Some(id), Some(owner)) = (id.filter(|id| !known(id)), call.basic.clone()) {
                self.leftovers.projects.push((id, owner));
            }
        } else if call.method == "POST" && path.ends_with("/auth/signup") {
            let sent = |name: &str| call.body.as_ref().and_then(|body| body[name].as_str());
            if let (Some(email), Some(password)) = (sent("email"), sent("password")) {
                self.leftovers.accounts.push(format!("{email}:{password}"));
            }
        } else if path.ends_with("/users/changepsw") {
            let email = call.basic.as_deref().and_then(|basic| basic.split(':').next());
            let password = call.body.as_ref().and_then(|body| body["newpsw"].as_str());
            if let (Some(email), Some(password)) = (email, password) {
                self.leftovers.accounts.push(format!("{email}:{password}"));
            }
        }
    }

    /// Removes projects and accounts from the verified server. Returns the leftovers.
    pub(in crate::verify) async fn clean_up(self, server: &Server) -> Vec<String> {
        let mut left = Vec::new();
        let delete =
            |path: String, basic: &str| Call { basic: Some(basic.to_owned()), ..as_owner("DELETE", path, None) };
        for (id, owner) in self.leftovers.projects.iter().rev() {
            let mut outcome = "no response".to_owned();
            for path in [format!("/v3/projects/{id}/physical"), format!("/v3/projects/{id}")] {
                match server.send(delete(path, owner).request()).await {
                    // Rejected if the case has already deleted it.
                    Ok(response) if response.status().is_success() || response.status() == 404 => {
                        outcome.clear();
                        break;
                    }
                    Ok(response) => outcome = response.status().as_u16().to_string(),
                    Err(failure) => outcome = failure.to_string(),
                }
            }
            if !outcome.is_empty() && !self.is_gone(server, id, owner).await {
                left.push(format!("project {id} (deleting it: {outcome})"));
            }
        }
        let mut accounts = self.leftovers.accounts.clone();
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            match server.send(delete("/v3/users/physical".to_owned(), &account).request()).await {
                // Unauthorized if a case has already deleted it or changed its password.
                Ok(response) if response.status().is_success() || response.status() == 401 => {}
                Ok(response) => {
                    left.push(format!("account {} (deleting it: {})", email(&account), response.status().as_u16()));
                }
                Err(failure) => left.push(format!("account {} (deleting it: {failure})", email(&account))),
            }
        }
        left
    }

    /// Whether a project cannot be read any more.
    async fn is_gone(&self, server: &Server, id: &str, owner: &str) -> bool {
        let read = Call { basic: Some(owner.to_owned()), ..as_owner("GET", format!("/v3/projects/{id}"), None) };
        server.send(read.request()).await.is_ok_and(|response| response.status().is_client_error())
    }
}

fn email(account: &str) -> &str {
    account.split(':').next().unwrap_or_default()
}
