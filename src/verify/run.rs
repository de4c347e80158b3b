//! A run: lanes that process the cases, each in its own project.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Response, header};
use parking_lot::Mutex;
use serde_json::{Value, json};
use url::Url;

use super::{
    Account, Options, Progress,
    difference::{Compared, Difference, Kind, compare},
    expectation::Expectations,
    plan::{Case, Setting, Step},
    rebase::{DefaultWorld, PASSWORD},
    recipe::as_nobody,
    report::{Outcome, Report, Verdict},
    server::{Failure, Remote, Server},
    stage::{Cast, Obstacle, Stage, readable},
};
use crate::{
    example::Call,
    fake::Fake,
    http::{Contract, path::is_first_version},
    openapi,
    runtime::clock::{Clock, ClockSetting},
    webhook::WebhookTargets,
};

/// Start of the second fake's clock: not near the present, and not on the same day of the month or week.
const ELSEWHEN: Duration = Duration::from_secs(1_586_143_721);

/// The step of that clock per call.
const PACE: Duration = Duration::from_secs(7);

/// Checks the credentials, and that the server speaks the API. Returns the user.
pub(super) async fn sign_in(remote: &Remote, account: &Account) -> Result<Value, String> {
    let call = as_nobody("/v3/auth/signin", json!({"email": account.email, "password": account.password}));
    let failed = |why: String| format!("cannot sign in: {why}");
    let server = Server::Remote(remote.clone());
    let response = server.send(call.request()).await.map_err(|why| failed(why.to_string()))?;
    let body: Option<Value> = serde_json::from_slice(response.body()).ok();
    match (response.status().as_u16(), body) {
        (200, Some(mut body)) if body["user"]["_id"].is_string() => {
            let basic = Some(format!("{}:{}", account.email, account.password));
            let read = Call { method: "GET".to_owned(), basic, body: None, ..as_nobody("/v3/users", Value::Null) };
            let known = server.send(read.request()).await.ok().filter(|response| response.status().is_success());
            let known = known.and_then(|response| serde_json::from_slice(response.body()).ok());
            Ok(known.filter(Value::is_object).unwrap_or_else(|| body["user"].take()))
        }
        (200, Some(_)) => Err(failed("the response has no user".to_owned())),
        (200, None) => Err(failed(format!("expected JSON, got {}", content_type(&response)))),
        (401, _) => Err(failed("the server does not accept the credentials of --as (401)".to_owned())),
        (status, _) => Err(failed(format!("POST /auth/signin returned {status}; is the base URL right?"))),
    }
}

fn content_type(response: &Response<Bytes>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or("no content type").to_owned()
}

pub(super) struct Run<'a> {
    world: &'a DefaultWorld,
    fakes: [Server; 2],
    scout: Server,
    remote: Remote,
    target: &'a Url,
    account: &'a Account,
    options: &'a Options,
    expectations: &'a Expectations,
    tag: String,
}

/// A fake whose only document is an account like the given one, and which sends no webhooks.
fn fake(seed: u64, frozen: Option<Duration>, email: &str, user: &Value) -> Result<Server, String> {
    let mut account = json!({
        "_id": format!("{seed:024x}"), "email": email.to_lowercase(), "password": PASSWORD,
        "createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": "2020-01-01T00:00:00.000Z",
    });
    for field in ["firstname", "lastname", "emailverified", "phone", "description", "attributes", "__v"] {
        if !user[field].is_null() {
            account[field] = user[field].clone();
        }
    }
    let builder =
        Fake::builder().world(json!({"users": [account]})).seed(seed).webhooks(WebhookTargets::Off).no_control();
    let builder = match frozen {
        Some(since) => builder.frozen_at(UNIX_EPOCH + since),
        None => builder,
    };
    let fake = builder.start().map_err(|error| format!("cannot start a fake to compare with: {error}"))?;
    let sandbox = Box::new(fake.default_sandbox());
    let pace = if frozen.is_some() { PACE } else { Duration::ZERO };
    Ok(Server::Fake { fake: Box::new(fake), sandbox, pace })
}

impl<'a> Run<'a> {
    pub(super) fn new(
        world: &'a DefaultWorld,
        remote: Remote,
        (target, account): (&'a Url, &'a Account),
        options: &'a Options,
        expectations: &'a Expectations,
        user: &Value,
    ) -> Result<Self, String> {
        let seed = Clock::new(ClockSetting::Real).now().milliseconds().unsigned_abs();
        let fake = |seed, frozen| fake(seed, frozen, &account.email, user);
        let fakes = [fake(seed, None)?, fake(seed.wrapping_add(1), Some(ELSEWHEN))?];
        let scout = fake(seed.wrapping_add(2), None)?;
        let tag = format!("v{:x}", seed & 0xfff_ffff_ffff);
        Ok(Self { world, fakes, scout, remote, target, account, options, expectations, tag })
    }

    /// Runs all cases.
    pub(super) async fn all(&self, cases: Vec<Case>) -> Report {
        let contract = openapi::contract().await;
        let mut outcomes = Vec::new();
        let mut queue = VecDeque::new();
        for (number, case) in cases.into_iter().enumerate() {
            match self.obstacle(number, &case).await {
                Some(why) => outcomes.push(Outcome::skipped(&case.name, operation(&case), why)),
                None => queue.push_back(case),
            }
        }
        let progress = Progress::new(queue.len());
        let queue = Mutex::new(queue);
        let lanes = usize::from(self.options.concurrency);
        let found = stream::iter(0..lanes)
            .map(|number| self.lane(number, &queue, &contract, &progress))
            .buffer_unordered(lanes)
            .collect::<Vec<_>>()
            .await;
        drop(progress);
        let mut left = Vec::new();
        for (done, leftovers) in found {
            outcomes.extend(done);
            left.extend(leftovers);
        }
        let unfinished = std::mem::take(&mut *queue.lock());
        let stopped = match unfinished.len() {
            0 if !self.remote.is_interrupted() => None,
            missing if self.remote.is_silent() => {
                Some(format!("the server stopped responding; {}", left_over(missing)))
            }
            missing => Some(format!("interrupted; {}", left_over(missing))),
        };
        outcomes.sort_by(|a, b| a.case.cmp(&b.case).then(a.step.cmp(&b.step)));
        Report { target: self.target.to_string(), outcomes, left, stopped }
    }

    /// The reason that a case cannot be rebased: even a fake does not return the documented status in a new project.
    async fn obstacle(&self, number: usize, case: &Case) -> Option<String> {
        if !self.remote.has_versions() && case.calls().iter().any(|call| is_first_version(&call.path)) {
            return Some("the URL of the server has no version, so version 1 of the API has no address".to_owned());
        }
        let documented = case.status?;
        if documented < 400 && case.steps.iter().any(|step| is_permanent(&step.call)) {
            return Some("its account could not be deleted".to_owned());
        }
        if case.calls().iter().any(|call| DefaultWorld::has_secret(&call.path)) {
            return Some("it needs a code or key that the API does not return".to_owned());
        }
        let tag = format!("scout-{number}");
        let mut stage = Stage::new(self.world, &[&self.scout], tag, &Cast::Disposable);
        let why = |obstacle| match obstacle {
            Obstacle::Impossible(why) | Obstacle::Refused(why) => why,
            Obstacle::Failed(failure) => failure.to_string(),
        };
        if let Err(obstacle) = stage.open(&Cast::Disposable).await {
            return Some(why(obstacle));
        }
        if let Err(obstacle) = stage.prepare(&case.calls()).await {
            return Some(why(obstacle));
        }
        for call in case.before.iter().chain(case.steps.iter().map(|step| &step.call)) {
            match stage.call(0, call).await {
                Ok(response) if response.status().is_success() || response.status() == documented => {}
                Ok(response) => {
                    let status = response.status().as_u16();
                    return Some(format!(
                        "it needs state that the API cannot create: a new project returns {status}, not {documented}"
                    ));
                }
                Err(failure) => return Some(failure.to_string()),
            }
        }
        None
    }

    /// Takes cases from the queue until it is empty or the run ends. Returns the outcomes and the leftovers.
    async fn lane(
        &self,
        number: usize,
        queue: &Mutex<VecDeque<Case>>,
        contract: &Arc<Contract>,
        progress: &Progress,
    ) -> (Vec<Outcome>, Vec<String>) {
        let Account { email, password } = self.account.clone();
        let given = Cast::Given { email, password };
        let (target, remover) = (Server::Remote(self.remote.clone()), Server::Remote(self.remote.uninterrupted()));
        let servers = [&self.fakes[0], &self.fakes[1], &target];
        let (mut outcomes, mut left) = (Vec::new(), Vec::new());
        let mut shared: Option<Stage<'_>> = None;
        let mut count = 0;
        while !self.remote.is_interrupted() && !self.remote.is_silent() {
            let Some(case) = queue.lock().pop_front() else { break };
            count += 1;
            progress.step(&case.name);
            let tag = format!("{}-{number}-{count}", self.tag);
            let done = match case.setting {
                Setting::Shared => {
                    let mut failed = None;
                    if shared.is_none() {
                        let mut stage = Stage::new(self.world, &servers, tag, &given);
                        match stage.open(&given).await {
                            Ok(()) => shared = Some(stage),
                            Err(obstacle) => {
                                left.extend(stage.clean_up(&remover).await);
                                failed = Some(blocked(&case, obstacle));
                            }
                        }
                    }
                    match &mut shared {
                        Some(stage) => self.case(&case, stage, contract).await,
                        None => failed.into_iter().collect(),
                    }
                }
                Setting::OwnProject | Setting::OwnAccount => {
                    let actors = if case.setting == Setting::OwnProject { given.clone() } else { Cast::Disposable };
                    let mut stage = Stage::new(self.world, &servers, tag, &actors);
                    let done = match stage.open(&actors).await {
                        Ok(()) => self.case(&case, &mut stage, contract).await,
                        Err(obstacle) => vec![blocked(&case, obstacle)],
                    };
                    left.extend(stage.clean_up(&remover).await);
                    done
                }
            };
            if done.iter().any(Outcome::is_unfinished) {
                queue.lock().push_front(case);
                break;
            }
            outcomes.extend(done);
        }
        if let Some(stage) = shared {
            left.extend(stage.clean_up(&remover).await);
        }
        (outcomes, left)
    }

    async fn case(&self, case: &Case, stage: &mut Stage<'_>, contract: &Contract) -> Vec<Outcome> {
        if let Err(obstacle) = stage.prepare(&case.calls()).await {
            return vec![blocked(case, obstacle)];
        }
        for call in &case.before {
            for at in 0..stage.len() {
                match stage.call(at, call).await {
                    Ok(response) if !response.status().is_success() && at + 1 == stage.len() => {
                        let status = response.status().as_u16();
                        let what = format!("{} {} returned {status}", call.method, readable(&call.path));
                        return vec![blocked(case, Obstacle::Refused(what))];
                    }
                    Ok(_) => {}
                    Err(failure) => return vec![blocked(case, Obstacle::Failed(failure))],
                }
            }
        }
        let mut outcomes = Vec::new();
        for (at, step) in case.steps.iter().enumerate() {
            let verdict = self.step(step, stage, contract).await;
            let position = case.status.is_none().then_some(at + 1);
            let ends = matches!(verdict, Verdict::Blocked { .. } | Verdict::Unfinished);
            outcomes.push(Outcome::new(&case.name, position, &step.operation, &step.call, verdict));
            if ends {
                break;
            }
        }
        outcomes
    }

    /// Makes a call on all servers and compares the responses.
    async fn step(&self, step: &Step, stage: &mut Stage<'_>, contract: &Contract) -> Verdict {
        let mut responses = Vec::new();
        for at in 0..stage.len() {
            match stage.call(at, &step.call).await {
                Ok(response) => responses.push(response),
                Err(Failure::Interrupted) => return Verdict::Unfinished,
                Err(Failure::Broken(why)) => {
                    let difference = Difference::new(Kind::NoResponse, "", Value::Null, why.into());
                    return self.judge(&step.operation, vec![difference]);
                }
            }
        }
        for (at, response) in responses.iter().enumerate() {
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            for (key, pointer) in &step.save {
                match body.pointer(pointer).and_then(Value::as_str) {
                    Some(value) => stage.keep(at, key, value),
                    None if at + 1 == stage.len() => stage.keep(at, key, "missing"),
                    None => {}
                }
            }
        }
        let compared: Vec<_> =
            responses.iter().enumerate().map(|(at, response)| Compared::new(response, &stage.names(at))).collect();
        let [one, other, actual] = &compared[..] else { return Verdict::Unfinished };
        let mut found = compare([one, other], actual);
        add_undocumented(&mut found, contract, step, [&responses[0], &responses[2]]);
        self.judge(&step.operation, found)
    }

    fn judge(&self, operation: &str, differences: Vec<Difference>) -> Verdict {
        Verdict::of(self.expectations, operation, differences)
    }
}

fn left_over(cases: usize) -> String {
    if cases == 1 { "1 case is left".to_owned() } else { format!("{cases} cases are left") }
}

/// Whether a call leaves an account that cannot be deleted, because it signs one up without a password, or closes one.
fn is_permanent(call: &Call) -> bool {
    let body = call.body.as_ref();
    let signs_up = call.path.ends_with("/auth/signup") && body.is_none_or(|body| !body["password"].is_string());
    signs_up || call.method == "DELETE" && call.path.trim_end_matches('/').ends_with("/users")
}

/// Adds undocumented parts of the second response that are neither reported yet nor in the first response.
pub(super) fn add_undocumented(
    found: &mut Vec<Difference>,
    contract: &Contract,
    step: &Step,
    [expected, actual]: [&Response<Bytes>; 2],
) {
    if found.first().is_some_and(|difference| difference.kind == Kind::Status) {
        return;
    }
    let known = undocumented(contract, step, expected);
    for difference in undocumented(contract, step, actual) {
        let is_found =
            |other: &Difference| difference.at.starts_with(&other.at) || other.at.starts_with(&difference.at);
        if !found.iter().any(is_found) && !known.contains(&difference) {
            found.push(difference);
        }
    }
}

/// The undocumented parts of a response.
pub(super) fn undocumented(contract: &Contract, step: &Step, response: &Response<Bytes>) -> Vec<Difference> {
    let path = step.call.path.split('?').next().unwrap_or_default();
    let Some(schema) = contract.of_call(&step.operation, path) else { return Vec::new() };
    let problems = schema.deviations(response.status(), &content_type(response), Some(response.body()));
    let difference = |problem: crate::http::ProblemDetail| {
        let at = match &*problem.pointer {
            "/header/content-type" => "content-type",
            // A field of the body can also have this name.
            "/status" if problem.detail.starts_with("status ") => "status",
            pointer => pointer,
        };
        Difference::new(Kind::Schema, at, Value::Null, problem.detail.to_string().into())
    };
    problems.into_iter().map(difference).collect()
}

fn operation(case: &Case) -> &str {
    case.steps.first().map_or(&case.name, |step| &step.operation)
}

fn blocked(case: &Case, obstacle: Obstacle) -> Outcome {
    let call: Option<&Call> = case.steps.first().map(|step| &step.call);
    let verdict = match obstacle {
        Obstacle::Impossible(why) => return Outcome::skipped(&case.name, operation(case), why),
        Obstacle::Refused(why) => Verdict::Blocked { reason: format!("cannot set up: {why}") },
        Obstacle::Failed(Failure::Interrupted) => Verdict::Unfinished,
        Obstacle::Failed(failure) => Verdict::Blocked { reason: format!("cannot set up: {failure}") },
    };
    let name = operation(case).to_owned();
    match call {
        Some(call) => Outcome::new(&case.name, None, &name, call, verdict),
        None => Outcome::skipped(&case.name, &name, "it has no calls".to_owned()),
    }
}
