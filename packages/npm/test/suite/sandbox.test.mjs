// Everything a test can do with a sandbox.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { start, TiledeskMockError } from 'tiledesk-mock';
import { call, LEAD, PROJECT } from './support.mjs';

const NOON = '2026-01-01T12:00:00.000Z';
let fake;
let sandbox;

before(async () => {
  fake = await start({ clock: NOON });
  sandbox = fake.sandbox('tests');
});
beforeEach(() => Promise.all([fake.reset(), sandbox.reset()]));
after(async () => assert.equal(await fake.stop(), 0));

const fails = (promise, ...patterns) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof TiledeskMockError);
  for (const pattern of patterns) assert.match(error.message, pattern);
  return true;
});

test('sandboxes share nothing', async () => {
  await call(sandbox, 'POST', 'leads', { fullname: 'Ada' });
  assert.equal(await sandbox.journal.count({ operation: 'create_lead' }), 1);
  assert.equal(await fake.journal.count(), 0);
  assert.equal((await fake.sandbox('other').reset()).documents + 1, (await sandbox.state.get().then(documents)));
});

function documents(world) {
  return Object.values(world).flat().length;
}

test('a reset restores documents, clock, journal, and faults', async () => {
  const start = await sandbox.state.get();
  await call(sandbox, 'POST', 'leads', { fullname: 'Ada' });
  await sandbox.faults.add({ preset: 'down' });
  await sandbox.clock.advance('1d');
  const summary = await sandbox.reset();
  assert.deepEqual(summary.discarded, { calls: 1, faults: 1, deliveries: 0 });
  assert.equal(summary.sandbox, 'tests');
  assert.deepEqual(await sandbox.state.get(), start);
  assert.deepEqual(await sandbox.clock.now(), new Date(NOON));
  assert.deepEqual(await sandbox.faults.list(), []);
  assert.equal(await sandbox.journal.count(), 0);
});

test('the clock freezes, advances, is set, and returns to real time', async () => {
  assert.deepEqual(await sandbox.clock.advance('2h 30m'), { now: new Date('2026-01-01T14:30:00.000Z'), frozen: true });
  assert.deepEqual((await sandbox.clock.advance(1500)).now, new Date('2026-01-01T14:30:01.500Z'));
  assert.deepEqual((await sandbox.clock.set(new Date('2026-02-01T00:00:00Z'))).now, new Date('2026-02-01T00:00:00.000Z'));
  assert.deepEqual((await sandbox.clock.freeze('2026-03-01T00:00:00Z')).now, new Date('2026-03-01T00:00:00.000Z'));
  assert.equal((await sandbox.clock.real()).frozen, false);
  assert.equal((await sandbox.clock.freeze()).frozen, true);
  assert.deepEqual(await fake.clock.now(), new Date(NOON));
  await fails(sandbox.clock.set('yesterday'), /^PUT \/_sandbox\/tests\/_control\/clock: /, /\/set: /);
});

test('faults apply, are listed, and are removed', async () => {
  const fault = await sandbox.faults.add({ name: 'flood', match: { operation: 'get_lead' }, times: 2, effect: { status: 429, retryAfter: 7 } });
  const first = await call(sandbox, 'GET', `leads/${LEAD}`);
  assert.equal(first.status, 429);
  assert.equal(first.headers.get('retry-after'), '7');
  assert.deepEqual(await sandbox.faults.list(), [{ id: fault.id, name: 'flood', operation: 'get_lead', matched: 1, applied: 1 }]);
  assert.equal((await sandbox.journal.list())[0].fault, 'flood');
  assert.equal((await fault.remove()).name, 'flood');
  assert.equal((await call(sandbox, 'GET', `leads/${LEAD}`)).status, 200);

  const { id } = await sandbox.faults.add({ preset: 'down' });
  await sandbox.faults.add({ preset: 'slow' });
  await sandbox.faults.remove(id);
  assert.deepEqual((await sandbox.faults.list()).map(({ name }) => name), ['slow']);
  await sandbox.faults.clear();
  assert.deepEqual(await sandbox.faults.list(), []);
});

test('a rejected call reports every violation', async () => {
  const error = await sandbox.faults.add({ match: { operation: 'get_leed' }, effect: { status: 503 } }).catch((error) => error);
  assert.ok(error instanceof TiledeskMockError);
  assert.match(error.message, /\n  \/match\/operation: .*did you mean `get_lead`\?/);
  assert.equal(error.status, 400);
  assert.equal(error.problem.errors[0].pointer, '/match/operation');
  // The stack leads to the test.
  assert.match(error.stack, /sandbox\.test\.mjs/);
});

test('the journal lists, counts, explains, and clears', async () => {
  await call(sandbox, 'POST', 'leads', { fullname: 'Ada' });
  await call(sandbox, 'POST', 'leads', { fullname: { first: 'Ada' } });
  await call(sandbox, 'GET', 'leads?limit=1');
  const calls = await sandbox.journal.list({ operation: 'create_lead' });
  assert.deepEqual(calls.map(({ id, answer }) => [id, answer.status]), [[1, 200], [2, 422]]);
  assert.equal(calls[0].body.fullname, 'Ada');
  assert.equal(calls[0].at, NOON);
  assert.deepEqual((await sandbox.journal.list({ limit: 1 })).map(({ id }) => id), [3]);
  assert.equal(await sandbox.journal.count({ method: 'POST', pointer: '/fullname', value: 'Ada' }), 1);
  const explanation = await sandbox.journal.explain(2);
  assert.equal(explanation.cause, 'caller');
  assert.equal(explanation.errors[0].pointer, '/fullname');
  assert.equal((await sandbox.journal.digest()).digest.length, 32);
  assert.equal((await sandbox.journal.har({ status: 422 })).log.entries.length, 1);
  await sandbox.journal.clear();
  assert.equal(await sandbox.journal.count(), 0);
  await fails(sandbox.journal.count({ operation: 'creat_lead' }), /did you mean `create_lead`/);
  await fails(sandbox.journal.count({ operatoin: 'create_lead' }), /operatoin/);
});

test('a wait resolves when the calls arrive, and rejects with what arrived instead', async () => {
  const wait = sandbox.journal.wait({ operation: 'list_leads', count: 2 });
  await call(sandbox, 'GET', 'leads');
  await call(sandbox, 'GET', 'leads');
  assert.equal((await wait).length, 2);

  const error = await sandbox.journal.wait({ operation: 'create_lead', timeout: 50 }).catch((error) => error);
  assert.equal(error.status, 408);
  assert.match(error.message, /0 of 1 calls arrived within 50 ms\.\nArrived instead:\n  2 × list_leads \(.*\): 200$/);
  assert.equal(error.arrived.length, 1);
  await sandbox.journal.clear();
  await fails(sandbox.journal.wait({ timeout: 50 }), /\nNothing else arrived\.$/);
});

test('an inbox receives webhooks, which can be paused and redelivered', async () => {
  const inbox = sandbox.inbox('leads');
  assert.equal((await call(sandbox, 'POST', 'subscriptions', { event: 'lead.create', target: inbox.url })).status, 200);
  await sandbox.webhooks.pause();
  await call(sandbox, 'POST', 'leads', { fullname: 'Ada' });
  await fails(inbox.wait({ timeout: 50 }), /0 of 1 calls arrived within 50 ms/);
  const { paused, pending } = await sandbox.webhooks.resume();
  assert.deepEqual([paused, pending <= 1], [false, true]);
  const [first] = await inbox.wait();
  assert.equal(first.body.payload.fullname, 'Ada');
  assert.equal(typeof first.headers['x-hook-secret'], 'string');

  const [delivery] = await sandbox.webhooks.list();
  assert.deepEqual([delivery.event, delivery.target], ['lead.create', inbox.url]);
  await sandbox.webhooks.redeliver(delivery);
  assert.equal((await inbox.wait({ count: 2 })).length, 2);
  await inbox.clear();
  assert.deepEqual(await inbox.list(), []);
});

test('snapshots restore and compare states', async () => {
  const empty = await sandbox.snapshot('empty');
  assert.equal(empty.at, NOON);
  const { _id } = await (await call(sandbox, 'POST', 'leads', { fullname: 'Ada' })).json();
  const created = await sandbox.snapshot('created');
  await call(sandbox, 'PUT', `leads/${_id}`, { company: 'Ada & Co' });

  const total = await empty.diff();
  assert.deepEqual(total.collections.leads.added.length, 1);
  const update = await created.diff();
  assert.deepEqual(update.collections.leads.changed[0].changes.find(({ pointer }) => pointer === '/company').after, 'Ada & Co');
  assert.equal((await empty.diff(created)).same, false);
  await empty.restore();
  assert.equal((await empty.diff('now')).same, true);
  assert.deepEqual((await sandbox.snapshots()).map(({ name }) => name), ['created', 'empty']);
  await created.remove();
  await empty.remove();
  await fails(empty.restore(), /unknown snapshot `empty`/);
});

test('the state is exported, imported, and rejected as a whole', async () => {
  const world = await sandbox.state.get();
  assert.ok(world.leads.length > 0);
  await sandbox.state.put({ ...world, leads: [] });
  assert.equal((await sandbox.state.get()).leads, undefined);
  await fails(sandbox.state.put({ projects: [{ x: 1 }] }), /\n  \/projects\/0\/x: /);
  assert.equal((await sandbox.state.get()).leads, undefined);
  await fails(sandbox.state.save(), /\/state\/save: /);
});

test('the seed determines IDs', async () => {
  const create = async () => (await (await call(sandbox, 'POST', 'leads', { fullname: 'Ada' })).json())._id;
  await sandbox.seed(1);
  const one = await create();
  await sandbox.reset();
  await sandbox.seed(2);
  assert.notEqual(await create(), one);
  await sandbox.reset();
  await sandbox.seed(1);
  assert.equal(await create(), one);
});

test('chatbot parameters are set', async () => {
  const requestId = `support-group-${PROJECT}-parameters`;
  await call(sandbox, 'POST', `requests/${requestId}/messages`, { text: 'Hello' });
  await sandbox.setChatbotParameters(requestId, { user_email: 'ada@example.com' });
  const parameters = await (await call(sandbox, 'GET', `requests/${requestId}/chatbot/parameters`)).json();
  assert.equal(parameters.user_email, 'ada@example.com');
});

test('a sandbox can be removed, except for the default one', async () => {
  const other = fake.sandbox('removed');
  await call(other, 'GET', 'leads');
  assert.ok((await fake.sandboxes()).some(({ name, calls }) => name === 'removed' && calls === 1));
  await other[Symbol.asyncDispose]();
  assert.ok(!(await fake.sandboxes()).some(({ name }) => name === 'removed'));
  await fails(fake.remove(), /default sandbox cannot be deleted/);
});

test('an invalid sandbox name is rejected', () => {
  for (const name of ['', '..', 'a/b', 'ä', 'x'.repeat(65)]) assert.throws(() => fake.sandbox(name), /sandbox name must be/);
});

test('coverage counts the operations that were called', async () => {
  await call(sandbox, 'GET', 'leads');
  assert.match(JSON.stringify(await fake.coverage()), /list_leads/);
});

test('control calls work while a test replaces fetch and the timers', async (context) => {
  context.mock.method(globalThis, 'fetch', () => assert.fail('fetch was called'));
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  assert.deepEqual(await sandbox.clock.now(), new Date(NOON));
  const other = await start();
  assert.equal(await other.stop(), 0);
});
