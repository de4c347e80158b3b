// The timeline of the sandbox: calls, WebSocket frames, webhook deliveries, and changes, in the order of the stream.
// A row keeps what the list shows and what the search reads; everything else stays on the server.

import { get, stop } from './api.js';
import { changed, store } from './store.js';
import { follow } from './stream.js';
import { statusClass } from './format.js';

/** Maximum number of rows; the oldest are dropped. */
const MAXIMUM = 20_000;
/** Maximum number of characters of each body that the search reads, and of all of them together. */
const SEARCHED = 65_536;
const SEARCHED_TOTAL = 40_000_000;

export const noFilter = { text: '', operation: '', method: '', status: '', client: '', kind: '' };

/** `version` grows with each change; `shown` are the rows that the filter lets through, oldest first. */
export const timeline = store({ version: 0, rows: [], shown: [], filter: noFilter, added: 0 });
export const connection = store({ state: 'connecting', error: null });

const state = timeline.get();
/** Rows by the number of their call, and by the number of their delivery and attempt. */
const calls = new Map();
const deliveries = new Map();
const names = new Map();
let key = 0;
/** Number of characters of all bodies that the search reads. */
let searchable = 0;

/** The values that occur, for the choices of the filter. */
export const seen = { operation: new Set(), method: new Set(), status: new Set(), client: new Set() };

// Equal strings are kept once.
function shared(text) {
  if (text === undefined) return '';
  let kept = names.get(text);
  if (kept === undefined) names.set((kept = text), text);
  return kept;
}

const searched = (body) =>
  body === undefined || body === null ? '' : (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, SEARCHED);

function callRow(call) {
  const status = call.answer?.status ?? call.status ?? null;
  return {
    kind: 'call',
    id: call.id,
    at: call.at,
    operation: shared(call.operation),
    method: shared(call.method),
    path: call.path,
    status,
    duration: call.answer?.latency ?? call.duration ?? null,
    client: shared(call.headers?.['user-agent'] ?? call.client),
    fault: shared(call.fault),
    text: `${searched(call.body)} ${searched(call.answer?.body)}`.toLowerCase(),
  };
}

/** A delivery has a row for each attempt, and one while it waits for the first. */
function deliveryRow(delivery, number) {
  const attempt = delivery.attempts[number - 1];
  return {
    kind: 'delivery',
    id: delivery.id,
    at: attempt?.at ?? null,
    operation: shared(delivery.event),
    method: 'HOOK',
    path: delivery.target,
    status: attempt?.status ?? null,
    duration: attempt ? attempt.latency * 1000 : null,
    client: '',
    state: number < delivery.attempts.length ? 'failed' : delivery.state,
    attempt: number,
    text: searched(delivery.body).toLowerCase(),
  };
}

const frameRow = (frame) => ({
  kind: 'frame',
  id: frame.call ?? null,
  at: frame.at,
  operation: shared(String(frame.kind ?? '')),
  method: 'WS',
  path: frame.topic ?? '',
  status: null,
  duration: null,
  client: '',
  direction: frame.direction,
  payload: frame.payload,
  text: searched(frame.payload).toLowerCase(),
});

const changeTexts = {
  clock: 'The clock changed',
  reset: 'The sandbox was reset',
  journal: 'The journal was cleared',
  snapshots: 'A snapshot was taken, restored, or deleted',
  state: 'The state was replaced or rewound',
  collections: 'A document was edited',
  requests: 'A conversation was edited',
  seed: 'The seed changed',
  visitors: 'The simulated visitors changed',
  faults: 'The faults changed',
  sandboxes: 'The sandboxes changed',
  webhooks: 'The webhook outbox changed',
};

const note = (kind, path, more) => ({
  kind,
  id: null,
  at: null,
  operation: '',
  method: '',
  path,
  status: null,
  duration: null,
  client: '',
  text: '',
  ...more,
});

function matches(row, filter) {
  if (filter.kind && row.kind !== filter.kind) return false;
  if (filter.operation && row.operation !== filter.operation) return false;
  if (filter.method && row.method !== filter.method) return false;
  if (filter.client && row.client !== filter.client) return false;
  if (
    filter.status &&
    String(row.status) !== filter.status &&
    statusClass(row.status) !== filter.status &&
    !(filter.status === 'refused' && row.status >= 400)
  )
    return false;
  if (!filter.text) return true;
  return filter.words.every(
    (word) =>
      row.path.toLowerCase().includes(word) ||
      row.operation.toLowerCase().includes(word) ||
      row.text.includes(word) ||
      row.client.toLowerCase().includes(word) ||
      row.fault?.toLowerCase().includes(word) ||
      `#${row.id}` === word ||
      String(row.status) === word,
  );
}

/** Leaves the oldest bodies out of the search when there is too much text. */
function limitText() {
  if (searchable <= SEARCHED_TOTAL) return;
  for (const row of state.rows) {
    if (searchable <= SEARCHED_TOTAL * 0.9) return;
    searchable -= row.text.length;
    row.text = '';
  }
}

function add(row) {
  row.key = ++key;
  state.rows.push(row);
  searchable += row.text.length;
  limitText();
  if (matches(row, state.filter)) {
    state.shown.push(row);
    state.added++;
  }
  if (state.rows.length > MAXIMUM + 1000) trim();
}

/** Adds a row, or updates the one that is there. */
function put(known, name, row) {
  const there = known.get(name);
  if (there) {
    const before = matches(there, state.filter);
    searchable += row.text.length - there.text.length;
    Object.assign(there, row);
    limitText();
    if (matches(there, state.filter) !== before) state.shown = state.rows.filter((one) => matches(one, state.filter));
  } else {
    known.set(name, row);
    add(row);
  }
}

function trim() {
  for (const row of state.rows.splice(0, state.rows.length - MAXIMUM)) searchable -= row.text.length;
  const oldest = state.rows[0].key;
  const kept = state.shown.findIndex((shown) => shown.key >= oldest);
  state.shown.splice(0, kept < 0 ? state.shown.length : kept);
  for (const known of [calls, deliveries]) for (const [name, row] of known) if (row.key < oldest) known.delete(name);
}

function clear() {
  state.rows = [];
  state.shown = [];
  searchable = 0;
  calls.clear();
  deliveries.clear();
  state.added = 0;
}

/** A rewind or a restored snapshot discards pending deliveries; others can get their numbers. */
async function discardDeliveries() {
  const pending = [...deliveries].filter(([, row]) => row.state === 'pending');
  if (!pending.length) return;
  const kept = new Set((await get('webhooks')).deliveries.map(({ id }) => id));
  for (const [name, row] of pending) {
    if (kept.has(row.id) || row.state !== 'pending') continue;
    row.state = 'discarded';
    deliveries.delete(name);
  }
  state.version++;
  timeline.notify();
}

/** Applies a filter to all rows. */
export function setFilter(filter) {
  state.filter = { ...filter, words: filter.text.toLowerCase().split(/\s+/).filter(Boolean) };
  state.shown = state.rows.filter((row) => matches(row, state.filter));
  state.added = 0;
  state.version++;
  timeline.set(state);
}

export const callOf = (id) => calls.get(id);
export const frameOf = (number) => state.rows.find((row) => row.key === number && row.kind === 'frame');

const take = {
  call(data) {
    const row = callRow(data);
    for (const name of ['operation', 'method', 'client']) if (row[name]) seen[name].add(row[name]);
    if (row.status) seen.status.add(row.status);
    put(calls, row.id, row);
    changed('calls');
    if (row.method !== 'GET') changed('documents');
  },
  delivery(data) {
    for (let number = 1; number <= Math.max(1, data.attempts.length); number++)
      put(deliveries, `${data.id}/${number}`, deliveryRow(data, number));
    changed('webhooks');
  },
  frame(data) {
    add(frameRow(data));
  },
  change({ what }) {
    // Numbers start again.
    if (what === 'reset' || what === 'journal') clear();
    add(note('change', changeTexts[what] ?? `Changed: ${what}`));
    changed(what);
    if (what === 'state' || what === 'snapshots') discardDeliveries().catch(() => {});
    if (['snapshots', 'state', 'collections', 'requests'].includes(what)) changed('documents');
  },
  gap({ from, to }) {
    add(note('gap', `Entries ${from} to ${to} are no longer kept`));
  },
};

export function start() {
  follow('journal/stream', {
    onEvent({ event, data }) {
      take[event]?.(data);
      state.version++;
      timeline.notify();
    },
    onRestart: clear,
    onState(now, error = null) {
      connection.set({ state: now, error });
    },
    onDeleted() {
      stop();
      connection.set({ state: 'deleted', error: null });
    },
  });
}
