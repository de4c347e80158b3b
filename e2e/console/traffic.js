// Traffic: the live timeline, its filters, and the actions on a call.

const assert = require('assert/strict');
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { program } = require('../server');
const { LEAD, PROJECT, basic, client, go, open, picture, until } = require('./site');

const rows = (page) => page.locator('[data-list] [role=option]');
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const numbers = async (page) => (await page.locator('.rows .row.call .number').allTextContents()).map(Number);
/** The number of the latest call of an operation. */
const latest = async (control, query) => (await control('GET', `journal?${query}`)).calls.at(-1).id;

exports['traffic shows calls as they happen, newest first'] = async ({ url, api, control, profile, pictures }) => {
  const page = await open(await profile(), url);
  const { count } = await control('GET', 'journal/count');
  await page.getByText('Live', { exact: true }).waitFor();
  await rows(page).first().waitFor();
  await picture(page, pictures, 'traffic');
  await api('GET', 'groups?new=1', undefined, { 'user-agent': 'late/1.0' });
  await rows(page).filter({ hasText: 'late/1.0' }).waitFor();
  assert.equal((await numbers(page))[0], count + 1);
  assert.deepEqual(page.errors, []);
};

exports['traffic shows webhook deliveries and changes on the same timeline'] = async ({ url, control, profile }) => {
  const page = await open(await profile(), url);
  await rows(page).filter({ hasText: 'HOOK' }).filter({ hasText: 'lead.create' }).first().waitFor();
  await control('POST', 'snapshots/timeline');
  await rows(page).filter({ hasText: 'A snapshot was taken' }).first().waitFor();
  await control('DELETE', 'snapshots/timeline');
  await rows(page).filter({ hasText: 'HOOK' }).filter({ hasText: 'inbox/leads' }).first().click();
  await page.getByRole('heading', { name: /^Delivery \d+$/ }).waitFor();
  await page.getByRole('tab', { name: 'Payload' }).click();
  await page.getByLabel('Payload').getByText('"timestamp"').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['traffic filters by operation, method, status, client, and text'] = async ({ url, control, profile }) => {
  const page = await open(await profile(), url);
  await rows(page).first().waitFor();
  const shows = async (label, value, query) => {
    await page.getByLabel(label, { exact: true }).selectOption(value);
    const expected = (await control('GET', `journal?${query}`)).calls.map(({ id }) => id).reverse();
    await until(async () => JSON.stringify(await numbers(page)) === JSON.stringify(expected), `${label} ${value}`);
    await page.getByRole('button', { name: 'Clear filter' }).first().click();
  };
  await shows('Operation', 'create_lead', 'operation=create_lead');
  await shows('Method', 'PUT', 'method=PUT');
  await shows('Status', '503', 'status=503');
  await shows('Client', 'shop-frontend/2.3', 'client=shop-frontend/2.3');
  await page.getByLabel('Kind').selectOption('delivery');
  await until(async () => (await page.locator('.rows .row:not(.delivery)').count()) === 0, 'only deliveries');
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await page.getByRole('searchbox').fill('lovelace 42');
  await until(async () => (await numbers(page)).length > 0 && (await numbers(page)).length < 4, 'text');
  await page.getByRole('searchbox').fill('no such text');
  await page.getByText('Nothing matches the filter').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['a call shows its request, response, changes, and effects'] = async ({ url, control, profile, pictures }) => {
  const number = (await control('GET', 'journal?operation=create_lead&pointer=/lead_id&value=42')).calls[0].id;
  const page = await open(await profile(), url, `traffic/${number}`);
  await page.getByLabel('Response body').getByText('"Ada Lovelace"').waitFor();
  await page.getByRole('tab', { name: 'Request' }).click();
  await page.getByLabel('Request body').getByText('"ada@example.com"').waitFor();
  await page.getByText('Basic ***').waitFor();
  await page.getByRole('tab', { name: 'Effects' }).click();
  await page.getByRole('tabpanel').getByText('lead.create').first().waitFor();
  await page
    .getByRole('link', { name: /^Delivery \d+$/ })
    .first()
    .waitFor();
  await page.getByRole('tab', { name: 'Changes' }).click();
  await page.getByRole('heading', { name: 'leads 1' }).waitFor();
  await picture(page, pictures, 'call');
  assert.deepEqual(page.errors, []);
};

exports['a rejected call is explained'] = async ({ url, control, profile, pictures }) => {
  const number = await latest(control, 'operation=create_lead&status=400');
  const page = await open(await profile(), url, `traffic/${number}`);
  const explanation = page.getByRole('region', { name: 'Explanation' });
  await explanation.getByText('Rejected: the call is wrong').waitFor();
  await explanation.getByText('/fulname').waitFor();
  await explanation.getByText('did you mean').waitFor();
  await picture(page, pictures, 'explanation');
  assert.deepEqual(page.errors, []);
};

exports['a call is copied as curl, fetch, pytest, Rust, and a Playwright route'] = async ({ url, control, profile }) => {
  const number = await latest(control, 'operation=update_lead');
  const page = await open(await profile(), url, `traffic/${number}`);
  const copied = async (form) => {
    await page.getByRole('button', { name: 'Copy as' }).click();
    await page.getByRole('menuitem', { name: form }).click();
    await page.getByText(`${form} copied`).waitFor();
    return clipboard(page);
  };
  const lead = `${url}/v3/5b55e806c93dde00143163dd/leads/${LEAD}`;
  const curl = await copied('curl');
  assert.match(curl, /^curl -g -X PUT '/);
  assert.ok(curl.includes(lead) && curl.includes('-u "$TILEDESK_USER"') && curl.includes('Ada & Co'), curl);
  const script = await copied('fetch');
  assert.ok(script.includes(`await fetch('${lead}'`) && script.includes("method: 'PUT'"), script);
  const pytest = await copied('pytest');
  assert.ok(pytest.includes('def test_update_lead_returns_200(tiledesk: Sandbox)') && pytest.includes('"company": "Ada & Co"'), pytest);
  const rust = await copied('Rust');
  assert.ok(rust.includes('async fn update_lead_returns_200()') && rust.includes('assert_eq!(response.status(), 200)'), rust);
  const route = await copied('Playwright route');
  assert.ok(route.includes("page.route('**/*/leads/*'") && route.includes('status: 200'), route);
  // The shell accepts the command, and the call succeeds.
  const out = execFileSync('sh', ['-c', `${curl} -s -o /dev/null -w '%{http_code}'`], {
    env: { ...process.env, TILEDESK_USER: 'andrea.leo@f21.it:123456' },
  });
  assert.equal(String(out), '200');
  assert.deepEqual(page.errors, []);
};

/** Copies the selected call. */
const copyAs = async (page, form, notice = `${form} copied`) => {
  await page.getByRole('button', { name: 'Copy as' }).click();
  await page.getByRole('menuitem', { name: form }).click();
  await page.getByText(notice).last().waitFor();
  return clipboard(page);
};

exports['a call of a sandbox is copied, and made to fail, without the sandbox in its path'] = async ({ url: server, profile }) => {
  const url = `${server}/_sandbox/copies`;
  const { api } = client(url);
  await api('GET', 'tags');
  const page = await open(await profile(), url, 'traffic/1');
  const tags = '/v3/5b55e806c93dde00143163dd/tags';
  assert.ok((await copyAs(page, 'curl')).includes(`'${url}${tags}'`));
  assert.ok((await copyAs(page, 'fetch')).includes(`fetch('${url}${tags}'`));
  assert.ok((await copyAs(page, 'pytest')).includes(`f"{tiledesk.url}${tags}"`));
  assert.ok((await copyAs(page, 'Rust')).includes(`fake.url(), "${tags}")`));
  assert.ok((await copyAs(page, 'Playwright route')).includes("page.route('**/*/tags'"));

  // The same for a path without a version, and for one that no operation matches.
  await fetch(`${url}/5b55e806c93dde00143163dd/tags`);
  await go(page, 'traffic/2');
  await page.getByRole('heading', { name: 'Call 2', exact: true }).waitFor();
  assert.ok((await copyAs(page, 'Playwright route')).includes("page.route('**/*/tags'"));
  await fetch(`${url}/v3/unknown`);
  await go(page, 'traffic/3');
  await page.getByRole('heading', { name: 'Call 3', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Make it fail' }).click();
  assert.equal(await page.getByLabel('Path').inputValue(), '/v3/unknown');
  assert.deepEqual(page.errors, []);
};

exports['calls with brackets, with large bodies, and with bodies that are not text are copied as curl'] = async ({ start, profile }) => {
  const { url, api } = client(await start());
  const run = (command) =>
    String(
      execFileSync('sh', {
        input: `curl() { command curl -s -o /dev/null -w '%{http_code}' "$@"; }\n${command}`,
        env: { ...process.env, TILEDESK_USER: 'andrea.leo@f21.it:123456' },
      }),
    );
  await api('GET', 'leads?full_text=[1-3]{a,b}');
  await api('POST', 'leads', { fullname: "Ada's", attributes: { text: 'EOF'.repeat(60_000) } });
  await fetch(`${url}/v3/unknown`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: new Uint8Array([65, 255, 66]) });
  const page = await open(await profile(), url, 'traffic/1');
  assert.equal(run(await copyAs(page, 'curl')), '200');
  await go(page, 'traffic/2');
  await page.getByRole('heading', { name: 'Call 2', exact: true }).waitFor();
  const large = await copyAs(page, 'curl');
  assert.match(large, /--data-binary @- <<'EOFF+'\n/);
  assert.equal(run(large), '200');
  await go(page, 'traffic/3');
  await page.getByRole('heading', { name: 'Call 3', exact: true }).waitFor();
  assert.match(await copyAs(page, 'curl', /^curl copied, but: The recorded body is not/), /^# The recorded body is not .+\ncurl -g/);
  assert.match(await copyAs(page, 'Rust', /^Rust copied, but:/), /^\/\/ The recorded body is not/);
  assert.deepEqual(page.errors, []);
};

exports['a call is replayed'] = async ({ url, control, profile }) => {
  const number = await latest(control, 'operation=list_tags');
  const { count } = await control('GET', 'journal/count?operation=list_tags');
  const page = await open(await profile(), url, `traffic/${number}`);
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByText(/^Replayed as call \d+: 200$/).waitFor();
  assert.deepEqual(await control('GET', 'journal/count?operation=list_tags'), { count: count + 1 });
  const made = await latest(control, 'operation=list_tags');
  await page.getByRole('heading', { name: `Call ${made}`, exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
};

/** Saves what is open as a fixture, which must be valid. */
async function fixture(page, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as fixture' }).click()]);
  assert.equal(download.suggestedFilename(), name);
  const text = fs.readFileSync(await download.path(), 'utf8');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fixture-'));
  fs.writeFileSync(path.join(folder, name), text);
  assert.match(String(execFileSync(program, ['fixtures', 'check', path.join(folder, name)])), /0 problems/);
  fs.rmSync(folder, { recursive: true });
  return JSON.parse(text);
}

exports['calls and documents are saved as fixtures'] = async ({ start, profile }) => {
  const { url, api, plain, control } = client(await start());
  await api('PUT', `leads/${LEAD}`, { company: 'First' });
  await api('PUT', `leads/${LEAD}`, { company: 'Second' });
  await api('GET', 'requests');
  await api('GET', 'project_users');
  await api('GET', 'leads');
  await api('POST', 'requests/support-group-1/messages', { text: 'Hello' });
  const { body: project } = await plain('POST', 'v3/projects', { name: 'Own' }, { authorization: basic });
  await plain('POST', `v3/${project._id}/leads`, { fullname: 'Own' }, { authorization: basic });
  const calls = (await control('GET', 'journal')).calls;
  assert.deepEqual([...new Set(calls.map(({ answer }) => answer.status))], [200]);
  // Ids in responses can be those of embedded documents.
  const page = await open(await profile(), url, 'traffic', /status of 404/);
  const worlds = [];
  for (const { id, operation, method } of calls) {
    await go(page, `traffic/${id}`);
    await page.getByRole('heading', { name: `Call ${id}`, exact: true }).waitFor();
    if (method !== 'GET') await page.getByRole('tab', { name: /^Changes \d/ }).waitFor();
    const world = await fixture(page, `call-${id}.json`);
    assert.equal(world.extends, 'default', operation);
    worlds.push(world);
  }
  // An older call has the document as it wrote it.
  assert.deepEqual(
    worlds.slice(0, 2).map(({ leads: [lead] }) => [lead._id, lead.company]),
    [
      [LEAD, 'First'],
      [LEAD, 'Second'],
    ],
  );
  assert.equal(worlds[5].messages[0].recipient, 'support-group-1');
  // What a document refers to is in the world, too.
  const { leads, projects, departments } = worlds.at(-1);
  assert.deepEqual([leads[0].fullname, projects[0]._id, departments[0].id_project], ['Own', project._id, project._id]);
  await go(page, `state/leads/${leads[0]._id}`);
  assert.equal((await fixture(page, `leads-${leads[0]._id}.json`)).projects[0]._id, project._id);
  assert.deepEqual(page.errors, []);
};

exports['frames open with their topic, kind, and call'] = async ({ start, profile }) => {
  const { url, api, plain } = client(await start());
  const { body } = await plain('POST', 'v3/auth/signin', { email: 'andrea.leo@f21.it', password: '123456' });
  const page = await open(await profile(), url);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.evaluate(
    async ([token, topic]) => {
      window.socket = new WebSocket(`${location.origin.replace('http', 'ws')}/v3/ws/?token=${encodeURIComponent(token)}`);
      await new Promise((opened) => {
        window.socket.onopen = opened;
      });
      window.socket.send(JSON.stringify({ action: 'subscribe', payload: { topic } }));
    },
    [body.token, `/${PROJECT}/requests`],
  );
  const frames = rows(page).filter({ hasText: 'WS' });
  await frames.filter({ hasText: 'subscribe' }).click();
  const detail = page.getByRole('region', { name: 'Frame' });
  await detail.getByText('from the client').waitFor();
  await detail.getByText(`/${PROJECT}/requests`).waitFor();
  await api('POST', 'requests/support-group-frames/messages', { text: 'Hello' });
  await frames.filter({ hasText: 'create' }).first().click();
  await detail.getByText('to the client').waitFor();
  await detail.getByRole('link', { name: 'Call 2' }).click();
  await page.getByRole('heading', { name: 'Call 2', exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
};

exports['deliveries that a rewind or a restored snapshot discards are marked'] = async ({ start, profile }) => {
  const { url, api, control } = client(await start());
  await api('POST', 'subscriptions', { event: 'lead.create', target: 'http://127.0.0.1:9/down' });
  await control('POST', 'snapshots/subscribed');
  const page = await open(await profile(), url);
  const pending = rows(page).filter({ hasText: 'pending' });
  const discarded = rows(page).filter({ hasText: 'discarded' });
  for (const [call, undo] of ['journal/2/rewind', 'snapshots/subscribed/restore'].entries()) {
    await api('POST', 'leads', { fullname: 'Ada' });
    await pending.first().waitFor();
    await control('POST', undo);
    await until(async () => (await discarded.count()) === call + 1 && (await pending.count()) === 0, undo);
  }
  await discarded.first().click();
  await page.getByText('This delivery was discarded').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['the search reads long bodies to their end'] = async ({ start, profile }) => {
  const { url, api } = client(await start());
  await api('POST', 'leads', { fullname: 'Ada', attributes: { text: 'x'.repeat(20_000), end: 'needle' } });
  await api('POST', 'leads', { fullname: 'Grace' });
  const page = await open(await profile(), url);
  await page.getByText('2 entries').waitFor();
  await page.getByRole('searchbox').fill('needle');
  await page.getByText('1 of 2 entries').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['the journal is cleared after a confirmation'] = async ({ start, profile }) => {
  const { url, api, control } = client(await start());
  await api('GET', 'tags');
  const page = await open(await profile(), url);
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Clear the journal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear' }).click();
  await until(async () => (await page.locator('.rows .row.call').count()) === 0, 'no call is listed');
  assert.deepEqual(await control('GET', 'journal/count'), { count: 0 });
  await api('GET', 'groups');
  await rows(page).filter({ hasText: 'list_groups' }).click();
  await page.getByRole('heading', { name: 'Call 1', exact: true }).waitFor();
  await go(page, 'traffic');
  assert.deepEqual(page.errors, []);
};
