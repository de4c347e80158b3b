//! Verification of an existing project without writing: reads are checked against the document.

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use url::Url;

use super::{
    Account, Progress,
    difference::{Difference, Kind},
    expectation::Expectations,
    plan::{Case, Step},
    rebase::{Named, OWNER, fill, key_of, mapped, markers},
    recipe::as_owner,
    report::{Outcome, Report, Verdict},
    run::undocumented,
    server::{Failure, Remote, Server},
};
use crate::{example::Call, http::Contract, openapi};

/// Reads that have effects.
const EFFECTS: [&str; 1] = ["resend_verification_email"];

/// Reads of objects that are listed for everyone but readable only by their creators.
const OWN: [&str; 1] = ["get_canned_response"];

/// Lists of objects: collection, path below the project, and pointers to the ID and the other name of the first.
const LISTS: [(&str, &str, &str, &str); 12] = [
    ("leads", "leads", "/leads/0/_id", ""),
    ("requests", "requests?status=all", "/requests/0/_id", "/requests/0/request_id"),
    ("departments", "departments/allstatus", "/0/_id", ""),
    ("groups", "groups", "/0/_id", ""),
    ("bots", "bots", "/0/_id", ""),
    ("tags", "tags", "/0/_id", ""),
    ("canned_responses", "canned", "/0/_id", ""),
    ("segments", "segments", "/0/_id", ""),
    ("subscriptions", "subscriptions", "/0/_id", ""),
    ("events", "events", "/events/0/_id", ""),
    ("project_users", "project_users", "/0/_id", ""),
    ("namespaces", "kb/namespace/all", "/0/id", ""),
];

struct Reader<'a> {
    server: Server,
    account: &'a Account,
    project: &'a str,
    /// The values of markers; `None` if the project has no such object.
    found: std::collections::BTreeMap<String, Option<String>>,
}

impl Reader<'_> {
    fn filled(&self, call: &Call) -> Call {
        let account = self.account;
        mapped(call, &|text| {
            fill(text, |key| match key {
                "password" => Some(account.password.clone()),
                key if key == key_of("users", OWNER, Named::Otherwise) => Some(account.email.clone()),
                key if key.starts_with("projects:") => Some(self.project.to_owned()),
                key => self.found.get(key).cloned().flatten(),
            })
        })
    }

    async fn send(&self, call: &Call) -> Result<Response<Bytes>, Failure> {
        self.server.send(self.filled(call).request()).await
    }

    /// Checks that the account can read the project.
    async fn check(&self) -> Result<(), String> {
        let project = as_owner("GET", format!("/v3/projects/{}", self.project), None);
        let response = self.send(&project).await.map_err(|failure| failure.to_string())?;
        match response.status().as_u16() {
            200 => Ok(()),
            status @ (401 | 403) => Err(format!("the account of --as may not read it ({status})")),
            404 => Err("it does not exist (404)".to_owned()),
            status => Err(format!("GET /projects/{} returned {status}", self.project)),
        }
    }

    /// Finds objects for the markers of a call, or returns why that is impossible.
    async fn find(&mut self, call: &Call) -> Result<(), String> {
        for key in markers(call) {
            let collection = key.split(':').next().unwrap_or_default();
            let is_owner = key == key_of("users", OWNER, Named::Otherwise);
            if collection == "projects" || key == "password" || is_owner {
                continue;
            }
            let none = || format!("the project has no document of `{collection}` to read");
            if !self.found.contains_key(&key) {
                let Some((_, path, id, name)) = LISTS.iter().find(|(known, ..)| *known == collection) else {
                    return Err(format!("it needs a document of `{collection}` that no list shows"));
                };
                let pointer = if key.ends_with(":name") { name } else { id };
                let list = as_owner("GET", format!("/v3/{}/{path}", self.project), None);
                let response = self.send(&list).await.map_err(|failure| failure.to_string())?;
                let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
                let value = body.pointer(pointer).and_then(Value::as_str).filter(|_| !pointer.is_empty());
                self.found.insert(key.clone(), value.map(str::to_owned));
            }
            if self.found[&key].is_none() {
                return Err(none());
            }
        }
        Ok(())
    }
}

/// Makes the reads of the selected exchanges. Fails if the project cannot be read at all.
pub(super) async fn run(
    cases: Vec<Case>,
    remote: &Remote,
    (target, account): (&Url, &Account),
    project: &str,
    expectations: &Expectations,
) -> Result<Report, String> {
    let contract = openapi::contract().await;
    let server = Server::Remote(remote.clone());
    let mut reader = Reader { server, account, project, found: std::collections::BTreeMap::new() };
    reader.check().await.map_err(|why| format!("--project: cannot read the project {project:?}: {why}"))?;
    let (mut outcomes, mut stopped) = (Vec::new(), None);
    let progress = Progress::new(cases.len());
    for case in &cases {
        progress.step(&case.name);
        let [step] = &case.steps[..] else {
            outcomes.push(Outcome::skipped(&case.name, &case.name, "it writes".to_owned()));
            continue;
        };
        let skip = |why: String| Outcome::skipped(&case.name, &step.operation, why);
        if let Some(why) = excluded(case, step, remote) {
            outcomes.push(skip(why.to_owned()));
            continue;
        }
        if let Err(why) = reader.find(&step.call).await {
            outcomes.push(skip(why));
            continue;
        }
        let verdict = match reader.send(&step.call).await {
            // Objects in no list, such as files and translations.
            Ok(response) if response.status() == 404 => {
                Verdict::Skipped { reason: "the project has nothing to read here (404)".to_owned() }
            }
            Ok(response) => Verdict::of(expectations, &step.operation, judge(&contract, step, &response)),
            Err(Failure::Interrupted) => {
                stopped = Some("interrupted".to_owned());
                break;
            }
            Err(Failure::Broken(why)) if remote.is_silent() => {
                stopped = Some(format!("the server stopped responding: {why}"));
                break;
            }
            Err(Failure::Broken(why)) => {
                let difference = Difference::new(Kind::NoResponse, "", Value::Null, why.into());
                Verdict::of(expectations, &step.operation, vec![difference])
            }
        };
        outcomes.push(Outcome::new(&case.name, None, &step.operation, &step.call, verdict));
    }
    Ok(Report { target: target.to_string(), outcomes, left: Vec::new(), stopped })
}

/// The reason to skip an exchange.
fn excluded(case: &Case, step: &Step, remote: &Remote) -> Option<&'static str> {
    let call = &step.call;
    let owner = key_of("users", OWNER, Named::Otherwise);
    let is_ours = call.basic.as_ref().is_none_or(|basic| basic.starts_with(&format!("⟦{owner}⟧:⟦password⟧")));
    if call.method != "GET" || !case.before.is_empty() || EFFECTS.contains(&step.operation.as_str()) {
        Some("it writes")
    } else if case.status != Some(200) {
        Some("it is an error response")
    } else if !is_ours || !call.headers.is_empty() {
        Some("it needs another account")
    } else if OWN.contains(&step.operation.as_str()) {
        Some("only the creator of the object can read it, and lists don't show who that is")
    } else if call.path.starts_with("/v1/") && !remote.has_versions() {
        Some("the URL of the server has no version, so version 1 of the API has no address")
    } else {
        None
    }
}

/// The differences of a response to a read that must succeed.
fn judge(contract: &Contract, step: &Step, response: &Response<Bytes>) -> Vec<Difference> {
    let status = response.status().as_u16();
    if status == 200 {
        return undocumented(contract, step, response);
    }
    vec![Difference::new(Kind::Status, "status", 200.into(), status.into())]
}
