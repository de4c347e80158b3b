// Calls the control API. Uses node:http rather than fetch: tests often replace fetch, and jsdom has none.

import * as http from 'node:http';
import * as https from 'node:https';
import { describe, type Problem, TiledeskMockError } from './error.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Query = Record<string, string | number | undefined>;

/** Options of a call. */
export interface CallOptions {
  query?: Query;
  body?: unknown;
  /** Maximum time without a byte from the server, in milliseconds. */
  patience?: number;
}

/** Calls the control API of one sandbox. */
export type Caller = (method: Method, path: string, options?: CallOptions) => Promise<any>;

const PATIENCE = 30_000;

/** A connection to the control API below one base URL. */
export class Control {
  /** Why calls fail from now on; set once the server process has exited. */
  #gone: (() => TiledeskMockError) | undefined;
  readonly #pending = new Set<http.ClientRequest>();

  /** `exit` settles when the server process has exited, if this process started it. */
  constructor(
    readonly origin: string,
    readonly token: string | undefined,
    readonly exit?: Promise<unknown>,
  ) {}

  /** Fails all pending and later calls. */
  close(reason: () => TiledeskMockError): void {
    this.#gone = reason;
    for (const request of this.#pending) request.destroy();
  }

  async call(method: Method, path: string, { query = {}, body, patience = PATIENCE }: CallOptions = {}): Promise<any> {
    this.#check();
    const url = new URL(this.origin + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const target = `${method} ${url.pathname}${url.search}`;
    let response;
    try {
      response = await this.#send(method, url, body, patience);
    } catch (cause) {
      // A server that crashes closes its connections a moment before its exit is reported.
      if (this.exit) await Promise.race([this.exit, new Promise((done) => later(done, 500))]);
      this.#check();
      throw new TiledeskMockError(`${target}: no response from ${this.origin}: ${reason(cause)}`, { cause });
    }
    let json: unknown;
    try {
      json = JSON.parse(response.text);
    } catch (cause) {
      const start = response.text.slice(0, 200);
      throw new TiledeskMockError(`${target}: expected JSON, got status ${response.status}: ${start}`, { cause });
    }
    if (response.status >= 400) {
      const problem = json as Problem;
      if (!Array.isArray(problem.errors)) {
        throw new TiledeskMockError(`${target}: no tiledesk-mock control API at ${this.origin} (status ${response.status}).`);
      }
      throw new TiledeskMockError(`${target}: ${describe(problem)}`, { problem });
    }
    return json;
  }

  /** Rejects if another server responds. */
  async recognize(instance: string): Promise<void> {
    const { instance: found } = await this.call('GET', '/healthz', { query: { instance: '' } });
    if (found !== instance) {
      const other = found === undefined ? 'a server without an ID' : `instance ${found}`;
      throw new TiledeskMockError(`Another server responds at ${this.origin}: expected instance ${instance}, found ${other}.`);
    }
  }

  #check(): void {
    if (this.#gone) throw this.#gone();
  }

  #send(method: Method, url: URL, body: unknown, patience: number): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers: http.OutgoingHttpHeaders = { accept: 'application/json' };
      if (this.token !== undefined) headers.authorization = `Bearer ${this.token}`;
      if (payload) Object.assign(headers, { 'content-type': 'application/json', 'content-length': payload.length });
      const { request: open } = url.protocol === 'https:' ? https : http;
      // Without an agent no idle connection keeps the process alive.
      const request = open(url, { method, headers, agent: false });
      this.#pending.add(request);
      request.setTimeout(patience, () => request.destroy(new Error(`timed out after ${patience} ms`)));
      request.on('close', () => {
        this.#pending.delete(request);
        reject(new Error('the connection was closed'));
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      });
      request.end(payload);
    });
  }
}

// Captured before tests can install fake timers.
const later = setTimeout;

function reason(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return message || code || String(cause);
}
