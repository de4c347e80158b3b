// Visitors: simulated people who open conversations and write, and their scripted replies.

import { html, useEffect, useState } from '../lib/html.js';
import { call } from '../lib/api.js';
import { changed, useResource } from '../lib/store.js';
import { plural, span, time } from '../lib/format.js';
import { attempt, Button, Chip, Failure, Field, Loading } from '../ui/parts.js';

/** Maximum number of steps that are shown. */
const ACTS = 30;

const words = (act) => act.replaceAll('_', ' ');

function Script({ onDone }) {
  const [form, setForm] = useState({ request: '', reply: '', after: '3s' });
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    if (!(await attempt(() => call('POST', 'visitors', form), 'The visitor replies from now on'))) return;
    setForm({ ...form, reply: '' });
    onDone();
  };
  return html`<form class="block form" onSubmit=${submit} aria-label="Script a visitor"><header class="block-head"><h2>Script a visitor</h2></header>
    <p class="muted">The visitor of one conversation replies to each further message of an agent.</p>
    <div class="grid"><${Field} label="Conversation" hint="Its request_id"><input value=${form.request} onInput=${set('request')} required autocomplete="off" spellcheck="false" placeholder="support-group-…" /></${Field}>
      <${Field} label="Reply"><input value=${form.reply} onInput=${set('reply')} required autocomplete="off" placeholder="Thanks, that helps" /></${Field}>
      <${Field} label="After" hint="According to the sandbox's clock"><input value=${form.after} onInput=${set('after')} required autocomplete="off" /></${Field}></div>
    <footer><button class="button"><span>Add reply</span></button></footer></form>`;
}

const Conversation = ({ id }) => html`<a class="mono" href="#/state/requests" title="The conversations in State">${id}</a>`;

export function Visitors() {
  const { data, error, reload } = useResource('visitors', ['calls', 'clock', 'visitors', 'webhooks']);
  const frozen = useResource('clock', ['clock']).data?.frozen;
  const [rate, setRate] = useState('');
  const [acts, setActs] = useState([]);
  useEffect(() => {
    const timer =
      data?.running &&
      setInterval(() => {
        if (!document.hidden) reload();
      }, 2000);
    return () => clearInterval(timer);
  }, [data?.running]);
  const start = async (event) => {
    event.preventDefault();
    await attempt(() => call('POST', 'visitors', rate ? { rate: Number(rate) } : {}), 'Visitors come from now on');
    reload();
  };
  const stop = () => attempt(() => call('DELETE', 'visitors'), 'Visitors stopped').then(reload);
  const step = () =>
    attempt(() => call('POST', 'visitors/step'), 'One step made').then((act) => {
      if (act?.act) setActs((all) => [act, ...all].slice(0, ACTS));
      changed('documents');
      reload();
    });
  const { open = [], scripted = [] } = data ?? {};
  return html`<div class="view page">
    <header class="bar">
      <h2>Visitors</h2>
      ${
        data &&
        html`<${Chip} tone=${data.running ? 'running' : ''}>${data.running ? 'running' : 'stopped'}</${Chip}>
      <span class="muted">${data.count !== undefined && plural(data.count, 'visitor')}</span>`
      }
    </header>
    <div class="content">
      <${Failure} error=${error} retry=${reload} />${!data && !error && html`<${Loading} />`}
      ${
        data &&
        html`<section class="block" aria-label="Control">
        <p class="muted">Simulated visitors open conversations; agents and bots reply, tag, and close them. Watch the webhooks and frames in <a href="#/traffic">Traffic</a>.</p>
        ${data.running && frozen && html`<p class="warning">The clock is frozen, so nothing happens until it runs or is advanced. See <a href="#/time">Time</a>.</p>`}
        <form class="inline" onSubmit=${start}><${Field} label="Rate" hint="Conversations per minute of the sandbox's clock"><input type="number" min="1" max="600" value=${rate} placeholder=${String(data.rate ?? 6)} onInput=${(event) => setRate(event.target.value)} /></${Field}>
          <button class="button primary"><span>${data.running ? 'Apply' : 'Start'}</span></button>
          ${data.running && html`<${Button} icon="pause" onClick=${stop}>Stop</${Button}>`}
          <${Button} icon="skip" onClick=${step}>One step</${Button}></form></section>
      ${
        acts.length > 0 &&
        html`<section class="block" aria-label="Steps">
          <header class="block-head"><h2>Steps</h2></header>
          <ol class="acts">
            ${acts.map((act, index) => html`<li key=${acts.length - index}><${Chip} tone="accent">${words(act.act)}</${Chip}> <strong>${act.visitor}</strong> <span>${act.text ?? ''}</span></li>`)}
          </ol>
        </section>`
      }
      ${
        open.length > 0 &&
        html`<section class="block" aria-label="Open conversations">
          <div class="scroll" tabindex="0" role="group" aria-label="Open conversations">
            <table class="data">
              <thead>
                <tr>
                  <th>Visitor</th>
                  <th>Conversation</th>
                  <th class="right">Next act (UTC)</th>
                </tr>
              </thead>
              <tbody>
                ${open.map(
                  (visit) =>
                    html`<tr key=${visit.request}>
                      <th scope="row">${visit.visitor}</th>
                      <td><${Conversation} id=${visit.request} /></td>
                      <td class="right mono">${time(visit.next)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
        </section>`
      }
      ${
        scripted.length > 0 &&
        html`<section class="block" aria-label="Scripted visitors">
          <div class="scroll" tabindex="0" role="group" aria-label="Scripted visitors">
            <table class="data">
              <thead>
                <tr>
                  <th>Conversation</th>
                  <th>Reply</th>
                  <th class="right">After</th>
                  <th class="right">Sent</th>
                </tr>
              </thead>
              <tbody>
                ${scripted.map(
                  (one) =>
                    html`<tr key=${one.request}>
                      <td><${Conversation} id=${one.request} /></td>
                      <td>${one.reply}</td>
                      <td class="right mono">${span(one.after)}</td>
                      <td class="right mono">${one.sent}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
        </section>`
      }
      <${Script} onDone=${reload} />`
      }
    </div>
  </div>`;
}
