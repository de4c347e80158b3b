//! The documentation, word for word: its console blocks are executed, its other examples are checked, its links are followed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use serde_json::Value;

use crate::support::{App, root};

/// The address of the server in the examples.
const ADDRESS: &str = "http://127.0.0.1:4010";

/// A call of curl, with the options that the examples use.
#[derive(Default)]
struct Curl {
    method: Option<Method>,
    user: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    path: String,
    /// `-o /dev/null`
    quiet: bool,
    /// `-w '%{http_code}\n'`
    status: bool,
}

impl Curl {
    fn parse(line: &str) -> Self {
        let mut curl = Self::default();
        let mut words = words(line).into_iter();
        assert_eq!(
            words.next().as_deref(),
            Some("curl"),
            "{line}: console blocks hold calls of curl, sh blocks the rest"
        );
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("an option has a value");
            match word.as_str() {
                "-s" => {}
                "-o" => curl.quiet = value() == "/dev/null",
                "-w" => curl.status = value() == "%{http_code}\\n",
                "-X" => curl.method = Some(value().parse().expect("a method")),
                "-u" => curl.user = Some(value()),
                "-d" => curl.body = Some(value()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header has a value");
                    curl.headers.push((name.to_owned(), value.to_owned()));
                }
                url => {
                    let path = url.strip_prefix(ADDRESS).expect("the address of the examples");
                    path.clone_into(&mut curl.path);
                }
            }
        }
        if curl.body.is_some() && !curl.headers.iter().any(|(name, _)| name == "Content-Type") {
            curl.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        curl
    }

    async fn run(&self, app: &App) -> String {
        let basic = |user: &String| app.authorized(format!("Basic {}", BASE64_STANDARD.encode(user)));
        let actor = self.user.as_ref().map_or_else(|| app.nobody(), basic);
        let default = if self.body.is_some() { Method::POST } else { Method::GET };
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let method = self.method.clone().unwrap_or(default);
        // Webhooks are sent to the address of the examples.
        let body = self.body.clone().unwrap_or_default().replace(ADDRESS, &app.fake.url());
        let answer = actor.send(method, &self.path, &headers, body).await;
        match (self.status, self.quiet) {
            (true, _) => answer.status.as_u16().to_string(),
            (false, true) => String::new(),
            (false, false) => answer.text().replace(&app.fake.url(), ADDRESS),
        }
    }
}

/// The words of a command line, as a shell splits them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in line.chars() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (character, Some(open)) if character == open => quote = None,
            (' ', None) => words.push(std::mem::take(&mut word)),
            (character, _) => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a response matches the printed one, in which each ellipsis stands for any text.
fn fits(printed: &str, answer: &str) -> bool {
    let Some((start, rest)) = printed.split_once('…') else { return printed == answer };
    let Some(mut left) = answer.strip_prefix(start) else { return false };
    let mut parts: Vec<_> = rest.split('…').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(end)
}

/// A text without its line breaks and indentation: pages wrap long responses.
fn joined(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

/// The name and the value of `NAME=value`.
fn assignment(command: &str) -> Option<(&str, &str)> {
    command.split_once('=').filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The value of an assignment: a text, or a field of a response, as in `$(curl … | jq -r .token)`.
async fn evaluate(value: &str, app: &App) -> String {
    let Some(call) = value.strip_prefix("$(").and_then(|call| call.strip_suffix(')')) else { return value.to_owned() };
    let (call, field) = call.split_once(" | jq -r .").expect("a field of the response");
    let answer: Value = serde_json::from_str(&Curl::parse(call).run(app).await).expect("the response is JSON");
    answer[field].as_str().expect("the field is a text").to_owned()
}

/// The pages of the documentation, with their paths.
fn pages() -> Vec<(PathBuf, String)> {
    let files =
        |folder: PathBuf| fs::read_dir(folder).expect("the folder exists").map(|entry| entry.expect("a file").path());
    let mut pages: Vec<_> = files(root()).chain(files(root().join("docs"))).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    let read = |path: PathBuf| {
        let page = fs::read_to_string(&path).expect("a page can be read");
        (path, page)
    };
    pages.into_iter().map(read).collect()
}

/// The code blocks of a page in one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// Executes the console blocks of a page on a server with the default world and the clock at noon. Returns the number of calls.
async fn execute(path: &Path, page: &str) -> usize {
    let app = App::new();
    let (mut calls, mut variables) = (0, BTreeMap::<String, String>::new());
    for block in blocks(page, "console") {
        let block = format!("\n{block}").replace(" \\\n", " ");
        for step in block.split("\n$ ").skip(1) {
            let (command, printed) = step.split_once('\n').unwrap_or((step, ""));
            let mut command = command.to_owned();
            for (name, value) in &variables {
                command = command.replace(&format!("${name}"), value);
            }
            if let Some((name, value)) = assignment(&command) {
                variables.insert(name.to_owned(), evaluate(value, &app).await);
                continue;
            }
            let (printed, answer) = (joined(printed), joined(&Curl::parse(&command).run(&app).await));
            assert!(fits(&printed, &answer), "{}: {command}\nreturns\n{answer}\nnot\n{printed}", path.display());
            calls += 1;
        }
    }
    calls
}

#[tokio::test]
async fn console_blocks_print_the_responses_of_the_server() {
    let mut calls = 0;
    for (path, page) in pages() {
        if !blocks(&page, "console").is_empty() {
            calls += execute(&path, &page).await;
        }
    }
    assert!(calls > 60, "the examples were found: {calls}");
}

#[test]
fn the_rust_test_of_the_readme_is_executed() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the file");
    let (_, recipe) = include_str!("recipe.rs").split_once("\n\n").expect("a module comment comes first");
    assert!(readme.contains(&format!("```rust\n{recipe}```")));
}

#[test]
fn rust_blocks_are_part_of_a_file_that_is_compiled() {
    let mut compiled = include_str!("recipe.rs").to_owned();
    for folder in ["examples", "src/fake"] {
        for file in fs::read_dir(root().join(folder)).expect("the folder exists") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).expect("a source file can be read");
                // Examples in doc comments are compiled, too.
                let examples = text.lines().filter_map(|line| line.strip_prefix("///"));
                let examples: Vec<_> = examples.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
                compiled.extend(["\n", &text, "\n", &examples.join("\n"), "\n"]);
            }
        }
    }
    for (path, page) in pages() {
        for block in blocks(&page, "rust") {
            assert!(compiled.contains(block), "{}: this is not compiled:\n{block}", path.display());
        }
    }
}

#[test]
fn data_blocks_are_well_formed() {
    for (path, page) in pages() {
        for block in blocks(&page, "json") {
            let read = serde_json::from_str::<Value>(block);
            assert!(read.is_ok(), "{}: {read:?} of\n{block}", path.display());
        }
        for block in blocks(&page, "yaml") {
            let read = serde_yaml::from_str::<Value>(block);
            assert!(read.is_ok(), "{}: {read:?} of\n{block}", path.display());
        }
    }
}

#[test]
fn relative_links_resolve() {
    for (path, page) in pages() {
        for link in page.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains(':') {
                continue;
            }
            let file = path.parent().expect("a page is in a folder").join(target);
            assert!(file.exists(), "{}: {target} does not exist", path.display());
        }
    }
}
