// What the test fixtures share: the server of a worker process, and the name of its sandbox.

import { randomBytes } from 'node:crypto';
import type { StartOptions } from './options.js';
import { connect, type Fake, type Server, start } from './server.js';

/** The server that TILEDESK_MOCK_URL names, or one that is started with the options. */
export async function serverFor(options: StartOptions): Promise<Server | Fake> {
  const url = process.env.TILEDESK_MOCK_URL;
  return url ? connect(url) : start(options);
}

/** A sandbox name that no other worker has, even of another run against the same server. */
export function sandboxName(runner: string, worker: string | number | undefined): string {
  return [runner, worker ?? 0, randomBytes(4).toString('hex')].join('-');
}
