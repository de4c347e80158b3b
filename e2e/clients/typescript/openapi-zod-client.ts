// Calls nine operations with the client that openapi-zod-client generates, which validates requests and responses.

import assert from 'node:assert/strict';
import { isErrorFromAlias } from '@zodios/core';
import { api, createApiClient } from './openapi-zod-client/tiledesk.js';
import { baseUrl, company, conversation, credentials, file, greeting, newLead, notFound, project, uploaded } from './world.js';

const client = createApiClient(baseUrl);
const session = await client.sign_in(credentials);
assert.equal(session.user.firstname, 'Andrea');

const headers = { authorization: session.token };
const all = { params: { project_id: project }, headers };

const page = await client.list_leads({ ...all, queries: { status: 100, limit: 1 } });
assert.equal(page.leads.length, 1);

const made = await client.create_lead(newLead, all);
assert.equal(made.fullname, 'Ada');

const one = { params: { project_id: project, lead_id: made._id }, headers };
const found = await client.get_lead(one);
assert.deepEqual(found, made);

const changed = await client.update_lead({ company }, one);
assert.equal(changed.company, company);

// TypeScript gives up on the types of `list_requests` (error TS2589): Zodios recurses over its 41 parameters.
const filtered = await client.list_leads({ ...all, queries: { email: newLead.email, direction: '1', limit: 5 } });
assert.deepEqual(filtered.leads, [changed]);

const message = { params: { project_id: project, request_id: conversation }, headers };
const sent = await client.send_message({ text: greeting }, message);
assert.equal(sent.text, greeting);

const upload = await client.upload_chat_file({ file: file() }, all);
assert.equal(upload.message, uploaded);

const removed = await client.delete_lead_physically(undefined, one);
assert.equal(removed.deletedCount, 1);

const error: unknown = await client.get_lead(one).then(() => assert.fail('the lead is deleted'), (thrown: unknown) => thrown);
assert.ok(isErrorFromAlias(api.api, 'get_lead', error));
assert.equal(error.response.status, 404);
assert.ok(typeof error.response.data === 'object');
assert.equal(error.response.data.msg, notFound);
