// The documents of a sandbox, in the fixture format.

import type { Caller } from './http.js';

/** Documents by collection, such as `projects` and `leads`: the format that `tiledesk-mock fixtures schema` describes. */
export type World = Record<string, any>;

/** Export and import of all documents. */
export class State {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Exports all documents. */
  async get(): Promise<World> {
    return this.#call('GET', '/state');
  }

  /** Replaces all documents. An invalid world is rejected and changes nothing. */
  async put(world: World): Promise<void> {
    await this.#call('PUT', '/state', { body: world });
  }

  /** Writes the documents of the default sandbox to the file that the server was started with (`state`). */
  async save(): Promise<{ bytes: number }> {
    return this.#call('POST', '/state/save');
  }
}
