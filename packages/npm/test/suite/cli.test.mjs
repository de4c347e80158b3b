// The command `tiledesk-mock`, as run by npx.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { alive, children, eventually, here, run, script, temporary } from './support.mjs';

const COMMAND = path.join(here, 'node_modules/.bin/tiledesk-mock');

const launched = [];
after(() => launched.forEach((child) => child.kill('SIGKILL')));

/** Starts the launcher and waits for the server. */
async function launch(command = COMMAND, args = []) {
  const child = spawn(command, [...args, '--port', '0'], { cwd: here, stdio: ['ignore', 'pipe', 'ignore'] });
  launched.push(child);
  const ended = once(child, 'exit');
  child.stdout.setEncoding('utf8');
  let text = '';
  await new Promise((ready) => child.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.includes('\n')) ready();
  }));
  return { child, ended, url: text.split('\n')[0].replace('listening on ', '') };
}

/** The server below a launcher. */
function server(pid) {
  return children(pid).find((child) => /bin\/tiledesk-mock\0/.test(fs.readFileSync(`/proc/${child}/cmdline`, 'utf8')));
}

test('npx passes arguments and the exit code', async () => {
  const version = await run('npx', ['tiledesk-mock', '--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^tiledesk-mock \d+\.\d+\.\d+/);

  const world = path.join(temporary(), 'a b.json');
  fs.writeFileSync(world, '{"leads":[{"fullname":1}]}');
  const check = await run('npx', ['tiledesk-mock', 'fixtures', 'check', world]);
  assert.equal(check.code, 2);
  assert.match(check.output, /a b\.json: \/leads\/0/);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} shuts the server down gracefully`, async () => {
    const { child, ended } = await launch();
    const pid = server(child.pid);
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(alive(pid), false);
  });
}

test('SIGTERM to npx stops the server', async () => {
  const { child, ended, url } = await launch('npx', ['tiledesk-mock']);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  await eventually(() => fetch(`${url}/healthz`).then(() => false, () => true), 'the server is gone');
});

test('the launcher dies from the signal that killed the server', async () => {
  const { child, ended } = await launch();
  process.kill(server(child.pid), 'SIGKILL');
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('the server does not outlive a killed launcher', async () => {
  const { child, ended } = await launch();
  const pid = server(child.pid);
  child.kill('SIGKILL');
  await ended;
  await eventually(() => !alive(pid), 'the server is gone');
});

test('TILEDESK_MOCK_BINARY replaces the binary', async () => {
  const other = await run(COMMAND, ['--one', 'two three'], { env: { TILEDESK_MOCK_BINARY: script('echo "$# $2"; exit 7') } });
  assert.equal(other.stdout, '2 two three\n');
  assert.equal(other.code, 7);

  const missing = await run(COMMAND, [], { env: { TILEDESK_MOCK_BINARY: '/no/such/binary' } });
  assert.equal(missing.code, 1);
  assert.equal(missing.output, 'tiledesk-mock: TILEDESK_MOCK_BINARY: no such file: /no/such/binary\n');
});

test('a missing platform package is reported with instructions', async () => {
  const bare = await run('npx', ['tiledesk-mock', '--version'], { cwd: process.env.BARE_PROJECT });
  assert.equal(bare.code, 1);
  assert.match(bare.output, /^tiledesk-mock: The package @tiledesk-mock\/linux-(x64|arm64)-(gnu|musl), .* is not installed\./m);
  assert.match(bare.output, /reinstall without --omit=optional/);
});

test('the packages work without any other packages', async () => {
  const { code, stdout } = await run('npx', ['tiledesk-mock', '--version'], { cwd: process.env.EMPTY_PROJECT });
  assert.equal(code, 0);
  assert.match(stdout, /^tiledesk-mock /);
  const program = 'import("tiledesk-mock").then(({ start }) => start()).then((fake) => fake.stop()).then(console.log)';
  const started = await run(process.execPath, ['--eval', program], { cwd: process.env.EMPTY_PROJECT });
  assert.equal(started.output, '0\n');
});
