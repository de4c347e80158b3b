// Inboxes: webhook targets that a test can read.

import { waiting } from './journal.js';
import type { Caller } from './http.js';

/** A request that was posted to an inbox. */
export interface InboxCall {
  /** Time of arrival according to the sandbox's clock (ISO 8601). */
  at: string;
  method: string;
  /** Headers by lower-case name. */
  headers: Record<string, string>;
  /** Parsed JSON, or a string. */
  body: any;
}

/** A webhook target served by the sandbox. */
export class Inbox {
  readonly #call: Caller;
  readonly #path: string;

  constructor(
    call: Caller,
    /** Name of the inbox. */
    readonly name: string,
    /** URL to subscribe to an event. */
    readonly url: string,
  ) {
    this.#call = call;
    this.#path = `/webhooks/inbox/${encodeURIComponent(name)}`;
  }

  /** The requests received so far, oldest first. */
  async list(): Promise<InboxCall[]> {
    return (await this.#call('GET', this.#path)).calls;
  }

  /** Waits until `count` requests (default 1) have arrived, and returns all. On a timeout, rejects with what arrived instead. */
  async wait({ count = 1, timeout }: { count?: number; timeout?: number } = {}): Promise<InboxCall[]> {
    return (await this.#call('GET', this.#path, waiting({ wait: count, timeout }, timeout))).calls;
  }

  /** Empties the inbox. */
  async clear(): Promise<void> {
    await this.#call('DELETE', this.#path);
  }
}
