//! The cases of a run: the selected documented exchanges, and a conversation.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use serde_json::Value;

use super::rebase::{DefaultWorld, Named, OWNER, marker_of};
use crate::{
    example::{Call, exchanges},
    value::suggest,
};

/// The agent of the conversation.
const AGENT: &str = "5aaa99024c3b110014b478f0";

/// The owner of the documented project.
const OWNER_EMAIL: &str = "andrea.leo@f21.it";

/// The name of the conversation in selections and reports.
pub(super) const CONVERSATION: &str = "conversation";

/// The setting in which a case runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Setting {
    /// In a project shared with other cases.
    Shared,
    /// In a separate project, because it changes the project.
    OwnProject,
    /// With a separate account, because it concerns the account.
    OwnAccount,
}

/// A call to compare.
pub(super) struct Step {
    pub(super) operation: String,
    pub(super) call: Call,
    /// Keys to save, with the pointers to their values in the response.
    pub(super) save: Vec<(String, String)>,
}

/// Calls to compare, and the calls that precede them.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) setting: Setting,
    /// Calls that set up the state.
    pub(super) before: Vec<Call>,
    pub(super) steps: Vec<Step>,
    /// The documented status of the only step; `None` for a conversation.
    pub(super) status: Option<u16>,
}

impl Case {
    pub(super) fn calls(&self) -> Vec<&Call> {
        self.before.iter().chain(self.steps.iter().map(|step| &step.call)).collect()
    }
}

/// All cases, exchanges first.
pub(super) fn cases(world: &DefaultWorld) -> Vec<Case> {
    let mut all: Vec<_> = exchanges()
        .into_iter()
        .map(|(name, exchange)| {
            let operation = name.split('.').next().unwrap_or_default().to_owned();
            let calls = exchange.before.iter().chain([&exchange.request]);
            let setting = calls.map(setting).max().unwrap_or(Setting::Shared);
            let call = world.mark_call(&exchange.request);
            let before = exchange.before.iter().map(|call| world.mark_call(call)).collect();
            let step = Step { operation, call, save: Vec::new() };
            Case { name, setting, before, steps: vec![step], status: Some(exchange.status) }
        })
        .collect();
    all.push(conversation());
    all
}

/// The setting of a documented call, by the first segments of its path. Calls by teammates need a separate project,
/// because other exchanges give the same teammates other roles. Files belong to accounts, which may not delete those of
/// others. A closed project stays in the list of its owner.
fn setting(call: &Call) -> Setting {
    let path = call.path.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty()).peekable();
    segments.next_if(|first| matches!(*first, "v1" | "v2" | "v3"));
    let (first, second) = (segments.next().unwrap_or_default(), segments.next());
    let of_account = matches!(first, "auth" | "users" | "jwt" | "images" | "files")
        || second == Some("files")
        || first == "projects" && second.is_none_or(|second| second == "all" || closes(call));
    let of_project = first == "projects"
        || match second {
            None | Some("labels" | "departments" | "project_users" | "keys" | "jwt") => true,
            Some(_) => path.contains("/kb/deleteall") || path.contains("/kb/namespace"),
        };
    let is_by_teammate = call.basic.as_ref().is_some_and(|basic| !basic.starts_with(OWNER_EMAIL));
    // A subscription adds to the delivery history as long as it exists.
    let subscribes = second == Some("subscriptions");
    if of_account {
        Setting::OwnAccount
    } else if of_project && call.method != "GET" || is_by_teammate || subscribes {
        Setting::OwnProject
    } else {
        Setting::Shared
    }
}

/// Whether a call closes a project, which can't be deleted afterwards.
fn closes(call: &Call) -> bool {
    call.method == "DELETE" && call.path.split('/').filter(|segment| !segment.is_empty()).count() <= 3
}

/// A step of the conversation as stored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    operation: String,
    #[serde(rename = "as")]
    caller: Caller,
    method: String,
    path: String,
    body: Option<Value>,
    #[serde(default)]
    save: BTreeMap<String, String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Caller {
    Owner,
    Agent,
    Visitor,
    Nobody,
}

/// A visitor's conversation with an agent, from the first message to its deletion.
fn conversation() -> Case {
    let lines: Vec<Line> =
        serde_json::from_str(include_str!("conversation.json")).expect("the conversation is valid, as tests show");
    let agent = marker_of("users", AGENT, Named::ById);
    let names = |text: &str| {
        let known = [
            ("{project}", "⟦projects:5b55e806c93dde00143163dd⟧"),
            ("{request}", "support-group-⟦unique:request⟧"),
            ("{department}", "⟦saved:department⟧"),
            ("{message}", "⟦saved:message⟧"),
            ("{agent_id}", agent.as_str()),
        ];
        known.iter().fold(text.to_owned(), |text, (name, marker)| text.replace(name, marker))
    };
    let steps = lines.into_iter().map(|line| {
        let basic = match line.caller {
            Caller::Owner => Some(format!("{}:⟦password⟧", marker_of("users", OWNER, Named::Otherwise))),
            Caller::Agent => {
                Some(format!("{}:{}", marker_of("users", AGENT, Named::Otherwise), super::rebase::PASSWORD))
            }
            Caller::Visitor | Caller::Nobody => None,
        };
        let headers = match line.caller {
            Caller::Visitor => BTreeMap::from([("Authorization".to_owned(), "⟦saved:visitor⟧".to_owned())]),
            _ => BTreeMap::new(),
        };
        let body = line.body.map(|body| serde_json::from_str(&names(&body.to_string())).unwrap_or_default());
        let call = Call { method: line.method, path: names(&line.path), basic, headers, body, form: None };
        let save = line.save.into_iter().map(|(name, pointer)| (format!("saved:{name}"), pointer)).collect();
        Step { operation: line.operation, call, save }
    });
    let (name, steps) = (CONVERSATION.to_owned(), steps.collect());
    Case { name, setting: Setting::OwnProject, before: Vec::new(), steps, status: None }
}

/// The cases that a run includes.
pub(super) struct Selection {
    only: Vec<GlobMatcher>,
    skip: Vec<GlobMatcher>,
}

impl Selection {
    /// Patterns match operation IDs and the names of cases. One that matches nothing is an error, and so is a selection
    /// without cases.
    pub(super) fn new(only: &[String], skip: &[String], cases: &[Case]) -> Result<Self, String> {
        let compiled = |option: &str, patterns: &[String]| -> Result<Vec<_>, String> {
            patterns.iter().map(|pattern| compile(pattern, cases).map_err(|why| format!("{option}: {why}"))).collect()
        };
        let selection = Self { only: compiled("--only", only)?, skip: compiled("--skip", skip)? };
        if cases.iter().any(|case| selection.includes(case)) {
            return Ok(selection);
        }
        Err("--skip: nothing is left to verify; skip fewer operations".to_owned())
    }

    pub(super) fn includes(&self, case: &Case) -> bool {
        (self.only.is_empty() || self.only.iter().any(|pattern| is_named(case, pattern)))
            && !self.skip.iter().any(|pattern| is_named(case, pattern))
    }
}

fn is_named(case: &Case, pattern: &GlobMatcher) -> bool {
    pattern.is_match(&case.name)
        || case.status.is_some() && case.steps.iter().any(|step| pattern.is_match(&step.operation))
}

fn compile(pattern: &str, cases: &[Case]) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    let glob = glob.map_err(|error| format!("{pattern:?} is no pattern: {error}"))?.compile_matcher();
    if cases.iter().any(|case| is_named(case, &glob)) {
        return Ok(glob);
    }
    if pattern.contains(['*', '?', '[', '{']) {
        return Err(format!("no operation matches `{pattern}`"));
    }
    let names = cases.iter().map(|case| match case.status {
        Some(_) if !pattern.contains('.') => case.name.split('.').next().unwrap_or_default(),
        _ => case.name.as_str(),
    });
    Err(suggest::unknown("operation", pattern, names))
}
