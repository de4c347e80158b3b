// The server process: how it starts, crashes, and ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { connect, Fake, start, TiledeskMockError } from 'tiledesk-mock';
import { alive, call, eventually, here, PROJECT, run, script, temporary } from './support.mjs';

/** Asserts that a promise rejects with the package's error in time. */
async function rejects(promise, pattern, { within = 10_000 } = {}) {
  const started = Date.now();
  let caught;
  await assert.rejects(promise, (error) => {
    caught = error;
    assert.ok(error instanceof TiledeskMockError, error.stack);
    assert.match(error.message, pattern);
    return true;
  });
  const took = Date.now() - started;
  assert.ok(took < within, `took ${took} ms`);
  return caught;
}

test('a port in use rejects with the reason from the server', async () => {
  const taken = http.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  const error = await rejects(start({ port }), new RegExp(`The server did not start \\(exit code 1\\): .*127\\.0\\.0\\.1:${port}.*in use`));
  assert.equal(error.exit.code, 1);
  taken.close();
});

test('an invalid fixture file rejects with its JSON pointer', async () => {
  const world = path.join(temporary(), 'world.json');
  fs.writeFileSync(world, '{"leads":[{"fullname":1}]}');
  const error = await rejects(start({ fixtures: world }), /exit code 2\): .*world\.json: \/leads\/0/);
  assert.equal(error.exit.code, 2);
  await rejects(start({ fixtures: '/no/such/world.json' }), /exit code 2\): .*\/no\/such\/world\.json/);
});

test('fixtures can be passed as documents, and leave no file behind', async () => {
  const before = fs.readdirSync(process.env.TMPDIR ?? '/tmp').filter((name) => /^tiledesk-mock-[A-Za-z0-9]{6}$/.test(name));
  const lead = { _id: '5c81593adf767b0017d1aa66', lead_id: '1', fullname: 'Grace', id_project: PROJECT, createdBy: 'system' };
  const dates = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
  const built = await start();
  const { leads: _leads, requests: _requests, messages: _messages, ...world } = await built.state.get();
  await built.stop();
  const fake = await start({ fixtures: { ...world, leads: [{ ...lead, ...dates }] } });
  const page = await (await call(fake, 'GET', 'leads')).json();
  assert.deepEqual(page.leads.map(({ fullname }) => fullname), ['Grace']);
  await fake.stop();
  await rejects(start({ fixtures: { leads: [{}] } }), /\/leads\/0/);
  const after = fs.readdirSync(process.env.TMPDIR ?? '/tmp').filter((name) => /^tiledesk-mock-[A-Za-z0-9]{6}$/.test(name));
  assert.deepEqual(after, before);
});

test('unknown options and arguments are rejected', async () => {
  await rejects(start({ fixtuers: 'world.json' }), /Unknown option `fixtuers`; expected one of .*fixtures/);
  await rejects(start({ args: ['--no-such-flag'] }), /exit code 2\): .*--no-such-flag/);
  await rejects(start({ clock: 'yesterday' }), /exit code 2\): .*--clock/);
});

test('every option reaches the server', async () => {
  const folder = temporary();
  const options = {
    host: '127.0.0.1', port: 0, seed: 7, clock: new Date('2026-01-01T12:00:00Z'), strict: true, selfCheck: false, faithfulHoles: true,
    rateLimit: 1000, webhooks: 'off', coverage: path.join(folder, 'coverage.json'), failUnder: 90, state: path.join(folder, 'state.json'),
    controlToken: 'secret', empty: true, log: 'warn', args: ['--journal', '5'], env: { TILEDESK_MOCK_SANDBOX_TTL: '1h' }, cwd: folder,
    startTimeout: 60_000,
  };
  const fake = await start(options);
  assert.deepEqual(await fake.clock.now(), options.clock);
  const { seed, documents } = await fake.reset();
  assert.deepEqual({ seed, documents }, { seed: 7, documents: 0 });
  assert.ok((await fake.state.save()).bytes > 0);
  assert.equal((await fetch(`${fake.url}/_control/clock`)).status, 401);
  // The coverage is below 90 percent.
  assert.equal(await fake.stop(), 1);
  assert.ok(fs.existsSync(options.coverage));
});

test('a binary that cannot run is reported by path', async () => {
  await rejects(start({ binary: '/no/such/binary' }), /Cannot run \/no\/such\/binary: .*ENOENT/);
  const file = path.join(temporary(), 'server');
  fs.writeFileSync(file, 'not executable');
  await rejects(start({ binary: file }), /Cannot run .*EACCES/);
});

test('a server that never listens is killed after the timeout', async () => {
  const pid = path.join(temporary(), 'pid');
  const binary = script(`echo $$ > ${pid}; echo waiting for Godot >&2; exec sleep 60`);
  await rejects(start({ binary, startTimeout: 500 }), /did not start within 500 ms \(signal SIGKILL\): waiting for Godot/, { within: 5000 });
  assert.equal(alive(Number(fs.readFileSync(pid, 'utf8'))), false);
});

test('killing the server immediately rejects a pending wait, and all later calls', async () => {
  const fake = await start();
  const wait = fake.journal.wait({ operation: 'create_lead', timeout: 60_000 });
  const inbox = fake.sandbox('a').inbox('leads').wait({ timeout: 60_000 });
  await fake.clock.now();
  process.kill(fake.pid, 'SIGKILL');
  const error = await rejects(wait, /^The server exited unexpectedly \(signal SIGKILL\)\./, { within: 2000 });
  assert.equal(error.exit.signal, 'SIGKILL');
  await rejects(inbox, /signal SIGKILL/, { within: 1000 });
  await rejects(fake.reset(), /signal SIGKILL/, { within: 1000 });
  assert.equal((await fake.exit).signal, 'SIGKILL');
  assert.equal(await fake.stop(), 137);
});

test('a crash rejects with the last log lines of the server', async () => {
  const binary = script('echo "listening on http://127.0.0.1:9"; sleep 1.5; echo "thread main panicked" >&2; exit 101');
  const fake = await start({ binary });
  // A server does not keep this process alive.
  const waiting = setInterval(() => {}, 100);
  await fake.exit;
  clearInterval(waiting);
  await rejects(fake.clock.now(), /exited unexpectedly \(exit code 101\): thread main panicked/);
});

test('stop returns the exit code, even when called twice, and later calls fail', async () => {
  const fake = await start();
  assert.deepEqual(await Promise.all([fake.stop(), fake.stop()]), [0, 0]);
  await rejects(fake.clock.now(), /^The server was stopped\.$/);
});

test('another server at the same address is not mistaken for the one that was started', async () => {
  const other = await start({ args: ['--instance', 'other'] });
  const binary = script(`echo "listening on ${other.url}"; echo "  instance       mine"; exec sleep 60`);
  await rejects(start({ binary }), /^Another server responds at http:.*: expected instance mine, found instance other\.$/);
  await rejects(connect(other.url, { instance: 'mine' }), /expected instance mine, found instance other/);
  assert.ok(await connect(other.url, { instance: 'other' }));
  process.env.TILEDESK_MOCK_INSTANCE = 'mine';
  await rejects(connect(other.url), /expected instance mine/);
  delete process.env.TILEDESK_MOCK_INSTANCE;
  await other.stop();
});

test('a server that requires TLS is recognized', async () => {
  const fake = await start({ args: ['--tls-self-signed', '--require-tls'] });
  assert.match(fake.url, /^https:/);
  assert.equal(await fake.stop(), 0);
});

test('two servers have separate states', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  assert.notEqual(one.url, two.url);
  assert.equal((await call(one, 'POST', 'leads', { fullname: 'Ada' })).status, 200);
  assert.equal(await one.journal.count(), 1);
  assert.equal(await two.journal.count(), 0);
  await one.stop();
  assert.equal(await two.journal.count(), 0);
  await two.stop();
});

test('a server is disposed of asynchronously', async () => {
  const fake = await start();
  await fake[Symbol.asyncDispose]();
  assert.equal(alive(fake.pid), false);
});

for (const [how, end] of Object.entries({
  'returns without stopping it': '',
  'calls process.exit': 'process.exit(3);',
  'throws': 'throw new Error("on purpose");',
  'is killed': 'process.kill(process.pid, "SIGKILL");',
  'is interrupted': 'process.kill(process.pid, "SIGINT");',
})) {
  test(`the server stops when its parent ${how}`, async () => {
    const program = `const { start } = require('tiledesk-mock'); start().then((fake) => { console.log(fake.pid); ${end} });`;
    const { stdout } = await run(process.execPath, ['--eval', program]);
    const pid = Number(stdout);
    assert.ok(pid > 0, stdout);
    await eventually(() => !alive(pid), 'the server is gone');
  });
}

test('connect uses a running server', async () => {
  const fake = await start({ controlToken: 'secret' });
  const server = await connect(fake.url, { token: 'secret' });
  assert.equal(server instanceof Fake, false);
  await server.sandbox('a').reset();
  assert.deepEqual((await fake.sandboxes()).map(({ name }) => name), ['a', 'default']);

  const error = await rejects(connect(fake.url, { token: 'wrong' }), /token/);
  assert.equal(error.status, 401);
  await server[Symbol.asyncDispose]();
  assert.equal(await fake.stop(), 0);
  await rejects(connect(fake.url), /no response from http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
});

test('connect rejects URLs of other servers', async () => {
  await rejects(connect('localhost'), /base URL of a server, such as http:\/\/127\.0\.0\.1:4010, got "localhost"/);
  await rejects(connect('http://127.0.0.1:4010/v3'), /without a path/);
  const other = http.createServer((request, response) => response.writeHead(404).end('<h1>Not found</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const url = `http://127.0.0.1:${other.address().port}`;
  await rejects(connect(url), /expected JSON, got status 404: <h1>Not found/);
  other.close();
  const off = await start({ args: ['--no-control'] });
  await rejects(connect(off.url), /control API is disabled/);
  await off.stop();
});

test('ES modules and CommonJS get the same classes', () => {
  const required = createRequire(path.join(here, 'x.cjs'))('tiledesk-mock');
  assert.equal(required.TiledeskMockError, TiledeskMockError);
  assert.equal(required.start, start);
});
