// The fixtures in real runs of Vitest, Jest, and Playwright, including the examples of the documentation.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { start } from 'tiledesk-mock';
import { here, run, script, temporary } from './support.mjs';

const bin = (name) => path.join(here, 'node_modules/.bin', name);
const vitest = (cwd, env) => run(bin('vitest'), ['run', '--testTimeout=60000'], { cwd: path.join(here, cwd), env });
const jest = (cwd, env) => run(bin('jest'), ['--testTimeout=60000'], { cwd: path.join(here, cwd), env });
const playwright = (cwd, env) => run(bin('playwright'), ['test', '--reporter=list', `--output=${temporary()}`], { cwd: path.join(here, cwd), env });

const JOURNAL = /tiledesk-mock: calls in sandbox (vitest|jest|playwright)-\d+-[0-9a-f]{8}:\s+1\. POST \/v3\/5b55e806c93dde00143163dd\/leads → 422 \(create_lead\)\s+rule: Fields and parameters must have the documented types and values\.\s+\/fullname: \{"first":"Ada"\} is not of type "string"\s+sent: \{"fullname":\{"first":"Ada"\}\}\s+rec/;

// Each run spends most of its time starting up.
describe('runners', { concurrency: 3 }, () => {
  for (const [folder, runner, summary] of [
    ['readme/vitest', vitest, /Tests +1 passed/],
    ['guide/vitest', vitest, /Tests +1 passed/],
    ['readme/jest', jest, /Tests: +1 passed/],
    ['guide/jest', jest, /Tests: +1 passed/],
    ['guide/official-sdk', jest, /Tests: +1 passed/],
    ['readme/playwright', playwright, /1 passed/],
    ['guide/playwright', playwright, /1 passed/],
  ]) {
    test(`the example in ${folder} passes`, async () => {
      const { code, output } = await runner(folder);
      assert.equal(code, 0, output);
      assert.match(output, summary);
    });
  }

  for (const [folder, count] of [['readme/node-js', 1], ['guide/start-a-server', 1], ['guide/control-a-test', 3]]) {
    test(`the example in ${folder} passes`, async () => {
      // The variable would make the inner test runner report to the outer one.
      const env = { NODE_TEST_CONTEXT: undefined };
      const { code, output } = await run(process.execPath, ['--test', '--test-reporter=tap'], { cwd: path.join(here, folder), env });
      assert.equal(code, 0, output);
      assert.match(output, new RegExp(`# pass ${count}\n`));
    });
  }

  test('the examples of the README have at most 15 lines', () => {
    for (const file of files('readme')) {
      // The first line is the name of the file.
      const lines = fs.readFileSync(path.join(here, file), 'utf8').trim().split('\n').length - 1;
      assert.ok(lines <= 15, `${file}: ${lines} lines`);
    }
  });

  function files(folder) {
    return fs.readdirSync(path.join(here, folder), { recursive: true }).map((name) => path.join(folder, name))
      .filter((name) => fs.statSync(path.join(here, name)).isFile());
  }

  test('Vitest shows the journal of a failed test', async () => {
    const { code, output } = await vitest('failing/vitest');
    assert.equal(code, 1, output);
    assert.match(output, JOURNAL);
    assert.match(output, /try: curl -X POST/);
    assert.match(output, /Tests +1 failed \| 2 passed/);
  });

  test('Jest shows the journal of a failed test', async () => {
    const { code, output } = await jest('failing/jest');
    assert.equal(code, 1, output);
    assert.match(output, JOURNAL);
    assert.match(output, /try: curl -X POST/);
    assert.match(output, /thrown: "a string"\s+tiledesk-mock: no calls in sandbox jest-1-/);
    assert.match(output, /Tests: +2 failed, 1 skipped, 1 passed/);
    assert.doesNotMatch(output, /failed to exit|did not exit/);
  });

  test('Playwright attaches the journal of a failed test', async () => {
    const { code, output } = await playwright('failing/playwright');
    assert.equal(code, 1, output);
    assert.match(output, /attachment #1: tiledesk-mock journal \(text\/plain\)/);
    assert.match(output, /attachment #2: tiledesk-mock: call 1 was rejected/);
    assert.match(output, JOURNAL);
    assert.match(output, /1 failed[^]*1 passed/);
  });

  /** Runs the binary, and writes its process ID to a file. */
  function traced() {
    const pid = path.join(temporary(), 'pid');
    return { SERVER_PID: pid, TILEDESK_MOCK_BINARY: script(`echo $$ > ${pid}; exec ${process.env.SERVER_BINARY} "$@"`) };
  }

  test('Jest reports a server that crashes while a test waits', async () => {
    const { code, output } = await jest('crash/jest', traced());
    assert.equal(code, 1, output);
    assert.match(output, /TiledeskMockError: The server exited unexpectedly \(signal SIGKILL\)\./);
    assert.match(output, /tiledesk-mock: the journal is not available\./);
  });

  test('Vitest reports a server that crashes while a test waits', async () => {
    const { code, output } = await vitest('crash/vitest', traced());
    assert.equal(code, 1, output);
    assert.match(output, /TiledeskMockError: GET .*journal\/wait\?.*: no response from http:\/\/127\.0\.0\.1:\d+: /);
    assert.match(output, /tiledesk-mock exited unexpectedly \(SIGKILL\)/);
  });

  test('a server that does not start fails the run with its reason', async () => {
    const env = { TILEDESK_MOCK_FIXTURES: '/no/such/world.json' };
    for (const [runner, folder] of [[vitest, 'failing/vitest'], [jest, 'failing/jest'], [playwright, 'failing/playwright']]) {
      const { code, output } = await runner(folder, env);
      assert.equal(code, 1, output);
      assert.match(output, /The server did not start \(exit code 2\): .*\/no\/such\/world\.json/);
    }
  });

  test('a coverage below the threshold fails a run of Vitest', async () => {
    const env = { TILEDESK_MOCK_COVERAGE: path.join(temporary(), 'coverage.json'), TILEDESK_MOCK_FAIL_UNDER: '60' };
    const { code, output } = await vitest('readme/vitest', env);
    assert.equal(code, 1, output);
    assert.match(output, /Tests +1 passed/);
    assert.match(output, /exited at the end of the run \(exit code 1\)\. .*less than the minimum of 60 %/);
  });

  test('a missing line in the configuration is reported', async () => {
    const folder = fs.mkdtempSync(path.join(here, 'unconfigured-'));
    fs.copyFileSync(path.join(here, 'readme/vitest/lead.test.ts'), path.join(folder, 'lead.test.ts'));
    const one = await run(bin('vitest'), ['run'], { cwd: folder });
    assert.equal(one.code, 1);
    assert.match(one.output, /No server: add globalSetup: 'tiledesk-mock\/vitest\/setup'/);

    fs.copyFileSync(path.join(here, 'readme/jest/lead.test.js'), path.join(folder, 'lead.test.js'));
    const two = await run(bin('jest'), ['--rootDir', '.', '--testMatch', '**/lead.test.js'], { cwd: folder });
    assert.equal(two.code, 1);
    assert.match(two.output, /No sandbox: set testEnvironment: 'tiledesk-mock\/jest\/environment'/);
  });

  test('all runners can share one server, and leave no sandbox behind', async () => {
    const fake = await start({ controlToken: 'secret' });
    const env = { TILEDESK_MOCK_URL: fake.url, TILEDESK_MOCK_CONTROL_TOKEN: 'secret', TILEDESK_MOCK_BINARY: '/no/such/binary' };
    for (const [runner, folder] of [[vitest, 'readme/vitest'], [jest, 'readme/jest'], [playwright, 'readme/playwright']]) {
      const { code, output } = await runner(folder, env);
      assert.equal(code, 0, output);
    }
    assert.deepEqual((await fake.sandboxes()).map(({ name }) => name), ['default']);
    const coverage = JSON.stringify(await fake.coverage());
    for (const operation of ['create_lead', 'list_leads', 'create_subscription']) assert.match(coverage, new RegExp(operation));
    await fake.stop();
  });

  const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
  test('pages in a browser use the sandbox', { skip: !fs.existsSync(chromium) && 'no Chromium' }, async () => {
    const { code, output } = await playwright('browser', { CHROMIUM: chromium });
    assert.equal(code, 0, output);
    assert.match(output, /2 passed/);
  });
});
