// The types of the fixtures.

import { defineConfig } from '@playwright/test';
import { withTiledesk } from 'tiledesk-mock/jest/environment';
import { tiledesk } from 'tiledesk-mock/jest';
import { test as playwright, type TiledeskOptions } from 'tiledesk-mock/playwright';
import { test as vitest } from 'tiledesk-mock/vitest';
import serve, { setup } from 'tiledesk-mock/vitest/setup';

playwright('has a sandbox', async ({ tiledesk, tiledeskServer, request }) => {
  await request.get(tiledesk.url);
  await tiledeskServer.sandboxes();
});
playwright.use({ tiledeskOptions: { strict: true } });
export const config = defineConfig<{}, TiledeskOptions>({ use: { tiledeskOptions: { strict: true } } });

vitest('has a sandbox', async ({ tiledesk, expect }) => {
  expect(await tiledesk.journal.count()).toBe(0);
});
const own = vitest.extend<{ base: string }>({ base: async ({ tiledesk }, use) => use(`${tiledesk.url}/v3`) });
own('can be extended', ({ base, tiledesk }) => void [base.length, tiledesk.name.length]);
export const setups = [serve, setup({ strict: true })];

export const count: Promise<number> = tiledesk.journal.count();
class Base {
  readonly global = globalThis;
}
export const environment: typeof Base = withTiledesk(Base, { strict: true });
