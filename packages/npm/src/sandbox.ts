// A sandbox, with its own documents, clock, faults, journal, and webhooks.

/// <reference lib="esnext.disposable" preserve="true" />
import { Clock } from './clock.js';
import { TiledeskMockError } from './error.js';
import { Faults } from './fault.js';
import type { Caller, Control } from './http.js';
import { Inbox } from './inbox.js';
import { Journal } from './journal.js';
import { Snapshot, type SnapshotInfo } from './snapshot.js';
import { State } from './state.js';
import { Webhooks } from './webhook.js';

/** A sandbox after a reset. */
export interface ResetSummary {
  sandbox: string;
  seed: number;
  /** Current time of the clock (ISO 8601). */
  now: string;
  frozen: boolean;
  /** Number of documents. */
  documents: number;
  /** Numbers of discarded items. */
  discarded: { calls: number; faults: number; deliveries: number };
}

/** A sandbox as the server lists it. */
export interface SandboxInfo {
  name: string;
  seed: number;
  /** Current time of the clock (ISO 8601). */
  now: string;
  frozen: boolean;
  /** Speed of the clock; 0 while it is frozen. */
  speed: number;
  /** Seconds since the last call. */
  idle: number;
  /** Number of calls in the journal. */
  calls: number;
  snapshots: string[];
}

/** An isolated copy of the API. */
export class Sandbox implements AsyncDisposable {
  /** Base URL: the API is at `${url}/v3`. */
  readonly url: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly state: State;
  readonly webhooks: Webhooks;
  readonly #call: Caller;
  readonly #control: Control;

  constructor(
    control: Control,
    /** Name of the sandbox. */
    readonly name: string,
  ) {
    if (!/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new TiledeskMockError(
        `A sandbox name must be 1 to 64 letters, digits, hyphens, underscores, and dots, got ${JSON.stringify(name)}.`,
      );
    }
    const prefix = name === 'default' ? '' : `/_sandbox/${name}`;
    this.url = control.origin + prefix;
    this.#control = control;
    this.#call = (method, path, options) => control.call(method, `${prefix}/_control${path}`, options);
    this.clock = new Clock(this.#call);
    this.faults = new Faults(this.#call);
    this.journal = new Journal(this.#call);
    this.state = new State(this.#call);
    this.webhooks = new Webhooks(this.#call);
  }

  /** Restores the fixtures that the server was started with, and clears the journal and the faults. Snapshots are kept. */
  async reset(): Promise<ResetSummary> {
    return this.#call('POST', '/reset');
  }

  /** A webhook target that the test can read, with any name. */
  inbox(name: string): Inbox {
    return new Inbox(this.#call, name, `${this.url}/_control/webhooks/inbox/${encodeURIComponent(name)}`);
  }

  /** Takes a snapshot of all documents. It replaces an earlier one of the same name. */
  async snapshot(name: string): Promise<Snapshot> {
    return new Snapshot(this.#call, await this.#call('POST', `/snapshots/${encodeURIComponent(name)}`));
  }

  /** The snapshots of the sandbox. */
  async snapshots(): Promise<Snapshot[]> {
    const infos: SnapshotInfo[] = (await this.#call('GET', '/snapshots')).snapshots;
    return infos.map((info) => new Snapshot(this.#call, info));
  }

  /** Sets the seed for IDs and random choices, until the next reset. */
  async seed(seed: number): Promise<void> {
    await this.#call('PUT', '/seed', { body: { seed } });
  }

  /** Replaces the variables that a bot stored during a conversation, which the API can only read. */
  async setChatbotParameters(requestId: string, parameters: Record<string, unknown>): Promise<void> {
    await this.#call('PUT', `/requests/${encodeURIComponent(requestId)}/chatbot/parameters`, { body: parameters });
  }

  /** Deletes the sandbox and everything in it. The next call creates it again. The default sandbox cannot be deleted. */
  async remove(): Promise<void> {
    await this.#control.call('DELETE', `/_control/sandboxes/${this.name}`);
  }

  /** Deletes the sandbox at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}
