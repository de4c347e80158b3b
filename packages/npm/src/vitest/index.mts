// Fixtures for Vitest: a sandbox per worker, reset before each test, and its journal in the failure output.

import { inject, test as base } from 'vitest';
import { connect, type Sandbox } from '../index.js';
import { report } from '../report.js';
import { sandboxName } from '../worker.js';
import type {} from './setup.mjs';

export { expect } from 'vitest';

/** The test fixtures of {@link test}. */
export interface TiledeskFixtures {
  /** A sandbox of this worker, reset before each test. */
  tiledesk: Sandbox;
  /** The sandbox of this worker before it is reset; requested by `tiledesk`. */
  tiledeskSandbox: Sandbox;
}

/** Vitest's `test` with the fixture `tiledesk`. */
export const test = base.extend<TiledeskFixtures>({
  tiledeskSandbox: [
    async ({}, use) => {
      const sandbox = await newSandbox();
      await use(sandbox);
      await sandbox.remove();
    },
    { scope: 'worker' },
  ],
  tiledesk: async ({ tiledeskSandbox, task }, use) => {
    // Concurrent tests share a worker, but not a sandbox.
    const sandbox = task.concurrent ? await newSandbox() : tiledeskSandbox;
    await sandbox.reset();
    await use(sandbox);
    const [error] = task.result?.errors ?? [];
    if (error) error.message += `\n\n${(await report(sandbox)).journal}`;
    if (sandbox !== tiledeskSandbox) await sandbox.remove();
  },
});

async function newSandbox(): Promise<Sandbox> {
  const server = inject('tiledeskMock');
  if (!server) {
    throw new Error("No server: add globalSetup: 'tiledesk-mock/vitest/setup' to the `test` section of the Vitest configuration.");
  }
  const { url, token } = server;
  return (await connect(url, token === undefined ? {} : { token })).sandbox(sandboxName('vitest', process.env.VITEST_POOL_ID));
}
