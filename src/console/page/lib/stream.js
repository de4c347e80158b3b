// Server-sent events over fetch, which can send headers (EventSource can't).

import { send } from './api.js';

/** The server sends a heartbeat every 15 seconds; a connection that is silent for longer is dead. */
const SILENCE = 40_000;
const MAXIMUM_PAUSE = 5_000;

/** Whether a position belongs to another sequence of events than the one before it. They are `NUMBER` or `NUMBER-SANDBOX`. */
function restarts(before, now) {
  const [one, other] = [before, now].map((id) => id.split('-')[1]);
  return parseInt(now, 10) <= parseInt(before, 10) || (one !== undefined && other !== undefined && one !== other);
}

/**
 * Keeps the stream open and resumes after the last event. `onEvent({ id, event, data })` gets each event;
 * `onState('open' | 'closed', error)` each change of the connection; `onRestart()` is called when positions start again.
 * Ends with `onDeleted()` when the sandbox is deleted.
 */
export function follow(path, { onEvent, onState, onRestart, onDeleted }) {
  let last = null;
  let ended = false;
  let pause = 0;
  (async () => {
    while (!ended) {
      const abort = new AbortController();
      let silence = setTimeout(() => abort.abort(), SILENCE);
      try {
        const headers = { accept: 'text/event-stream', ...(last !== null && { 'last-event-id': last }) };
        const response = await send('GET', path, { headers, signal: abort.signal });
        onState('open');
        pause = 0;
        const events = parser((event) => {
          if (event.event === 'end' && event.data.reason === 'deleted') {
            ended = true;
            onDeleted();
            return;
          }
          if (last !== null && event.id !== undefined && restarts(last, event.id)) onRestart();
          last = event.id ?? last;
          onEvent(event);
        });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        while (!ended) {
          const { done, value } = await reader.read();
          if (done) break;
          clearTimeout(silence);
          silence = setTimeout(() => abort.abort(), SILENCE);
          events(value);
        }
        if (!ended) onState('closed');
      } catch (error) {
        onState('closed', error);
      }
      clearTimeout(silence);
      if (ended) {
        abort.abort();
        return;
      }
      pause = Math.min(MAXIMUM_PAUSE, pause * 2 || 250);
      await new Promise((resume) => setTimeout(resume, pause));
    }
  })();
}

/** Parses a stream in pieces of any size: returns a function that takes the next piece. */
export function parser(emit) {
  let rest = '';
  let event = {};
  const line = (text) => {
    if (text === '') {
      if (event.data !== undefined) emit({ id: event.id, event: event.event ?? 'message', data: JSON.parse(event.data) });
      event = {};
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1));
    if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else event[field] = value;
  };
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const text of lines) line(text.endsWith('\r') ? text.slice(0, -1) : text);
  };
}
