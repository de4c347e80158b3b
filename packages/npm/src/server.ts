// A server, started by this process or running already.

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

  /** Which operations of the API were called since the start, in all sandboxes. */
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

  /** Process id of the server. */
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

/** Starts a server and waits until it listens. Rejects with the server's own message if it does not start. */
export async function start(options: StartOptions = {}): Promise<Fake> {
  const { server, url } = await ServerProcess.start(options);
  const token = options.controlToken ?? { ...process.env, ...options.env }.TILEDESK_MOCK_CONTROL_TOKEN;
  const control = new Control(url, token, server.exit);
  void server.exit.then((exit) => control.close(() => gone(exit, server.stopping)));
  return new Fake(control, server);
}

/** Connects to a server that is running already. Rejects if none responds, or if the token is wrong. */
export async function connect(url: string | URL, { token }: { token?: string } = {}): Promise<Server> {
  let base;
  try {
    base = new URL(url);
  } catch (cause) {
    throw new TiledeskMockError(`Expected the base URL of a server, such as http://127.0.0.1:4010, got "${url}".`, { cause });
  }
  if (!/^https?:$/.test(base.protocol) || base.pathname !== '/' || base.search !== '') {
    throw new TiledeskMockError(`Expected the base URL of a server without a path, such as http://127.0.0.1:4010, got "${url}".`);
  }
  const server = new Server(new Control(base.origin, token ?? process.env.TILEDESK_MOCK_CONTROL_TOKEN));
  await server.sandboxes();
  return server;
}
