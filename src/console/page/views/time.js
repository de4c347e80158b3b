// Time: the clock of the sandbox, its snapshots, and the way back to before any call.

import { html, useState } from '../lib/html.js';
import { call, part } from '../lib/api.js';
import { timeline } from '../lib/timeline.js';
import { changed, useResource, useStore } from '../lib/store.js';
import { dateTime, plural, span, time } from '../lib/format.js';
import { attempt, Button, Chip, confirm, Empty, Failure, Field, Loading, Method, Select, Status } from '../ui/parts.js';
import { useNow } from '../ui/clock.js';
import { Branch, rewind } from './call.js';

const steps = [
  ['1m', '+1 min'],
  ['1h', '+1 h'],
  ['1d', '+1 d'],
  ['31d', '+31 d'],
];
const speeds = [1, 2, 10, 60, 600, 3600].map((speed) => [String(speed), `${speed}×`]);

const speedsWith = (speed) => (speeds.some(([key]) => key === String(speed)) ? speeds : [...speeds, [String(speed), `${speed}×`]]);

const events = {
  retry: 'Retry of a webhook delivery',
  expiry: 'Expiry of a custom event, file, or verification code',
  trial: 'End of a trial',
  subscription: 'End of a paid subscription',
  visit: 'Act of a simulated visitor',
};

function Clock() {
  const { data, error, reload } = useResource('clock', ['clock', 'webhooks', 'calls', 'snapshots']);
  const now = useNow(data, 200);
  const [advance, setAdvance] = useState('');
  const [date, setDate] = useState('');
  const change = (body, text) =>
    attempt(() => call('PUT', 'clock', body), text).then((done) => {
      changed('clock');
      return done;
    });
  const submit = (event) => {
    event.preventDefault();
    change({ advance }, `Clock advanced by ${advance}`).then((done) => done && setAdvance(''));
  };
  const jump = (event) => {
    event.preventDefault();
    change({ set: new Date(`${date}Z`).toISOString() }, 'Clock set').then((done) => done && setDate(''));
  };
  if (!data) return error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Loading} />`;
  const { next, frozen, speed } = data;
  return html`<div class="cards">
    <section class="card clock-card" aria-label="Clock">
      <h2>Clock <${Chip} tone=${frozen ? 'frozen' : 'running'}>${frozen ? 'frozen' : speed > 1 ? `running at ${speed}×` : 'running'}</${Chip}></h2>
      <p class="now"><span>${dateTime(now).slice(0, 10)}</span> <strong>${time(now).slice(0, 8)}</strong><small>${time(now).slice(8)} UTC</small></p>
      <div class="actions">
        ${
          frozen
            ? html`<${Button} icon="play" kind="primary" onClick=${() => change({ speed: 1 }, 'The clock runs')}>Run</${Button}>`
            : html`<${Button} icon="pause" kind="primary" onClick=${() => change({ freeze: 'now' }, 'Clock frozen')}>Freeze</${Button}>
            <${Select} label="Speed" value=${String(speed)} options=${speedsWith(speed)} onChange=${(value) => change({ speed: Number(value) }, `The clock runs at ${value}×`)} />`
        }
        <${Button} onClick=${() => change({ real: true }, 'The clock follows the real time')}>Real time</${Button}>
      </div>
    </section>
    <section class="card" aria-label="Advance">
      <h2>Advance</h2>
      <div class="actions">${steps.map(([value, name]) => html`<${Button} key=${value} onClick=${() => change({ advance: value }, `Clock advanced by ${value}`)}>${name}</${Button}>`)}</div>
      <form class="inline" onSubmit=${submit}><${Field} label="By a duration"><input value=${advance} onInput=${(event) => setAdvance(event.target.value)} placeholder="2h 30m" required autocomplete="off" /></${Field}><button class="button"><span>Advance</span></button></form>
      <form class="inline" onSubmit=${jump}><${Field} label="To a date (UTC)"><input type="datetime-local" step="1" value=${date} onInput=${(event) => setDate(event.target.value)} required /></${Field}><button class="button"><span>Set</span></button></form>
    </section>
    <section class="card" aria-label="Next event">
      <h2>Next event</h2>
      ${
        next
          ? html`<p class="next"><strong>${events[next.what] ?? next.what}</strong><br /><span class="mono">${dateTime(next.at)}</span> <span class="muted">in ${span(Date.parse(next.at) - Date.parse(now))}</span></p>
        <div class="actions"><${Button} icon="skip" kind="primary" onClick=${() => change({ next: true }, 'Clock moved to the next event')}>Jump to it</${Button}></div>`
          : html`<p class="muted">Nothing is scheduled.</p>`
      }
    </section>
  </div>`;
}

function NewSnapshot({ onDone }) {
  const [name, setName] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    if (await attempt(() => call('POST', `snapshots/${part(name)}`), `Snapshot “${name}” taken`)) {
      setName('');
      onDone();
    }
  };
  return html`<form class="inline" onSubmit=${submit}><${Field} label="New snapshot"><input value=${name} onInput=${(event) => setName(event.target.value)} placeholder="before-checkout" required maxlength="64" pattern="(?!\\.{1,2}$).*" title="Any name but . and .." autocomplete="off" /></${Field}>
    <button class="button primary"><span>Take snapshot</span></button></form>`;
}

/** Snapshots and calls, newest first. Snapshots come before calls of the same time. */
function moments(snapshots, rows, reading) {
  const calls = rows.filter(
    (row) => row.kind === 'call' && row.at && (reading || !['GET', 'HEAD', 'OPTIONS', 'WEBSOCKET'].includes(row.method)),
  );
  const all = [
    ...snapshots.map((snapshot) => ({ snapshot, at: snapshot.at, order: -1 })),
    ...calls.slice(-200).map((row) => ({ row, at: row.at, order: row.id })),
  ];
  return all.sort((one, other) => (one.at === other.at ? other.order - one.order : one.at < other.at ? 1 : -1));
}

function Moments() {
  const { data, error, reload } = useResource('snapshots', ['snapshots']);
  const { rows } = useStore(timeline);
  const [reading, setReading] = useState(false);
  const [branching, setBranching] = useState(null);
  const snapshots = data?.snapshots ?? [];
  const restore = async (name) => {
    if (
      !(await confirm(
        `Restore “${name}”?`,
        'All documents return to the snapshot. Pending webhook deliveries are discarded. Clock, faults, and journal stay.',
        'Restore',
      ))
    )
      return;
    if (await attempt(() => call('POST', `snapshots/${part(name)}/restore`), `Snapshot “${name}” restored`)) changed('documents');
  };
  const remove = async (name) => {
    if (await confirm(`Delete “${name}”?`, "The snapshot can't be restored afterwards.", 'Delete'))
      await attempt(() => call('DELETE', `snapshots/${part(name)}`), 'Snapshot deleted').then(reload);
  };
  const list = moments(snapshots, rows, reading);
  return html`<section class="block" aria-label="History">
    <header class="block-head">
      <h2>History</h2>
      <span class="muted">${plural(snapshots.length, 'snapshot')}</span><span class="grow"></span>
      <label class="check"
        ><input type="checkbox" checked=${reading} onChange=${(event) => setReading(event.target.checked)} /> Show reading calls</label
      >
    </header>
    <${NewSnapshot} onDone=${reload} />
    <${Failure} error=${error} retry=${reload} />
    ${
      list.length === 0
        ? html`<${Empty} icon="time" title="No history yet"><p>Take a snapshot to return to, or send a call that changes something: you can rewind to before it.</p></${Empty}>`
        : html`<ol class="moments">
            <li class="moment present">
              <span class="dot"></span><span class="what"><strong>Now</strong></span>
            </li>
            ${list.map(({ snapshot, row, at }) =>
              snapshot
                ? html`<li key=${`s${snapshot.name}`} class="moment snapshot"><span class="dot"></span><span class="mono at">${dateTime(at)}</span>
          <span class="what"><${Chip} tone="accent">snapshot</${Chip}> <strong>${snapshot.name}</strong></span>
          <span class="actions"><${Button} kind="small" icon="rewind" onClick=${() => restore(snapshot.name)}>Restore</${Button}>
            <a class="button small" href=${`#/state/compare/${part(snapshot.name)}`}><span>Compare</span></a>
            <${Button} kind="small quiet" icon="trash" label=${`Delete ${snapshot.name}`} onClick=${() => remove(snapshot.name)} /></span></li>`
                : html`<li key=${row.id} class="moment"><span class="dot"></span><span class="mono at">${dateTime(at)}</span>
          <span class="what"><${Method} method=${row.method} /> <${Status} status=${row.status} /> <a href=${`#/traffic/${row.id}`}>#${row.id} ${row.operation || row.path}</a></span>
          <span class="actions"><${Button} kind="small" icon="rewind" onClick=${() => rewind(row.id)}>Rewind to before</${Button}>
            <${Button} kind="small" icon="branch" onClick=${() => setBranching(row.id)}>Branch</${Button}></span></li>`,
            )}
          </ol>`
    }
    ${branching && html`<${Branch} number=${branching} onClose=${() => setBranching(null)} />`}
  </section>`;
}

export const Time = () =>
  html`<div class="view page">
    <header class="bar"><h2>Time</h2></header>
    <div class="content"><${Clock} /><${Moments} /></div>
  </div>`;
