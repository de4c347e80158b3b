//! The commands about worlds: `fixtures` and `init`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use tiledesk_mock::{ClockSetting, fixtures};

use super::{Failure, generate, say};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Validate a world, and print a summary or all problems.
    Check {
        /// World: a JSON or YAML file, or a directory of such files.
        path: PathBuf,
        #[command(flatten)]
        reading: Reading,
    },
    /// Generate a world with a history of conversations.
    Generate(generate::Generate),
    /// Print the JSON Schema of worlds.
    Schema,
    /// Print a world as a single file in JSON.
    Dump {
        /// World: a JSON or YAML file, or a directory of such files (default: the built-in world).
        path: Option<PathBuf>,
        /// Omit derived fields, and refer to documents by name.
        #[arg(long)]
        short: bool,
        #[command(flatten)]
        reading: Reading,
    },
}

#[derive(Args)]
pub(super) struct Reading {
    /// Clock that relative dates refer to.
    #[arg(long, env = "TILEDESK_MOCK_CLOCK", default_value = "real", value_name = "TIME|real")]
    clock: ClockSetting,

    /// Only warn of dangling references, unknown statuses, and the like.
    #[arg(long, env = "TILEDESK_MOCK_LENIENT")]
    lenient: bool,
}

impl From<&Reading> for fixtures::Options {
    fn from(reading: &Reading) -> Self {
        Self { clock: reading.clock, lenient: reading.lenient }
    }
}

#[derive(Args)]
pub(super) struct Init {
    /// Directory to write to.
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// Also write a test for this framework.
    #[arg(long, value_enum)]
    test: Option<fixtures::TestFramework>,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let misused = |error: fixtures::FixtureError| Failure::Misused(error.to_string());
    match command {
        Command::Generate(options) => generate::write(options),
        Command::Check { path, reading } => {
            let (content, warnings) = fixtures::Options::from(reading).check(path).map_err(|error| {
                let total = if error.count() > 1 { format!("\n{} problems", error.count()) } else { String::new() };
                Failure::Misused(format!("{error}{total}"))
            })?;
            for warning in &warnings {
                // If stderr is closed, the number of problems is still reported.
                let _ = writeln!(io::stderr(), "tiledesk-mock: warning: {warning}");
            }
            let problems = if warnings.len() == 1 { "problem" } else { "problems" };
            say(&format!("{content}, {} {problems}", warnings.len()))
        }
        Command::Schema => say(fixtures::schema().trim_end_matches('\n')),
        Command::Dump { path, short, reading } => {
            let options = fixtures::Options::from(reading);
            let dumped = if *short { options.dump_short(path.as_deref()) } else { options.dump(path.as_deref()) };
            say(dumped.map_err(misused)?.trim_end_matches('\n'))
        }
    }
}

pub(super) fn init(options: &Init) -> Result<(), Failure> {
    let written = fixtures::init(&options.directory, options.test);
    let written = written.map_err(|error| Failure::Failed(format!("init: {error}")))?;
    let files = written.iter().map(|file| format!("wrote {}", file.display())).collect::<Vec<_>>();
    say(&files.join("\n"))
}
