// Sandboxes: isolated copies of the world.

import { html, useState } from '../lib/html.js';
import { call, consoleOf, part, sandbox } from '../lib/api.js';
import { changed, useResource } from '../lib/store.js';
import { dateTime, plural, span } from '../lib/format.js';
import { attempt, Button, Chip, confirm, Failure, Field, Loading, Select } from '../ui/parts.js';

function NewSandbox({ all, onDone }) {
  const [name, setName] = useState('');
  const [from, setFrom] = useState('');
  const [snapshot, setSnapshot] = useState('');
  const [error, setError] = useState(null);
  const source = all.find((one) => one.name === from);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await call('PUT', `sandboxes/${part(name)}`, from ? { sandbox: from, ...(snapshot && { snapshot }) } : {});
      setName('');
      setError(null);
      onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<form class="block form" onSubmit=${submit} aria-label="New sandbox"><header class="block-head"><h2>New sandbox</h2></header>
    <div class="grid"><${Field} label="Name"><input value=${name} onInput=${(event) => setName(event.target.value)} required maxlength="64" pattern="(?!\\.{1,2}$)[A-Za-z0-9_.\\-]+" placeholder="worker-1" autocomplete="off" /></${Field}>
      <${Field} label="Start from"><${Select} value=${from} onChange=${(value) => {
        setFrom(value);
        setSnapshot('');
      }} options=${[['', 'the loaded world'], ...all.map((one) => [one.name, `sandbox ${one.name}`])]} /></${Field}>
      ${source && html`<${Field} label="At"><${Select} value=${snapshot} onChange=${setSnapshot} options=${[['', 'its current state'], ...source.snapshots.map((one) => [one, `snapshot ${one}`])]} /></${Field}>`}
      <button class="button primary"><span>Create</span></button></div>
    <${Failure} error=${error} /></form>`;
}

export function Sandboxes() {
  const { data, error, reload } = useResource('sandboxes', ['sandboxes', 'calls', 'clock', 'snapshots']);
  const all = data?.sandboxes ?? [];
  const reset = async (name) => {
    if (
      !(await confirm(
        `Reset “${name}”?`,
        'Documents, clock, faults, journal, and webhooks return to those of a fresh start. Snapshots are kept.',
        'Reset',
      ))
    )
      return;
    await attempt(() => call('POST', `reset?sandbox=${part(name)}`), `Sandbox “${name}” reset`).then(reload);
  };
  const remove = async (name) => {
    if (!(await confirm(`Delete “${name}”?`, 'The sandbox and its snapshots are gone.', 'Delete'))) return;
    if ((await attempt(() => call('DELETE', `sandboxes/${part(name)}`), `Sandbox “${name}” deleted`)) === undefined) return;
    if (name === sandbox) location.assign(consoleOf('default'));
    else changed('sandboxes');
  };
  return html`<div class="view page">
    <header class="bar">
      <h2>Sandboxes</h2>
      <span class="muted">${data && plural(all.length, 'sandbox', 'sandboxes')}</span>
    </header>
    <div class="content">
      <${Failure} error=${error} retry=${reload} />${!data && !error && html`<${Loading} />`}
      ${
        data &&
        html`<section class="block" aria-label="All sandboxes">
            <div class="scroll" tabindex="0" role="group" aria-label="Sandboxes">
              <table class="data">
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Clock (UTC)</th>
                    <th class="right">Seed</th>
                    <th class="right">Calls</th>
                    <th>Snapshots</th>
                    <th class="right">Idle</th>
                    <th><span class="hidden">Actions</span></th>
                  </tr>
                </thead>
                <tbody>
                  ${all.map(
                    (
                      one,
                    ) => html`<tr key=${one.name}><th scope="row">${one.name === sandbox ? html`<strong>${one.name}</strong> <${Chip} tone="accent">this</${Chip}>` : html`<a href=${consoleOf(one.name)}>${one.name}</a>`}</th>
          <td class="mono">${dateTime(one.now)} <span class="muted">${one.frozen ? 'frozen' : ''}</span></td><td class="right mono">${one.seed}</td><td class="right mono">${one.calls.toLocaleString('en')}</td>
          <td>${one.snapshots.length ? one.snapshots.map((name) => html`<${Chip}>${name}</${Chip}> `) : html`<span class="muted">none</span>`}</td><td class="right mono">${one.idle ? span(one.idle * 1000) : 'now'}</td>
          <td class="right actions"><${Button} kind="small" onClick=${() => reset(one.name)} label=${`Reset ${one.name}`}>Reset</${Button}>${one.name !== 'default' && html`<${Button} kind="small" onClick=${() => remove(one.name)} label=${`Delete ${one.name}`}>Delete</${Button}>`}</td></tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </section>
          <${NewSandbox}
            all=${all}
            onDone=${() => {
              reload();
              changed('sandboxes');
            }}
          />`
      }
    </div>
  </div>`;
}
