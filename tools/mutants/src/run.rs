//! Runs the tests: first each by itself, to record the mutants it reaches, then each mutant with the tests that reach
//! it, until one fails. Results are saved in files, so that a run can be resumed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error,
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::process::CommandExt as _,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{Folders, Mutant, compile::Built};

/// Tests run in parallel.
const WORKERS: usize = 2;
/// Memory limit in units of 1,024 bytes: a mutant may allocate endlessly.
const MEMORY: usize = 6_000_000;
/// Seconds a process needs before its first test, for generating the documents.
const START: f64 = 3.0;
/// Test time per process in seconds: first the likeliest tests, then the next ones, then all whose names relate to the
/// file.
const ROUNDS: [f64; 3] = [3.0, 12.0, f64::INFINITY];
/// Number of mutants after which a control without a mutant is run, which has to survive.
const CONTROL: usize = 25;

#[derive(Clone, Deserialize, Serialize)]
pub struct Test {
    binary: usize,
    name: String,
    seconds: f64,
    pub passes: bool,
    reaches: Vec<usize>,
}

#[derive(Deserialize, PartialEq, Serialize)]
pub enum Fate {
    Caught { test: String },
    Late { tests: usize },
    Survived { tests: usize },
}

pub struct Results {
    pub tests: Vec<Test>,
    pub fates: BTreeMap<usize, Fate>,
    /// The results of the controls.
    pub controls: Vec<Fate>,
}

/// Tries the mutants in a fixed pseudo-random order, until all are done or the time is up.
pub fn run(
    folders: &Folders,
    mutants: &[Mutant],
    built: &Built,
    minutes: Option<u64>,
) -> Result<Results, Box<dyn Error>> {
    let tests = reach(folders, built)?;
    let mut all: Vec<f64> = tests.iter().map(|test| test.seconds).collect();
    all.sort_by(f64::total_cmp);
    let usual = all[all.len() / 2];
    let file = folders.out.join("fates.jsonl");
    let known = fs::read_to_string(&file).unwrap_or_default();
    let known: Vec<(Option<usize>, Fate)> = known.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let done: BTreeSet<usize> = known.iter().filter_map(|(number, _)| *number).collect();
    let mut order: Vec<usize> =
        (0..mutants.len()).filter(|number| !built.left.contains_key(number) && !done.contains(number)).collect();
    order.sort_by_key(|&number| {
        (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    });
    let tries = order.iter().enumerate().flat_map(|(at, number)| {
        let control = (at % CONTROL == CONTROL - 1).then_some((*number, None));
        [Some((*number, Some(*number))), control].into_iter().flatten()
    });
    let tries: Vec<(usize, Option<usize>)> = tries.collect();
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let fates = Mutex::new((known, OpenOptions::new().append(true).create(true).open(file)?));
    // How often each test caught a mutant of each file.
    let caught = Mutex::new(HashMap::<&str, HashMap<String, usize>>::new());
    each(&tries, |worker, &(number, on)| {
        if end.is_some_and(|end| Instant::now() > end) {
            return;
        }
        let file = mutants[number].file.as_str();
        let times = caught.lock().expect("no worker panics").get(file).cloned().unwrap_or_default();
        let mut reaching: Vec<&Test> =
            tests.iter().filter(|test| test.passes && test.reaches.contains(&number)).collect();
        reaching.sort_by(|a, b| {
            let rank = |test: &Test| times.get(&test.name).copied().unwrap_or(0) + affinity(file, &test.name);
            rank(b).cmp(&rank(a)).then(a.seconds.total_cmp(&b.seconds))
        });
        let fate = try_mutant(folders, built, worker, on, file, &reaching, usual);
        if let (Fate::Caught { test }, Some(_)) = (&fate, on) {
            let mut caught = caught.lock().expect("no worker panics");
            *caught.entry(file).or_default().entry(test.clone()).or_default() += 1;
        }
        let mut fates = fates.lock().expect("no worker panics");
        let line = serde_json::to_string(&(on, &fate)).expect("valid JSON");
        writeln!(fates.1, "{line}").expect("the file is writable");
        fates.0.push((on, fate));
    });
    let (tried, _) = fates.into_inner()?;
    let (mut fates, mut controls) = (BTreeMap::new(), Vec::new());
    for (on, fate) in tried {
        match on {
            Some(number) => drop(fates.insert(number, fate)),
            None => controls.push(fate),
        }
    }
    Ok(Results { tests, fates, controls })
}

#[derive(PartialEq)]
enum Outcome {
    Passed,
    /// The first test that failed.
    Failed(String),
    Late,
}

/// Number of words of the file's path in the name of a test.
fn affinity(file: &str, test: &str) -> usize {
    let words =
        file.split(['/', '.', '_']).filter(|word| !matches!(*word, "src" | "resource" | "rules" | "rs" | "mod"));
    words.filter(|word| test.contains(word)).count()
}

/// The tests, with the mutants that each reaches.
fn reach(folders: &Folders, built: &Built) -> Result<Vec<Test>, Box<dyn Error>> {
    let file = folders.out.join("tests.jsonl");
    let known = fs::read_to_string(&file).unwrap_or_default();
    let known: Vec<Test> = known.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut names = Vec::new();
    for (binary, program) in built.binaries.iter().enumerate() {
        let list = Command::new(program).args(["--list", "--format", "terse"]).current_dir(&folders.copy).output()?;
        let list = String::from_utf8(list.stdout)?;
        // Tests that read the sources do not test the program.
        let tests =
            list.lines().filter_map(|line| line.strip_suffix(": test")).filter(|name| !name.starts_with("tidy::"));
        let new = tests.filter(|name| !known.iter().any(|test| (test.binary, test.name.as_str()) == (binary, *name)));
        names.extend(new.map(|name| (binary, name.to_owned())));
    }
    let tests = Mutex::new((known, OpenOptions::new().append(true).create(true).open(file)?));
    each(&names, |worker, (binary, name)| {
        let trace = folders.out.join(format!("trace-{worker}"));
        let _ = fs::remove_file(&trace);
        let mut test = Test { binary: *binary, name: name.clone(), seconds: 0.0, passes: false, reaches: Vec::new() };
        let began = Instant::now();
        let start = |variable| start(folders, built, worker, &[&test], variable, Duration::from_secs(600));
        // The test may fail because of the trace.
        test.passes =
            start(Some(("MUTANT_TRACE", trace.as_ref()))) == Outcome::Passed || start(None) == Outcome::Passed;
        test.seconds = began.elapsed().as_secs_f64();
        test.reaches =
            fs::read_to_string(&trace).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect();
        test.reaches.sort_unstable();
        test.reaches.dedup();
        let mut tests = tests.lock().expect("no worker panics");
        writeln!(tests.1, "{}", serde_json::to_string(&test).expect("valid JSON")).expect("the file is writable");
        tests.0.push(test);
    });
    Ok(tests.into_inner()?.0)
}

fn try_mutant(
    folders: &Folders,
    built: &Built,
    worker: usize,
    on: Option<usize>,
    file: &str,
    reaching: &[&Test],
    usual: f64,
) -> Fate {
    let (mut rest, mut tests) = (reaching.to_vec(), 0);
    for budget in ROUNDS {
        if budget.is_infinite() {
            rest.retain(|test| affinity(file, &test.name) > 0);
        }
        let mut seconds = 0.0;
        let (now, later): (Vec<&Test>, Vec<&Test>) = rest.into_iter().partition(|test| {
            let longer = seconds + (test.seconds - usual).max(0.05);
            let fits = longer < budget;
            seconds = if fits { longer } else { seconds };
            fits
        });
        rest = later;
        for binary in 0..built.binaries.len() {
            let now: Vec<&Test> = now.iter().copied().filter(|test| test.binary == binary).collect();
            if now.is_empty() {
                continue;
            }
            let on = on.map(|on| ("MUTANT", on.to_string()));
            let variable = on.as_ref().map(|(name, value)| (*name, value.as_ref()));
            let limit = Duration::from_secs_f64(30.0 + 8.0 * (START + seconds));
            match start(folders, built, worker, &now, variable, limit) {
                Outcome::Passed => tests += now.len(),
                Outcome::Failed(test) => return Fate::Caught { test },
                Outcome::Late => return Fate::Late { tests: now.len() },
            }
        }
    }
    Fate::Survived { tests }
}

/// Runs tests of one binary in one process until one fails.
fn start(
    folders: &Folders,
    built: &Built,
    worker: usize,
    tests: &[&Test],
    variable: Option<(&str, &OsStr)>,
    limit: Duration,
) -> Outcome {
    let output = folders.out.join(format!("output-{worker}"));
    let file = File::create(&output).expect("the file is writable");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"]).arg(&built.binaries[tests[0].binary]);
    command.args(tests.iter().map(|test| &test.name)).args(["--exact", "--test-threads=1"]).current_dir(&folders.copy);
    command.env("CI", "1").env("INSTA_UPDATE", "no").process_group(0);
    command.envs(variable);
    command.stderr(file.try_clone().expect("the file is open")).stdout(file);
    let (mut child, began) = (command.spawn().expect("the tests start"), Instant::now());
    let failed = || {
        let output = fs::read(&output).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        let name = |line: &str| line.strip_prefix("test ")?.strip_suffix(" ... FAILED").map(str::to_owned);
        output.lines().find_map(name)
    };
    let outcome = loop {
        if let Some(status) = child.try_wait().expect("the child process can be polled") {
            let crashed = || format!("{} or another in its process", tests[0].name);
            break if status.success() { Outcome::Passed } else { Outcome::Failed(failed().unwrap_or_else(crashed)) };
        }
        if let Some(test) = failed() {
            break Outcome::Failed(test);
        }
        if began.elapsed() > limit {
            break Outcome::Late;
        }
        thread::sleep(Duration::from_millis(20));
    };
    // Also ends a server that a test left behind.
    if outcome != Outcome::Passed {
        let group = format!("-{}", child.id());
        let _ = Command::new("sh").args(["-c", "kill -s KILL -- \"$1\"", "sh", &group]).status();
    }
    let _ = child.wait();
    outcome
}

/// Applies an action to all items, several in parallel.
fn each<T: Sync>(things: &[T], action: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (next, action) = (&next, &action);
            scope.spawn(move || {
                while let Some(thing) = things.get(next.fetch_add(1, Relaxed)) {
                    action(worker, thing);
                }
            });
        }
    });
}
