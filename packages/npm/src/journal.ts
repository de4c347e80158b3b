// The journal: every call of the imitated API that a sandbox received.

import type { Caller, Query } from './http.js';
import type { ProblemDetail } from './error.js';

/** Which calls: those that match every field. */
export interface CallFilter {
  /** Operation ID, such as `create_lead`. Unknown IDs are rejected. */
  operation?: string;
  /** HTTP method. */
  method?: string;
  /** Glob for the path as sent, without the query: `*` matches within a segment, `**` across segments. */
  path?: string;
  /** Status of the response. */
  status?: number;
  /** `User-Agent` of the client. */
  client?: string;
  /** JSON pointer that the body must have. */
  pointer?: string;
  /** Value at `pointer`, as JSON or as a string. */
  value?: string;
  /** Only calls with a greater ID. */
  after?: number;
}

/** How long to wait, and for what. */
export interface WaitOptions extends CallFilter {
  /** Number of calls to wait for (default 1). */
  count?: number;
  /** Timeout in milliseconds of real time (default 5000). */
  timeout?: number;
}

/** A response, with secrets masked. */
export interface JournalAnswer {
  status: number;
  /** Headers by lower-case name. */
  headers: Record<string, string>;
  /** Parsed JSON, or a string. */
  body?: any;
  /** Microseconds of real time from the arrival of the call. */
  latency: number;
}

/** A call, with secrets masked. */
export interface JournalCall {
  /** Number of the call in its sandbox (1-based). */
  id: number;
  /** Time of arrival according to the sandbox's clock (ISO 8601). */
  at: string;
  /** Operation ID, if the path and method belong to one. */
  operation?: string;
  /** HTTP method; `WEBSOCKET` for a frame that the realtime API ignored. */
  method: string;
  /** Path and query as sent. */
  path: string;
  /** Headers by lower-case name. */
  headers: Record<string, string>;
  /** Parsed JSON, or a string. */
  body?: any;
  /** Whether the body was truncated to the maximum that the journal stores. */
  truncated: boolean;
  /** Query parameters that the operation does not define. They had no effect. */
  ignored?: string[];
  /** Name of the fault that was applied. */
  fault?: string;
  /** The response; absent while the call is in flight. */
  answer?: JournalAnswer;
}

/** Why a call got its response. */
export interface Explanation {
  /** Number of the call in the journal. */
  id: number;
  method: string;
  path: string;
  status: number;
  operation?: string;
  /** The rule that the call broke, if any. */
  rule: string;
  /** What caused the rejection: the caller, a quirk of the API, a gap of the fake, or a fault. */
  cause?: 'caller' | 'quirk' | 'gap' | 'fault';
  quirk?: string;
  /** Where the rule was broken. */
  errors: ProblemDetail[];
  /** Query parameters that the operation does not define. */
  ignored: string[];
  /** The contract of the operation. */
  contract?: Record<string, any>;
  /** A body that the operation accepts. */
  example?: any;
  /** A corrected call, ready for a shell. */
  curl?: string;
}

/** Digest of every call, response, and webhook delivery since the server started. */
export interface RunDigest {
  digest: string;
  calls: number;
  webhooks: number;
}

/** The calls that a sandbox received. */
export class Journal {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Matching calls, oldest first; with `limit`, the latest ones, or with `after`, the first ones after it. */
  async list(filter: CallFilter & { limit?: number } = {}): Promise<JournalCall[]> {
    return (await this.#call('GET', '/journal', { query: { ...filter } })).calls;
  }

  /** Number of calls that arrived. Rejects if the journal has evicted calls, because the number would be wrong. */
  async count(filter: CallFilter = {}): Promise<number> {
    return (await this.#call('GET', '/journal/count', { query: { ...filter } })).count;
  }

  /** Waits until matching calls have arrived, and returns them. On a timeout, rejects with what arrived instead. */
  async wait(options: WaitOptions = {}): Promise<JournalCall[]> {
    return (await this.#call('GET', '/journal/wait', waiting({ ...options }, options.timeout))).calls;
  }

  /** Explains the response to a call. */
  async explain(id: number): Promise<Explanation> {
    return this.#call('GET', `/explain/${id}`);
  }

  /** Equal for runs with the same seed, clock, and calls. */
  async digest(): Promise<RunDigest> {
    return this.#call('GET', '/journal/digest');
  }

  /** The completed calls as an HTTP archive (HAR 1.2). */
  async har(filter: CallFilter & { limit?: number } = {}): Promise<Record<string, any>> {
    return this.#call('GET', '/journal/har', { query: { ...filter } });
  }

  /** Empties the journal. */
  async clear(): Promise<void> {
    await this.#call('DELETE', '/journal');
  }
}

/** A call that blocks: the server gives up before the client does. */
export function waiting(query: Query, timeout = 5000): { query: Query; patience: number } {
  return { query, patience: timeout + 10_000 };
}
