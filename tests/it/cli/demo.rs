//! Generated worlds on the command line.

use super::{Server, run};

const GENERATE: [&str; 6] = ["fixtures", "generate", "--clock", "2026-01-01T12:00:00Z", "--conversations", "25"];

#[test]
fn generate_writes_a_valid_world() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("world.json");
    let file = file.to_str().expect("a plain path");
    let written = run(&[&GENERATE[..], &["--seed", "7", "--languages", "fr,es", "--output", file]].concat());
    assert!(written.status.success() && written.stdout.is_empty(), "{written:?}");
    let checked = run(&["fixtures", "check", file]);
    assert!(checked.status.success(), "{checked:?}");
    let printed = run(&[&GENERATE[..], &["--seed", "7", "--languages", "fr,es"]].concat());
    assert_eq!(std::fs::read(file).expect("the file"), printed.stdout, "the same bytes on stdout");
}

#[test]
fn invalid_plans_are_rejected() {
    for (options, expected) in [
        (["--languages", "eng"], "did you mean"),
        (["--days", "0"], "1..=3650"),
        (["--agents", "1000"], "0..=200"),
        (["--clock", "noon"], "ISO 8601"),
    ] {
        let output = run(&[&["fixtures", "generate"][..], &options].concat());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && text.contains(expected), "{options:?}: {text}");
    }
    for options in [["--demo", "--empty"], ["--live=0", "--port=0"], ["--live=601", "--port=0"]] {
        assert_eq!(run(&options).status.code(), Some(2), "{options:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("missing/world.json");
    let output = run(&[&GENERATE[..], &["--output", file.to_str().expect("a plain path")]].concat());
    let text = String::from_utf8_lossy(&output.stderr);
    let expected = format!("cannot write {}: no such directory: {}/missing\n", file.display(), folder.path().display());
    assert!(output.status.code() == Some(1) && text.ends_with(&expected), "{text}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_partial_file() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = || std::fs::read_dir(folder.path()).expect("the folder").count();
        let file = folder.path().join("world.json");
        let file = file.to_str().expect("a plain path");
        // More than can be written before the signal.
        let options = ["fixtures", "generate", "--conversations", "1000000", "--output", file];
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_tiledesk-mock"))
            .args(options)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while files() == 0 {
            assert!(std::time::Instant::now() < patience, "the program starts to write");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let kill = format!("kill -{signal} {}", program.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().is_ok_and(|status| status.success()));
        let status = program.wait().expect("the program ends");
        assert_eq!((status.code(), files()), (Some(1), 0), "{signal}");
    }
}

#[test]
fn a_demo_adds_conversations_to_the_built_in_world() {
    let server = Server::start(&["--port", "0", "--demo", "30", "--live"], &[]);
    let requests = server.get("/v3/5b55e806c93dde00143163dd/requests?status=all&limit=1");
    let count = requests.split("\"count\":").nth(1).and_then(|rest| rest.split(',').next()).map(str::parse::<u64>);
    assert!(matches!(count, Some(Ok(count)) if count >= 33), "{requests}");
}

#[test]
fn a_history_ends_at_any_supported_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("world.json");
    let file = file.to_str().expect("a plain path");
    let generate = |clock| run(&["fixtures", "generate", "--conversations", "5", "--clock", clock, "--output", file]);
    // Identifiers count the seconds from 1970 to 2106.
    for clock in ["0001-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "2110-01-01T00:00:00Z", "9998-12-31T00:00:00Z"] {
        let written = generate(clock);
        assert!(written.status.success(), "{clock}: {written:?}");
        let checked = run(&["fixtures", "check", file]);
        assert!(checked.status.success(), "{clock}: {checked:?}");
    }
    for clock in ["0000-12-31T23:59:59Z", "9999-06-01T00:00:00Z"] {
        let output = generate(clock);
        let text = String::from_utf8_lossy(&output.stderr);
        let expected = format!("expected a date in the years 1 to 9998, got \"{clock}\"");
        assert!(output.status.code() == Some(2) && text.contains(&expected), "{clock}: {text}");
    }
}

#[test]
fn a_server_starts_at_any_supported_time() {
    for options in [
        &["--clock", "1969-12-31T23:59:59Z+"][..],
        &["--clock", "1970-01-05T00:00:00Z+"],
        &["--clock", "2200-01-01T00:00:00Z+x10000"],
        &["--clock", "9998-12-31T00:00:00Z+"],
        &["--clock", "1960-01-01T00:00:00Z", "--demo", "5"],
        &["--clock", "2110-01-01T00:00:00Z", "--demo", "5"],
    ] {
        let server = Server::start(&[&["--port", "0"][..], options].concat(), &[]);
        let requests = server.get("/v3/5b55e806c93dde00143163dd/requests?status=all&limit=1");
        assert!(requests.starts_with("HTTP/1.1 200") && requests.contains("\"count\":"), "{options:?}: {requests}");
    }
}
