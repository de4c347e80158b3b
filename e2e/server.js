// Starts the server for end-to-end runs, and stops it at exit.

const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const readline = require('readline');

// Saved because a test may replace it.
const exit = process.exit;

exports.root = path.resolve(__dirname, '..');
exports.target = path.resolve(process.env.CARGO_TARGET_DIR || path.join(exports.root, 'target'));

const builds = ['release', 'debug'].map((profile) => path.join(exports.target, profile, 'tiledesk-mock'));
const program = exports.program = process.argv[2] || builds.find((build) => fs.existsSync(build));
if (!program) {
  console.error('server binary not found; run cargo build --release');
  exit(1);
}

/** Starts the server, or the command at the beginning of the options, on a free port and resolves to its URL. The run fails if the server exits. */
exports.serve = (...options) => new Promise((started) => {
  const server = spawn(program, [...options, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => server.kill());
  server.on('error', (error) => exports.finish(1, `cannot start the server: ${error.message}`));
  server.on('exit', (code) => exports.finish(1, `the server exited with ${code}`));
  readline.createInterface({ input: server.stdout }).once('line', (line) => started(line.replace('listening on ', '')));
});

/** Prints the result and exits. */
exports.finish = (code, text) => {
  console.log(text);
  exit(code);
};
