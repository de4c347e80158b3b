// One call: what was sent and returned, why it was rejected, what it changed and caused, and what can be done with it.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { call, consoleOf, sandbox } from '../lib/api.js';
import { forms } from '../lib/clients.js';
import { fixtureOf } from '../lib/fixture.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { callOf } from '../lib/timeline.js';
import { changed, useResource } from '../lib/store.js';
import { dateTime, download, json, micros, plural } from '../lib/format.js';
import {
  attempt,
  Button,
  Chip,
  confirm,
  copy,
  Dialog,
  Failure,
  Field,
  Loading,
  Menu,
  Message,
  Method,
  notify,
  Status,
  Tabs,
} from '../ui/parts.js';
import { countChanges, Difference, Headers, Json } from '../ui/json.js';

const causes = {
  caller: ['Rejected: the call is wrong', 'The call breaks a rule of the API.'],
  quirk: ['Rejected: a quirk of the API', 'The real API behaves like this, too.'],
  gap: ['Rejected: not supported', 'The mock does not support this.'],
  fault: ['Failed: an injected fault', 'The call is fine; a fault was injected.'],
};

function Explanation({ explanation }) {
  const { rule, cause, quirk, errors = [], ignored = [], curl, contract, example } = explanation;
  const [title, text] = causes[cause] ?? ['Some parameters had no effect', 'The call was accepted.'];
  return html`<section class=${`explanation ${cause ?? ''}`} aria-label="Explanation">
    <h3>${title}</h3>
    <p><${Message} text=${rule || text} /></p>
    ${quirk && html`<p class="muted"><${Message} text=${quirk} /></p>`}
    ${
      errors.length > 0 &&
      html`<ul>
        ${errors.map(({ pointer, detail }) => html`<li><code>${pointer}</code> <${Message} text=${detail} /></li>`)}
      </ul>`
    }
    ${ignored.length > 0 && html`<p>Ignored query parameters: ${ignored.map((name) => html`<code>${name}</code> `)}</p>`}
    ${
      (contract || example || curl) &&
      html`<details>
        <summary>What would work</summary>
        ${contract?.summary && html`<p><strong>${contract.summary}</strong> ${contract.description}</p>`}
        ${example !== undefined && example !== null && html`<${Json} value=${example} label="Example body" />`}
        ${curl && html`<${Json} value=${curl} label="Corrected call" />`}
      </details>`
    }
  </section>`;
}

const Part = ({ headers, body, label, truncated }) =>
  html` <details class="headers" open>
      <summary>Headers <span class="count">${Object.keys(headers ?? {}).length}</span></summary>
      <${Headers} headers=${headers} />
    </details>
    ${body === undefined || body === null ? html`<p class="muted nothing">No body.</p>` : html`<${Json} value=${body} label=${label} />`}
    ${truncated && html`<p class="muted">The recorded body is truncated.</p>`}`;

const Query = ({ query }) => {
  const values = [...new URLSearchParams(query ?? '')];
  return (
    values.length > 0 &&
    html`<h3>Query</h3>
      <dl class="pairs">
        ${values.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>`
  );
};

function Effects({ entry }) {
  const { events = [], deliveries = [], frames = [] } = entry;
  if (!events.length && !deliveries.length && !frames.length) {
    return html`<p class="muted nothing">This call published no event, sent no webhook, and pushed no frame.</p>`;
  }
  return html` ${
    events.length > 0 &&
    html`<h3>Events</h3>
      <ul class="links">
        ${events.map((event) => html`<li><code>${event.name}</code></li>`)}
      </ul>`
  }
  ${
    deliveries.length > 0 &&
    html`<h3>Webhook deliveries</h3>
      <ul class="links">
        ${deliveries.map((id) => html`<li><a href=${`#/traffic/delivery/${id}`}>Delivery ${id}</a></li>`)}
      </ul>`
  }
  ${
    frames.length > 0 &&
    html`<h3>WebSocket frames</h3>
      <ul class="links">
        ${frames.map((frame) =>
          frame.topic
            ? html`<li><code>${frame.topic}</code> <span class="muted">${frame.kind}</span></li>`
            : html`<li>${String(frame)}</li>`,
        )}
      </ul>`
  }`;
}

const stateGone = (error) =>
  error.status === 410
    ? html`<p class="muted nothing">The state before this call is no longer kept: ${error.message}</p>`
    : html`<${Failure} error=${error} />`;

function Changes({ changes }) {
  if (changes.error) return stateGone(changes.error);
  if (!changes.data) return html`<${Loading} />`;
  return countChanges(changes.data)
    ? html`<${Difference} difference=${changes.data} />`
    : html`<p class="muted nothing">This call changed no document.</p>`;
}

/** Asks for the name of a sandbox that starts before the call. */
export function Branch({ number, onClose }) {
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const name = event.target.elements.name.value.trim();
    try {
      await call('POST', `journal/${number}/branch`, { sandbox: name });
      location.assign(consoleOf(name));
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<${Dialog} title=${`Branch before call ${number}`} onClose=${onClose}><form onSubmit=${submit}>
    <p>Creates a sandbox with the state just before this call, and opens it. This sandbox stays as it is.</p>
    <${Field} label="Name of the sandbox" hint="Letters, digits, hyphens, underscores, and dots"><input name="name" required maxlength="64" pattern="[A-Za-z0-9_.\\-]+" value=${`${sandbox}-${number}`} autofocus autocomplete="off" /></${Field}>
    <${Failure} error=${error} />
    <footer><${Button} onClick=${onClose}>Cancel</${Button}><button class="button primary"><span>Create and open</span></button></footer>
  </form></${Dialog}>`;
}

export async function rewind(number) {
  if (
    !(await confirm(
      `Rewind to before call ${number}?`,
      'All documents and the clock return to the moment before this call. Pending webhook deliveries are discarded. The journal stays.',
      'Rewind',
    ))
  )
    return;
  await attempt(() => call('POST', `journal/${number}/rewind`), `State rewound to before call ${number}`);
  for (const what of ['documents', 'clock', 'webhooks']) changed(what);
}

export function Call({ number, onClose }) {
  const row = callOf(number);
  const entry = useResource(`journal/${number}`, row?.status === null ? ['calls'] : []);
  const changes = useResource(`journal/${number}/changes`);
  const status = entry.data?.response?.status ?? row?.status;
  const refused = status >= 400 || Boolean(entry.data?.fault);
  const explanation = useResource(entry.data && (refused || entry.data.ignored?.length) ? `explain/${number}` : null);
  const [tab, setTab] = useState('response');
  const [branching, setBranching] = useState(false);
  const { data } = entry;
  const replay = () =>
    attempt(
      () => call('POST', `journal/${number}/replay`),
      (made) => {
        if (made?.number) go(['traffic', made.number], true);
        return `Replayed as call ${made?.number}: ${made?.status}`;
      },
    );
  const fail = () => go(['faults', 'new', number]);
  const copyAs = (form) => {
    if (!data) return;
    const { text, flaw } = form.make(data);
    copy(text, form.name, flaw);
  };
  const save = async () => {
    const fixture = await attempt(() => fixtureOf(data, changes.data));
    if (!fixture) return;
    const { world, count, note } = fixture;
    if (!world) notify('This call read and wrote no document that still exists', 'bad');
    else {
      download(`call-${number}.json`, `${json(world)}\n`);
      notify([`Saved ${plural(count, 'document')}`, note, `as call-${number}.json`].filter(Boolean).join(' '));
    }
  };
  useLayoutEffect(() => bind({ c: () => copyAs(forms[0]), r: replay, f: fail, w: () => rewind(number), b: () => setBranching(true) }), [data]);
  const count = countChanges(changes.data);
  const effects = data ? (data.events?.length ?? 0) + (data.deliveries?.length ?? 0) + (data.frames?.length ?? 0) : 0;
  return html`<section class="detail" aria-label=${`Call ${number}`}>
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${onClose} />
      <h2>Call ${number}</h2>
      <span class="grow"></span>
      ${
        data &&
        html`<${Menu} icon="copy" label="Copy as" items=${forms.map((form) => ({ name: form.name, act: () => copyAs(form) }))} />
      <${Button} icon="replay" onClick=${replay}>Replay</${Button}>`
      }
    </header>
    ${
      entry.error
        ? html`<div class="body"><${Failure} error=${entry.error} retry=${entry.reload} /></div>`
        : !data
          ? html`<${Loading} />`
          : html`<div class="body">
      <div class="call-line"><${Method} method=${data.request.method} /><code class="url">${data.request.path}${data.request.query ? `?${data.request.query.replace(/^\?/, '')}` : ''}</code></div>
      <dl class="facts">
        <div><dt>Status</dt><dd><${Status} status=${status} /></dd></div>
        <div><dt>Operation</dt><dd>${data.operation ?? '—'}</dd></div>
        <div><dt>Duration</dt><dd>${micros(data.duration)}</dd></div>
        <div><dt>Time</dt><dd title=${data.at}>${dateTime(data.at)}</dd></div>
        <div><dt>Client</dt><dd>${data.request.headers?.['user-agent'] ?? '—'}</dd></div>
        ${data.fault && html`<div><dt>Fault</dt><dd><${Chip} tone="fault">${data.fault}</${Chip}></dd></div>`}
      </dl>
      <div class="actions">
        <${Button} icon="faults" onClick=${fail}>Make it fail</${Button}>
        <${Button} icon="rewind" onClick=${() => rewind(number)}>Rewind to before</${Button}>
        <${Button} icon="branch" onClick=${() => setBranching(true)}>Branch</${Button}>
        <${Button} icon="save" onClick=${save}>Save as fixture</${Button}>
      </div>
      ${explanation.data && (explanation.data.cause || explanation.data.ignored?.length > 0) && html`<${Explanation} explanation=${explanation.data} />`}
      <${Tabs} label="Parts of the call" value=${tab} onChange=${setTab} tabs=${[
        { key: 'response', name: 'Response' },
        { key: 'request', name: 'Request' },
        { key: 'changes', name: 'Changes', count },
        { key: 'effects', name: 'Effects', count: effects },
      ]}>
        ${tab === 'response' && (data.response ? html`<${Part} ...${data.response} label="Response body" />` : html`<p class="muted nothing">No response was sent${data.fault ? ': a fault closed the connection' : ' yet'}.</p>`)}
        ${tab === 'request' && html`<${Query} query=${data.request.query} /><${Part} ...${data.request} label="Request body" />`}
        ${tab === 'changes' && html`<${Changes} changes=${changes} />`}
        ${tab === 'effects' && html`<${Effects} entry=${data} />`}
      </${Tabs}>
    </div>`
    }
    ${branching && html`<${Branch} number=${number} onClose=${() => setBranching(false)} />`}
  </section>`;
}
