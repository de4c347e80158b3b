// Calls ten operations with the client that hey-api generates.

import assert from 'node:assert/strict';
import { createClient, createConfig } from './hey-api/client/index.js';
import {
  createLead,
  deleteLeadPhysically,
  getLead,
  listLeads,
  listRequests,
  sendMessage,
  signIn,
  updateLead,
  uploadChatFile,
} from './hey-api/index.js';
import { baseUrl, company, conversation, credentials, file, greeting, newLead, notFound, project, uploaded } from './world.js';

const throwOnError = true;
const { data: session } = await signIn({ client: createClient(createConfig({ baseUrl })), body: credentials, throwOnError });
assert.equal(session.user.firstname, 'Andrea');

// The API key is the token; without one, the client would send a user and password.
const client = createClient(createConfig({ baseUrl, auth: ({ type }) => (type === 'apiKey' ? session.token : undefined) }));
const path = { project_id: project };

const { data: page } = await listLeads({ client, path, query: { status: 100, limit: 1 }, throwOnError });
assert.equal(page.leads.length, 1);

const { data: made } = await createLead({ client, path, body: newLead, throwOnError });
assert.equal(made.fullname, 'Ada');

const lead = { ...path, lead_id: made._id };
const { data: found } = await getLead({ client, path: lead, throwOnError });
assert.deepEqual(found, made);

const { data: changed } = await updateLead({ client, path: lead, body: { company }, throwOnError });
assert.equal(changed.company, company);

const query = { status: 'all', direction: '1', hasBot: false, limit: 5 } as const;
const { data: filtered } = await listRequests({ client, path, query, throwOnError });
assert.ok(filtered.requests.length > 0 && filtered.requests.every(({ hasBot }) => hasBot !== true));

const message = { path: { ...path, request_id: conversation }, body: { text: greeting } };
const { data: sent } = await sendMessage({ client, ...message, throwOnError });
assert.equal(sent.text, greeting);

const { data: upload } = await uploadChatFile({ client, path, body: { file: file() }, throwOnError });
assert.equal(upload.message, uploaded);

const { data: removed } = await deleteLeadPhysically({ client, path: lead, throwOnError });
assert.equal(removed.deletedCount, 1);

const { error, response } = await getLead({ client, path: lead });
assert.equal(response?.status, 404);
assert.ok(typeof error === 'object' && 'success' in error);
assert.equal(error.msg, notFound);
