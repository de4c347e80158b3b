// For tests that Jest runs in the environment `tiledesk-mock/jest/environment`.

import { TiledeskMockError } from '../error.js';
import { Control } from '../http.js';
import { gone } from '../process.js';
import { Sandbox } from '../sandbox.js';
import { HANDLE, type Handle } from './environment.js';

function sandbox(): Sandbox {
  const handle: Handle | undefined = (globalThis as any)[HANDLE];
  if (!handle) {
    throw new TiledeskMockError("No sandbox: set testEnvironment: 'tiledesk-mock/jest/environment' in the Jest configuration.");
  }
  const control = new Control(handle.url, handle.token, handle.exit);
  void handle.exit?.then((exit) => control.close(() => gone(exit)));
  return new Sandbox(control, handle.sandbox);
}

/** The sandbox of this test file, reset before each test. */
export const tiledesk: Sandbox = sandbox();
