// Helpers shared by several tests.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const PROJECT = '5b55e806c93dde00143163dd';
export const LEAD = '5c81593adf767b0017d1aa66';
const headers = { authorization: `Basic ${btoa('andrea.leo@f21.it:123456')}`, 'content-type': 'application/json' };

/** Calls the API as the owner of the project. */
export function call(target, method, route, body) {
  return fetch(`${target.url}/v3/${PROJECT}/${route}`, { method, headers, body: body && JSON.stringify(body) });
}

/** Runs a command to its end. */
export async function run(command, args, { cwd = here, env = {}, onSpawn } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env } });
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  onSpawn?.(child);
  const [code, signal] = await once(child, 'close');
  return { code, signal, output, stdout };
}

/** Whether a process is running. */
export function alive(pid) {
  try {
    process.kill(pid, 0);
    // A zombie still accepts signals.
    return !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until a condition holds, for at most 10 seconds. */
export async function eventually(condition, what) {
  for (let i = 0; i < 200; i += 1) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`did not happen: ${what}`);
}

/** The process IDs of a process's children. */
export function children(pid) {
  return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** A folder that is deleted with the process. */
export function temporary() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tiledesk-mock-test-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An executable that stands in for the server. */
export function script(text) {
  const file = path.join(temporary(), 'server');
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}
