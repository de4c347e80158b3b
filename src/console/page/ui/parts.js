// Small parts that all views use.

import { cloneElement, html, useEffect, useId, useRef, useState } from '../lib/html.js';
import { copyText, statusClass } from '../lib/format.js';
import { store, useStore } from '../lib/store.js';
import { Icon } from './icons.js';

export function Button({ icon, children, kind = '', label, ...props }) {
  return html`<button type="button" class=${`button ${kind} ${children ? '' : 'square'}`} aria-label=${label} title=${label} ...${props}>
    ${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}
  </button>`;
}

export const Status = ({ status, children }) => html`<span class=${`status s${statusClass(status)}`}>${children ?? status ?? '—'}</span>`;
export const Method = ({ method }) => html`<span class=${`method m${method}`}>${method}</span>`;
export const Chip = ({ tone = '', children }) => html`<span class=${`chip ${tone}`}>${children}</span>`;

/** A message of the server, in which backticks enclose code. */
export const Message = ({ text }) =>
  String(text ?? '')
    .split('`')
    .map((piece, index) => (index % 2 ? html`<code>${piece}</code>` : piece));

/** What an empty view says: what belongs here, and how to get it. */
export const Empty = ({ icon, title, children }) =>
  html`<div class="empty">
    ${icon && html`<${Icon} name=${icon} />`}
    <h2>${title}</h2>
    <div>${children}</div>
  </div>`;

/** A failure: what failed and why. */
export const Failure = ({ error, retry }) =>
  error
    ? html`<div class="failure" role="alert">
        <strong>${error.status ? `${error.what} failed with ${error.status}` : error.what ? `${error.what} failed` : 'Failed'}</strong>
        <p><${Message} text=${error.message} /></p>
        ${
          error.errors?.length
            ? html`<ul>
                ${error.errors.map((item) => html`<li><code>${item.pointer}</code> <${Message} text=${item.detail} /></li>`)}
              </ul>`
            : null
        }
        ${retry && html`<${Button} onClick=${retry}>Try again</${Button}>`}
      </div>`
    : null;

export const Loading = () => html`<div class="loading" role="status">Loading…</div>`;

/** A labeled control, which is the only child. */
export function Field({ label, hint, children }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>${cloneElement(children, { id, 'aria-describedby': hint ? `${id}-hint` : undefined })}
    ${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}
  </div>`;
}

export function Select({ value, onChange, options, label, ...props }) {
  return html`<span class="select"
    ><select aria-label=${label} value=${value} onChange=${(event) => onChange(event.target.value)} ...${props}>
      ${options.map((option) => {
        const [key, text] = Array.isArray(option) ? option : [option, option];
        return html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`;
      })}</select
    ><${Icon} name="down"
  /></span>`;
}

export const Search = ({ value, onInput, label, inputRef, ...props }) =>
  html`<span class="search">
    <${Icon} name="search" />
    <input
      type="search"
      aria-label=${label}
      placeholder=${label}
      value=${value}
      ref=${inputRef}
      data-search
      autocomplete="off"
      spellcheck="false"
      onInput=${(event) => onInput(event.target.value)}
      ...${props}
    />
  </span>`;

/** Exclusive choices, as radio buttons that look like segments. */
export function Segments({ label, value, onChange, options }) {
  const name = useId();
  return html`<fieldset class="segments">
    <legend class="hidden">${label}</legend>
    ${options.map(
      ([key, text]) =>
        html`<label key=${key}>
          <input type="radio" name=${name} checked=${key === value} onChange=${() => onChange(key)} /><span>${text}</span>
        </label>`,
    )}
  </fieldset>`;
}

/** Tabs: `tabs` is a list of { key, name, count }. The panel follows as child. */
export function Tabs({ label, tabs, value, onChange, children }) {
  const id = useId();
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.key === value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    onChange(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
      ${tabs.map(
        (tab) =>
          html`<button
            type="button"
            role="tab"
            key=${tab.key}
            id=${`${id}-${tab.key}`}
            aria-selected=${tab.key === value}
            aria-controls=${`${id}-panel`}
            tabindex=${tab.key === value ? 0 : -1}
            onClick=${() => onChange(tab.key)}
          >
            ${tab.name}${tab.count ? html` <span class="count">${tab.count}</span>` : null}
          </button>`,
      )}
    </div>
    <div class="panel" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${value}`} tabindex="0">${children}</div>`;
}

/** A button that opens a menu: `items` is a list of { name, act, kind }. */
export function Menu({ icon, label, items, children, kind = '' }) {
  const [open, setOpen] = useState(false);
  const place = useRef();
  const id = useId();
  const buttons = () => [...place.current.querySelectorAll('[role=menuitem]')];
  useEffect(() => {
    if (!open) return undefined;
    buttons()[0]?.focus();
    const outside = (event) => {
      if (!place.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    place.current.querySelector('button').focus();
  };
  const onKeyDown = (event) => {
    if (!open) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[next % all.length].focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') setOpen(false);
  };
  return html`<div class="menu" ref=${place} onKeyDown=${onKeyDown}>
    <button
      type="button"
      class=${`button ${kind}`}
      aria-haspopup="menu"
      aria-expanded=${open}
      aria-controls=${open ? id : undefined}
      onClick=${() => setOpen(!open)}
    >
      ${icon && html`<${Icon} name=${icon} />`}<span>${children ?? label}</span><${Icon} name="down" />
    </button>
    ${
      open &&
      html`<div role="menu" id=${id} aria-label=${label}>
        ${items.map(
          (item) =>
            html`<button
              type="button"
              role="menuitem"
              key=${item.name}
              tabindex="-1"
              onClick=${() => {
                close();
                item.act();
              }}
            >
              ${item.name}
            </button>`,
        )}
      </div>`
    }
  </div>`;
}

/** A modal dialog; Escape closes it if it is `closable`. */
export function Dialog({ title, onClose, children, closable = true, wide }) {
  const dialog = useRef();
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog
    ref=${dialog}
    aria-labelledby=${id}
    class=${wide ? 'wide' : ''}
    onCancel=${(event) => {
      event.preventDefault();
      if (closable) onClose();
    }}
    onClose=${() => {
      // Browsers close a dialog without asking when Escape is pressed repeatedly.
      if (!closable) dialog.current?.showModal();
      else if (dialog.current) onClose();
    }}
  >
    <header>
      <h2 id=${id}>${title}</h2>
      ${closable && html`<${Button} icon="close" kind="quiet" label="Close" onClick=${onClose} />`}
    </header>
    ${children}
  </dialog>`;
}

const notices = store([]);
let notice = 0;

/** Shows a message for some seconds. */
export function notify(text, tone = '') {
  const id = ++notice;
  notices.set((all) => [...all.slice(-2), { id, text, tone }]);
  setTimeout(() => notices.set((all) => all.filter((item) => item.id !== id)), tone === 'bad' ? 8000 : 4000);
}

export const Notices = () =>
  html`<div class="notices" role="status" aria-live="polite">
    ${useStore(notices).map(({ id, text, tone }) => html`<div key=${id} class=${`notice ${tone}`}>${text}</div>`)}
  </div>`;

/** Runs an action, and shows its success or failure. Resolves to its result, or to undefined. */
export async function attempt(action, success) {
  try {
    const result = await action();
    if (success) notify(typeof success === 'function' ? success(result) : success);
    return result;
  } catch (error) {
    const details = error.errors?.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' · ');
    notify([error.what && `${error.what}:`, error.message, details].filter(Boolean).join(' '), 'bad');
    return undefined;
  }
}

/** Copies text. With a `flaw`, the notice warns about it. */
export async function copy(text, what, flaw) {
  if (await copyText(text)) notify(flaw ? `${what} copied, but: ${flaw}` : `${what} copied`, flaw ? 'bad' : '');
  else notify(`${what} could not be copied`, 'bad');
}

const question = store(null);

/** Asks before something that can't be undone; resolves to whether to do it. */
export const confirm = (title, text, action) =>
  new Promise((resolve) => {
    question.set({
      title,
      text,
      action,
      answer: (value) => {
        question.set(null);
        resolve(value);
      },
    });
  });

export function Question() {
  const asked = useStore(question);
  return (
    asked &&
    html`<${Dialog} title=${asked.title} onClose=${() => asked.answer(false)}>
    <p>${asked.text}</p>
    <footer><${Button} onClick=${() => asked.answer(false)}>Cancel</${Button}>
      <${Button} kind="danger" onClick=${() => asked.answer(true)}>${asked.action}</${Button}></footer>
  </${Dialog}>`
  );
}
