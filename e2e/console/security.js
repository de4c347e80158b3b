// Security: documents stay text, the policy is strict, and the console obeys the options of the control API.

const assert = require('assert/strict');
const http = require('http');
const { client, go, open, prepare, until } = require('./site');

/** Requests a page as a browser navigation does, which fetch cannot. */
const navigate = (address) =>
  new Promise((resolve, reject) => {
    const fetched = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };
    const request = http.get(address, { headers: fetched }, async (response) => {
      response.setEncoding('utf8');
      let body = '';
      for await (const piece of response) body += piece;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    request.on('error', reject);
  });

exports['the page has a strict content security policy'] = async ({ url }) => {
  const { status, headers, body } = await navigate(`${url}/_console`);
  assert.equal(status, 200);
  const policy = Object.fromEntries(
    headers['content-security-policy'].split(';').map((part) => {
      const [name, ...values] = part.trim().split(/\s+/);
      return [name, values.join(' ')];
    }),
  );
  assert.equal(policy['default-src'], "'none'");
  assert.equal(policy['script-src'], "'self'");
  assert.equal(policy['style-src'], "'self'");
  assert.equal(policy['connect-src'], "'self'");
  assert.equal(policy['frame-ancestors'], "'none'");
  assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
};

exports['a name with markup stays text on every view'] = async ({ url, control, profile }) => {
  const name = '<img src=x onerror="document.title=1">';
  const page = await open(await profile(), url);
  const call = (await control('GET', 'journal?pointer=/lead_id&value=x')).calls[0].id;
  const { items } = await control('GET', 'collections/leads?q=onerror');
  const [delivery] = (await control('GET', 'webhooks')).deliveries.filter(({ body }) => JSON.stringify(body).includes('onerror'));
  const views = [
    `traffic/${call}`,
    'state/leads',
    `state/leads/${items[0]._id}`,
    'state/compare/before',
    `webhooks/${delivery.id}`,
    'webhooks/inbox/leads',
  ];
  for (const view of views) {
    await go(page, view);
    if (view.startsWith('webhooks/') && !view.includes('inbox')) await page.getByRole('tab', { name: 'Payload' }).click();
    await page.getByText('<img src=x onerror=').first().waitFor();
    assert.equal(await page.locator('img').count(), 0, view);
  }
  await go(page, `state/leads/${items[0]._id}`);
  await page.getByRole('heading', { name }).waitFor();
  assert.doesNotMatch(await page.title(), /^1$/);
  assert.deepEqual(page.errors, []);
};

exports['the console asks for the control token, once, and again if it is wrong'] = async ({ start, profile }) => {
  const url = await start('--control-token', 'open sesame');
  const page = await open(await profile(), url, 'state', /status of 401/);
  const prompt = page.getByRole('dialog');
  await prompt.waitFor();
  for (let count = 0; count < 4; count++) await page.keyboard.press('Escape');
  await prompt.getByLabel('Token').fill('snow ☃');
  await prompt.getByRole('button', { name: 'Continue' }).click();
  await prompt.getByText('A token cannot contain “☃”').waitFor();
  await prompt.getByLabel('Token').fill('wrong');
  await prompt.getByRole('button', { name: 'Continue' }).click();
  await prompt.getByText('The server rejected this token.').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('control-token')), null);
  await prompt.getByLabel('Token').fill('open sesame');
  await prompt.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: /^leads/ }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await prompt.waitFor({ state: 'detached' });
  // The tab remembers the token.
  await page.reload();
  await page.getByRole('link', { name: /^leads/ }).waitFor();
  assert.equal(await prompt.count(), 0);
  assert.equal(await page.evaluate(() => Object.keys(localStorage).some((key) => /token/.test(key))), false);
  assert.deepEqual(page.errors, []);
};

exports['there is no console without the control API'] = async ({ start }) => {
  const url = await start('--no-control');
  for (const path of ['/_console', '/_console/main.js']) assert.equal((await fetch(url + path)).status, 404, path);
};

exports['a page of another origin can neither read the console nor use it'] = async ({ start, profile, url }) => {
  const other = await start();
  const page = await (await profile()).newPage();
  await page.goto(other.replace('127.0.0.1', 'localhost'));
  const read = await page.evaluate(
    (target) =>
      fetch(target).then(
        (answer) => answer.text(),
        () => 'refused',
      ),
    `${url}/_console`,
  );
  assert.doesNotMatch(read, /page-token/);
  const stream = await page.evaluate(
    (target) =>
      fetch(target).then(
        (answer) => answer.status,
        () => 'refused',
      ),
    `${url}/_control/journal/stream`,
  );
  assert.ok(stream === 'refused' || stream === 403, String(stream));
};

exports['the console of a sandbox shows that sandbox'] = async ({ start, profile }) => {
  const server = client(await start());
  await prepare(server);
  const worker = client(`${server.url}/_sandbox/worker-1`);
  await worker.api('GET', 'canned', undefined, { 'user-agent': 'worker/1.0' });
  const page = await open(await profile(), worker.url);
  await page.locator('.rows .row.call').filter({ hasText: 'worker/1.0' }).waitFor();
  assert.equal(await page.locator('.rows .row.call').count(), 1);
  await go(page, 'time');
  await page.getByRole('button', { name: '+1 d' }).click();
  await until(async () => (await worker.control('GET', 'clock')).now.startsWith('2026-01-02'), 'its clock is advanced');
  assert.equal((await server.control('GET', 'clock')).now, '2026-01-01T12:00:00.000Z');
  assert.deepEqual(page.errors, []);
};
