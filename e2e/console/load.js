// Speed and connections: ten thousand entries, and lost connections.

const assert = require('assert/strict');
const { cable, client, open, until } = require('./site');

const ENTRIES = 10_000;

async function send({ api }, count) {
  const workers = 16;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let call = worker; call < count; call += workers) await api('GET', `leads?email=visitor-${call}@example.com`);
    }),
  );
}

exports['10,000 entries scroll smoothly and stay under 100 MB'] = async ({ start, profile }) => {
  const server = client(await start());
  await send(server, ENTRIES);
  const context = await profile();
  const page = await open(context, server.url);
  await page.getByText(`${ENTRIES.toLocaleString('en')} entries`).waitFor({ timeout: 60_000 });
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  // Measured in CPU time, which does not depend on other processes.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  const before = await busy();
  const { frames, rows } = await page.evaluate(
    () =>
      new Promise((done) => {
        const list = document.querySelector('[data-list]');
        const times = [];
        let most = 0;
        let last = performance.now();
        const step = (now) => {
          times.push(now - last);
          last = now;
          most = Math.max(most, list.querySelectorAll('[role=option]').length);
          list.scrollTop += 900;
          if (times.length < 240) requestAnimationFrame(step);
          else done({ frames: times.slice(1).sort((one, other) => one - other), rows: most });
        };
        requestAnimationFrame(step);
      }),
  );
  const work = (((await busy()) - before) * 1000) / frames.length;
  const middle = frames[Math.floor(frames.length / 2)];
  const slow = frames[Math.floor(frames.length * 0.95)];
  console.log(
    `        ${(usedSize / 1e6).toFixed(1)} MB of JavaScript heap, ${rows} rows rendered, frames: median ${middle.toFixed(1)} ms, 95th percentile ${slow.toFixed(1)} ms, work ${work.toFixed(1)} ms`,
  );
  assert.ok(usedSize < 100e6, `${usedSize} bytes`);
  assert.ok(rows < 100, `${rows} rows`);
  // Each frame scrolls by a whole page. Generous, for busy machines that render in software; the work is sharper.
  assert.ok(middle < 150, `median ${middle} ms`);
  assert.ok(work < 33, `${work} ms of work per frame`);
  // A filter over all entries, and the oldest one.
  const begin = Date.now();
  await page.getByRole('searchbox').fill('visitor-77');
  await page.getByText(/^111 of 10,000 entries$/).waitFor();
  console.log(`        filtered in ${Date.now() - begin} ms`);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('listbox').focus();
  await page.keyboard.press('End');
  await page.getByRole('heading', { name: 'Call 1', exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
};

exports['a lost connection is resumed without loss or repetition'] = async ({ start, profile }) => {
  const server = client(await start());
  const line = await cable(server.url);
  const page = await open(await profile(), line.url, 'traffic', /ERR_/);
  await page.getByText('Live', { exact: true }).waitFor();
  for (let call = 0; call < 10; call++) await server.api('GET', 'tags');
  const numbers = async () => (await page.locator('.rows .row.call .number').allTextContents()).map(Number);
  await until(async () => (await numbers()).length === 10, 'ten calls');
  for (let round = 1; round <= 3; round++) {
    line.cut();
    await page.getByText('Reconnecting…').waitFor();
    // In sequence, because calls are listed in the order in which they end.
    for (let call = 0; call < 5; call++) await server.api('GET', 'tags');
    line.join();
    await page.getByText('Live', { exact: true }).waitFor();
    const expected = Array.from({ length: 10 + 5 * round }, (_, index) => 10 + 5 * round - index);
    await until(async () => JSON.stringify(await numbers()) === JSON.stringify(expected), `all calls in order after cut ${round}`);
  }
  line.close();
  assert.deepEqual(page.errors, []);
};

exports['the timeline starts again in a recreated sandbox, and nothing is sent after its deletion'] = async ({ start, profile }) => {
  const { url, plain } = client(await start());
  const sandbox = client(`${url}/_sandbox/short`);
  await sandbox.api('GET', 'tags');
  const event = (id, name, data) => `${id ? `id: ${id}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const call = (id) => ({ id, at: '2026-01-01T12:00:00.000Z', operation: 'list_tags', method: 'GET', path: `/v3/call-${id}`, headers: {} });
  // What the server sends on each connection.
  const replies = [
    event('1-3', 'call', call(1)) + event('2-3', 'call', call(2)),
    event('3-4', 'call', call(3)),
    event('4-4', 'call', call(4)) + event(null, 'end', { reason: 'deleted' }),
  ];
  const lasts = [];
  const context = await profile();
  await context.route('**/_control/journal/stream', (route) => {
    lasts.push(route.request().headers()['last-event-id']);
    return route.fulfill({ contentType: 'text/event-stream', body: replies.shift() ?? '' });
  });
  const page = await open(context, sandbox.url, 'traffic', /status of 4/);
  const banner = page.getByRole('alert').filter({ hasText: 'Sandbox short was deleted.' });
  await banner.waitFor();
  assert.deepEqual(lasts, [undefined, '2-3', '3-4']);
  const numbers = (await page.locator('.rows .row.call .number').allTextContents()).map(Number);
  assert.deepEqual(numbers, [4, 3]);
  await page.getByText('Deleted', { exact: true }).waitFor();

  // No view sends anything.
  await plain('DELETE', '_control/sandboxes/short');
  const sent = [];
  page.on('request', (request) => request.url().includes('/_control/') && sent.push(request.url()));
  for (const view of ['state', 'time', 'faults', 'webhooks', 'sandboxes', 'visitors']) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${view}`);
    await page.waitForTimeout(100);
  }
  assert.deepEqual(sent, []);
  assert.equal(lasts.length, 3);
  const names = async () => (await plain('GET', '_control/sandboxes')).body.sandboxes.map(({ name }) => name);
  assert.deepEqual(await names(), ['default']);
  assert.match(await banner.getByRole('link').getAttribute('href'), /^\/_sandbox\/default\/_console#/);
  await banner.getByRole('button', { name: 'Create it again' }).click();
  await until(async () => (await names()).includes('short'), 'the sandbox exists again');
  assert.deepEqual(page.errors, []);
};

exports['the console recovers when the server restarts'] = async ({ start, profile }) => {
  const before = client(await start());
  const after = client(await start());
  const line = await cable(before.url);
  const page = await open(await profile(), line.url, 'traffic', /ERR_|status of 403/);
  await send(before, 3);
  await page.getByText('3 entries').waitFor();
  await after.api('GET', 'tags', undefined, { 'user-agent': 'after/1.0' });
  line.cut();
  await page.getByText('Reconnecting…').waitFor();
  line.target = new URL(after.url);
  line.join();
  await page.locator('.rows .row.call').filter({ hasText: 'after/1.0' }).waitFor();
  await page.getByText('1 entry').waitFor();
  line.close();
  assert.deepEqual(page.errors, []);
};
