//! The page docs/configuration.md, generated from the command line. Its introduction is configuration.md, next to this file.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use clap::{Arg, Command, CommandFactory};

use crate::Cli;

/// The page, with a marker for the commands.
const PAGE: &str = include_str!("configuration.md");

/// The marker that is replaced by the commands.
const MARKER: &str = "<!-- commands -->\n";

/// The heading of options without one.
const OPTIONS: &str = "Options";

/// Pages with more information about a command or an option.
const MORE: &[(&str, &str)] = &[
    ("proxy", "proxy.md"),
    ("drift", "proxy.md#drift"),
    ("openapi", "openapi.md"),
    ("openapi diff", "contract-testing.md#compare-documents"),
    ("fixtures", "worlds.md"),
    ("fixtures generate", "worlds.md#generated-data-and-live-activity"),
    ("init", "worlds.md"),
    ("verify", "contract-testing.md#verify-a-server"),
    ("pact verify", "contract-testing.md#verify-consumer-pacts"),
    ("--fixtures", "worlds.md"),
    ("--replay", "proxy.md#replay"),
    ("--watch", "worlds.md#reloading"),
    ("--pact-states", "contract-testing.md#provider-states"),
    ("--demo", "worlds.md#generated-data-and-live-activity"),
    ("--live", "worlds.md#generated-data-and-live-activity"),
    ("--clock", "time-and-determinism.md"),
    ("--sandbox-ttl", "sandboxes.md"),
    ("--sandbox-required", "sandboxes.md"),
    ("--faithful-holes", "deviations.md#permissions"),
    ("--control-token", "../SECURITY.md"),
    ("--journal", "journal-and-explanations.md"),
    ("--coverage", "coverage.md"),
    ("--webhooks", "webhooks.md"),
    ("openapi --html", "openapi.md#reference"),
];

/// A link to the page with more information, in parentheses.
fn more(name: &str) -> String {
    let found = MORE.iter().find(|(known, _)| *known == name);
    found.map_or_else(String::new, |(_, page)| {
        let title = page.trim_start_matches("../").split(".md").next().unwrap_or(page).to_lowercase();
        format!(" ([{}]({page}))", title.replace('-', " "))
    })
}

/// The name of an argument as it is typed.
fn spelling(arg: &Arg) -> String {
    let Some(long) = arg.get_long() else { return value(arg) };
    if !arg.get_action().takes_values() {
        return format!("--{long}");
    }
    let is_optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value = value(arg);
    if is_optional { format!("--{long} [{value}]") } else { format!("--{long} {value}") }
}

/// The placeholder for the value of an argument.
fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default().join(" ");
    let name = if names.is_empty() { arg.get_id().as_str().to_uppercase() } else { names };
    let many = arg.is_positional() && arg.get_num_args().is_some_and(|range| range.max_values() > 1);
    if many { format!("{name}…") } else { name }
}

/// The long help, or the short one, in one line.
fn description(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut lines: Vec<_> = help.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if arg.get_action().takes_values() && !values.is_empty() && value(arg) != values.join("|") {
        lines.push(format!("Possible values: `{}`", values.join("`, `")));
    }
    let sentences: Vec<_> = lines.iter().map(|line| line.trim_end_matches('.')).collect();
    sentences.join(". ")
}

fn default(arg: &Arg) -> String {
    let values: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    match &values[..] {
        _ if !arg.get_action().takes_values() => "off".to_owned(),
        [] if arg.is_required_set() => "required".to_owned(),
        [] => String::new(),
        _ => format!("`{}`", values.join(" ")),
    }
}

/// Arguments that users see, other than `--help` and `--version`.
fn arguments(command: &Command) -> Vec<&Arg> {
    let all = command.get_arguments();
    all.filter(|arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version")).collect()
}

/// The arguments by heading, in the order of `--help`.
fn grouped<'a>(arguments: &[&'a Arg]) -> Vec<(&'a str, Vec<&'a Arg>)> {
    let mut groups: Vec<(&str, Vec<&Arg>)> = Vec::new();
    for arg in arguments {
        let heading = arg.get_help_heading().unwrap_or(OPTIONS);
        match groups.iter_mut().find(|(name, _)| *name == heading) {
            Some((_, group)) => group.push(arg),
            None => groups.push((heading, vec![arg])),
        }
    }
    groups
}

fn table(page: &mut String, path: &str, arguments: &[&Arg]) {
    page.push_str("| Option | Environment variable | Default | Description |\n|---|---|---|---|\n");
    for arg in arguments {
        let env = arg.get_env().map_or_else(String::new, |name| format!("`{}`", name.to_string_lossy()));
        let name = arg.get_long().map_or_else(String::new, |long| format!("--{long}"));
        let link = match more(format!("{path} {name}").trim_start()) {
            link if link.is_empty() && (path.is_empty() || path == "proxy") => more(&name),
            link => link,
        };
        let cells = [format!("`{}`", spelling(arg)), env, default(arg), description(arg) + &link];
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(page, "| {} |", cells.join(" | ")).expect("a String takes any text");
    }
    page.push('\n');
}

/// Whether the server has an option with the same meaning.
fn is_shared(root: &Command, arg: &Arg) -> bool {
    root.get_arguments().any(|other| other.get_id() == arg.get_id() && description(other) == description(arg))
}

/// A section for each command below another one.
fn sections(page: &mut String, root: &Command, parent: &Command, path: &str) {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set()) {
        let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
        let about =
            command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
        let about = about.trim_end_matches('.');
        write!(page, "### `{path}`\n\n{about}{}.\n\n", more(&path)).expect("a String takes any text");
        let all = arguments(command);
        let (shared, own): (Vec<_>, Vec<_>) = all.iter().partition(|arg| is_shared(root, arg));
        if !command.get_arguments().all(|arg| arg.get_id() == "help") {
            let usage = command.clone().render_usage().to_string();
            write!(page, "```text\n{}\n```\n\n", usage.trim_start_matches("Usage: ")).expect("as above");
        }
        if !own.is_empty() {
            table(page, &path, &own);
        }
        if shared.len() == arguments(root).len() {
            page.push_str("It takes the options of the server, above.\n\n");
        } else if !shared.is_empty() {
            let names: Vec<_> =
                shared.iter().filter_map(|arg| arg.get_long()).map(|name| format!("`--{name}`")).collect();
            write!(page, "It also takes these options of the server, above: {}.\n\n", names.join(", "))
                .expect("as above");
        }
        sections(page, root, command, &path);
    }
}

/// The whole page.
fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let mut text = "## Options of the server\n\n".to_owned();
    for (heading, group) in grouped(&arguments(&root)) {
        write!(text, "### {heading}\n\n").expect("a String takes any text");
        table(&mut text, "", &group);
    }
    text.push_str("## Commands\n\n");
    sections(&mut text, &root, &root, "");
    PAGE.replace(MARKER, text.trim_end()) + "\n"
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")
}

#[test]
fn the_configuration_page_is_what_the_command_line_says() {
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file(), &page).expect("docs/configuration.md is writable");
    }
    let written = fs::read_to_string(file()).expect("docs/configuration.md");
    for (number, (written, generated)) in written.lines().zip(page.lines()).enumerate() {
        assert_eq!(written, generated, "docs/configuration.md, line {}: UPDATE=1 rewrites the page", number + 1);
    }
    assert_eq!(written.len(), page.len(), "docs/configuration.md is shorter or longer: UPDATE=1 rewrites the page");
}

#[test]
fn every_option_is_on_the_page_once() {
    fn check(page: &str, command: &Command) {
        for arg in arguments(command) {
            if let Some(long) = arg.get_long() {
                assert!(page.contains(&format!("`--{long}")), "--{long} of {}", command.get_name());
            }
            if let Some(name) = arg.get_env() {
                assert!(page.contains(&format!("`{}`", name.to_string_lossy())), "{name:?} of {}", command.get_name());
            }
        }
        command
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
            .for_each(|command| check(page, command));
    }

    let mut root = Cli::command();
    root.build();
    let page = page();
    check(&page, &root);
    assert_eq!(page.matches("| `--port PORT` |").count(), 1);
    assert!(!page.contains("unobserved"), "hidden options are left out");
    assert!(!page.contains(MARKER), "the marker is replaced");
}

#[test]
fn every_link_belongs_to_a_command_or_an_option() {
    fn names(command: &Command, path: &str, all: &mut Vec<String>) {
        all.push(path.to_owned());
        for arg in arguments(command).iter().filter_map(|arg| arg.get_long()) {
            all.push(format!("{path} --{arg}").trim_start().to_owned());
        }
        for child in command.get_subcommands() {
            names(child, format!("{path} {}", child.get_name()).trim_start(), all);
        }
    }

    let mut all = Vec::new();
    names(&Cli::command(), "", &mut all);
    for (name, _) in MORE {
        assert!(all.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn every_option_of_the_server_has_a_heading() {
    let root = Cli::command();
    for arg in arguments(&root) {
        assert!(arg.get_help_heading().is_some(), "{}", arg.get_id());
    }
}
