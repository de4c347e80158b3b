// Webhooks: the outbox with every attempt, and the inboxes of the sandbox.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { base, call, part } from '../lib/api.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { useResource } from '../lib/store.js';
import { dateTime, plural } from '../lib/format.js';
import { attempt, Button, Chip, Empty, Failure, Loading, Method, Segments, Select, Status } from '../ui/parts.js';
import { Headers, Json } from '../ui/json.js';
import { Delivery, inboxOf } from './delivery.js';

const states = [['', 'Any state'], 'pending', 'delivered', 'failed', 'refused'];

function Outbox({ data, id, state }) {
  const shown = data.deliveries.filter((one) => !state || one.state === state).reverse();
  return html` ${
    data.deliveries.length === 0
      ? html`<${Empty} icon="webhooks" title="No deliveries yet"><p>Deliveries appear when an event is published that a subscription matches. Subscribe an inbox to see what is sent:</p>
      <pre tabindex="0">curl -u andrea.leo@f21.it:123456 \\${'\n'}  -H 'Content-Type: application/json' \\${'\n'}  -d '{"event":"lead.create","target":"${base}/_control/webhooks/inbox/leads"}' \\${'\n'}  ${base}/v3/5b55e806c93dde00143163dd/subscriptions</pre></${Empty}>`
      : shown.length === 0
        ? html`<${Empty} icon="search" title="Nothing matches"><p>No delivery is ${state}.</p></${Empty}>`
        : html`<ul class="items deliveries">
            ${shown.map((one) => {
              const last = one.attempts.at(-1);
              return html`<li key=${one.id}><a href=${`#/webhooks/${one.id}`} aria-current=${one.id === id ? 'true' : undefined}>
            <span class="number">${one.id}</span><${Chip} tone=${one.state}>${one.state}</${Chip}><span class="title mono">${one.event}</span>
            <span class="target mono muted">${one.target}</span>
            <span class="last">${last ? (last.status ? html`<${Status} status=${last.status} />` : html`<span class="bad">no response</span>`) : ''} <span class="muted">${plural(one.attempts.length, 'attempt')}</span></span></a></li>`;
            })}
          </ul>`
  }`;
}

function Inbox({ name }) {
  const { data, error, reload } = useResource(`webhooks/inbox/${part(name)}`, ['webhooks', 'calls']);
  const empty = () => attempt(() => call('DELETE', `webhooks/inbox/${part(name)}`), 'Inbox emptied').then(reload);
  const close = () => go(['webhooks', 'inboxes']);
  return html`<section class="detail" aria-label=${`Inbox ${name}`}>
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${close} />
      <h2 class="cut">Inbox ${name}</h2>
      <span class="muted">${data && plural(data.count, 'call')}</span
      ><span class="grow"></span>${data?.count > 0 && html`<${Button} icon="trash" onClick=${empty}>Empty</${Button}>`}
    </header>
    <div class="body" tabindex="0" role="group" aria-label="Calls to the inbox">
      <${Failure} error=${error} retry=${reload} />
      ${!data && !error && html`<${Loading} />`}
      ${data?.count === 0 && html`<${Empty} icon="emails" title="The inbox is empty"><p>Subscribe this target: <code>${base}/_control/webhooks/inbox/${name}</code></p></${Empty}>`}
      ${
        data &&
        [...data.calls].reverse().map(
          (one, index) =>
            html`<details class="change" key=${data.count - index} open=${index === 0}>
              <summary>
                <${Method} method=${one.method} /> <span class="mono">${dateTime(one.at)}</span>
                <span class="title mono">${one.headers['x-hook-event'] ?? one.body?.hook?.event ?? ''}</span>
              </summary>
              <details class="headers">
                <summary>Headers <span class="count">${Object.keys(one.headers).length}</span></summary>
                <${Headers} headers=${one.headers} />
              </details>
              <${Json} value=${one.body} label="Body" />
            </details>`,
        )
      }
    </div>
  </section>`;
}

function Inboxes({ data, name }) {
  const subscriptions = useResource('collections/subscriptions?limit=200', ['documents']).data?.items ?? [];
  const [other, setOther] = useState('');
  const counts = new Map((data.inboxes ?? []).map((inbox) => [inbox.name, inbox.count]));
  for (const { target } of [...data.deliveries, ...subscriptions]) {
    const found = inboxOf(target ?? '');
    if (found && !counts.has(found)) counts.set(found, null);
  }
  if (name && !counts.has(name)) counts.set(name, null);
  const open = (event) => {
    event.preventDefault();
    go(['webhooks', 'inbox', other]);
  };
  return html` <form class="filters inline" onSubmit=${open}>
      <input
        class="input"
        aria-label="Name of an inbox"
        placeholder="Name of an inbox"
        value=${other}
        onInput=${(event) => setOther(event.target.value)}
        required
        autocomplete="off"
      /><button class="button"><span>Open</span></button>
    </form>
    ${
      counts.size === 0
        ? html`<${Empty} icon="emails" title="No inboxes yet"><p>An inbox records what is posted to <code>${base}/_control/webhooks/inbox/NAME</code>. Use it as the target of a subscription.</p></${Empty}>`
        : html`<ul class="items">
            ${[...counts].map(
              ([one, count]) =>
                html`<li key=${one}>
                  <a href=${`#/webhooks/inbox/${part(one)}`} aria-current=${one === name ? 'true' : undefined}
                    ><span class="title">${one}</span>${count !== null && html`<span class="count">${count}</span>`}</a
                  >
                </li>`,
            )}
          </ul>`
    }`;
}

export function Webhooks({ path }) {
  const { data, error, reload } = useResource('webhooks', ['webhooks']);
  const [state, setState] = useState('');
  const inboxes = path[0] === 'inboxes' || path[0] === 'inbox';
  const inbox = path[0] === 'inbox' ? path[1] : null;
  const id = !inboxes && path[0] ? Number(path[0]) : null;
  const close = () => go(['webhooks', ...(inboxes ? ['inboxes'] : [])]);
  useLayoutEffect(() => bind({ Escape: () => (inbox || id) && close() }));
  const pause = () => attempt(() => call('POST', 'webhooks/pause'), 'Deliveries paused').then(reload);
  const resume = () => attempt(() => call('POST', 'webhooks/resume'), 'Deliveries resumed').then(reload);
  return html`<div class=${`view split ${id || inbox ? 'open' : ''}`}>
    <section class="master" aria-label="Webhooks">
      <header class="bar">
        <h2>Webhooks</h2>
        ${data?.paused && html`<${Chip} tone="pending">paused</${Chip}>`}<span class="muted"
          >${data?.pending ? `${data.pending} pending` : ''}</span
        ><span class="grow"></span>
        ${data && (data.paused ? html`<${Button} icon="play" kind="primary" onClick=${resume}>Resume</${Button}>` : html`<${Button} icon="pause" onClick=${pause}>Pause</${Button}>`)}
      </header>
      <div class="filters">
        <${Segments}
          label="Part"
          value=${inboxes ? 'inboxes' : 'outbox'}
          onChange=${(part) => go(part === 'inboxes' ? ['webhooks', 'inboxes'] : ['webhooks'])}
          options=${[
            ['outbox', 'Outbox'],
            ['inboxes', 'Inboxes'],
          ]}
        />
        ${!inboxes && html`<${Select} label="State" value=${state} onChange=${setState} options=${states} />`}
      </div>
      <${Failure} error=${error} retry=${reload} />
      ${data && (inboxes ? html`<${Inboxes} data=${data} name=${inbox} />` : html`<${Outbox} data=${data} id=${id} state=${state} />`)}
    </section>
    ${id && html`<${Delivery} id=${id} onClose=${close} key=${id} />`} ${inbox && html`<${Inbox} name=${inbox} key=${inbox} />`}
  </div>`;
}
