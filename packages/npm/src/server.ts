// A server, started by this process or already running.

import { type ServerExit, TiledeskMockError } from './error.js';
import { Control } from './http.js';
import type { StartOptions } from './options.js';
import { gone, ServerProcess } from './process.js';
import { Sandbox, type SandboxInfo } from './sandbox.js';

/** A running server. Its own methods act on the default sandbox. */
export class Server extends Sandbox {
  readonly #control: Control;

  /** @internal */
  constructor(control: Control) {
    super(control, 'default');
    this.#control = control;
  }

  /** Bearer token for the control API, if it requires one. */
  get token(): string | undefined {
    return this.#control.token;
  }

  /** A sandbox of this server. The first call that names it creates it. */
  sandbox(name: string): Sandbox {
    return new Sandbox(this.#control, name);
  }

  /** The sandboxes that exist. */
  async sandboxes(): Promise<SandboxInfo[]> {
    return (await this.#control.call('GET', '/_control/sandboxes')).sandboxes;
  }

  /** Coverage: the operations of the API called since the start, in all sandboxes. */
  async coverage(): Promise<Record<string, any>> {
    return this.#control.call('GET', '/_control/coverage');
  }

  /** Does nothing: the server belongs to another process. */
  override async [Symbol.asyncDispose](): Promise<void> {}
}

/** A server that this process started. It stops when the process exits. */
export class Fake extends Server {
  readonly #process: ServerProcess;

  /** @internal */
  constructor(control: Control, process: ServerProcess) {
    super(control);
    this.#process = process;
  }

  /** Process ID of the server. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the server has exited, whether it was stopped or crashed. */
  get exit(): Promise<ServerExit> {
    return this.#process.exit;
  }

  /** Stops the server after the calls in flight, and returns its exit code. */
  async stop(): Promise<number> {
    return this.#process.stop();
  }

  /** Stops the server at the end of an `await using` block. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/**
 * Starts a server and waits until it responds. Rejects with the server's own message if it does not start, or if another server
 * responds at its address.
 */
export async function start(options: StartOptions = {}): Promise<Fake> {
  const { server, url, instance } = await ServerProcess.start(options);
  const token = options.controlToken ?? { ...process.env, ...options.env }.TILEDESK_MOCK_CONTROL_TOKEN;
  const control = new Control(url, token, server.exit);
  // Health checks may always use plain HTTP, so the certificate does not matter.
  const health = new Control(url.replace(/^https:/, 'http:'), undefined, server.exit);
  void server.exit.then((exit) => {
    for (const each of [control, health]) each.close(() => gone(exit, server.stopping));
  });
  if (instance !== undefined) {
    try {
      await health.recognize(instance);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }
  return new Fake(control, server);
}

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Bearer token for the control API (default: `TILEDESK_MOCK_CONTROL_TOKEN`). */
  token?: string | undefined;
  /** ID of the expected server, as printed when it starts (default: `TILEDESK_MOCK_INSTANCE`). */
  instance?: string | undefined;
}

/**
 ** Connects to a server that is already running. Rejects if none responds, if an unexpected one does, or if the token is
 * wrong.
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Server> {
  let base;
  try {
    base = new URL(url);
  } catch (cause) {
    throw new TiledeskMockError(`Expected the base URL of a server, such as http://127.0.0.1:4010, got "${url}".`, { cause });
  }
  if (!/^https?:$/.test(base.protocol) || base.pathname !== '/' || base.search !== '') {
    throw new TiledeskMockError(`Expected the base URL of a server without a path, such as http://127.0.0.1:4010, got "${url}".`);
  }
  const { token = process.env.TILEDESK_MOCK_CONTROL_TOKEN, instance = process.env.TILEDESK_MOCK_INSTANCE } = options;
  const control = new Control(base.origin, token);
  if (instance) await control.recognize(instance);
  const server = new Server(control);
  await server.sandboxes();
  return server;
}
