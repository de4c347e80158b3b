import { expect, test } from 'tiledesk-mock/vitest';

test('is expected to fail', async ({ tiledesk }) => {
  const headers = { authorization: `Basic ${btoa('andrea.leo@f21.it:123456')}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ fullname: { first: 'Ada' } });
  const response = await fetch(`${tiledesk.url}/v3/5b55e806c93dde00143163dd/leads`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
});
test.concurrent('has its own sandbox when concurrent', async ({ tiledesk, expect }) => {
  await fetch(`${tiledesk.url}/v3/one`);
  await new Promise((done) => setTimeout(done, 200));
  expect(await tiledesk.journal.count()).toBe(1);
});
test.concurrent('has its own sandbox when concurrent, too', async ({ tiledesk, expect }) => {
  await fetch(`${tiledesk.url}/v3/two`);
  await new Promise((done) => setTimeout(done, 200));
  expect(await tiledesk.journal.count()).toBe(1);
});
