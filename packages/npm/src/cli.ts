#!/usr/bin/env node
// `npx tiledesk-mock`: runs the server binary with the same arguments, forwards signals, and exits with its exit code.

import { spawn } from 'node:child_process';
import { findBinary } from './binary.js';
import { watch } from './watchdog.js';

function main(): void {
  let binary;
  try {
    binary = findBinary();
  } catch (error) {
    fail((error as Error).message);
  }
  const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' });
  child.on('error', (error) => fail(`Cannot run ${binary}: ${error.message}`));
  const dismiss = child.pid === undefined ? () => {} : watch(child.pid);

  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  if (process.platform === 'win32') signals.splice(signals.indexOf('SIGQUIT'), 1);
  for (const signal of signals) process.on(signal, forward);

  // npm runs this in a shell, to which it forwards SIGTERM. The shell dies without forwarding the signal.
  const parent = process.ppid;
  if (process.env.npm_command !== undefined) {
    setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 200).unref();
  }

  child.on('exit', (code, signal) => {
    dismiss();
    if (signal === null) process.exit(code ?? 1);
    // Die from the same signal as the server, so that the shell sees it.
    for (const each of signals) process.off(each, forward);
    process.kill(process.pid, signal);
  });
}

function fail(message: string): never {
  console.error(`tiledesk-mock: ${message}`);
  process.exit(1);
}

main();
