//! A stage: a project on every server of a run, with the accounts and objects that cases need, and its removal.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::{
    normal::Names,
    rebase::{DefaultWorld, Named, OWNER, PASSWORD, fill, key_of, mapped, marker_of, markers},
    recipe::{IDS, as_nobody, as_owner, create},
    server::{Failure, Server},
};
use crate::example::Call;

/// The account that owns the project.
#[derive(Clone)]
pub(super) enum Cast {
    /// This account.
    Given { email: String, password: String },
    /// An account that the stage signs up and deletes.
    Disposable,
}

/// Why a case cannot run.
#[derive(Clone, Debug)]
pub(super) enum Obstacle {
    /// Its state cannot be set up through the API at all.
    Impossible(String),
    /// The verified server refuses a call that sets it up.
    Refused(String),
    /// The verified server does not respond.
    Failed(Failure),
}

/// One server's side of a stage.
struct Side<'a> {
    server: &'a Server,
    /// What markers stand for, for the time of the stage.
    kept: BTreeMap<String, String>,
    /// The same for the current case.
    values: BTreeMap<String, String>,
}

impl Side<'_> {
    fn value(&self, key: &str) -> Option<String> {
        self.values.get(key).or_else(|| self.kept.get(key)).cloned()
    }

    fn names(&self) -> Names {
        let all = self.kept.iter().chain(&self.values);
        let named = all.filter(|(key, _)| *key != "password" && *key != "visitor");
        Names::new(named.map(|(key, value)| (value.clone(), key.clone())))
    }
}

/// How long what a set-up call created is remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Stage,
    Case,
}

/// Account and projects to remove.
#[derive(Default)]
struct Leftovers {
    /// Ids on the last server, with the credentials of their owners.
    projects: Vec<(String, String)>,
    /// Credentials.
    accounts: Vec<String>,
}

pub(super) struct Stage<'a> {
    world: &'a DefaultWorld,
    /// Fakes first, the verified server last.
    sides: Vec<Side<'a>>,
    /// Keys that exist for the time of the stage, and for that of the case.
    ready: BTreeSet<String>,
    ready_for_case: BTreeSet<String>,
    leftovers: Leftovers,
    /// Makes names unique.
    tag: String,
    cases: usize,
}

impl<'a> Stage<'a> {
    /// A stage that is not set up yet.
    pub(super) fn new(world: &'a DefaultWorld, servers: &[&'a Server], tag: String, cast: &Cast) -> Self {
        let mut sides: Vec<_> =
            servers.iter().map(|&server| Side { server, kept: BTreeMap::new(), values: BTreeMap::new() }).collect();
        let owner = key_of("users", OWNER, Named::Otherwise);
        let last = sides.len() - 1;
        for (at, side) in sides.iter_mut().enumerate() {
            let (email, password) = match cast {
                Cast::Given { email, password } if at == last => (email.clone(), password.clone()),
                // The fakes have an account with this address.
                Cast::Given { email, .. } => (email.clone(), PASSWORD.to_owned()),
                Cast::Disposable => (format!("andrea-{tag}@example.com"), PASSWORD.to_owned()),
            };
            side.kept.extend([(owner.clone(), email), ("password".to_owned(), password)]);
        }
        let ready = BTreeSet::from([owner]);
        Self { world, sides, ready, ready_for_case: BTreeSet::new(), leftovers: Leftovers::default(), tag, cases: 0 }
    }

    /// Creates the project, and the owner's account where there is none.
    pub(super) async fn open(&mut self, cast: &Cast) -> Result<(), Obstacle> {
        let owner = marker_of("users", OWNER, Named::Otherwise);
        if matches!(cast, Cast::Disposable) {
            let account = json!({"email": owner, "password": "⟦password⟧", "firstname": "Andrea", "lastname": "Leo"});
            self.set_up(&as_nobody("/v3/auth/signup", account), &[], Scope::Stage).await?;
            self.leftovers.accounts.push(self.filled(&format!("{owner}:⟦password⟧")));
        }
        let sign_in = as_nobody("/v3/auth/signin", json!({"email": owner, "password": "⟦password⟧"}));
        let id = key_of("users", OWNER, Named::ById);
        self.set_up(&sign_in, &[(&id, &["/user/_id"])], Scope::Stage).await?;
        self.ready.insert(id);
        self.create_project("project", Scope::Stage).await
    }

    async fn create_project(&mut self, key: &str, scope: Scope) -> Result<(), Obstacle> {
        let create = as_owner("POST", "/v3/projects".to_owned(), Some(json!({"name": "tiledesk-mock verify"})));
        self.set_up(&create, &[(key, &["/_id"])], scope).await?;
        let id = self.sides.last().and_then(|side| side.value(key)).unwrap_or_default();
        let owner = self.filled(&format!("{}:⟦password⟧", marker_of("users", OWNER, Named::Otherwise)));
        self.leftovers.projects.push((id, owner));
        Ok(())
    }

    /// A text filled in for the last server.
    fn filled(&self, text: &str) -> String {
        fill(text, |key| self.sides.last().and_then(|side| side.value(key)))
    }

    /// Prepares everything that the calls name.
    pub(super) async fn prepare(&mut self, calls: &[&Call]) -> Result<(), Obstacle> {
        self.cases += 1;
        self.ready_for_case.clear();
        for side in &mut self.sides {
            side.values.clear();
        }
        let mut keys = Vec::new();
        for call in calls {
            keys.extend(markers(call));
        }
        // The first project is that of the stage.
        let mut projects: Vec<_> = keys.iter().filter(|key| key.starts_with("projects:")).cloned().collect();
        for key in &keys {
            let project = self.document(key).and_then(|document| document.value["id_project"].as_str());
            projects.extend(project.map(|id| key_of("projects", id, Named::ById)));
        }
        projects.dedup();
        for (at, key) in projects.iter().enumerate() {
            if self.ready_for_case.contains(key) {
                continue;
            }
            if at == 0 {
                for side in &mut self.sides {
                    let project = side.kept.get("project").cloned().unwrap_or_default();
                    side.values.insert(key.clone(), project);
                }
            } else {
                self.create_project(key, Scope::Case).await?;
            }
            self.ready_for_case.insert(key.clone());
        }
        let main = projects.first().cloned().unwrap_or_default();
        if calls.iter().any(|call| call.path.contains("/kb")) && !self.ready.contains("namespaces") {
            // The default knowledge base is created when the list is read.
            let list = as_owner("GET", format!("/v3/⟦{main}⟧/kb/namespace/all"), None);
            self.set_up(&list, &[], Scope::Stage).await?;
            self.ready.insert("namespaces".to_owned());
        }
        for key in &keys {
            Box::pin(self.ensure(key, &main)).await?;
        }
        Ok(())
    }

    fn document(&self, key: &str) -> Option<&'a super::rebase::Document> {
        let mut parts = key.split(':');
        self.world.get(parts.next()?, parts.next()?)
    }

    /// Creates what a marker stands for, unless it exists.
    async fn ensure(&mut self, key: &str, project: &str) -> Result<(), Obstacle> {
        let is_ready = self.ready.contains(key) || self.ready_for_case.contains(key);
        // Users may still have to become members.
        if is_ready && !key.starts_with("users:") {
            return Ok(());
        }
        let mut parts = key.split(':');
        let (collection, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match collection {
            "password" | "saved" => return Ok(()),
            "unique" => {
                let unique = format!("{}-{}-{id}", self.tag, self.cases);
                self.share(key, &unique);
            }
            "visitor" => {
                let body = json!({"id_project": format!("⟦{project}⟧"), "firstname": "Maria"});
                let sign_in = as_nobody("/v3/auth/signinAnonymously", body);
                self.set_up(&sign_in, &[(key, &["/token"])], Scope::Case).await?;
            }
            "email" => {
                let address = format!("{id}-{}-{}@example.com", self.tag, self.cases);
                self.share(key, &address);
            }
            "users" => return self.ensure_user(id, project).await,
            "project_users" => return self.ensure_member(id, project).await,
            "requests" => return self.ensure_request(id, project).await,
            _ => return self.ensure_document(key, project).await,
        }
        self.ready_for_case.insert(key.to_owned());
        Ok(())
    }

    /// The same value on all servers.
    fn share(&mut self, key: &str, value: &str) {
        for side in &mut self.sides {
            side.values.insert(key.to_owned(), value.to_owned());
        }
    }

    /// Signs a user up, and invites it if it is a member of the documented project.
    async fn ensure_user(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_email] = [Named::ById, Named::Otherwise].map(|named| key_of("users", id, named));
        if id == OWNER {
            return Ok(());
        }
        if !self.ready.contains(&by_id) {
            let user = self.document(&by_id).map_or(&Value::Null, |document| &document.value);
            let [email, first, last] =
                ["email", "firstname", "lastname"].map(|name| user[name].as_str().unwrap_or("-"));
            let local = email.split('@').next().unwrap_or_default();
            let address = format!("{local}-{}@example.com", self.tag);
            for side in &mut self.sides {
                side.kept.insert(by_email.clone(), address.clone());
            }
            let account = json!({"email": address, "password": PASSWORD, "firstname": first, "lastname": last});
            let sign_up = as_nobody("/v3/auth/signup", account);
            self.set_up(&sign_up, &[(&by_id, &["/user/_id"])], Scope::Stage).await?;
            self.leftovers.accounts.push(format!("{address}:{PASSWORD}"));
            self.ready.extend([by_id, by_email.clone()]);
        }
        let documented = project.strip_prefix("projects:").unwrap_or_default();
        let membership = self.world.all("project_users").find(|member| {
            member.value["id_user"] == id && member.value["id_project"] == documented && member.value["trashed"] != true
        });
        let Some(membership) = membership else { return Ok(()) };
        let member = key_of("project_users", &membership.id, Named::ById);
        if self.ready.contains(&member) {
            return Ok(());
        }
        // The user is a member of several documented projects, for which the project of the stage stands.
        let any = format!("member:{id}");
        if !self.ready.contains(&any) {
            let role = membership.value["role"].as_str().unwrap_or("agent");
            let role = if role == "owner" { "admin" } else { role };
            let body = json!({"email": format!("⟦{by_email}⟧"), "role": role, "user_available": true});
            let invite = as_owner("POST", "/v3/⟦project⟧/project_users/invite".to_owned(), Some(body));
            self.set_up(&invite, &[(&any, &["/_id", "/project_user/_id"])], Scope::Stage).await?;
            self.ready.insert(any.clone());
        }
        for side in &mut self.sides {
            let value = side.kept.get(&any).cloned().unwrap_or_default();
            side.kept.insert(member.clone(), value);
        }
        self.ready.insert(member);
        Ok(())
    }

    /// A member: a user, or a visitor.
    async fn ensure_member(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_uuid] = [Named::ById, Named::Otherwise].map(|named| key_of("project_users", id, named));
        let member = self.document(&by_id).map_or(&Value::Null, |document| &document.value);
        if let Some(user) = member["id_user"].as_str() {
            let user = user.to_owned();
            Box::pin(self.ensure_user(&user, project)).await?;
            return if self.ready.contains(&by_id) {
                Ok(())
            } else {
                Err(Obstacle::Impossible("it needs a member that cannot be invited".to_owned()))
            };
        }
        let body = json!({"id_project": "⟦project⟧", "firstname": "Guest"});
        let sign_in = as_nobody("/v3/auth/signinAnonymously", body);
        self.set_up(&sign_in, &[(&by_uuid, &["/user/_id"])], Scope::Case).await?;
        self.ready_for_case.insert(by_uuid);
        Ok(())
    }

    async fn ensure_request(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_name] = [Named::ById, Named::Otherwise].map(|named| key_of("requests", id, named));
        let request = self.document(&by_id).map(|document| document.value.clone()).unwrap_or_default();
        let name = format!("support-group-{}-{}-{}", self.tag, self.cases, self.ready_for_case.len());
        self.share(&by_name, &name);
        self.ready_for_case.insert(by_name.clone());
        let path = format!("/v3/⟦project⟧/requests/⟦{by_name}⟧");
        let mut body = serde_json::Map::new();
        for field in ["first_text", "sourcePage", "language", "userAgent", "participants", "priority"] {
            let value = &request[field];
            if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
                body.insert(field.to_owned(), value.clone());
            }
        }
        let create = as_owner("POST", path.clone(), Some(body.into()));
        let create = mapped(&create, &|text| self.world.mark(text));
        for key in markers(&create) {
            Box::pin(self.ensure(&key, project)).await?;
        }
        self.set_up(&create, &[(&by_id, &["/_id"])], Scope::Case).await?;
        if request["status"] == 1000 {
            let close = as_owner("PUT", format!("{path}/close"), Some(json!({})));
            self.set_up(&close, &[], Scope::Case).await?;
        }
        self.ready_for_case.insert(by_id);
        Ok(())
    }

    async fn ensure_document(&mut self, key: &str, project: &str) -> Result<(), Obstacle> {
        let impossible =
            |what: &str| Err(Obstacle::Impossible(format!("it needs {what}, which the API cannot create")));
        let Some(document) = self.document(key) else { return Ok(()) };
        if document.collection == "departments" && document.value["default"] == true {
            let list = as_owner("GET", "/v3/⟦project⟧/departments/allstatus".to_owned(), None);
            self.set_up(&list, &[(key, &["/0/_id"])], Scope::Stage).await?;
            self.ready.insert(key.to_owned());
            return Ok(());
        }
        let Some(call) = create(document) else {
            return impossible(&format!("a document of `{}`", document.collection));
        };
        let call = mapped(&call, &|text| self.world.mark(text));
        for key in markers(&call) {
            if !key.starts_with("projects:") {
                Box::pin(self.ensure(&key, project)).await?;
            }
        }
        for side in &mut self.sides {
            let project = side.kept.get("project").cloned().unwrap_or_default();
            let id = document.value["id_project"].as_str().unwrap_or_default();
            side.values.entry(key_of("projects", id, Named::ById)).or_insert(project);
        }
        self.set_up(&call, &[(key, &IDS)], Scope::Case).await?;
        self.ready_for_case.insert(key.to_owned());
        Ok(())
    }

    /// Makes a call on all servers, which must succeed, and keeps parts of the responses.
    async fn set_up(&mut self, call: &Call, saved: &[(&str, &[&str])], scope: Scope) -> Result<(), Obstacle> {
        let last = self.sides.len() - 1;
        for at in 0..=last {
            let refused = |why: String| {
                let what = format!("{} {} returned {why}", call.method, readable(&call.path));
                if at == last && last > 0 { Obstacle::Refused(what) } else { Obstacle::Impossible(what) }
            };
            let response = self.call(at, call).await.map_err(Obstacle::Failed)?;
            if !response.status().is_success() {
                return Err(refused(response.status().as_u16().to_string()));
            }
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            for (key, pointers) in saved {
                let found = pointers.iter().find_map(|pointer| body.pointer(pointer)?.as_str());
                let found = found.ok_or_else(|| refused(format!("no {}", pointers[0])))?;
                let side = &mut self.sides[at];
                let values = if scope == Scope::Stage { &mut side.kept } else { &mut side.values };
                values.insert((*key).to_owned(), found.to_owned());
            }
        }
        Ok(())
    }

    /// Makes a call on one server.
    pub(super) async fn call(&mut self, at: usize, call: &Call) -> Result<Response<Bytes>, Failure> {
        let side = &self.sides[at];
        let filled = mapped(call, &|text| fill(text, |key| side.value(key)));
        let request = filled.request();
        let response = side.server.send(request).await?;
        if at + 1 == self.sides.len() && response.status().is_success() {
            self.note(&filled, &response);
        }
        Ok(response)
    }

    /// Remembers the projects and accounts that cases themselves create.
    fn note(&mut self, call: &Call, response: &Response<Bytes>) {
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

    /// Keeps a part of a server's response for later calls.
    pub(super) fn keep(&mut self, at: usize, key: &str, value: &str) {
        self.sides[at].values.insert(key.to_owned(), value.to_owned());
    }

    pub(super) fn names(&self, at: usize) -> Names {
        self.sides[at].names()
    }

    /// The number of servers.
    pub(super) fn len(&self) -> usize {
        self.sides.len()
    }

    /// Removes projects and accounts from the verified server. Returns what is left.
    pub(super) async fn clean_up(self, server: &Server) -> Vec<String> {
        let mut left = Vec::new();
        let delete =
            |path: String, basic: &str| Call { basic: Some(basic.to_owned()), ..as_owner("DELETE", path, None) };
        for (id, owner) in self.leftovers.projects.iter().rev() {
            let mut outcome = "no response".to_owned();
            for path in [format!("/v3/projects/{id}/physical"), format!("/v3/projects/{id}")] {
                match server.send(delete(path, owner).request()).await {
                    // Refused if the case has deleted it already.
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
                // Unauthorized if a case has deleted it already, or has changed its password.
                Ok(response) if response.status().is_success() || response.status() == 401 => {}
                Ok(response) => {
                    left.push(format!("account {} (deleting it: {})", email(&account), response.status().as_u16()))
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

/// A path with markers as people read it.
pub(super) fn readable(path: &str) -> String {
    fill(path, |key| Some(format!("<{}>", key.split(':').next().unwrap_or_default())))
}
