// Faults: rules that make calls fail.

import type { Caller } from './http.js';

/** Which calls a fault applies to: those that match every field. */
export interface FaultPattern {
  /** Operation ID, such as `get_lead`. */
  operation?: string;
  /** HTTP method. */
  method?: string;
  /** Glob for the path as sent, without the query: `*` matches within a segment, `**` across segments. */
  path?: string;
  /** Globs for header values, by header name. */
  headers?: Record<string, string>;
  /** Values in the JSON body, by JSON pointer. */
  body?: Record<string, unknown>;
}

/** What happens to a call. A delay combines with any other effect. */
export interface FaultEffect {
  /** Delay in milliseconds. */
  delay?: number;
  /** Maximum additional delay in milliseconds, drawn from the seed. */
  jitter?: number;
  /** Error status, from 400 to 599. The call has no effect. */
  status?: number;
  /** JSON body of the error response (default: the API's own). */
  body?: unknown;
  /** Seconds in the `Retry-After` header of the error response. */
  retryAfter?: number;
  /** Reset the connection before the call is carried out, or after it without a response. */
  reset?: 'before' | 'after';
  /** Close the connection after this many bytes of the response body. */
  cut?: number;
  /** Respond with JSON that does not parse. */
  malformed?: boolean;
  /** Content type that the response claims to have. */
  contentType?: string;
}

/** A rule to add: a preset, or an effect. */
export interface NewFault {
  /** Name that the journal shows. */
  name?: string;
  /** `flaky` fails one call in five with 500, `slow` delays calls by 0.5 to 2 seconds, `down` fails all calls with 503. */
  preset?: 'flaky' | 'slow' | 'down';
  /** Which calls (default: all). */
  match?: FaultPattern;
  /** Apply to the nth matching call only (1-based). */
  nth?: number;
  /** Maximum number of calls to apply to. */
  times?: number;
  /** Probability from 0 to 1, drawn from the seed. */
  probability?: number;
  effect?: FaultEffect;
}

/** A rule of a sandbox. */
export interface FaultInfo {
  id: number;
  name: string;
  operation?: string;
  /** Number of calls that matched. */
  matched: number;
  /** Number of calls that the fault was applied to. */
  applied: number;
}

/** A rule that was added. */
export interface Fault extends FaultInfo {
  /** Removes this rule. */
  remove(): Promise<FaultInfo>;
}

/** The faults of a sandbox. The first rule that matches a call wins. */
export class Faults {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Adds a rule. */
  async add(fault: NewFault): Promise<Fault> {
    const info: FaultInfo = await this.#call('POST', '/faults', { body: fault });
    return { ...info, remove: () => this.remove(info.id) };
  }

  /** The rules in evaluation order. */
  async list(): Promise<FaultInfo[]> {
    return (await this.#call('GET', '/faults')).faults;
  }

  /** Removes one rule. */
  async remove(id: number): Promise<FaultInfo> {
    return this.#call('DELETE', `/faults/${id}`);
  }

  /** Removes all rules. */
  async clear(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }
}
