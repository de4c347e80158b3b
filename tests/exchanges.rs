//! The documented exchanges, one test case each, named `resource/operation_id.case`. In the default world, each response
//! must have the documented status, keys, and types, and match the snapshot next to the fixture.

#[path = "it/support/mod.rs"]
#[expect(dead_code, reason = "shared with the other integration tests")]
mod support;

use std::{
    collections::BTreeMap,
    fs,
    process::ExitCode,
    sync::{LazyLock, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use tiledesk_mock::{Call, Exchange, exchanges};

use self::support::{Answer, App, root};

/// The server that all cases share, one at a time: tokens and file names depend on the sandbox.
static APP: LazyLock<Mutex<App>> = LazyLock::new(|| Mutex::new(App::new()));

fn main() -> ExitCode {
    let folders = folders();
    let trials = exchanges().into_iter().map(|(name, exchange)| {
        let folder = folders[&name].clone();
        Trial::test(format!("{folder}/{name}"), move || check(&folder, &name, &exchange))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// The folder of each exchange, by file name.
fn folders() -> BTreeMap<String, String> {
    let entries = |folder| fs::read_dir(folder).expect("the folder is readable").flatten();
    let folders = entries(root().join("fixtures")).filter(|entry| entry.path().is_dir());
    let name = |file: &std::ffi::OsStr| file.to_string_lossy().into_owned();
    let files = folders.flat_map(|folder| {
        let files = entries(folder.path()).map(|file| file.path());
        files.filter_map(move |file| Some((name(file.file_stem()?), name(&folder.file_name()))))
    });
    files.collect()
}

fn check(folder: &str, name: &str, exchange: &Exchange) -> Result<(), Failed> {
    let app = APP.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let call = |call: &Call| runtime.block_on(app.call(call.request()));
    app.fake.default_sandbox().reset();
    for earlier in &exchange.before {
        let answer = call(earlier);
        let told = || format!("{} {}: {}", earlier.method, earlier.path, answer.text());
        answer.status.is_success().then_some(()).ok_or_else(told)?;
    }
    let answer = call(&exchange.request);
    let problems = problems(exchange, &answer);
    insta::with_settings!({
        snapshot_path => root().join("fixtures").join(folder),
        prepend_module_to_snapshot => false,
        description => exchange.source.clone(),
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, answer.to_snapshot());
    });
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// The differences between a response and the documented one.
fn problems(exchange: &Exchange, answer: &Answer) -> Vec<String> {
    if answer.status.as_u16() != exchange.status {
        return vec![format!("{} instead of {}: {}", answer.status, exchange.status, answer.text())];
    }
    let Some(documented) = &exchange.body else { return Vec::new() };
    let answered = serde_json::from_slice(&answer.body).unwrap_or_else(|_| Value::String(answer.text()));
    let mut shape = Shape { exchange, problems: Vec::new(), excused: Vec::new() };
    shape.compare("", documented, &answered);
    let Shape { mut problems, excused, .. } = shape;
    let unused = exchange.defects.keys().filter(|pointer| !excused.contains(pointer));
    problems.extend(unused.map(|pointer| format!("{pointer} is listed as a defect but is not one")));
    if !answer.status.is_success() && !answer.to_snapshot().contains("reason") && answered != *documented {
        problems.push(format!("the rejection is {answered}, not {documented}"));
    }
    problems
}

/// Compares a documented example with the response.
struct Shape<'a> {
    exchange: &'a Exchange,
    problems: Vec<String>,
    /// Known defects of the documentation that occurred.
    excused: Vec<&'a String>,
}

impl Shape<'_> {
    fn compare(&mut self, at: &str, documented: &Value, answered: &Value) {
        if self.exchange.elided.iter().any(|pointer| pointer == at) {
            return;
        }
        match (documented, answered) {
            (Value::Object(documented), Value::Object(answered)) => {
                for (key, value) in documented {
                    let at = format!("{at}/{key}");
                    match answered.get(key) {
                        Some(answer) => self.compare(&at, value, answer),
                        None => self.differ(&at, "is missing"),
                    }
                }
            }
            (Value::Array(documented), Value::Array(answered)) => {
                for (index, value) in documented.iter().enumerate() {
                    let at = format!("{at}/{index}");
                    match answered.get(index).or(answered.first()) {
                        Some(answer) => self.compare(&at, value, answer),
                        None => self.differ(&at, "is missing"),
                    }
                }
            }
            (documented, answered) if kind(documented) == kind(answered) => {}
            (documented, answered) => {
                self.differ(at, &format!("is {} and not {}", kind(answered), kind(documented)));
            }
        }
    }

    fn differ(&mut self, at: &str, problem: &str) {
        match self.exchange.defects.keys().find(|pointer| *pointer == at) {
            Some(pointer) => self.excused.push(pointer),
            None if self.exchange.elided.iter().any(|pointer| pointer == at) => {}
            None => self.problems.push(format!("{at} {problem}")),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
