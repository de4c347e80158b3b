// Global setup for Vitest: one server for the whole run.

import type { TestProject } from 'vitest/node';
import type { Fake, StartOptions } from '../index.js';
import { serverFor } from '../worker.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL and control token of the server of this run. */
    tiledeskMock: { url: string; token: string | undefined };
  }
}

/** A `globalSetup` function that starts the server with options. */
export function setup(options: StartOptions = {}): (project: TestProject) => Promise<() => Promise<void>> {
  return async (project) => {
    const server = await serverFor(options);
    project.provide('tiledeskMock', { url: server.url, token: server.token });
    const fake = 'stop' in server ? (server as Fake) : undefined;
    let stopping = false;
    // Workers only see that the server is gone; the reason is known here.
    void fake?.exit.then(({ code, signal, stderr }) => {
      if (stopping && code === 0) return;
      const when = stopping ? 'at the end of the run' : 'unexpectedly';
      console.error(`tiledesk-mock exited ${when} (${signal ?? `exit code ${code}`}). ${stderr}`);
      // For example, the coverage is below the threshold. Vitest ignores errors of a teardown.
      process.exitCode = code || 1;
    });
    return async () => {
      stopping = true;
      await fake?.stop();
    };
  };
}

export default setup();
