// The clock of a sandbox.

import type { Caller } from './http.js';

/** The state of a clock. */
export interface ClockInfo {
  now: Date;
  /** Whether the clock is frozen. */
  frozen: boolean;
}

/** The clock of a sandbox, which tokens, webhook retries, and operating hours follow. It cannot move backwards. */
export class Clock {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** The current time of the clock. */
  async now(): Promise<Date> {
    return info(await this.#call('GET', '/clock')).now;
  }

  /** Freezes the clock at a date (default: its current time). */
  async freeze(at: Date | string = 'now'): Promise<ClockInfo> {
    return this.#change({ freeze: text(at) });
  }

  /** Moves the clock forward by milliseconds or by a duration such as `'90s'`, `'2h 30m'`, `'31d'`, or `'PT2H'`. */
  async advance(by: number | string): Promise<ClockInfo> {
    return this.#change({ advance: typeof by === 'number' ? `${by}ms` : by });
  }

  /** Sets the date. A frozen clock stays frozen, a running one keeps running. */
  async set(to: Date | string): Promise<ClockInfo> {
    return this.#change({ set: text(to) });
  }

  /** Returns to the clock of the machine. */
  async real(): Promise<ClockInfo> {
    return this.#change({ real: true });
  }

  async #change(body: object): Promise<ClockInfo> {
    return info(await this.#call('PUT', '/clock', { body }));
  }
}

function info({ now, frozen }: { now: string; frozen: boolean }): ClockInfo {
  return { now: new Date(now), frozen };
}

/** The format in which the server parses dates. */
export function text(date: Date | string): string {
  return typeof date === 'string' ? date : date.toISOString();
}
