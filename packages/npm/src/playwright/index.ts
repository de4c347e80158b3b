// Fixtures for Playwright: a server and a sandbox per worker, reset before each test, and its journal attached to failed tests.

import { test as base } from '@playwright/test';
import type { Fake, Sandbox, Server, StartOptions } from '../index.js';
import { report } from '../report.js';
import { sandboxName, serverFor } from '../worker.js';

export { expect } from '@playwright/test';

/** The test fixtures of {@link test}. */
export interface TiledeskFixtures {
  /** The sandbox of this worker, reset before each test. */
  tiledesk: Sandbox;
}

/** Options for the `use` section of the configuration. */
export interface TiledeskOptions {
  /** Options of the server. */
  tiledeskOptions: StartOptions;
}

/** Worker-scoped fixtures. */
export interface TiledeskWorkerFixtures extends TiledeskOptions {
  /** The server of this worker. */
  tiledeskServer: Server | Fake;
  /** The sandbox of this worker before it is reset; requested by `tiledesk`. */
  tiledeskSandbox: Sandbox;
}

/** Playwright's `test` with the fixture `tiledesk`. */
export const test = base.extend<TiledeskFixtures, TiledeskWorkerFixtures>({
  tiledeskOptions: [{}, { option: true, scope: 'worker' }],
  tiledeskServer: [
    async ({ tiledeskOptions }, use) => {
      const server = await serverFor(tiledeskOptions);
      await use(server);
      if ('stop' in server) await server.stop();
    },
    { scope: 'worker' },
  ],
  tiledeskSandbox: [
    async ({ tiledeskServer }, use, { parallelIndex }) => {
      const sandbox = tiledeskServer.sandbox(sandboxName('playwright', parallelIndex));
      await use(sandbox);
      await sandbox.remove();
    },
    { scope: 'worker' },
  ],
  tiledesk: async ({ tiledeskSandbox }, use, testInfo) => {
    await tiledeskSandbox.reset();
    await use(tiledeskSandbox);
    if (testInfo.status === testInfo.expectedStatus) return;
    const { journal, rejections } = await report(tiledeskSandbox);
    await testInfo.attach('tiledesk-mock journal', { contentType: 'text/plain', body: journal });
    // Attached one by one, because terminals show the first 300 characters of each attachment.
    for (const { id, text } of rejections) {
      await testInfo.attach(`tiledesk-mock: call ${id} was rejected`, { contentType: 'text/plain', body: text });
    }
  },
});
