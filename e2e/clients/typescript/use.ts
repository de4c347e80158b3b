// Calls ten operations with the generated types in tiledesk.ts. The only argument is the base URL of the API.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './tiledesk.js';

type Lead = components['schemas']['Lead'];

const [baseUrl] = process.argv.slice(2);
const project = { project_id: '5b55e806c93dde00143163dd' };

/** A client with the token returned by sign-in. */
const caller = (token?: string) => createClient<paths>({ baseUrl, headers: { authorization: token } });

/** The result of a successful call. */
function answered<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  assert.ok(data !== undefined, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

const credentials = { email: 'andrea.leo@f21.it', password: '123456' };
const session = answered(await caller().POST('/auth/signin', { body: credentials }));
const agent = caller(session.token);
assert.equal(session.user.firstname, 'Andrea');

// The lifecycle of a lead.
const body = { lead_id: '42', fullname: 'Ada', email: 'ada@example.com' };
const made: Lead = answered(await agent.POST('/{project_id}/leads', { params: { path: project }, body }));
assert.equal(made.fullname, 'Ada');
assert.equal(made.company, undefined);

const lead = { ...project, lead_id: made._id };
const change = { params: { path: lead }, body: { company: 'Ada & Co', status: 50 } as const };
const changed = answered(await agent.PUT('/{project_id}/leads/{lead_id}', change));
assert.equal(changed.company, 'Ada & Co');
assert.equal(changed.status, 50);

const found = answered(await agent.GET('/{project_id}/leads/{lead_id}', { params: { path: lead } }));
assert.deepEqual(found, changed);

const query = { email: 'ada@example.com', status: 50, limit: 1 } as const;
const page = answered(await agent.GET('/{project_id}/leads', { params: { path: project, query } }));
assert.equal(page.count, 1);
assert.deepEqual(page.leads, [changed]);

const removed = answered(await agent.DELETE('/{project_id}/leads/{lead_id}/physical', { params: { path: lead } }));
assert.equal(removed.deletedCount, 1);

// Errors have a type, too.
const { data, error, response } = await agent.GET('/{project_id}/leads/{lead_id}', { params: { path: lead } });
assert.equal(data, undefined);
assert.equal(response.status, 404);
assert.ok(typeof error === 'object' && 'success' in error);
assert.equal(error.success, false);
assert.equal(error.msg, 'Object not found.');

// A conversation.
const maria = { id_project: project.project_id, firstname: 'Maria' };
const guest = answered(await caller().POST('/auth/signinAnonymously', { body: maria }));
const visitor = caller(guest.token);
const conversation = { params: { path: { ...project, request_id: 'support-group-typescript' } } };
const sent = answered(
  await visitor.POST('/{project_id}/requests/{request_id}/messages', { ...conversation, body: { text: 'Hello' } }),
);
assert.equal(sent.senderFullname, 'Maria ');
assert.equal(sent.request?.first_text, 'Hello');

const messages = answered(await agent.GET('/{project_id}/requests/{request_id}/messages', conversation));
// The department's bot responds.
assert.equal(messages.length, 2);
assert.equal(messages[0]?.text, 'Hello');

const closed = answered(await agent.PUT('/{project_id}/requests/{request_id}/close', { ...conversation, body: { force: true } }));
assert.equal(closed.status, 1000);
assert.equal(closed.closed_by, session.user._id);
assert.equal(closed.lead?.fullname, 'Maria ');

/** Calls that the types reject. Compiled but never run: the compiler reports every directive without an error. */
export function refused() {
  // @ts-expect-error: unknown path
  agent.GET('/{project_id}/lead', { params: { path: project } });
  // @ts-expect-error: the lead id is missing
  agent.GET('/{project_id}/leads/{lead_id}', { params: { path: project } });
  // @ts-expect-error: a name must be a string
  agent.POST('/{project_id}/leads', { params: { path: project }, body: { fullname: 5 } });
  // @ts-expect-error: unknown status
  agent.GET('/{project_id}/leads', { params: { path: project, query: { status: 51 } } });
  // @ts-expect-error: the password is missing
  agent.POST('/auth/signin', { body: { email: credentials.email } });
  // @ts-expect-error: the company is optional
  made.company.length;
  // @ts-expect-error: unknown field
  made.name;
}
