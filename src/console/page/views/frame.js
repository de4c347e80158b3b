// One frame of the realtime API.

import { html } from '../lib/html.js';
import { dateTime } from '../lib/format.js';
import { Button, Chip } from '../ui/parts.js';
import { Json } from '../ui/json.js';

const directions = { in: 'from the client', out: 'to the client' };

export function Frame({ frame, onClose }) {
  return html`<section class="detail" aria-label="Frame">
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${onClose} />
      <h2>WebSocket frame</h2>
    </header>
    <div class="body" tabindex="0" role="group" aria-label="Details of the frame">
      ${
        frame
          ? html`<div class="call-line"><code class="url">${frame.path}</code></div>
              <dl class="facts">
                <div><dt>Direction</dt><dd><${Chip}>${frame.direction}</${Chip}> ${directions[frame.direction] ?? ''}</dd></div>
                <div><dt>Kind</dt><dd>${frame.operation || '—'}</dd></div>
                <div><dt>Time</dt><dd title=${frame.at}>${dateTime(frame.at)}</dd></div>
                <div><dt>Caused by</dt><dd>${frame.id === null ? '—' : html`<a href=${`#/traffic/${frame.id}`}>Call ${frame.id}</a>`}</dd></div>
              </dl>
              ${frame.payload === undefined ? html`<p class="muted nothing">The payload is not recorded.</p>` : html`<${Json} value=${frame.payload} label="Payload" />`}`
          : html`<p class="muted nothing">This frame is no longer in the timeline.</p>`
      }
    </div>
  </section>`;
}
