// Shared state: values that components follow, and resources of the control API that are kept current.

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from './html.js';
import { get } from './api.js';

/**
 * A value with subscribers. `set` notifies them at once, so that the next key or click finds what the previous one did;
 * `notify`, for changes within the value, does so at most once per frame.
 */
export function store(initial) {
  const subscribers = new Set();
  let value = initial;
  let scheduled = false;
  const flush = () => {
    for (const subscriber of [...subscribers]) subscriber();
  };
  const notify = () => {
    if (scheduled) return;
    scheduled = true;
    // Hidden pages have no frames.
    const later = document.hidden ? (run) => setTimeout(run, 200) : requestAnimationFrame;
    later(() => {
      scheduled = false;
      flush();
    });
  };
  return {
    get: () => value,
    set: (next) => {
      value = typeof next === 'function' ? next(value) : next;
      flush();
    },
    notify,
    subscribe: (subscriber) => {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
  };
}

/** The value of a store; renders again when it changes. */
export function useStore(source) {
  const [, render] = useState(0);
  useLayoutEffect(() => source.subscribe(() => render((count) => count + 1)), [source]);
  return source.get();
}

/** Notifications about changes on the server: `calls`, `documents`, and the kinds of the stream's `change` events. */
export const changes = new EventTarget();
export const changed = (what) => changes.dispatchEvent(new CustomEvent('change', { detail: what }));

/** Runs `act` soon after a change of one of these kinds, at most once a second, and not while the page is hidden. */
export function useChanges(kinds, act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let timer = null;
    let last = 0;
    let missed = false;
    const run = () => {
      timer = null;
      missed = document.hidden;
      if (missed) return;
      last = performance.now();
      latest.current();
    };
    const listen = ({ detail }) => {
      if (!kinds.includes(detail) && detail !== 'reset') return;
      timer ??= setTimeout(run, Math.max(100, last + 1000 - performance.now()));
    };
    const shown = () => {
      if (missed) run();
    };
    changes.addEventListener('change', listen);
    document.addEventListener('visibilitychange', shown);
    return () => {
      clearTimeout(timer);
      changes.removeEventListener('change', listen);
      document.removeEventListener('visibilitychange', shown);
    };
  }, []);
}

/**
 * A resource of the control API, fetched again when the path changes, on changes of these kinds, and on `reload()`.
 * Without a path there is none. While it is fetched again, `data` is the previous one.
 */
export function useResource(path, kinds = []) {
  const [state, setState] = useState({ path: null, data: null, error: null });
  const running = useRef(null);
  const load = useCallback(async () => {
    running.current?.abort();
    if (path === null) return;
    const abort = (running.current = new AbortController());
    try {
      const data = await get(path, { signal: abort.signal });
      if (!abort.signal.aborted) setState({ path, data, error: null });
    } catch (error) {
      if (!abort.signal.aborted) setState((old) => ({ path, data: old.path === path ? old.data : null, error }));
    }
  }, [path]);
  useEffect(() => {
    load();
    return () => running.current?.abort();
  }, [load]);
  useChanges(kinds, load);
  const current = state.path === path;
  return { data: current ? state.data : null, error: current ? state.error : null, loading: path !== null && !current, reload: load };
}

/** A setting of this browser. */
export function setting(name, initial) {
  const source = store(localStorage.getItem(name) ?? initial);
  const { set } = source;
  source.set = (value) => {
    localStorage.setItem(name, value);
    set(value);
  };
  return source;
}
