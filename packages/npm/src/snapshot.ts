// Snapshots: named states of a sandbox.

import type { Caller } from './http.js';

/** A named state. */
export interface SnapshotInfo {
  name: string;
  /** When the snapshot was taken, according to the clock of the sandbox (ISO 8601). */
  at: string;
}

/** A document that differs between two states. */
export interface DocumentChange {
  _id: string;
  /** Changed values by JSON pointer; `before` or `after` is absent where there was no value. */
  changes: { pointer: string; before?: any; after?: any }[];
}

/** The differences between two states. */
export interface SnapshotDifference {
  /** Whether the states are equal. */
  same: boolean;
  /** Differences by collection, such as `leads`. */
  collections: Record<string, { added: any[]; removed: any[]; changed: DocumentChange[] }>;
}

/** A snapshot that was taken. */
export class Snapshot implements SnapshotInfo {
  readonly #call: Caller;
  readonly name: string;
  readonly at: string;

  constructor(call: Caller, { name, at }: SnapshotInfo) {
    this.#call = call;
    this.name = name;
    this.at = at;
  }

  /** Restores all documents. The clock, faults, and journal are not changed. */
  async restore(): Promise<void> {
    await this.#call('POST', `/snapshots/${encodeURIComponent(this.name)}/restore`);
  }

  /** Changes since the snapshot, or between it and another one. */
  async diff(after: Snapshot | string = 'now'): Promise<SnapshotDifference> {
    const name = typeof after === 'string' ? after : after.name;
    return this.#call('GET', `/snapshots/${encodeURIComponent(this.name)}/diff/${encodeURIComponent(name)}`);
  }

  /** Deletes the snapshot. */
  async remove(): Promise<void> {
    await this.#call('DELETE', `/snapshots/${encodeURIComponent(this.name)}`);
  }
}
