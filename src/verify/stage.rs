//! A stage: a project on every server of a run, with the accounts and objects that cases need, and its removal.

mod need;
mod removal;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use self::removal::Leftovers;
use super::{
    normal::Names,
    rebase::{DefaultWorld, Named, OWNER, PASSWORD, fill, key_of, mapped, marker_of, markers},
    recipe::{as_nobody, as_owner},
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

/// The reason that a case cannot run.
#[derive(Clone, Debug)]
pub(super) enum Obstacle {
    /// Its state cannot be set up through the API at all.
    Impossible(String),
    /// The verified server rejects a setup call.
    Refused(String),
    /// The verified server does not respond.
    Failed(Failure),
}

/// One server's side of a stage.
struct Side<'a> {
    server: &'a Server,
    /// The values of markers, for the lifetime of the stage.
    kept: BTreeMap<String, String>,
    /// The values of markers, for the current case.
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

/// The lifetime of values saved by a setup call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Stage,
    Case,
}

pub(super) struct Stage<'a> {
    world: &'a DefaultWorld,
    /// Fakes first, the verified server last.
    sides: Vec<Side<'a>>,
    /// Keys that exist for the lifetime of the stage, and for that of the case.
    ready: BTreeSet<String>,
    ready_for_case: BTreeSet<String>,
    leftovers: Leftovers,
    /// Makes names unique.
    tag: String,
    cases: usize,
}

impl<'a> Stage<'a> {
    /// A stage that has not been set up yet.
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

    /// Creates the project, and the owner's account where it does not exist.
    pub(super) async fn open(&mut self, cast: &Cast) -> Result<(), Obstacle> {
        let owner = marker_of("users", OWNER, Named::Otherwise);
        if matches!(cast, Cast::Disposable) {
            let account = json!({"email": owner, "password": "⟦password⟧", "firstname": "Andrea", "lastname": "Leo"});
            self.set_up(&as_nobody("/v3/auth/signup", account), &[], Scope::Stage).await?;
        }
        let sign_in = as_nobody("/v3/auth/signin", json!({"email": owner, "password": "⟦password⟧"}));
        let id = key_of("users", OWNER, Named::ById);
        self.set_up(&sign_in, &[(&id, &["/user/_id"])], Scope::Stage).await?;
        self.ready.insert(id);
        self.create_project("project", Scope::Stage).await
    }

    async fn create_project(&mut self, key: &str, scope: Scope) -> Result<(), Obstacle> {
        let create = as_owner("POST", "/v3/projects".to_owned(), Some(json!({"name": "tiledesk-mock verify"})));
        self.set_up(&create, &[(key, &["/_id"])], scope).await
    }

    /// A text filled in for the last server.
    fn filled(&self, text: &str) -> String {
        fill(text, |key| self.sides.last().and_then(|side| side.value(key)))
    }

    /// Creates everything that the calls refer to.
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

    /// Makes a call on all servers, which must succeed, and saves parts of the responses.
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
        let response = side.server.send(request).await;
        if at + 1 == self.sides.len() {
            self.note(&filled, &response);
        }
        response
    }

    /// Saves a part of a server's response for later calls.
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
}

/// A path with markers in readable form, without the query, which may contain secrets.
pub(super) fn readable(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    fill(path, |key| Some(format!("<{}>", key.split(':').next().unwrap_or_default())))
}
