const fs = require('fs');
const { tiledesk } = require('tiledesk-mock/jest');

test('waits while the server is killed', async () => {
  const wait = tiledesk.journal.wait({ timeout: 60_000 });
  await tiledesk.clock.now();
  process.kill(Number(fs.readFileSync(process.env.SERVER_PID, 'utf8')), 'SIGKILL');
  await wait;
});
