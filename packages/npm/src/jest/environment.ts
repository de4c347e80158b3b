// Test environment for Jest: a server per worker, a sandbox per test file, and its journal in the failure output.

import { createRequire } from 'node:module';
import type { ServerExit } from '../error.js';
import type { StartOptions } from '../options.js';
import { report } from '../report.js';
import type { Sandbox } from '../sandbox.js';
import type { Fake, Server } from '../server.js';
import { sandboxName, serverFor } from '../worker.js';

/** What the environment passes to `tiledesk-mock/jest` inside the test realm. */
export interface Handle {
  url: string;
  token: string | undefined;
  sandbox: string;
  exit: Promise<ServerExit> | undefined;
}

/** The global that holds the {@link Handle}. */
export const HANDLE = '__TILEDESK_MOCK__';

/** The part of Jest's environments that is used here. */
interface Environment {
  global: any;
  setup(): Promise<void>;
  teardown(): Promise<void>;
  handleTestEvent?(event: any, state: any): void | Promise<void>;
}

// Jest loads this file once per worker process, so this is the server of the worker.
let server: Promise<Server | Fake> | undefined;

/** Adds a sandbox to a test environment, such as that of `jest-environment-jsdom`. */
export function withTiledesk<T extends new (...args: any[]) => any>(Base: T, options?: StartOptions): T {
  return class extends (Base as new (...args: any[]) => Environment) {
    readonly #options: StartOptions;
    #sandbox: Sandbox | undefined;

    constructor(...args: any[]) {
      super(...args);
      this.#options = options ?? args[0]?.projectConfig?.testEnvironmentOptions?.tiledesk ?? {};
    }

    override async setup(): Promise<void> {
      await super.setup();
      server ??= serverFor(this.#options);
      const running = await server;
      this.#sandbox = running.sandbox(sandboxName('jest', process.env.JEST_WORKER_ID));
      const { url, token } = running;
      const exit = 'exit' in running ? running.exit : undefined;
      this.global[HANDLE] = { url, token, sandbox: this.#sandbox.name, exit } satisfies Handle;
    }

    override async teardown(): Promise<void> {
      // If the server is gone, the tests have reported it.
      await this.#sandbox?.remove().catch(() => {});
      await super.teardown();
    }

    override async handleTestEvent(event: any, state: any): Promise<void> {
      await super.handleTestEvent?.(event, state);
      if (!this.#sandbox) return;
      if (event.name === 'test_start' && event.test.mode !== 'skip' && event.test.mode !== 'todo') await this.#sandbox.reset();
      if (event.name === 'test_done' && event.test.errors.length > 0) {
        event.test.errors[0] = amend(event.test.errors[0], (await report(this.#sandbox)).journal);
      }
    }
  } as unknown as T;
}

/** Adds text to the printed part of an error: its stack, or a string. Jest pairs an error with one at the test's location. */
function amend(thrown: any, text: string): unknown {
  if (Array.isArray(thrown)) {
    const [error, place] = thrown;
    if (typeof error?.stack === 'string') return [amend(error, text), place];
    // Not an error, such as `throw 'a string'`.
    const message = `thrown: ${JSON.stringify(error)}\n\n${text}`;
    return [Object.assign(new Error(message), { stack: `${message}\n${place.stack.replace(/^.*\n/, '')}` }), place];
  }
  if (typeof thrown?.stack !== 'string') return `${thrown}\n\n${text}`;
  const message = String(thrown.message);
  const amended = `${message}\n\n${text}`;
  const { stack } = thrown;
  thrown.message = amended;
  thrown.stack = stack.includes(message) ? stack.replace(message, () => amended) : `${amended}\n${stack}`;
  return thrown;
}

/** Jest's own `node` environment with a sandbox. Options: `testEnvironmentOptions: { tiledesk: { … } }`. */
export default class TiledeskEnvironment {
  constructor(...args: any[]) {
    return new (withTiledesk(nodeEnvironment()))(...args);
  }
}

/** The environment that comes with Jest, which package managers with strict layouts show to Jest's own packages only. */
function nodeEnvironment(): new (...args: any[]) => any {
  let from = __filename;
  for (const name of ['jest', '@jest/core', 'jest-config', 'jest-environment-node']) from = createRequire(from).resolve(name);
  return createRequire(from)(from).TestEnvironment;
}
