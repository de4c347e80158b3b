import fs from 'node:fs';
import { test } from 'tiledesk-mock/vitest';

test('waits while the server is killed', async ({ tiledesk }) => {
  const wait = tiledesk.journal.wait({ timeout: 60_000 });
  await tiledesk.clock.now();
  process.kill(Number(fs.readFileSync(process.env.SERVER_PID!, 'utf8')), 'SIGKILL');
  await wait;
});
