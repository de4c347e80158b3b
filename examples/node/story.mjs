// A conversation from the first message to the rating, as seen by a chat widget and a dashboard, using only fetch.
//
//     node story.mjs [URL]
//
// URL is the base URL of the API (default: the environment variable APIURL, or else the default address of the server).
// Works with the default world in any state.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const url = process.argv[2] ?? process.env.APIURL ?? 'http://127.0.0.1:4010/v3';
const project = '5b55e806c93dde00143163dd';

/** One call. Errors are thrown; a front end would show them. */
async function call(method, path, { token, body } = {}) {
  const headers = {};
  if (token) headers.authorization = token;
  if (body) headers['content-type'] = 'application/json';
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// The widget signs its visitor in. It only has to keep the token, including the JWT prefix.
const guest = { id_project: project, firstname: 'Maria' };
const { token: visitor, user: maria } = await call('POST', '/auth/signinAnonymously', { body: guest });
assert.equal(maria.firstname, 'Maria');

// The dashboard signs an agent in with email address and password. In the default world all users have the same
// password.
const signIn = (email) => call('POST', '/auth/signin', { body: { email, password: '123456' } });
const { token: owner, user: andrea } = await signIn('andrea.leo@f21.it');
assert.equal(andrea.firstname, 'Andrea');

// Clients choose the ID of a conversation; the first message creates it.
const conversation = `support-group-${project}-${randomUUID()}`;
const request = `/${project}/requests/${conversation}`;
const question = await call('POST', `${request}/messages`, { token: visitor, body: { text: 'Do you ship to Ireland?' } });
assert.equal(question.senderFullname, 'Maria ');
assert.equal(question.request.first_text, 'Do you ship to Ireland?');
assert.equal(question.request.hasBot, true, 'the bot of the default department serves first');
console.log(`Maria asks: ${question.text}`);

// The bot cannot answer, so route to Sales, whose agents take turns.
const departments = await call('GET', `/${project}/departments/allstatus`, { token: owner });
const sales = departments.find((department) => department.name === 'Sales');
const routed = await call('PUT', `${request}/departments`, { token: owner, body: { departmentid: sales._id } });
assert.equal(routed.department.name, 'Sales');
assert.equal(routed.hasBot, false);
assert.equal(routed.participatingAgents.length, 1);
const [{ _id: agentId, email, firstname, lastname }] = routed.participatingAgents;
console.log(`${firstname} from Sales joins the conversation.`);

const { token: agent } = await signIn(email);
const answer = await call('POST', `${request}/messages`, { token: agent, body: { text: 'We do, in three days.' } });
assert.equal(answer.senderFullname, `${firstname} ${lastname}`);
assert.ok(answer.request.waiting_time >= 0, 'the first response determines the waiting time');
console.log(`${firstname} replies: ${answer.text}`);

// The visitor sees the messages of both, and system messages.
const messages = await call('GET', `${request}/messages`, { token: visitor });
const said = messages.filter(({ sender }) => sender !== 'system' && !sender.startsWith('bot_')).map(({ text }) => text);
assert.deepEqual(said, ['Do you ship to Ireland?', 'We do, in three days.']);

const tagged = await call('PUT', `${request}/tag`, { token: agent, body: [{ tag: 'shipping', color: '#43B1F2' }] });
assert.deepEqual(tagged.tags.map(({ tag, color }) => ({ tag, color })), [{ tag: 'shipping', color: '#43B1F2' }]);

const closed = await call('PUT', `${request}/close`, { token: agent });
assert.equal(closed.status, 1000);
assert.equal(closed.closed_by, agentId);
assert.match(closed.transcript, /Maria : Do you ship to Ireland\?\r\n.*: We do, in three days\./s);
console.log(`${firstname} closes the conversation.`);

const rating = { rating: 5, rating_message: 'Quick!' };
const rated = await call('PATCH', `${request}/rating`, { token: visitor, body: rating });
assert.equal(rated.rating, 5);
assert.equal(rated.rating_message, 'Quick!');
console.log(`Maria rates it ${rated.rating} of 5: ${rated.rating_message}`);

// It is found by its tag among all requests, but no longer listed as open.
const ids = ({ requests }) => requests.map((request) => request.request_id);
assert.ok(ids(await call('GET', `/${project}/requests?status=all&tags=shipping`, { token: agent })).includes(conversation));
assert.ok(!ids(await call('GET', `/${project}/requests`, { token: agent })).includes(conversation));
