// One webhook delivery: its attempts and its payload.

import { html, useState } from '../lib/html.js';
import { call } from '../lib/api.js';
import { useResource } from '../lib/store.js';
import { dateTime, time } from '../lib/format.js';
import { attempt, Button, Chip, Failure, Loading, Status, Tabs } from '../ui/parts.js';
import { Json } from '../ui/json.js';

const inboxOf = (target) => /\/_control\/webhooks\/inbox\/([^/?#]+)/.exec(target)?.[1];

const hints = {
  pending: "The next attempt follows according to the sandbox's clock. While the clock is frozen or deliveries are paused, nothing is sent.",
  failed: 'All attempts failed.',
  refused: 'The target is not allowed by the option --webhooks.',
};

export function Delivery({ id, onClose }) {
  const { data, error, reload } = useResource('webhooks', ['webhooks']);
  const [tab, setTab] = useState('attempts');
  const delivery = data?.deliveries.find((one) => one.id === id);
  const inbox = delivery && inboxOf(delivery.target);
  const again = () => attempt(() => call('POST', 'webhooks/redeliver', { id }), `Delivery ${id} is sent again`).then(reload);
  return html`<section class="detail" aria-label=${`Delivery ${id}`}>
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${onClose} />
      <h2>Delivery ${id}</h2>
      <span class="grow"></span>${delivery && html`<${Button} icon="replay" onClick=${again}>Redeliver</${Button}>`}
    </header>
    <div class="body">
      <${Failure} error=${error} retry=${reload} />
      ${!data && !error && html`<${Loading} />`} ${data && !delivery && html`<p class="muted nothing">This delivery was discarded by a rewind or a restored snapshot, or is no longer kept.</p>`}
      ${
        delivery &&
        html`
        <div class="call-line"><code class="url">${delivery.target}</code></div>
        <dl class="facts">
          <div><dt>State</dt><dd><${Chip} tone=${delivery.state}>${delivery.state}</${Chip}></dd></div>
          <div><dt>Event</dt><dd>${delivery.event}</dd></div>
          <div><dt>Attempts</dt><dd>${delivery.attempts.length}</dd></div>
          ${
            inbox &&
            html`<div>
              <dt>Inbox</dt>
              <dd><a href=${`#/webhooks/inbox/${inbox}`}>${inbox}</a></dd>
            </div>`
          }
        </dl>
        ${hints[delivery.state] && html`<p class="muted">${hints[delivery.state]}</p>`}
        <${Tabs} label="Parts of the delivery" value=${tab} onChange=${setTab}
          tabs=${[
            { key: 'attempts', name: 'Attempts', count: delivery.attempts.length },
            { key: 'payload', name: 'Payload' },
          ]}>
          ${
            tab === 'payload'
              ? html`<${Json} value=${delivery.body} label="Payload" />`
              : delivery.attempts.length === 0
                ? html`<p class="muted nothing">Not sent yet.</p>`
                : html`<table class="data">
                    <thead>
                      <tr>
                        <th>#</th>
                        <th>Time (UTC)</th>
                        <th>Result</th>
                        <th class="right">Duration</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${delivery.attempts.map(
                        (one, index) =>
                          html`<tr key=${index}>
                            <td>${index + 1}</td>
                            <td class="mono"><span title=${one.at}>${dateTime(one.at).slice(0, 10)} ${time(one.at)}</span></td>
                            <td>
                              ${one.status ? html`<${Status} status=${one.status} />` : html`<span class="bad">${one.error ?? 'no response'}</span>`}
                            </td>
                            <td class="mono right">${one.latency} ms</td>
                          </tr>`,
                      )}
                    </tbody>
                  </table>`
          }
        </${Tabs}>`
      }
    </div>
  </section>`;
}

export { inboxOf };
