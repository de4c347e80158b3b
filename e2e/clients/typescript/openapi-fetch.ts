// Calls ten operations with the types that openapi-typescript generates, and openapi-fetch.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './openapi-fetch/tiledesk.js';
import { baseUrl, company, conversation, credentials, file, greeting, newLead, notFound, project, uploaded } from './world.js';

type Lead = components['schemas']['Lead'];

/** A client with the token returned by sign-in. */
const caller = (token?: string) => createClient<paths>({ baseUrl, headers: { authorization: token } });

/** The result of a successful call. */
function answered<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  assert.ok(data !== undefined, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

const session = answered(await caller().POST('/auth/signin', { body: credentials }));
assert.equal(session.user.firstname, 'Andrea');
const agent = caller(session.token);
const path = { project_id: project };

const page = answered(await agent.GET('/{project_id}/leads', { params: { path, query: { status: 100, limit: 1 } } }));
assert.equal(page.leads.length, 1);

const made: Lead = answered(await agent.POST('/{project_id}/leads', { params: { path }, body: newLead }));
assert.equal(made.fullname, 'Ada');
assert.equal(made.company, undefined);

const lead = { params: { path: { ...path, lead_id: made._id } } };
const found = answered(await agent.GET('/{project_id}/leads/{lead_id}', lead));
assert.deepEqual(found, made);

const changed = answered(await agent.PUT('/{project_id}/leads/{lead_id}', { ...lead, body: { company, status: 100 } }));
assert.equal(changed.company, company);

const query = { status: 'all', direction: '1', hasBot: false, limit: 5 } as const;
const { requests } = answered(await agent.GET('/{project_id}/requests', { params: { path, query } }));
assert.ok(requests.length > 0 && requests.every(({ hasBot }) => hasBot !== true));

const sent = answered(
  await agent.POST('/{project_id}/requests/{request_id}/messages', {
    params: { path: { ...path, request_id: conversation } },
    body: { text: greeting },
  }),
);
assert.equal(sent.text, greeting);

const upload = answered(
  await agent.POST('/{project_id}/files/chat', {
    params: { path },
    body: { file: await file().text() },
    bodySerializer: () => {
      const form = new FormData();
      form.append('file', file());
      return form;
    },
  }),
);
assert.equal(upload.message, uploaded);

const removed = answered(await agent.DELETE('/{project_id}/leads/{lead_id}/physical', lead));
assert.equal(removed.deletedCount, 1);

// Errors have a type, too.
const { data, error, response } = await agent.GET('/{project_id}/leads/{lead_id}', lead);
assert.equal(data, undefined);
assert.equal(response.status, 404);
assert.ok(typeof error === 'object' && 'success' in error);
assert.equal(error.success, false);
assert.equal(error.msg, notFound);

/** Calls that the types reject. Compiled but never run: the compiler reports every directive without an error. */
export function refused() {
  // @ts-expect-error: unknown path
  agent.GET('/{project_id}/lead', { params: { path } });
  // @ts-expect-error: the lead id is missing
  agent.GET('/{project_id}/leads/{lead_id}', { params: { path } });
  // @ts-expect-error: a name must be a string
  agent.POST('/{project_id}/leads', { params: { path }, body: { fullname: 5 } });
  // @ts-expect-error: unknown status
  agent.GET('/{project_id}/leads', { params: { path, query: { status: 51 } } });
  // @ts-expect-error: the password is missing
  agent.POST('/auth/signin', { body: { email: credentials.email } });
  // @ts-expect-error: the company is optional
  made.company.length;
  // @ts-expect-error: unknown field
  made.name;
}
