// All other views: their contents, and the effects of their actions on the server.

const assert = require('assert/strict');
const fs = require('fs');
const { LEAD, client, go, open, picture, prepare, until } = require('./site');

let sandboxes = 0;

/** A separate sandbox, prepared like the shared one. The server is shared, because its first explanation takes a while in debug builds. */
async function own({ url }) {
  const sandbox = client(`${url}/_sandbox/test-${++sandboxes}`);
  await prepare(sandbox);
  return sandbox;
}

const confirm = (page, action) => page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();

exports['state lists collections, searches documents, and shows references to one'] = async ({ url, control, profile, pictures }) => {
  const page = await open(await profile(), url, 'state');
  const collections = (await control('GET', 'collections')).collections ?? (await control('GET', 'collections'));
  const { count } = collections.find(({ name }) => name === 'leads');
  await page.getByRole('link', { name: `leads ${count}` }).click();
  await page.getByText(`${count} documents`).waitFor();
  await page.getByRole('searchbox').fill('lovelace');
  await page.getByText('1 document', { exact: true }).waitFor();
  await page.getByRole('link', { name: /Ada Lovelace/ }).click();
  await page.getByLabel('Document', { exact: true }).getByText('"ada@example.com"').waitFor();
  await page.getByRole('searchbox').fill('');
  await go(page, `state/leads/${LEAD}`);
  await page.getByLabel('Document', { exact: true }).getByText('"Ada & Co"').waitFor();
  await picture(page, pictures, 'state');
  await page.getByRole('tab', { name: /Referenced by/ }).click();
  await page.locator('[role=tabpanel] a[href="#/state/requests/5c81593adf767b0017d1aa67"]').first().waitFor();
  assert.deepEqual(page.errors, []);
};

exports['state saves a document through the rules of the API'] = async ({ url: server, profile }) => {
  const { url, api } = await own({ url: server });
  const page = await open(await profile(), url, `state/leads/${LEAD}`, /status of 422/);
  await page.getByRole('button', { name: 'Edit' }).click();
  const editor = page.getByLabel('Document as JSON');
  const document = JSON.parse(await editor.inputValue());
  await editor.fill(JSON.stringify({ ...document, company: 'Edited' }));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Document saved').waitFor();
  assert.equal((await api('GET', `leads/${LEAD}`)).body.company, 'Edited');

  // Rejected with the location; nothing is stored.
  await page.getByRole('button', { name: 'Edit' }).click();
  await editor.fill(JSON.stringify({ ...document, company: 'Edited', fullname: 5 }));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText('/fullname').waitFor();
  assert.equal((await api('GET', `leads/${LEAD}`)).body.fullname, 'Guest');
  await editor.fill('{"broken":');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText('not valid JSON').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['state warns about changes meanwhile, and names fields that the API kept'] = async ({ url: server, profile }) => {
  const { url, api, control } = await own({ url: server });
  const page = await open(await profile(), url, `state/leads/${LEAD}`);
  const editor = page.getByLabel('Document as JSON');
  const saving = page.getByRole('button', { name: /^Save/ });
  const stored = async () => (await control('GET', `collections/leads/${LEAD}`)).document;
  const edit = async (change) => {
    await page.getByRole('button', { name: 'Edit' }).click();
    const document = JSON.parse(await editor.inputValue());
    await editor.fill(JSON.stringify({ ...document, ...change }));
    return document;
  };
  const warning = page.getByRole('alert').filter({ hasText: 'was changed since you opened it' });

  // Only edited fields are sent.
  await edit({ fullname: 'Mine' });
  await api('PUT', `leads/${LEAD}`, { company: 'Theirs' });
  await saving.click();
  await warning.getByText('/company').waitFor();
  assert.equal((await stored()).fullname, 'Guest');
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await page.getByText('Document saved').waitFor();
  assert.deepEqual([(await stored()).fullname, (await stored()).company], ['Mine', 'Theirs']);

  await edit({ fullname: 'Raw' });
  await page.getByRole('radio', { name: 'Raw' }).check();
  await api('PUT', `leads/${LEAD}`, { company: 'Theirs again' });
  await saving.click();
  await warning.waitFor();
  assert.equal((await stored()).fullname, 'Mine');
  await page.getByRole('button', { name: 'Load the new version' }).click();
  await warning.waitFor({ state: 'detached' });
  assert.equal(JSON.parse(await editor.inputValue()).company, 'Theirs again');
  await page.getByRole('button', { name: 'Cancel' }).click();

  // The API removes no field.
  await edit({ company: undefined });
  await saving.click();
  await page.getByText('The API kept /company: use Raw to remove it').waitFor();
  assert.equal((await stored()).company, 'Theirs again');
  await edit({ company: undefined });
  await page.getByRole('radio', { name: 'Raw' }).check();
  await saving.click();
  await until(async () => !('company' in (await stored())), 'the field is removed');
  assert.deepEqual(page.errors, []);
};

exports['state saves a document raw with a warning, and deletes it'] = async ({ url: server, profile }) => {
  const { url, api, control } = await own({ url: server });
  const page = await open(await profile(), url, `state/leads/${LEAD}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const editor = page.getByLabel('Document as JSON');
  const document = JSON.parse(await editor.inputValue());
  await page.getByRole('radio', { name: 'Raw' }).check();
  await page.getByText("without the API's rules").waitFor();
  await editor.fill(JSON.stringify({ ...document, createdAt: '2020-02-02T00:00:00.000Z' }));
  await page.getByRole('button', { name: 'Save raw' }).click();
  await page.getByText('Document saved').waitFor();
  assert.equal((await api('GET', `leads/${LEAD}`)).body.createdAt, '2020-02-02T00:00:00.000Z');

  const { items } = await control('GET', 'collections/leads?q=Lovelace');
  await go(page, `state/leads/${items[0]._id}`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page.getByText('Document deleted').waitFor();
  assert.equal((await control('GET', 'collections/leads?q=Lovelace')).count, 0);
  assert.deepEqual(page.errors, []);
};

exports['state is downloaded as a world and replaced by one'] = async ({ url: server, profile }) => {
  const { url, control } = await own({ url: server });
  const page = await open(await profile(), url, 'state');
  await page.getByRole('button', { name: 'World' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download as a world' }).click(),
  ]);
  const world = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
  assert.deepEqual(world, await control('GET', 'state'));

  const lead = world.leads.find(({ _id }) => _id === LEAD);
  await page.getByRole('button', { name: 'World' }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('menuitem', { name: 'Replace by a world…' }).click(),
  ]);
  const replaced = { ...world, leads: [{ ...lead, fullname: 'From a file' }], messages: [], requests: [] };
  await chooser.setFiles({ name: 'world.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(replaced)) });
  await confirm(page, 'Replace');
  await page.getByText('State replaced').waitFor();
  assert.deepEqual(
    (await control('GET', 'state')).leads.map(({ fullname }) => fullname),
    ['From a file'],
  );
  assert.deepEqual(page.errors, []);
};

exports['state shows the difference to a snapshot'] = async ({ url, profile, pictures }) => {
  const page = await open(await profile(), url, 'state');
  await page.getByLabel('Compare with a snapshot').selectOption('before');
  await page.getByText('Changed since “before”').waitFor();
  await page.getByText('Ada Lovelace', { exact: true }).first().waitFor();
  await page.getByRole('row', { name: '/company' }).getByText('"Ada & Co"').waitFor();
  await picture(page, pictures, 'compare');
  assert.deepEqual(page.errors, []);
};

exports['time freezes, runs, advances, sets, and jumps to the next event'] = async ({ url: server, profile, pictures }) => {
  const { url, control } = await own({ url: server });
  const page = await open(await profile(), url, 'time');
  const now = async () => (await control('GET', 'clock')).now;
  await page.getByText('frozen').first().waitFor();
  await page.getByRole('button', { name: 'Jump to it' }).waitFor();
  await picture(page, pictures, 'time');
  const attempts = async () => Math.max(...(await control('GET', 'webhooks')).deliveries.map((one) => one.attempts.length));
  assert.equal(await attempts(), 1);
  await page.getByRole('button', { name: 'Jump to it' }).click();
  await page.getByText('Clock moved to the next event').waitFor();
  await until(async () => (await attempts()) === 2, 'a failed delivery is retried');
  assert.equal(await now(), '2026-01-01T12:00:02.000Z');
  await page.getByRole('button', { name: '+1 h' }).click();
  await until(async () => (await now()) === '2026-01-01T13:00:02.000Z', 'one hour later');
  await page.getByLabel('By a duration').fill('2h 30m');
  await page.getByRole('button', { name: 'Advance', exact: true }).click();
  await until(async () => (await now()) === '2026-01-01T15:30:02.000Z', 'two and a half hours later');
  await page.getByLabel('To a date (UTC)').fill('2026-02-01T09:00');
  await page.getByRole('button', { name: 'Set' }).click();
  await until(async () => (await now()) === '2026-02-01T09:00:00.000Z', 'on February 1');
  await page.getByText('09:00:00').waitFor();
  await page.getByRole('button', { name: 'Run' }).click();
  await until(async () => !(await control('GET', 'clock')).frozen, 'the clock runs');
  await page.getByRole('button', { name: 'Freeze' }).click();
  await until(async () => (await control('GET', 'clock')).frozen, 'the clock is frozen');
  assert.deepEqual(page.errors, []);
};

exports['time changes the speed of the clock'] = async ({ start, profile }) => {
  const { url, control } = client(await start());
  const page = await open(await profile(), url, 'time');
  await page.getByRole('button', { name: 'Run' }).click();
  await until(async () => (await control('GET', 'clock')).speed === 1, 'the clock runs');
  // It continues from the same time.
  assert.match((await control('GET', 'clock')).now, /^2026-01-01T12:/);
  await page.getByLabel('Speed').selectOption('60');
  await until(async () => (await control('GET', 'clock')).speed === 60, 'the clock runs at 60 times the speed');
  assert.deepEqual(page.errors, []);
};

exports['time takes, restores, and deletes snapshots'] = async ({ url: server, profile }) => {
  const { url, api, control } = await own({ url: server });
  const page = await open(await profile(), url, 'time');
  await page.getByLabel('New snapshot').fill('checkpoint');
  await page.getByRole('button', { name: 'Take snapshot' }).click();
  await page.getByText('Snapshot “checkpoint” taken').waitFor();
  const names = async () => (await control('GET', 'snapshots')).snapshots.map(({ name }) => name);
  assert.deepEqual(await names(), ['before', 'checkpoint']);
  await api('PUT', `leads/${LEAD}`, { company: 'Later' });
  const item = page.getByRole('listitem').filter({ hasText: 'checkpoint' });
  await item.getByRole('button', { name: 'Restore' }).click();
  await confirm(page, 'Restore');
  await page.getByText('Snapshot “checkpoint” restored').waitFor();
  assert.equal((await api('GET', `leads/${LEAD}`)).body.company, 'Ada & Co');
  await item.getByRole('button', { name: 'Delete checkpoint' }).click();
  await confirm(page, 'Delete');
  await until(async () => (await names()).length === 1, 'the snapshot is deleted');
  assert.deepEqual(page.errors, []);
};

exports['time rewinds to the state before a call, and branches into a sandbox'] = async ({ url: server, profile }) => {
  const { url, api, control } = await own({ url: server });
  const number = (await control('GET', 'journal?operation=update_lead')).calls[0].id;
  const page = await open(await profile(), url, 'time');
  const item = page.getByRole('listitem').filter({ hasText: `#${number} update_lead` });
  await item.getByRole('button', { name: 'Branch' }).click();
  await page.getByLabel('Name of the sandbox').fill('what-if');
  await page.getByRole('button', { name: 'Create and open' }).click();
  await page.waitForURL(/\/_sandbox\/what-if\/_console/, { waitUntil: 'commit' });
  const branch = client(`${server}/_sandbox/what-if`);
  assert.equal((await branch.api('GET', `leads/${LEAD}`)).body.company, undefined);
  assert.equal((await api('GET', `leads/${LEAD}`)).body.company, 'Ada & Co');

  await page.goto(`${url}/_console#/traffic/${number}`);
  await page.getByRole('button', { name: 'Rewind to before' }).click();
  await confirm(page, 'Rewind');
  await page.getByText(`State rewound to before call ${number}`).waitFor();
  assert.equal((await api('GET', `leads/${LEAD}`)).body.company, undefined);
  assert.deepEqual(page.errors, []);
};

exports['faults are created from a call, counted, and removed'] = async ({ url: server, profile, pictures }) => {
  const { url, api, control } = await own({ url: server });
  await control('DELETE', 'faults');
  await api('GET', `leads/${LEAD}`);
  const number = (await control('GET', 'journal?operation=get_lead')).calls.at(-1).id;
  const page = await open(await profile(), url, `traffic/${number}`);
  await page.getByRole('button', { name: 'Make it fail' }).click();
  assert.equal(await page.getByLabel('Operation').inputValue(), 'get_lead');
  assert.equal(await page.getByRole('spinbutton', { name: /^Status/ }).inputValue(), '503');
  await picture(page, pictures, 'faults');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByRole('row', { name: /get_lead/ }).waitFor();
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await api('GET', `leads/${LEAD}`)).status);
  assert.deepEqual(statuses, [503, 503, 200]);
  await page.getByRole('row', { name: /get_lead 3 2/ }).waitFor();
  await page
    .getByRole('row', { name: /get_lead/ })
    .getByRole('button', { name: /^Remove/ })
    .click();
  await page.getByText('No faults').waitFor();
  assert.deepEqual((await control('GET', 'faults')).faults, []);

  await page.getByRole('button', { name: /^down/ }).click();
  await page.getByText('Fault “down” added').waitFor();
  assert.equal((await api('GET', 'tags')).status, 503);
  await page.getByRole('button', { name: 'Remove all' }).click();
  await confirm(page, 'Remove all');
  await until(async () => (await control('GET', 'faults')).count === 0, 'all faults are removed');
  assert.deepEqual(page.errors, []);
};

exports['an invalid fault is rejected with the reason'] = async ({ url, profile }) => {
  const page = await open(await profile(), url, 'faults/new', /status of 400/);
  await page.getByLabel('Operation').fill('get_leed');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await page.getByRole('alert').getByText('did you mean get_lead?').waitFor();
  assert.deepEqual(page.errors, []);
};

exports['webhooks show attempts, are redelivered, paused, and resumed'] = async ({ url: server, profile, pictures }) => {
  const { url, api, control } = await own({ url: server });
  const page = await open(await profile(), url, 'webhooks');
  const deliveries = async () => (await control('GET', 'webhooks')).deliveries;
  const failing = (await deliveries()).find(({ target }) => target.endsWith('/down'));
  const good = (await deliveries()).find(({ state }) => state === 'delivered');
  await page.locator(`a[href="#/webhooks/${failing.id}"]`).click();
  await page.getByRole('heading', { name: `Delivery ${failing.id}` }).waitFor();
  await page.getByRole('tabpanel').getByRole('row').nth(1).waitFor();
  await picture(page, pictures, 'webhooks');
  await go(page, `webhooks/${good.id}`);
  const before = (await control('GET', 'webhooks/inbox/leads')).count;
  await page.getByRole('heading', { name: `Delivery ${good.id}` }).waitFor();
  await page.getByRole('button', { name: 'Redeliver' }).click();
  await until(async () => (await control('GET', 'webhooks/inbox/leads')).count === before + 1, 'it is delivered again');

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused', { exact: true }).waitFor();
  await api('POST', 'leads', { lead_id: 'p', fullname: 'Paused' });
  assert.equal((await control('GET', 'webhooks')).paused, true);
  assert.equal((await control('GET', 'webhooks/inbox/leads')).count, before + 1);
  await page.getByRole('button', { name: 'Resume' }).click();
  await until(async () => (await control('GET', 'webhooks/inbox/leads')).count === before + 2, 'it is delivered after resuming');
  assert.deepEqual(page.errors, []);
};

exports['webhooks show and empty an inbox'] = async ({ url: server, profile }) => {
  const { url, control } = await own({ url: server });
  const page = await open(await profile(), url, 'webhooks');
  await page.getByRole('radio', { name: 'Inboxes' }).check();
  await page.getByRole('link', { name: /^leads/ }).click();
  await page.getByText('"Ada Lovelace"').or(page.getByText('onerror')).first().waitFor();
  await page.getByRole('button', { name: 'Empty' }).click();
  await page.getByText('The inbox is empty').waitFor();
  assert.equal((await control('GET', 'webhooks/inbox/leads')).count, 0);
  assert.deepEqual(page.errors, []);
};

exports['emails show what would have been sent'] = async ({ url, control, profile, pictures }) => {
  const { items } = await control('GET', 'emails');
  assert.equal(items.length, 2);
  const page = await open(await profile(), url, 'emails');
  await page.getByText(`${items.length} emails`).waitFor();
  await page.getByRole('searchbox').fill('grace@example.com');
  const links = page.locator('.mails a');
  await until(async () => (await links.count()) === 1, 'one email is found');
  await page.getByRole('searchbox').fill('');
  await links.filter({ hasText: 'ada@example.com' }).click();
  const email = items.find(({ to }) => to === 'ada@example.com');
  await page.getByRole('heading', { name: email.subject }).waitFor();
  assert.equal(await page.getByLabel('Text of the email').textContent(), email.text);
  await picture(page, pictures, 'emails');
  assert.deepEqual(page.errors, []);
};

exports['coverage shows a heat map, filters by client, and is cleared'] = async ({ start, profile, pictures }) => {
  const { url, api, control } = client(await start());
  await prepare(client(url));
  for (let count = 0; count < 25; count++) await api('GET', 'leads');
  for (let count = 0; count < 4; count++) await api('GET', `leads/${LEAD}`);
  const page = await open(await profile(), url, 'coverage');
  const { operations } = await control('GET', 'coverage');
  await page.getByText(`${operations.covered} of ${operations.of}`).waitFor();
  const cell = (operation) => page.locator(`a.cell[href="#/coverage/${operation}"]`);
  await picture(page, pictures, 'coverage');
  assert.match(await cell('list_leads').getAttribute('class'), /many/);
  assert.match(await cell('delete_lead').getAttribute('class'), /none/);
  await page.getByLabel('Client').selectOption('tiledesk-sdk/0.10');
  await until(async () => /none/.test(await cell('list_leads').getAttribute('class')), 'not called by this client');
  assert.match(await cell('list_tags').getAttribute('class'), /few/);
  await cell('list_tags').click();
  await page.getByRole('heading', { name: 'list_tags' }).waitFor();
  await page.getByRole('row', { name: '200 1' }).waitFor();
  await page.getByRole('button', { name: 'Clear the coverage' }).click();
  await confirm(page, 'Clear');
  await until(async () => (await control('GET', 'coverage')).operations.covered === 0, 'cleared');
  assert.deepEqual(page.errors, []);
};

exports['sandboxes are created, opened, reset, and deleted'] = async ({ start, profile, pictures }) => {
  const { url, control } = client(await start());
  await prepare(client(url));
  const page = await open(await profile(), url, 'sandboxes');
  await page.getByLabel('Name', { exact: true }).fill('review');
  await page.getByLabel('Start from').selectOption('default');
  await page.getByLabel('At', { exact: true }).selectOption('before');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('link', { name: 'review' }).waitFor();
  await picture(page, pictures, 'sandboxes');
  const names = async () => (await control('GET', 'sandboxes')).sandboxes.map(({ name }) => name);
  assert.deepEqual(await names(), ['default', 'review', 'worker-1']);
  const review = client(`${url}/_sandbox/review`);
  assert.equal((await review.api('GET', `leads/${LEAD}`)).body.company, undefined, 'it starts from the snapshot');

  await page.getByRole('link', { name: 'review' }).click();
  await page.waitForURL(/\/_sandbox\/review\/_console#\/sandboxes$/);
  await review.api('PUT', `leads/${LEAD}`, { company: 'Review' });
  await page.getByRole('button', { name: 'Reset review' }).click();
  await confirm(page, 'Reset');
  await page.getByText('Sandbox “review” reset').waitFor();
  assert.equal((await review.api('GET', `leads/${LEAD}`)).body.company, undefined);

  await page.getByLabel('Sandbox', { exact: true }).selectOption('worker-1');
  await page.waitForURL(/\/_sandbox\/worker-1\/_console/);
  await page.getByRole('button', { name: 'Delete review' }).click();
  await confirm(page, 'Delete');
  await page.getByText('Sandbox “review” deleted').waitFor();
  assert.deepEqual(await names(), ['default', 'worker-1']);
  assert.deepEqual(page.errors, []);
};

exports['visitors are started, stepped, and stopped'] = async ({ url: server, profile, pictures }) => {
  const { url, control, plain } = await own({ url: server });
  if ((await plain('GET', '_control/visitors')).status !== 200) {
    console.log('        skipped: the server simulates no visitors');
    return;
  }
  const page = await open(await profile(), url, 'visitors');
  await page.getByRole('button', { name: 'Start' }).click();
  await until(async () => (await control('GET', 'visitors')).running === true, 'they run');
  await picture(page, pictures, 'visitors');
  await page.getByRole('button', { name: 'One step' }).click();
  await page.getByText('One step made').waitFor();
  await page.getByRole('region', { name: 'Steps' }).getByRole('listitem').first().waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await until(async () => (await control('GET', 'visitors')).running === false, 'they are stopped');
  assert.deepEqual(page.errors, []);
};
