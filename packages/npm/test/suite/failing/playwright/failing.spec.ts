import { expect, test } from 'tiledesk-mock/playwright';

test('is expected to fail', async ({ request, tiledesk }) => {
  const headers = { authorization: `Basic ${btoa('andrea.leo@f21.it:123456')}` };
  const data = { fullname: { first: 'Ada' } };
  const response = await request.post(`${tiledesk.url}/v3/5b55e806c93dde00143163dd/leads`, { headers, data });
  expect(response.status()).toBe(200);
});
test('is reset', async ({ tiledesk }) => expect(await tiledesk.journal.count()).toBe(0));
