// Keyboard shortcuts: single keys, which can be turned off, as they get in the way of speech input.

import { setting } from './store.js';

export const enabled = setting('shortcuts', 'on');

const actions = new Map();

/** Registers actions by key; returns a function that removes them. */
export function bind(map) {
  for (const [key, act] of Object.entries(map)) actions.set(key, act);
  return () => {
    for (const [key, act] of Object.entries(map)) if (actions.get(key) === act) actions.delete(key);
  };
}

const typing = (element) => element.matches('input:not([type=checkbox], [type=radio]), textarea, select') || element.isContentEditable;

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') {
    if (typing(event.target)) event.target.blur();
    else actions.get('Escape')?.();
    return;
  }
  if (enabled.get() !== 'on' || typing(event.target)) return;
  const act = actions.get(event.key);
  if (!act) return;
  event.preventDefault();
  // Held keys only move.
  if (!event.repeat || event.key === 'j' || event.key === 'k') act();
});

/** What the help lists. */
export const shortcuts = [
  [
    'Everywhere',
    [
      ['1 … 9', 'Go to a view'],
      ['/', 'Search'],
      ['?', 'Show this help'],
      ['Esc', 'Leave a field, close what is open'],
    ],
  ],
  [
    'Traffic',
    [
      ['j, k', 'Next or previous call'],
      ['↑ ↓ PgUp PgDn Home End', 'Move in the focused list'],
      ['c', 'Copy the call as curl'],
      ['r', 'Replay the call'],
      ['f', 'Make such calls fail'],
      ['w', 'Rewind to before the call'],
      ['b', 'Branch into a new sandbox'],
    ],
  ],
];
