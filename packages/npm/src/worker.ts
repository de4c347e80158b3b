// Shared by the test fixtures: the server of a worker process, and the name of its sandbox.

import { randomBytes } from 'node:crypto';
import type { StartOptions } from './options.js';
import { connect, type Fake, type Server, start } from './server.js';

/** The server at TILEDESK_MOCK_URL, or a new one started with these options. */
export async function serverFor(options: StartOptions): Promise<Server | Fake> {
  const url = process.env.TILEDESK_MOCK_URL;
  return url ? connect(url) : start(options);
}

/** A sandbox name that is unique among all workers, even of concurrent runs against the same server. */
export function sandboxName(runner: string, worker: string | number | undefined): string {
  return [runner, worker ?? 0, randomBytes(4).toString('hex')].join('-');
}
