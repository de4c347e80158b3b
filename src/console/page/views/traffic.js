// Traffic: calls, WebSocket frames, and webhook deliveries as they happen.

import { html, useLayoutEffect, useMemo, useRef } from '../lib/html.js';
import { base, call, get } from '../lib/api.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { frameOf, noFilter, seen, setFilter, timeline } from '../lib/timeline.js';
import { useStore } from '../lib/store.js';
import { download, json, micros, plural, statusClass, time } from '../lib/format.js';
import { attempt, Button, Chip, confirm, Empty, Method, Search, Select, Status } from '../ui/parts.js';
import { Icon } from '../ui/icons.js';
import { List } from '../ui/list.js';
import { useNarrow } from '../ui/media.js';
import { Call } from './call.js';
import { Delivery } from './delivery.js';
import { Frame } from './frame.js';

const kinds = [
  ['', 'Kind'],
  ['call', 'Calls'],
  ['delivery', 'Webhook deliveries'],
  ['frame', 'WebSocket frames'],
  ['change', 'Changes'],
];

const options = (all, values) => [['', all], ...[...values].sort().map((value) => [String(value), String(value)])];

function Filters() {
  const { filter } = useStore(timeline);
  const search = useRef();
  const change = (name) => (value) => setFilter({ ...filter, [name]: value });
  const active = Object.keys(noFilter).some((name) => filter[name]);
  const statuses = [
    ['', 'Status'],
    ['refused', 'Rejected (4xx, 5xx)'],
    ['2xx', '2xx'],
    ['3xx', '3xx'],
    ['4xx', '4xx'],
    ['5xx', '5xx'],
    ...[...seen.status].sort().map((status) => [String(status), String(status)]),
  ];
  return html`<div class="filters" role="search">
    <${Search} label="Search path, body, client, #number" value=${filter.text} onInput=${change('text')} inputRef=${search} />
    <${Select} label="Kind" value=${filter.kind} onChange=${change('kind')} options=${kinds} />
    <${Select}
      label="Operation"
      value=${filter.operation}
      onChange=${change('operation')}
      options=${options('Operation', seen.operation)}
    />
    <${Select} label="Method" value=${filter.method} onChange=${change('method')} options=${options('Method', seen.method)} />
    <${Select} label="Status" value=${filter.status} onChange=${change('status')} options=${statuses} />
    <${Select} label="Client" value=${filter.client} onChange=${change('client')} options=${options('Client', seen.client)} />
    ${active && html`<${Button} kind="quiet" icon="close" onClick=${() => setFilter(noFilter)}>Clear filter</${Button}>`}
  </div>`;
}

/** A path with its ids shortened. Narrow lists leave out the version and the project. */
function Path({ path }) {
  const short = path.replace(/\b([0-9a-f]{4})[0-9a-f]{16}([0-9a-f]{4})\b/g, '$1…$2');
  const [prefix = ''] = /^\/v\d\/[0-9a-f]{4}…[0-9a-f]{4}(?=\/)/.exec(short) ?? [];
  return html`<span class="prefix">${prefix}</span>${short.slice(prefix.length)}`;
}

function row(entry) {
  const { kind, method, status, operation, path, client } = entry;
  if (kind === 'change' || kind === 'gap') {
    return { tone: `note note-${kind}`, disabled: true, content: html`<span class="what">${path}</span>` };
  }
  const [tone, result] =
    kind === 'delivery' && !status
      ? ['', html`<${Chip} tone=${entry.state}>${entry.state}</${Chip}>`]
      : kind === 'frame'
        ? ['', html`<${Chip}>${entry.direction}</${Chip}>`]
        : [status >= 400 ? 'refused' : '', html`<${Status} status=${status} />`];
  return {
    tone: `${kind} ${tone} s${statusClass(status)}`,
    content: html` <span class="number">${kind === 'call' ? entry.id : ''}</span>
      <span class="time">${time(entry.at)}</span>
      <${Method} method=${method} />
      ${result}
      <span class="operation"
        >${entry.fault && html`<${Chip} tone="fault"><${Icon} name="faults" /><span>${entry.fault}</span></${Chip}> `}${operation || html`<span class="muted">no operation</span>`}${entry.attempt > 1 && html` <${Chip}>attempt ${entry.attempt}</${Chip}>`}</span
      >
      <span class="path" title=${path}><${Path} path=${path} /></span>
      <span class="client">${client}</span>
      <span class="duration">${micros(entry.duration)}</span>`,
  };
}

/** What follows `#/traffic/` in the address of a row. Changes have no address. */
function addressOf({ kind, id, key }) {
  if (kind === 'frame') return ['frame', key];
  if (id === null) return null;
  return kind === 'delivery' ? ['delivery', id] : [id];
}

/** Index of the row that the address names: a call, the latest attempt of a delivery, or a frame. */
function selectedOf([first, second], rows) {
  if (!first) return -1;
  const is =
    first === 'delivery'
      ? (row) => row.kind === 'delivery' && row.id === Number(second)
      : first === 'frame'
        ? (row) => row.key === Number(second)
        : (row) => row.kind === 'call' && row.id === Number(first);
  return rows.findLastIndex(is);
}

export function Traffic({ path }) {
  const { rows, shown, filter, added, version } = useStore(timeline);
  const narrow = useNarrow();
  const at = useMemo(() => selectedOf(path, shown), [path, version, filter]);
  // Rows are added to `shown` before they are rendered; positions are those of what is rendered.
  const { length } = shown;
  const index = at < 0 ? -1 : length - 1 - at;
  const entry = (position) => shown[length - 1 - position];
  /** Changes can't be selected, and earlier attempts of a delivery lead to the latest. */
  const selectable = (position) => {
    const named = addressOf(entry(position));
    return named !== null && entry(position) === shown[selectedOf(named, shown)];
  };
  /** Selects the row at a position. With a step, rows that can't be selected are passed over in its direction. */
  const select = (position, step = 0) => {
    let next = position;
    while (step && entry(next) && !selectable(next)) next += step;
    const named = entry(next) && addressOf(entry(next));
    if (named) go(['traffic', ...named], true);
  };
  const move = (step) => select(index + step, step);
  const close = () => {
    go(['traffic'], true);
    document.querySelector('[data-list]')?.focus();
  };
  useLayoutEffect(() => bind({ j: () => move(1), k: () => move(-1), Escape: () => path[0] && close() }));
  const archive = () => attempt(async () => download('tiledesk-mock.har', json(await get('journal/har'))));
  const empty = async () => {
    if (
      await confirm(
        'Clear the journal?',
        `The ${plural(rows.length, 'entry', 'entries')} of this sandbox are deleted. Numbers start again at 1.`,
        'Clear',
      )
    ) {
      await attempt(() => call('DELETE', 'journal'), 'Journal cleared');
    }
  };
  const open =
    path[0] === 'delivery'
      ? html`<${Delivery} id=${Number(path[1])} onClose=${close} key=${path[1]} />`
      : path[0] === 'frame'
        ? html`<${Frame} frame=${frameOf(Number(path[1]))} onClose=${close} key=${path[1]} />`
        : path[0]
          ? html`<${Call} number=${Number(path[0])} onClose=${close} key=${path[0]} />`
          : null;
  return html`<div class=${`view split ${open ? 'open' : ''}`}>
    <section class="master" aria-label="Timeline">
      <header class="bar">
        <h2>Traffic</h2>
        <span class="muted" aria-live=${shown.length === rows.length ? 'off' : 'polite'}
          >${shown.length === rows.length ? plural(rows.length, 'entry', 'entries') : `${shown.length.toLocaleString('en')} of ${plural(rows.length, 'entry', 'entries')}`}</span
        >
        <span class="grow"></span>
        ${rows.length > 0 && html`<${Button} kind="quiet" icon="save" label="Download as HAR" onClick=${archive} />`}
        ${rows.length > 0 && html`<${Button} kind="quiet" icon="trash" label="Clear the journal" onClick=${empty} />`}
      </header>
      <${Filters} />
      ${
        shown.length
          ? html` <div class="columns row" aria-hidden="true">
                <span class="number">#</span><span class="time">Time (UTC)</span><span>Method</span><span>Status</span
                ><span class="operation">Operation</span><span class="path">Path</span><span class="client">Client</span
                ><span class="duration">Duration</span>
              </div>
              <${List}
                label="Timeline, newest first"
                count=${length}
                height=${narrow ? 52 : 30}
                added=${added}
                selected=${index}
                onSelect=${select}
                row=${(position) => ({ key: entry(position).key, ...row(entry(position)) })}
              />`
          : rows.length
            ? html`<${Empty} icon="search" title="Nothing matches the filter">
          <p>${plural(rows.length, 'entry is', 'entries are')} hidden.</p><${Button} onClick=${() => setFilter(noFilter)}>Clear filter</${Button}></${Empty}>`
            : html`<${Empty} icon="traffic" title="No calls yet">
          <p>Send a call to this sandbox, and it appears here at once. For example:</p>
          <pre tabindex="0">curl -u andrea.leo@f21.it:123456 \\${'\n'}  ${base}/v3/5b55e806c93dde00143163dd/leads</pre></${Empty}>`
      }
    </section>
    ${open}
  </div>`;
}
