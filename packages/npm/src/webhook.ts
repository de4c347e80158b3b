// Webhook deliveries of a sandbox.

import type { Caller } from './http.js';

/** One attempt to deliver an event. */
export interface Attempt {
  /** Time according to the sandbox's clock (ISO 8601). */
  at: string;
  /** Duration in milliseconds of real time. */
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
  /** Whether deliveries are paused. */
  paused: boolean;
  /** Number of pending deliveries. */
  pending: number;
  /** The last thousand deliveries, oldest first. */
  deliveries: Delivery[];
  /** The inboxes that received calls. */
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

  /** Sends the payload of a delivery again, as a new delivery. */
  async redeliver(delivery: Delivery | number): Promise<Outbox> {
    const id = typeof delivery === 'number' ? delivery : delivery.id;
    return this.#call('POST', '/webhooks/redeliver', { body: { id } });
  }

  /** Pauses deliveries. Events are still queued. */
  async pause(): Promise<Outbox> {
    return this.#call('POST', '/webhooks/pause');
  }

  /** Resumes deliveries, and sends queued ones in order. */
  async resume(): Promise<Outbox> {
    return this.#call('POST', '/webhooks/resume');
  }
}
