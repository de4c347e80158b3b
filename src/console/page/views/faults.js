// Faults: which calls fail, how often, and how.

import { html, useEffect, useState } from '../lib/html.js';
import { call, get, withoutSandbox } from '../lib/api.js';
import { go } from '../lib/route.js';
import { useResource } from '../lib/store.js';
import { plural } from '../lib/format.js';
import { attempt, Button, Chip, confirm, Empty, Failure, Field, Message, Segments, Select } from '../ui/parts.js';
import { Json } from '../ui/json.js';

const methods = ['', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, method || 'Any']);
const effects = [
  ['status', 'Error status'],
  ['delay', 'Delay'],
  ['reset', 'Lost connection'],
  ['cut', 'Cut body'],
  ['malformed', 'Broken JSON'],
];
const initial = {
  name: '',
  operation: '',
  method: '',
  path: '',
  effect: 'status',
  status: '503',
  retryAfter: '',
  body: '',
  delay: '1000',
  jitter: '',
  reset: 'before',
  cut: '20',
  times: '2',
  nth: '',
  probability: '',
};

const number = (text) => (text === '' ? undefined : Number(text));
const given = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));

/** The fault that the form describes. Throws if the body isn't JSON. */
function faultOf(form, preset) {
  const match = given({ operation: form.operation.trim(), method: form.method, path: form.path.trim() });
  const body = form.body.trim() ? JSON.parse(form.body) : undefined;
  const effect = {
    status: () => ({ status: number(form.status), retryAfter: number(form.retryAfter), body }),
    delay: () => ({ delay: number(form.delay), jitter: number(form.jitter) }),
    reset: () => ({ reset: form.reset }),
    cut: () => ({ cut: number(form.cut) }),
    malformed: () => ({ malformed: true }),
  };
  return given({
    name: form.name.trim(),
    ...(preset ? { preset } : {}),
    match: Object.keys(match).length ? match : undefined,
    times: number(form.times),
    nth: number(form.nth),
    probability: number(form.probability),
    effect: preset ? undefined : given(effect[form.effect]()),
  });
}

/** The conditions for calls like a recorded one. */
const likeOf = ({ operation, request: { method, path } }) => (operation ? { operation } : { method, path: withoutSandbox(path) });

let operations = null;

/** All operation ids, for completion. */
function useOperations() {
  const [names, setNames] = useState(operations ?? []);
  useEffect(() => {
    if (!operations)
      get('coverage').then(
        ({ details = [] }) => setNames((operations = details.map(({ operation }) => operation))),
        () => {},
      );
  }, []);
  return names;
}

/** The form; if the example is known, for calls like it, which is number `from`. */
function NewFault({ from, example, onDone }) {
  const [form, setForm] = useState({
    ...initial,
    ...(example && likeOf(example)),
  });
  const [error, setError] = useState(null);
  const names = useOperations();
  const set = (name) => (event) => setForm({ ...form, [name]: event.target?.value ?? event });
  const input = (name, props = {}) => html`<input value=${form[name]} onInput=${set(name)} autocomplete="off" ...${props} />`;
  let fault = null;
  try {
    fault = faultOf(form);
  } catch {
    /* The body is incomplete. */
  }
  const submit = async (event) => {
    event.preventDefault();
    try {
      await call('POST', 'faults', faultOf(form));
      onDone();
    } catch (failure) {
      setError(failure instanceof SyntaxError ? { message: `The body is not valid JSON: ${failure.message}` } : failure);
    }
  };
  return html`<form class="block form" onSubmit=${submit} aria-label="New fault">
    <header class="block-head"><h2>${example ? `Make calls like #${from} fail` : 'New fault'}</h2></header>
    <fieldset><legend>Which calls</legend><div class="grid">
      <${Field} label="Operation" hint="Empty: any">${input('operation', { list: 'operations', placeholder: 'get_lead', spellcheck: false })}</${Field}>
      <datalist id="operations">${names.map((name) => html`<option value=${name} />`)}</datalist>
      <${Field} label="Method"><${Select} value=${form.method} onChange=${set('method')} options=${methods} /></${Field}>
      <${Field} label="Path" hint="* within a segment, ** across segments">${input('path', { placeholder: '/v3/*/leads/**', spellcheck: false })}</${Field}>
    </div></fieldset>
    <fieldset><legend>What happens</legend>
      <${Segments} label="Effect" value=${form.effect} onChange=${set('effect')} options=${effects} />
      <div class="grid">
        ${
          form.effect === 'status' &&
          html`<${Field} label="Status" hint="400 to 599">${input('status', { type: 'number', min: 400, max: 599, required: true })}</${Field}>
          <${Field} label="Retry-After" hint="Seconds; optional">${input('retryAfter', { type: 'number', min: 0 })}</${Field}>
          <${Field} label="Body" hint="JSON; empty: the API's own">${input('body', { placeholder: '{"success":false}', spellcheck: false })}</${Field}>`
        }
        ${
          form.effect === 'delay' &&
          html`<${Field} label="Delay" hint="Milliseconds">${input('delay', { type: 'number', min: 0, max: 600000, required: true })}</${Field}>
          <${Field} label="Jitter" hint="Up to this many more">${input('jitter', { type: 'number', min: 0, max: 600000 })}</${Field}>`
        }
        ${
          form.effect === 'reset' &&
          html`<${Field} label="When" hint="After: only the response is lost"><${Select} value=${form.reset} onChange=${set('reset')} options=${[
            ['before', 'Before the call is executed'],
            ['after', 'After the call is executed'],
          ]} /></${Field}>`
        }
        ${form.effect === 'cut' && html`<${Field} label="Bytes" hint="Then the connection is closed">${input('cut', { type: 'number', min: 0, required: true })}</${Field}>`}
        ${form.effect === 'malformed' && html`<p class="muted">The JSON of the response is broken.</p>`}
      </div></fieldset>
    <fieldset><legend>How often</legend><div class="grid">
      <${Field} label="Times" hint="Empty: every matching call">${input('times', { type: 'number', min: 1 })}</${Field}>
      <${Field} label="Only the nth call" hint="Optional">${input('nth', { type: 'number', min: 1 })}</${Field}>
      <${Field} label="Probability" hint="0 to 1; optional">${input('probability', { type: 'number', min: 0, max: 1, step: 'any' })}</${Field}>
      <${Field} label="Name" hint="Shown in the journal; optional">${input('name')}</${Field}>
    </div></fieldset>
    <details><summary>As JSON</summary>${fault && html`<${Json} value=${fault} label="Fault" />`}</details>
    <${Failure} error=${error} />
    <footer><${Button} onClick=${() => go(['faults'])}>Cancel</${Button}><button class="button primary"><span>Add fault</span></button></footer>
  </form>`;
}

const presetsOf = (data) => (Array.isArray(data) ? data : (data?.presets ?? ['flaky', 'slow', 'down'].map((name) => ({ name }))));
const descriptions = { flaky: '500 for one call in five, by chance', slow: '0.5 to 2 seconds of delay', down: '503 for every call' };

export function Faults({ path }) {
  const { data, error, reload } = useResource('faults', ['faults', 'calls']);
  const presets = useResource('faults/presets');
  const faults = data?.faults ?? [];
  const adding = path[0] === 'new';
  const example = useResource(adding && path[1] ? `journal/${path[1]}` : null);
  const add = (preset) =>
    attempt(() => call('POST', 'faults', preset.fault ?? preset.json ?? { preset: preset.name }), `Fault “${preset.name}” added`).then(
      reload,
    );
  const remove = (fault) => attempt(() => call('DELETE', `faults/${fault.id}`), `Fault “${fault.name}” removed`).then(reload);
  const clear = async () => {
    if (await confirm('Remove all faults?', 'Calls are answered normally again.', 'Remove all'))
      await attempt(() => call('DELETE', 'faults'), 'All faults removed').then(reload);
  };
  return html`<div class="view page">
    <header class="bar">
      <h2>Faults</h2>
      <span class="muted">${data && plural(faults.length, 'fault')}</span
      ><span class="grow"></span> ${faults.length > 0 && html`<${Button} icon="trash" onClick=${clear}>Remove all</${Button}>`}
      ${!adding && html`<${Button} icon="plus" kind="primary" onClick=${() => go(['faults', 'new'])}>New fault</${Button}>`}
    </header>
    <div class="content">
      <${Failure} error=${error} retry=${reload} />
      <${Failure} error=${example.error} />
      ${
        adding &&
        !example.loading &&
        html`<${NewFault}
          from=${path[1]}
          example=${example.data}
          key=${path[1]}
          onDone=${() => {
            reload();
            go(['faults']);
          }}
        />`
      }
      <section class="block" aria-label="Presets">
        <header class="block-head"><h2>Presets</h2></header>
        <div class="presets">
          ${presetsOf(presets.data).map(
            (preset) =>
              html`<button type="button" class="preset" key=${preset.name} onClick=${() => add(preset)}>
                <strong>${preset.name}</strong><span><${Message} text=${preset.description ?? descriptions[preset.name]} /></span>
              </button>`,
          )}
        </div>
      </section>
      ${
        data &&
        (faults.length
          ? html`<section class="block" aria-label="Active faults">
              <div class="scroll" tabindex="0" role="group" aria-label="Faults">
                <table class="data">
                  <thead>
                    <tr>
                      <th>#</th>
                      <th>Name</th>
                      <th>Operation</th>
                      <th class="right">Matched</th>
                      <th class="right">Applied</th>
                      <th><span class="hidden">Actions</span></th>
                    </tr>
                  </thead>
                  <tbody>
                    ${faults.map(
                      (
                        fault,
                      ) => html`<tr key=${fault.id}><td>${fault.id}</td><td><${Chip} tone="fault">${fault.name}</${Chip}></td><td class="mono">${fault.operation ?? html`<span class="muted">any</span>`}</td>
            <td class="right mono">${fault.matched}</td><td class="right mono">${fault.applied}</td><td class="right"><${Button} kind="small" onClick=${() => remove(fault)} label=${`Remove ${fault.name}`}>Remove</${Button}></td></tr>`,
                    )}
                  </tbody>
                </table>
              </div>
            </section>`
          : !adding &&
            html`<${Empty} icon="faults" title="No faults"><p>Every call is answered normally. Add a preset or a fault, or choose “Make it fail” on a call in <a href="#/traffic">Traffic</a>.</p></${Empty}>`)
      }
    </div>
  </div>`;
}
