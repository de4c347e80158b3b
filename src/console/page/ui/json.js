// JSON as text with colors, and differences between documents.

import { html, useMemo, useState } from '../lib/html.js';
import { address } from '../lib/route.js';
import { brief, idOf, json, titleOf } from '../lib/format.js';
import { Button, copy } from './parts.js';

/** Maximum number of lines until the reader asks for all. */
const LINES = 1500;

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/** Splits a line of indented JSON into colored pieces. `link(key, value)` can return an address for a string. */
function pieces(line, link) {
  const out = [];
  let at = 0;
  let key = '';
  for (const match of line.matchAll(token)) {
    if (match.index > at) out.push(line.slice(at, match.index));
    const [text, string, colon, word] = match;
    if (string && colon) {
      key = string.slice(1, -1);
      out.push(html`<span class="j-key">${string}</span>`, colon);
    } else if (string) {
      const address = link?.(key, string.slice(1, -1));
      out.push(address ? html`<a class="j-string" href=${address}>${string}</a>` : html`<span class="j-string">${string}</span>`);
    } else out.push(html`<span class=${word ? 'j-word' : 'j-number'}>${text}</span>`);
    at = match.index + text.length;
  }
  if (at < line.length) out.push(line.slice(at));
  return out;
}

/** A value; strings that aren't JSON are shown as they are. */
export function Json({ value, label, link }) {
  const [all, setAll] = useState(false);
  const plain = typeof value === 'string';
  const text = useMemo(() => (plain ? value : json(value)), [value]);
  const lines = text.split('\n');
  const shown = all ? lines : lines.slice(0, LINES);
  return html`<div class="json">
    <${Button} icon="copy" kind="quiet" label=${`Copy ${label.toLowerCase()}`} onClick=${() => copy(text, label)} />
    <pre tabindex="0" role="group" aria-label=${label}>${shown.map((line) => html`${plain ? line : pieces(line, link)}${'\n'}`)}</pre>
    ${shown.length < lines.length && html`<${Button} onClick=${() => setAll(true)}>Show all ${lines.length.toLocaleString('en')} lines</${Button}>`}
  </div>`;
}

/** Headers as a list of names and values. */
export const Headers = ({ headers = {} }) =>
  html`<dl class="pairs">
    ${Object.entries(headers).map(
      ([name, value]) =>
        html` <div key=${name}>
          <dt>${name}</dt>
          <dd>${String(value)}</dd>
        </div>`,
    )}
  </dl>`;

export const countChanges = (difference) =>
  Object.values(difference?.collections ?? {}).reduce(
    (sum, { added = [], removed = [], changed = [] }) => sum + added.length + removed.length + changed.length,
    0,
  );

function Document({ sign, document, collection }) {
  const name = { '+': 'added', '−': 'removed', '~': 'changed' }[sign];
  const id = idOf(document);
  return html`<details class=${`change ${name}`} open=${sign === '~'}>
    <summary>
      <span class="sign" aria-hidden="true">${sign}</span><span class="hidden">${name}</span> <code>${id}</code
      ><span class="title">${titleOf(document)}</span>
    </summary>
    ${sign !== '−' && html`<p><a href=${address('state', collection, id)}>Open in State</a></p>`}
    ${
      document.changes
        ? html`<table class="fields">
            <thead class="hidden">
              <tr>
                <th>Field</th>
                <th>Before</th>
                <th>After</th>
              </tr>
            </thead>
            <tbody>
              ${document.changes.map(
                ({ pointer, before, after }) =>
                  html`<tr key=${pointer}>
                    <th scope="row">${pointer}</th>
                    <td class="before">${before === undefined ? '—' : brief(before)}</td>
                    <td class="after">${after === undefined ? '—' : brief(after)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        : html`<${Json} value=${document} label="Document" />`
    }
  </details>`;
}

/** The differences between two states, by collection. */
export const Difference = ({ difference }) =>
  Object.entries(difference.collections).map(
    ([name, { added = [], removed = [], changed = [] }]) =>
      html` <section class="difference" key=${name}>
        <h3>${name} <span class="count">${added.length + removed.length + changed.length}</span></h3>
        ${added.map((document) => html`<${Document} sign="+" document=${document} collection=${name} />`)}
        ${changed.map((document) => html`<${Document} sign="~" document=${document} collection=${name} />`)}
        ${removed.map((document) => html`<${Document} sign="−" document=${document} collection=${name} />`)}
      </section>`,
  );
