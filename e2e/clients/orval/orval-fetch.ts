// Calls ten operations with the functions that orval generates for fetch.

import assert from 'node:assert/strict';
import { configure } from './caller';
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
} from './orval-fetch/tiledesk';

const [baseUrl = ''] = process.argv.slice(2);
const project = '5b55e806c93dde00143163dd';

async function main() {
  configure(baseUrl);
  const session = await signIn({ email: 'andrea.leo@f21.it', password: '123456' });
  assert.ok(session.status === 200);
  assert.equal(session.data.user.firstname, 'Andrea');
  configure(baseUrl, session.data.token);

  const page = await listLeads(project, { status: 100, limit: 1 });
  assert.ok(page.status === 200);
  assert.equal(page.data.leads.length, 1);

  const made = await createLead(project, { lead_id: '42', fullname: 'Ada', email: 'ada@example.com' });
  assert.ok(made.status === 200);
  assert.equal(made.data.fullname, 'Ada');

  const found = await getLead(project, made.data._id);
  assert.ok(found.status === 200);
  assert.deepEqual(found.data, made.data);

  const changed = await updateLead(project, made.data._id, { company: 'Ada & Co' });
  assert.ok(changed.status === 200);
  assert.equal(changed.data.company, 'Ada & Co');

  const filtered = await listRequests(project, { status: 'all', direction: '1', hasBot: false, limit: 5 });
  assert.ok(filtered.status === 200);
  const { requests } = filtered.data;
  assert.ok(requests.length > 0 && requests.every(({ hasBot }) => hasBot !== true));

  const sent = await sendMessage(project, 'support-group-client', { text: 'Hello' });
  assert.ok(sent.status === 200);
  assert.equal(sent.data.text, 'Hello');

  const upload = await uploadChatFile(project, { file: new File(['Hello'], 'note.txt', { type: 'text/plain' }) });
  assert.ok(upload.status === 201);
  assert.equal(upload.data.message, 'File uploaded successfully');

  const removed = await deleteLeadPhysically(project, made.data._id);
  assert.ok(removed.status === 200);
  assert.equal(removed.data.deletedCount, 1);

  const refused = await getLead(project, made.data._id);
  assert.ok(refused.status === 404);
  assert.equal(refused.data.msg, 'Object not found.');
}

void main();
