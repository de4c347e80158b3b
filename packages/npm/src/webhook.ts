// Webhook deliveries of a sandbox.

import type { Caller } from './http.js';

/** One attempt to deliver an event. */
export interface Attempt {
  /** Time by the clock of the sandbox (ISO 8601). */
  at: string;
  /** Milliseconds of real time. */
  latency: number;
  /** Status of the response. */
  status?: number;
  /** Why there was no response. */
  error?: string;
}

/** An event for one target. */
export interface Delivery {
  id: number;
  /** Event name, such as `lead.create`. */
  event: string;
  target: string;
  state: 'pending' | 'delivered' | 'failed' | 'refused';
  attempts: Attempt[];
  /** The payload. */
  body: any;
}

/** State of the outbox. */
export interface Outbox {
  /** Whether deliveries are held back. */
  paused: boolean;
  /** Number of deliveries that were not completed yet. */
  pending: number;
  /** The last thousand deliveries, oldest first. */
  deliveries: Delivery[];
  /** The inboxes that received something. */
  inboxes: { name: string; count: number }[];
}

/** The webhook deliveries of a sandbox. */
export class Webhooks {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Deliveries with every attempt, oldest first. */
  async list(): Promise<Delivery[]> {
    return (await this.#call('GET', '/webhooks')).deliveries;
  }

  /** Sends the payload of a delivery once more, as a new delivery. */
  async redeliver(delivery: Delivery | number): Promise<Outbox> {
    const id = typeof delivery === 'number' ? delivery : delivery.id;
    return this.#call('POST', '/webhooks/redeliver', { body: { id } });
  }

  /** Holds deliveries back. Events are still queued. */
  async pause(): Promise<Outbox> {
    return this.#call('POST', '/webhooks/pause');
  }

  /** Sends what was held back, in order. */
  async resume(): Promise<Outbox> {
    return this.#call('POST', '/webhooks/resume');
  }
}
