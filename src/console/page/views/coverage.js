// Coverage: which documented operations the clients exercised.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { call } from '../lib/api.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { useResource } from '../lib/store.js';
import { plural } from '../lib/format.js';
import { attempt, Button, confirm, Empty, Failure, Loading, Method, Search, Select, Status } from '../ui/parts.js';

/** Responses of an operation, to one client or all. */
function countsOf({ statuses }, client) {
  let good = 0;
  let bad = 0;
  for (const [status, { count, clients }] of Object.entries(statuses)) {
    const responses = client ? (clients[client] ?? 0) : count;
    if (status.startsWith('2')) good += responses;
    else bad += responses;
  }
  return { good, bad };
}

const level = ({ good, bad }) => (good === 0 ? (bad ? 'refused' : 'none') : good < 3 ? 'few' : good < 20 ? 'some' : 'many');
const levels = [
  ['none', 'not called'],
  ['refused', 'only rejected'],
  ['few', '1–2'],
  ['some', '3–19'],
  ['many', '20 or more'],
];

const Bar = ({ name, covered, of, percent }) =>
  html`<div class="meter">
    <span>${name}</span><strong>${percent.toLocaleString('en')} %</strong>
    <progress max=${of} value=${covered} aria-label=${name}></progress
    ><small>${covered.toLocaleString('en')} of ${of.toLocaleString('en')}</small>
  </div>`;

const names = (values) =>
  Object.entries(values).map(
    ([name, used]) =>
      html`<li key=${name} class=${used ? 'used' : ''}>
        <span aria-hidden="true">${used ? '✓' : '○'}</span> <code>${name}</code
        ><span class="hidden">${used ? ' covered' : ' not covered'}</span>
      </li>`,
  );

function Operation({ detail, client, onClose }) {
  const parameters = Object.keys(detail.parameters);
  const fields = Object.keys(detail.fields);
  const statuses = Object.entries(detail.statuses).filter(([, { documented, count }]) => documented || count);
  return html`<section class="detail" aria-label=${detail.operation}>
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${onClose} />
      <h2 class="cut">${detail.operation}</h2>
    </header>
    <div class="body" tabindex="0" role="group" aria-label="Details of the operation">
      <div class="call-line"><${Method} method=${detail.method} /><code class="url">${detail.path}</code></div>
      <h3>Responses${client && ` to ${client}`}</h3>
      <table class="data">
        <thead>
          <tr>
            <th>Status</th>
            <th class="right">Count</th>
          </tr>
        </thead>
        <tbody>
          ${statuses.map(
            ([status, { count, clients, documented }]) =>
              html`<tr key=${status}>
                <td><${Status} status=${Number(status)} /> ${!documented && html`<span class="muted">undocumented</span>`}</td>
                <td class="right mono">${client ? (clients[client] ?? 0) : count}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${
        parameters.length > 0 &&
        html`<h3>Query parameters</h3>
          <ul class="used-list">
            ${names(detail.parameters)}
          </ul>`
      }
      ${
        fields.length > 0 &&
        html`<h3>Body fields</h3>
          <ul class="used-list">
            ${names(detail.fields)}
          </ul>`
      }
    </div>
  </section>`;
}

export function Coverage({ path }) {
  const { data, error, reload } = useResource('coverage', ['calls']);
  const [client, setClient] = useState('');
  const [text, setText] = useState('');
  const close = () => go(['coverage'], true);
  useLayoutEffect(() => bind({ Escape: () => path[0] && close() }));
  const clear = async () => {
    if (await confirm('Clear the coverage?', 'The counts of all sandboxes return to zero.', 'Clear'))
      await attempt(() => call('DELETE', 'coverage'), 'Coverage cleared').then(reload);
  };
  if (!data)
    return html`<div class="view page">
      <header class="bar"><h2>Coverage</h2></header>
      <div class="content">${error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Loading} />`}</div>
    </div>`;
  const open = data.details.find(({ operation }) => operation === path[0]);
  const words = text.toLowerCase();
  const details = data.details.filter(({ operation, path: address, tag }) =>
    `${operation} ${address} ${tag}`.toLowerCase().includes(words),
  );
  const operations = client ? (data.clients[client] ?? data.operations) : data.operations;
  return html`<div class=${`view split ${open ? 'open' : ''}`}>
    <section class="master" aria-label="Coverage">
      <header class="bar">
        <h2>Coverage</h2>
        <span class="muted">all sandboxes</span><span class="grow"></span
        ><${Button} icon="trash" kind="quiet" label="Clear the coverage" onClick=${clear} />
      </header>
      <div class="filters">
        <${Search} label="Search operations" value=${text} onInput=${setText} />
        <${Select}
          label="Client"
          value=${client}
          onChange=${setClient}
          options=${[['', 'All clients'], ...Object.keys(data.clients).sort()]}
        />
      </div>
      <div class="content">
        <div class="meters">
          <${Bar}
            name="Operations"
            ...${operations}
          />${!client && html`<${Bar} name="Statuses" ...${data.statuses} /><${Bar} name="Query parameters" ...${data.parameters} /><${Bar} name="Body fields" ...${data.fields} />`}
        </div>
        <ul class="legend" aria-label="Colors: successful calls">
          ${levels.map(([key, name]) => html`<li key=${key}><span class=${`cell ${key}`}></span>${name}</li>`)}
        </ul>
        ${details.length === 0 && html`<${Empty} icon="search" title="Nothing found"><p>No operation contains “${text}”.</p></${Empty}>`}
        <div class="heat">
          ${[...Map.groupBy(details, ({ tag }) => tag)].map(
            ([tag, all]) =>
              html`<section key=${tag}>
                <h2>${tag} <span class="count">${all.filter((detail) => countsOf(detail, client).good).length} / ${all.length}</span></h2>
                <div class="cells">
                  ${all.map((detail) => {
                    const counts = countsOf(detail, client);
                    const name = `${detail.operation}: ${counts.good} successful, ${counts.bad} rejected`;
                    return html`<a
                      key=${detail.operation}
                      class=${`cell ${level(counts)}`}
                      href=${`#/coverage/${detail.operation}`}
                      aria-label=${name}
                      title=${`${detail.method} ${detail.path}\n${name}`}
                      aria-current=${detail === open ? 'true' : undefined}
                    ></a>`;
                  })}
                </div>
              </section>`,
          )}
        </div>
        <p class="muted">${plural(details.length, 'operation')}. An operation is covered when one of its calls succeeded.</p>
      </div>
    </section>
    ${open && html`<${Operation} detail=${open} client=${client} onClose=${close} key=${open.operation} />`}
  </div>`;
}
