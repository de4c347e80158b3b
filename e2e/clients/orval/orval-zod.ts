// Validates requests and responses of ten operations with the schemas that orval generates for zod.

import assert from 'node:assert/strict';
import type { ZodType } from 'zod';
import * as tiledesk from './orval-zod/tiledesk';

const [baseUrl = ''] = process.argv.slice(2);
const project = '5b55e806c93dde00143163dd';
let token = '';

/** The validated response of a call. */
async function call<T>(method: string, path: string, schema: ZodType<T>, body?: object, status = 200): Promise<T> {
  const headers = new Headers(token ? { authorization: token } : {});
  const isForm = body instanceof FormData;
  if (body && !isForm) headers.set('content-type', 'application/json');
  const sent = isForm ? body : body && JSON.stringify(body);
  const response = await fetch(baseUrl + path, { method, headers, body: sent });
  assert.equal(response.status, status);
  return schema.parse(await response.json());
}

async function main() {
  const credentials = tiledesk.signInBody.parse({ email: 'andrea.leo@f21.it', password: '123456' });
  const session = await call('POST', '/auth/signin', tiledesk.signInResponse, credentials);
  assert.equal(session.user.firstname, 'Andrea');
  token = session.token;

  const leads = `/${project}/leads`;
  const page = tiledesk.listLeadsQueryParams.parse({ status: 100, limit: 1 });
  const list = await call('GET', `${leads}?status=${page.status}&limit=${page.limit}`, tiledesk.listLeadsResponse);
  assert.equal(list.leads.length, 1);

  const lead = tiledesk.createLeadBody.parse({ lead_id: '42', fullname: 'Ada', email: 'ada@example.com' });
  const made = await call('POST', leads, tiledesk.createLeadResponse, lead);
  assert.equal(made.fullname, 'Ada');

  const found = await call('GET', `${leads}/${made._id}`, tiledesk.getLeadResponse);
  assert.equal(found._id, made._id);

  const patch = tiledesk.updateLeadBody.parse({ company: 'Ada & Co' });
  const changed = await call('PUT', `${leads}/${made._id}`, tiledesk.updateLeadResponse, patch);
  assert.equal(changed.company, 'Ada & Co');

  const filter = tiledesk.listRequestsQueryParams.parse({ status: 'all', direction: '1', limit: 5 });
  const query = `status=${filter.status}&direction=${filter.direction}&limit=${filter.limit}`;
  const filtered = await call('GET', `/${project}/requests?${query}`, tiledesk.listRequestsResponse);
  assert.ok(filtered.requests.length > 0);

  const message = tiledesk.sendMessageBody.parse({ text: 'Hello' });
  const conversation = `/${project}/requests/support-group-client/messages`;
  const sent = await call('POST', conversation, tiledesk.sendMessageResponse, message);
  assert.equal(sent.text, 'Hello');

  const { file } = tiledesk.uploadChatFileBody.parse({ file: new File(['Hello'], 'note.txt', { type: 'text/plain' }) });
  const form = new FormData();
  form.append('file', file);
  // Orval generates schemas for successful responses with the status 200 only.
  const response = await fetch(`${baseUrl}/${project}/files/chat`, { method: 'POST', headers: { authorization: token }, body: form });
  assert.equal(response.status, 201);

  const removed = await call('DELETE', `${leads}/${made._id}/physical`, tiledesk.deleteLeadPhysicallyResponse);
  assert.equal(removed.deletedCount, 1);

  const refused = await fetch(`${baseUrl}${leads}/${made._id}`, { headers: { authorization: token } });
  assert.equal(refused.status, 404);
}

void main();
