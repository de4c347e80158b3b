// The server process: started, watched until it is ready, and stopped.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findBinary } from './binary.js';
import { type ServerExit, TiledeskMockError } from './error.js';
import { commandLine, type StartOptions } from './options.js';
import { unref, watch } from './watchdog.js';

const STDERR_LIMIT = 64 * 1024;
// The server finishes calls in flight for up to 5 seconds, and may take as long to write its coverage report.
const STOP_TIMEOUT = 30_000;
// The instance is printed right after the URL. Older servers print none.
const INSTANCE_TIMEOUT = 1_000;

// Captured before tests can install fake timers.
const later = setTimeout;
const cancel = clearTimeout;

/** The output of a server that is listening. */
export interface Ready {
  url: string;
  /** ID of the server, which its health check returns. */
  instance: string | undefined;
}

/** A running server process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #cleanUp: () => void;
  #stderr = '';
  #stopping = false;
  #ended: ServerExit | undefined;
  /** Settles when the process has ended. Rejects only if it could not be spawned. */
  readonly exit: Promise<ServerExit>;

  private constructor(options: StartOptions) {
    const { fixtures, cwd, env, log } = options;
    const binary = options.binary ?? findBinary();
    const world = typeof fixtures === 'object' ? new WorldFile(fixtures) : undefined;
    const child = spawn(binary, commandLine(options, world?.path), {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A separate session: Ctrl-C in the terminal reaches the test runner only, and the server stops when the runner does.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    const dismiss = child.pid === undefined ? () => {} : watch(child.pid);
    const kill = () => child.kill();
    process.on('exit', kill);
    this.#cleanUp = () => {
      process.off('exit', kill);
      dismiss();
      world?.remove();
    };

    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
      if (log !== undefined) process.stderr.write(text);
    });
    this.exit = new Promise((resolve, reject) => {
      child.on('error', (cause) => {
        this.#cleanUp();
        reject(new TiledeskMockError(`Cannot run ${binary}: ${cause.message}`, { cause }));
      });
      // `close` comes after the last byte of stderr.
      child.on('close', (code, signal) => {
        this.#cleanUp();
        this.#ended = { code, signal, stderr: this.#stderr.trim() };
        resolve(this.#ended);
      });
    });
    this.exit.catch(() => {});
  }

  /** Starts a process and waits until it listens. */
  static async start(options: StartOptions): Promise<Ready & { server: ServerProcess }> {
    const server = new ServerProcess(options);
    const ready = await server.#ready(options.startTimeout ?? 10_000);
    server.#detach();
    return { server, ...ready };
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Stops the process and returns its exit code, or 128 plus the number of the signal that ended it. */
  async stop(): Promise<number> {
    this.#stopping = true;
    if (!this.#ended) {
      this.#child.ref();
      this.#child.kill('SIGTERM');
      const force = later(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT);
      await this.exit;
      cancel(force);
    }
    const { code, signal } = await this.exit;
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  }

  /** Whether the process is being stopped. */
  get stopping(): boolean {
    return this.#stopping;
  }

  #ready(timeout: number): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = later(() => {
        late = true;
        this.#child.kill('SIGKILL');
      }, timeout);
      let url: string | undefined;
      // Keeps reading after the first lines, so that the pipe never fills up.
      createInterface({ input: this.#child.stdout! }).on('line', (line) => {
        if (url !== undefined) {
          const [, instance] = /^ {2}instance +(\S+)$/.exec(line) ?? [];
          resolve({ url, instance });
          return;
        }
        const [, found] = /^listening on (https?:\/\/\S+)$/.exec(line) ?? [];
        if (found === undefined) return;
        url = found;
        cancel(timer);
        later(() => resolve({ url: found, instance: undefined }), INSTANCE_TIMEOUT).unref();
      });
      void this.exit.finally(() => cancel(timer)).catch(() => {});
      this.exit.then((exit) => {
        const message = late ? `The server did not start within ${timeout} ms ` : 'The server did not start ';
        reject(new TiledeskMockError(message + how(exit), { exit }));
      }, reject);
    });
  }

  /** Lets this process exit, and thereby stop the server, while the server runs. */
  #detach(): void {
    this.#child.unref();
    unref(this.#child.stdout);
    unref(this.#child.stderr);
  }
}

/** A temporary file with fixtures that were passed inline, kept while the server runs. */
class WorldFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tiledesk-mock-'));
  readonly path = join(this.#folder, 'fixtures.json');

  constructor(world: object) {
    // A world may hold secrets: only the owner may read it.
    writeFileSync(this.path, JSON.stringify(world), { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Why a server that has exited does not respond. */
export function gone(exit: ServerExit, stopped = false): TiledeskMockError {
  const message = stopped ? 'The server was stopped.' : `The server exited unexpectedly ${how(exit)}`;
  return new TiledeskMockError(message, { exit });
}

function how(exit: ServerExit): string {
  const status = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  return exit.stderr === '' ? `(${status}).` : `(${status}): ${exit.stderr}`;
}
