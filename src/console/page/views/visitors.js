// Visitors: simulated people who open conversations and write.

import { html, useState } from '../lib/html.js';
import { call } from '../lib/api.js';
import { useResource } from '../lib/store.js';
import { attempt, Button, Chip, Failure, Field, Loading } from '../ui/parts.js';

const scalar = (value) => value === null || typeof value !== 'object';
const words = (name) => name.replace(/([A-Z])/g, ' $1').replaceAll('_', ' ').toLowerCase();

export function Visitors() {
  const { data, error, reload } = useResource('visitors', ['calls', 'clock']);
  const [rate, setRate] = useState('');
  const start = (event) => {
    event.preventDefault();
    attempt(() => call('POST', 'visitors', rate ? { rate: Number(rate) } : {}), 'Visitors started').then(reload);
  };
  const stop = () => attempt(() => call('DELETE', 'visitors'), 'Visitors stopped').then(reload);
  const step = () => attempt(() => call('POST', 'visitors/step', {}), 'One step made').then(reload);
  return html`<div class="view page"><header class="bar"><h2>Visitors</h2>${data && html`<${Chip} tone=${data.running ? 'running' : ''}>${data.running ? 'running' : 'stopped'}</${Chip}>`}</header>
    <div class="content"><${Failure} error=${error} retry=${reload} />${!data && !error && html`<${Loading} />`}
      ${data && html`<section class="block" aria-label="Control"><p class="muted">Simulated visitors open conversations and write messages, as people on a site would. Watch them in <a href="#/traffic">Traffic</a> and <a href="#/state/requests">State</a>.</p>
        <form class="inline" onSubmit=${start}><${Field} label="Rate" hint="Conversations per minute"><input type="number" min="0" step="any" value=${rate} placeholder=${String(data.rate ?? '')} onInput=${(event) => setRate(event.target.value)} /></${Field}>
          <button class="button primary"><span>${data.running ? 'Apply' : 'Start'}</span></button>
          ${data.running && html`<${Button} icon="pause" onClick=${stop}>Stop</${Button}>`}
          <${Button} icon="skip" onClick=${step}>One step</${Button}></form></section>
      <dl class="facts tall">${Object.entries(data).filter(([name, value]) => scalar(value) && name !== 'running').map(([name, value]) => html`<div key=${name}><dt>${words(name)}</dt><dd>${String(value ?? '—')}</dd></div>`)}</dl>`}
    </div></div>`;
}
