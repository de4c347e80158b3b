const { tiledesk } = require('tiledesk-mock/jest');

test('is expected to fail', async () => {
  const headers = { authorization: `Basic ${btoa('andrea.leo@f21.it:123456')}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ fullname: { first: 'Ada' } });
  const response = await fetch(`${tiledesk.url}/v3/5b55e806c93dde00143163dd/leads`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
});
test('is reset', async () => expect(await tiledesk.journal.count()).toBe(0));
test('throws a string', () => {
  throw 'a string';
});
test.skip('is skipped', () => {});
