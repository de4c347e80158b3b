//! The README's tour, word for word.

use std::fs;

use http::Method;

use crate::support::{App, root};

/// Where the server of the tour listens.
const ADDRESS: &str = "http://127.0.0.1:4010";

/// What a curl of the tour sends.
#[derive(Default)]
struct Curl {
    method: Option<Method>,
    user: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    path: String,
    /// The answer is not printed.
    quiet: bool,
}

impl Curl {
    fn parse(line: &str) -> Self {
        let mut curl = Self::default();
        let mut words = words(line).into_iter().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("an option has a value");
            match word.as_str() {
                "-s" => {}
                "-o" => curl.quiet = value() == "/dev/null",
                "-X" => curl.method = Some(value().parse().expect("a method")),
                "-u" => curl.user = value().strip_suffix(":123456").map(str::to_owned),
                "-d" => curl.body = Some(value()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header has a value");
                    curl.headers.push((name.to_owned(), value.to_owned()));
                }
                url => {
                    let path = url.strip_prefix(ADDRESS).expect("the usual address");
                    curl.path = path.to_string();
                }
            }
        }
        if curl.body.is_some() && !curl.headers.iter().any(|(name, _)| name == "Content-Type") {
            curl.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        curl
    }

    async fn run(&self, app: &App) -> String {
        let actor = self.user.as_deref().map_or_else(|| app.nobody(), |email| app.user(email));
        let default = if self.body.is_some() { Method::POST } else { Method::GET };
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let method = self.method.clone().unwrap_or(default);
        // Webhooks are posted to the address of the tour.
        let body = self.body.clone().unwrap_or_default().replace(ADDRESS, &app.fake.url());
        let answer = actor.send(method, &self.path, &headers, body).await.text().replace(&app.fake.url(), ADDRESS);
        if self.quiet { String::new() } else { answer }
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
    words
}

/// Whether an answer is the printed one, in which each ellipsis stands for what is cut.
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

/// What the tour's `sed` takes out of an answer.
fn token(answer: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(answer).expect("signing in answers JSON");
    answer["token"].as_str().expect("a token is a text").to_owned()
}

#[tokio::test]
async fn the_tour_answers_what_is_printed() {
    let app = App::new();
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let blocks = readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let (mut seen, mut variable) = (0, String::new());
    for step in blocks.flat_map(|block| block.split("\n\n")) {
        let (command, printed) = step.trim().split_once('\n').unwrap_or((step.trim(), ""));
        let line = command.strip_prefix("$ ").expect("a command");
        if let Some(line) = line.strip_prefix("TOKEN=$(") {
            let line = line.split(" | sed ").next().unwrap_or_default();
            variable = token(&Curl::parse(line).run(&app).await);
            continue;
        }
        let answer = Curl::parse(&line.replace("$TOKEN", &variable)).run(&app).await;
        assert!(fits(printed, &answer), "{command}\nis answered\n{answer}\nnot\n{printed}");
        seen += 1;
    }
    assert!(seen > 16, "the tour was found");
}

#[test]
fn the_test_in_rust_is_one_of_these() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the file");
    let (_, recipe) = include_str!("recipe.rs").split_once("\n\n").expect("a line that says what it is");
    assert!(readme.contains(&format!("```rust\n{recipe}```")));
}
