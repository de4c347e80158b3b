// The address of the view: `#/VIEW/PART/…`.

import { store } from './store.js';

const decode = (part) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const parse = () => location.hash.replace(/^#\/?/, '').split('/').map(decode);

export const route = store(parse());
addEventListener('hashchange', () => route.set(parse()));

export const address = (...parts) => `#/${parts.map(encodeURIComponent).join('/')}`;

/** Goes to a view. `replace` leaves no entry in the history, for selections within a view. */
export function go(parts, replace = false) {
  const next = address(...parts);
  if (next === location.hash) return;
  if (replace) {
    history.replaceState(null, '', next);
    route.set(parse());
  } else location.hash = next;
}
