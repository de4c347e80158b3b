// Calls ten operations with the client that openapi-generator generates as typescript-fetch.

import assert from 'node:assert/strict';
import {
  AuthenticationApi,
  Configuration,
  FilesApi,
  LeadsApi,
  MessagesApi,
  RefusalFromJSON,
  RequestsApi,
  ResponseError,
  SortDirection,
} from './typescript-fetch/index.js';
import { baseUrl, company, conversation, credentials, file, greeting, newLead, notFound, project, uploaded } from './world.js';

const session = await new AuthenticationApi(new Configuration({ basePath: baseUrl })).signIn({ credentials });
assert.equal(session.user.firstname, 'Andrea');

const configuration = new Configuration({ basePath: baseUrl, apiKey: session.token });
const leads = new LeadsApi(configuration);
const projectId = project;

const page = await leads.listLeads({ projectId, status: 100, limit: 1 });
assert.equal(page.leads.length, 1);

const made = await leads.createLead({ projectId, newLead });
assert.equal(made.fullname, 'Ada');

const lead = { projectId, leadId: made._id };
const found = await leads.getLead(lead);
assert.deepEqual(found, made);

const changed = await leads.updateLead({ ...lead, leadPatch: { company } });
assert.equal(changed.company, company);

const query = { status: 'all', direction: SortDirection.NUMERIC_ASCENDING, hasBot: false, limit: 5 };
const filtered = await new RequestsApi(configuration).listRequests({ projectId, ...query });
assert.ok(filtered.requests.length > 0 && filtered.requests.every(({ hasBot }) => hasBot !== true));

const message = { projectId, requestId: conversation, newMessage: { text: greeting } };
const sent = await new MessagesApi(configuration).sendMessage(message);
assert.equal(sent.text, greeting);

const upload = await new FilesApi(configuration).uploadChatFile({ projectId, file: file() });
assert.equal(upload.message, uploaded);

const removed = await leads.deleteLeadPhysically(lead);
assert.equal(removed.deletedCount, 1);

const error: unknown = await leads.getLead(lead).then(() => assert.fail('the lead is deleted'), (thrown: unknown) => thrown);
assert.ok(error instanceof ResponseError);
assert.equal(error.response.status, 404);
assert.equal(RefusalFromJSON(await error.response.json()).msg, notFound);
