import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test as base } from 'tiledesk-mock/playwright';

/** A page that lists leads when it is loaded. */
const page = (url: string) => `<!doctype html><output></output><script>
  const headers = { authorization: 'Basic ' + btoa('andrea.leo@f21.it:123456') };
  fetch((window.API_URL || '${url}') + '/5b55e806c93dde00143163dd/leads?limit=1', { headers })
    .then((response) => response.json())
    .then(({ perPage }) => { document.querySelector('output').textContent = 'limit ' + perPage; });
</script>`;

// Another origin, but on this machine: browsers ask before a page of another network may call a loopback address.
const test = base.extend<{ app: string }>({
  app: async ({ tiledeskServer }, use) => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(page(`${tiledeskServer.url}/v3`));
    });
    await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
    await use(`http://localhost:${(server.address() as AddressInfo).port}/`);
    server.closeAllConnections();
    server.close();
  },
});

test('a page gets the base URL of the sandbox before it loads', async ({ app, page, tiledesk }) => {
  await page.addInitScript((url) => Object.assign(window, { API_URL: url }), `${tiledesk.url}/v3`);
  await page.goto(app);
  await expect(page.locator('output')).toHaveText('limit 1');
  expect(await tiledesk.journal.count({ operation: 'list_leads' })).toBe(1);
});

test('a page with a fixed base URL is sent to the sandbox by a header', async ({ app, page, tiledesk }) => {
  await page.setExtraHTTPHeaders({ 'X-Sandbox': tiledesk.name });
  await page.goto(app);
  await expect(page.locator('output')).toHaveText('limit 1');
  expect(await tiledesk.journal.count({ operation: 'list_leads' })).toBe(1);
});
