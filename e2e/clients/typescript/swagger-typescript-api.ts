// Calls ten operations with the client that swagger-typescript-api generates.

import assert from 'node:assert/strict';
import { Api, SortDirection, type HttpResponse, type Refusal } from './swagger-typescript-api/tiledesk.js';
import { baseUrl, company, conversation, credentials, file, greeting, newLead, notFound, project, uploaded } from './world.js';

const api = new Api<string>({
  baseUrl,
  securityWorker: (token) => (token ? { headers: { authorization: token } } : {}),
});
const { data: session } = await api.authentication.signIn(credentials);
assert.equal(session.user.firstname, 'Andrea');
api.setSecurityData(session.token);

const { data: page } = await api.leads.listLeads(project, { status: 100, limit: 1 });
assert.equal(page.leads.length, 1);

const { data: made } = await api.leads.createLead(project, newLead);
assert.equal(made.fullname, 'Ada');

const { data: found } = await api.leads.getLead(project, made._id);
assert.deepEqual(found, made);

const { data: changed } = await api.leads.updateLead(project, made._id, { company });
assert.equal(changed.company, company);

const query = { status: 'all', direction: SortDirection.NUMERIC_ASCENDING, hasBot: false, limit: 5 };
const { data: filtered } = await api.requests.listRequests(project, query);
assert.ok(filtered.requests.length > 0 && filtered.requests.every(({ hasBot }) => hasBot !== true));

const { data: sent } = await api.messages.sendMessage(project, conversation, { text: greeting });
assert.equal(sent.text, greeting);

const { data: upload } = await api.files.uploadChatFile(project, { file: file() });
assert.equal(upload.message, uploaded);

const { data: removed } = await api.leads.deleteLeadPhysically(project, made._id);
assert.equal(removed.deletedCount, 1);

// Failed calls throw the response, with the type of the error.
const refusal = await api.leads.getLead(project, made._id).then(
  () => assert.fail('the lead is deleted'),
  ({ status, error }: HttpResponse<unknown, Refusal>) => ({ status, error }),
);
assert.equal(refusal.status, 404);
assert.equal(refusal.error.msg, notFound);
