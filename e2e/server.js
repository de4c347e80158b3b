// The server, for what is run against it from outside: found, started, and ended with the run.

const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const readline = require('readline');

// A test may replace it.
const exit = process.exit;

exports.root = path.resolve(__dirname, '..');
exports.target = path.resolve(process.env.CARGO_TARGET_DIR || path.join(exports.root, 'target'));

const builds = ['release', 'debug'].map((profile) => path.join(exports.target, profile, 'tiledesk-mock'));
const program = process.argv[2] || builds.find((build) => fs.existsSync(build));
if (!program) {
  console.error('there is no program: cargo build --release');
  exit(1);
}

/** Starts the server on a free port and tells its address. The run has failed when the server ends by itself. */
exports.serve = (...options) => new Promise((started) => {
  const server = spawn(program, ['--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => server.kill());
  server.on('error', (error) => exports.finish(1, `the server does not start: ${error.message}`));
  server.on('exit', (code) => exports.finish(1, `the server ended with ${code}`));
  readline.createInterface({ input: server.stdout }).once('line', (line) => started(line.replace('listening on ', '')));
});

/** Ends the run with its last word. */
exports.finish = (code, text) => {
  console.log(text);
  exit(code);
};
