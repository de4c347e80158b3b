//! Removal of everything that a stage has created on the verified server.

use std::collections::BTreeMap;

use bytes::Bytes;
use form_urlencoded::byte_serialize;
use http::{Method, Response, header};
use serde_json::{Value, json};

use super::{
    super::{
        rebase::{Named, OWNER, marker_of},
        recipe::{as_nobody, as_owner},
        server::{Failure, Server},
    },
    Stage,
};
use crate::example::Call;

/// What a stage has created on the verified server.
#[derive(Default)]
pub(super) struct Leftovers {
    /// IDs, with the credentials of their owners.
    pub(super) projects: Vec<(String, String)>,
    /// Credentials.
    pub(super) accounts: Vec<String>,
    files: Vec<File>,
    /// Calls that may have created something that cannot be found.
    unknown: Vec<String>,
}

/// An uploaded file.
struct File {
    path: String,
    /// The path of its operations.
    resource: &'static str,
    /// The credentials of its upload, if any: `email:password`, or a header.
    basic: Option<String>,
    headers: BTreeMap<String, String>,
}

impl Leftovers {
    /// Records what a successful call has created.
    fn note(&mut self, call: &Call, body: &Value) {
        let path = path_of(call);
        let sent = |name: &str| call.body.as_ref().and_then(|body| body[name].as_str());
        if let Some(resource) = uploaded_to(call) {
            match body["filename"].as_str() {
                Some(file) if self.files.iter().any(|known| known.path == file && known.resource == resource) => {}
                Some(file) => {
                    let mut headers = call.headers.clone();
                    headers.retain(|name, _| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str()));
                    let (path, basic) = (file.to_owned(), call.basic.clone());
                    self.files.push(File { path, resource, basic, headers });
                }
                None => self.unknown.push(format!("a file ({} {path} returned no `filename`)", call.method)),
            }
        } else if creates_project(call) {
            let id = body["_id"].as_str().map(str::to_owned);
            let known = |id: &String| self.projects.iter().any(|(known, _)| known == id);
            match (id, call.basic.clone()) {
                (Some(id), Some(owner)) if !known(&id) => self.projects.push((id, owner)),
                (Some(_), _) => {}
                (None, _) => self.unknown.push("a project (its creation returned no `_id`)".to_owned()),
            }
        } else if signs_up(call) {
            self.add_account(sent("email"), sent("password"));
        } else if path.ends_with("/users/changepsw") {
            let email = call.basic.as_deref().and_then(|basic| basic.split(':').next());
            self.add_account(email, sent("newpsw"));
        }
    }

    /// Records what a call without a response may have created.
    fn suspect(&mut self, call: &Call, failure: &Failure) {
        if matches!(failure, Failure::Interrupted) {
            // The call was not made.
        } else if signs_up(call) {
            let sent = |name: &str| call.body.as_ref().and_then(|body| body[name].as_str());
            self.add_account(sent("email"), sent("password"));
        } else if creates_project(call) {
            self.unknown.push(format!("possibly a project (creating it: {failure})"));
        } else if uploaded_to(call).is_some() {
            self.unknown.push(format!("possibly a file ({} {}: {failure})", call.method, path_of(call)));
        }
    }

    fn add_account(&mut self, email: Option<&str>, password: Option<&str>) {
        if let (Some(email), Some(password)) = (email, password) {
            let account = format!("{email}:{password}");
            if !self.accounts.contains(&account) {
                self.accounts.push(account);
            }
        }
    }
}

impl Stage<'_> {
    /// Records what a call has created on the verified server, or may have created.
    pub(super) fn note(&mut self, call: &Call, response: &Result<Response<Bytes>, Failure>) {
        match response {
            Ok(response) if response.status().is_success() => {
                self.leftovers.note(call, &serde_json::from_slice(response.body()).unwrap_or_default());
            }
            Ok(_) => {}
            Err(failure) => self.leftovers.suspect(call, failure),
        }
    }

    /// Removes files, projects, and accounts from the verified server, in this order, because deleting files needs the
    /// others. Returns the leftovers.
    pub(in crate::verify) async fn clean_up(self, server: &Server) -> Vec<String> {
        let owner = self.filled(&format!("{}:⟦password⟧", marker_of("users", OWNER, Named::Otherwise)));
        let Leftovers { projects, mut accounts, files, unknown: mut left } = self.leftovers;
        for file in files.iter().rev() {
            left.extend(remove_file(server, file, &owner).await);
        }
        for (id, owner) in projects.iter().rev() {
            left.extend(remove_project(server, id, owner).await);
        }
        accounts.sort_unstable();
        for same in accounts.chunk_by(|one, other| email(one) == email(other)) {
            left.extend(remove_account(server, same).await);
        }
        left
    }
}

/// Deletes a file. Returns how it was left.
async fn remove_file(server: &Server, file: &File, owner: &str) -> Option<String> {
    let File { path, resource, basic, headers } = file;
    let query: String = byte_serialize(path.as_bytes()).collect();
    let delete = |basic: Option<&str>, headers: &BTreeMap<String, String>| Call {
        basic: basic.map(str::to_owned),
        headers: headers.clone(),
        ..as_owner("DELETE", format!("{resource}?path={query}"), None)
    };
    let mut outcome = String::new();
    let uploader = (basic.is_some() || !headers.is_empty()).then(|| delete(basic.as_deref(), headers));
    // An agent of the project may delete the files of its visitors and bots.
    let other = (basic.as_deref() != Some(owner)).then(|| delete(Some(owner), &BTreeMap::new()));
    for call in [uploader, other].into_iter().flatten() {
        match answer(server, &call).await {
            Ok((200..300, _)) => return None,
            Ok((status, _)) => outcome = status.to_string(),
            Err(failure) => outcome = failure.to_string(),
        }
    }
    let reading = resource.trim_end_matches("/users");
    let read = Call { basic: None, ..as_owner("GET", format!("{reading}?path={query}"), None) };
    let is_gone = matches!(answer(server, &read).await, Ok((404 | 410, _)));
    (!is_gone).then(|| format!("file {path} (deleting it: {outcome})"))
}

/// Deletes a project, or closes it if it cannot be deleted. Returns how it was left.
async fn remove_project(server: &Server, id: &str, owner: &str) -> Option<String> {
    let call = |method: &str, path: String| Call { basic: Some(owner.to_owned()), ..as_owner(method, path, None) };
    let (physical, soft) = (format!("/v3/projects/{id}/physical"), format!("/v3/projects/{id}"));
    let outcome = match answer(server, &call("DELETE", physical)).await {
        Ok((200..300, _)) => return None,
        Ok((status, _)) => status.to_string(),
        Err(failure) => failure.to_string(),
    };
    let closed = answer(server, &call("DELETE", soft.clone())).await.is_ok_and(|(status, _)| status < 300);
    // A closed project cannot be read, but its members still see it in their lists.
    let read = answer(server, &call("GET", soft)).await;
    let list = answer(server, &call("GET", "/v3/projects".to_owned())).await;
    match (read, list) {
        (Ok((403 | 404 | 410, _)), Ok((200, list))) if list.is_array() && !is_listed(&list, id) => None,
        (Ok((404, _)), _) => Some(format!("project {id} (closed; deleting it: {outcome})")),
        _ if closed => Some(format!("project {id} (closed; deleting it: {outcome})")),
        _ => Some(format!("project {id} (deleting it: {outcome})")),
    }
}

/// Whether a list of memberships contains a project, embedded or by its ID.
fn is_listed(list: &Value, id: &str) -> bool {
    let members = list.as_array().into_iter().flatten();
    members.into_iter().any(|member| {
        [&member["id_project"], &member["id_project"]["_id"], &member["_id"]].iter().any(|known| **known == id)
    })
}

/// Deletes an account, given its credentials so far. Returns how it was left.
async fn remove_account(server: &Server, credentials: &[String]) -> Option<String> {
    let mut outcome = String::new();
    for account in credentials {
        let call = as_owner("DELETE", "/v3/users/physical".to_owned(), None);
        match answer(server, &Call { basic: Some(account.clone()), ..call }).await {
            Ok((200..300, _)) => return None,
            // Not all of the credentials are current.
            Ok((401, _)) if !outcome.is_empty() => {}
            Ok((status, _)) => outcome = status.to_string(),
            Err(failure) => outcome = failure.to_string(),
        }
    }
    // The server may not accept Basic authentication, so only a rejected sign-in shows that the account is gone.
    for account in credentials {
        let (email, password) = account.split_once(':').unwrap_or_default();
        let sign_in = as_nobody("/v3/auth/signin", json!({"email": email, "password": password}));
        if !matches!(answer(server, &sign_in).await, Ok((401 | 403 | 404, _))) {
            return Some(format!("account {email} (deleting it: {outcome})"));
        }
    }
    None
}

/// Status and JSON body of the response to a call.
async fn answer(server: &Server, call: &Call) -> Result<(u16, Value), Failure> {
    let response = server.send(call.request()).await?;
    Ok((response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default()))
}

/// The path of a call without its query.
fn path_of(call: &Call) -> &str {
    call.path.split('?').next().unwrap_or_default().trim_end_matches('/')
}

fn creates_project(call: &Call) -> bool {
    call.method == "POST" && path_of(call).ends_with("/projects")
}

fn signs_up(call: &Call) -> bool {
    call.method == "POST" && path_of(call).ends_with("/auth/signup")
}

/// The path of the operations on the files that a call uploads, if it uploads one.
fn uploaded_to(call: &Call) -> Option<&'static str> {
    let writes = [Method::POST, Method::PUT].iter().any(|method| call.method == method.as_str());
    let mut segments = path_of(call).split('/').filter(|_| writes);
    segments.find_map(|segment| match segment {
        "files" => Some("/v3/files"),
        "images" => Some("/v3/images/users"),
        _ => None,
    })
}

fn email(account: &str) -> &str {
    account.split(':').next().unwrap_or_default()
}
