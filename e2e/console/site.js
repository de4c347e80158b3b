// Shared by all tests of the console: a server with some traffic, and a page that must have no errors.

const assert = require('assert/strict');
const fs = require('fs');
const net = require('net');
const path = require('path');
const UPNG = require('upng-js');

exports.PROJECT = '5b55e806c93dde00143163dd';
exports.LEAD = '5c81593adf767b0017d1aa66';

exports.basic = `Basic ${Buffer.from('andrea.leo@f21.it:123456').toString('base64')}`;

/** Calls to the API and the control API of a server, as sent by programs. */
exports.client = (url) => {
  const send = async (method, address, body, headers) => {
    const response = await fetch(address, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text };
  };
  return {
    url,
    /** As the owner of the project. */
    api: (method, target, body, headers) =>
      send(method, `${url}/v3/${exports.PROJECT}/${target}`, body, { authorization: exports.basic, 'user-agent': 'e2e/1.0', ...headers }),
    plain: (method, target, body, headers) => send(method, `${url}/${target}`, body, headers),
    control: async (method, target, body, headers) => {
      const { status, body: result } = await send(method, `${url}/_control/${target}`, body, headers);
      assert.ok(status < 300, `${method} /_control/${target}: ${status} ${JSON.stringify(result)}`);
      return result;
    },
  };
};

/** A call that strict mode rejects. The first one of a server takes a while in debug builds. */
exports.refuse = ({ api }) => api('POST', 'leads', { fulname: 'Grace' }, { prefer: 'handling=strict' });

/** A world with something in every view. */
exports.prepare = async ({ url, api, plain, control }) => {
  await control('POST', 'snapshots/before');
  await api('POST', 'subscriptions', { event: 'lead.create', target: `${url}/_control/webhooks/inbox/leads` });
  await api('POST', 'subscriptions', { event: 'lead.create', target: 'http://127.0.0.1:9/down' });
  await api('POST', 'leads', { lead_id: '42', fullname: 'Ada Lovelace', email: 'ada@example.com', attributes: { plan: 'pro' } });
  await api('GET', 'leads?email=ada@example.com', undefined, { 'user-agent': 'shop-frontend/2.3' });
  await api('PUT', `leads/${exports.LEAD}`, { company: 'Ada & Co', phone: '+39 055 1234' });
  await control('POST', 'faults', { match: { operation: 'list_requests' }, times: 2, effect: { status: 503, retryAfter: 1 } });
  for (let count = 0; count < 3; count++) await api('GET', 'requests', undefined, { 'user-agent': 'shop-frontend/2.3' });
  for (const list of ['tags', 'departments', 'groups', 'canned', 'segments', 'project_users', 'labels'])
    await api('GET', list, undefined, { 'user-agent': 'tiledesk-sdk/0.10' });
  await api('POST', 'emails/internal/send', {
    to: 'ada@example.com',
    subject: 'Your order 1815',
    text: 'Hello Ada,\n\nyour order has been shipped. Follow it at https://shop.example.com/orders/1815.\n\nKind regards\nThe shop',
  });
  await api('POST', 'emails/internal/send', { to: 'grace@example.com', subject: 'Welcome', text: 'Hello Grace, welcome aboard.' });
  await api('POST', 'project_users/invite', { email: 'grace@example.com', role: 'agent', user_available: true });
  await api('POST', 'leads', { lead_id: 'x', fullname: '<img src=x onerror="document.title=1">' });
  await api('GET', 'leads/5c81593adf767b0017d1aa67', undefined, { 'user-agent': 'shop-frontend/2.3' });
  await plain('PUT', '_control/sandboxes/worker-1', {});
  await until(
    async () => (await control('GET', 'webhooks')).deliveries.filter(({ state }) => state === 'delivered').length === 2,
    'two webhooks are delivered',
  );
};

/** Polls until a condition holds. */
async function until(holds, what, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    if (await holds()) return;
    assert.ok(Date.now() < end, `timed out: ${what}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}
exports.until = until;

/** Opens the console. The returned page has `errors`, which must be empty at the end, except for `expected` ones. */
exports.open = async (context, url, view = 'traffic', expected = null) => {
  const page = await context.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.stack));
  page.on('console', (message) => {
    // Chromium logs every rejected call as an error.
    if (message.type() === 'error' && !(expected && expected.test(message.text())))
      page.errors.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(`${url}/_console#/${view}`);
  return page;
};

/** Opens a view of an open console. */
exports.go = async (page, view) => {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${view}`);
  await page.waitForTimeout(50);
};

/** A picture of the page in `folder`, with few colors, so that it is small. */
exports.picture = async (page, folder, name) => {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 1180, height: 720 });
  await page.waitForTimeout(300);
  const { data, width, height } = decode(await page.screenshot());
  await page.setViewportSize(size);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `console-${name}.png`), Buffer.from(UPNG.encode([data], width, height, 64)));
};

function decode(file) {
  const image = UPNG.decode(file);
  return { ...image, data: UPNG.toRGBA8(image)[0] };
}

/** A connection between the browser and the server that can be cut and rerouted. */
exports.cable = async (url) => {
  const cable = { target: new URL(url), connected: true, sockets: new Set() };
  const server = net.createServer((from) => {
    if (!cable.connected) {
      from.destroy();
      return;
    }
    const to = net.connect(cable.target.port, cable.target.hostname);
    for (const socket of [from, to]) {
      cable.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        cable.sockets.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.pipe(to).pipe(from);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  cable.url = `http://127.0.0.1:${server.address().port}`;
  cable.cut = () => {
    cable.connected = false;
    for (const socket of cable.sockets) socket.destroy();
  };
  cable.join = () => {
    cable.connected = true;
  };
  cable.close = () => {
    cable.cut();
    server.close();
  };
  return cable;
};
