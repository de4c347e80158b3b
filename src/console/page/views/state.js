// State: the documents of the sandbox, and how they differ from a snapshot.

import { html, useEffect, useState } from '../lib/html.js';
import { call, get, part, query } from '../lib/api.js';
import { go } from '../lib/route.js';
import { changed, useChanges, useResource } from '../lib/store.js';
import { download, idOf, json, plural, titleOf } from '../lib/format.js';
import { attempt, Button, confirm, Empty, Failure, Loading, Menu, Search, Select } from '../ui/parts.js';
import { countChanges, Difference } from '../ui/json.js';
import { Document } from './document.js';

const PAGE = 50;

/** Asks for a file; resolves to its text. */
const chooseFile = () =>
  new Promise((resolve) => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', accept: '.json,application/json' });
    input.addEventListener('change', () => resolve(input.files[0].text()));
    input.click();
  });

async function replaceState() {
  const text = await chooseFile();
  if (!(await confirm('Replace the state?', 'All documents of this sandbox are replaced by those of the file.', 'Replace'))) return;
  if (await attempt(() => call('PUT', 'state', text), 'State replaced')) changed('documents');
}

const downloadState = () => attempt(async () => download('world.json', `${json(await get('state'))}\n`));

/** What can be done with all documents together. */
const world = [
  { name: 'Download as a world', act: downloadState },
  { name: 'Replace by a world…', act: replaceState },
];

export const collectionsOf = (data) => (Array.isArray(data) ? data : (data?.collections ?? []));

/** Pages of a collection: loaded as the reader asks for them, and again when documents change. */
function usePages(name, text) {
  const [state, setState] = useState({ items: [], count: 0, next: null, error: null, loading: true });
  const load = async (after, limit) => {
    try {
      const page = await get(`collections/${part(name)}${query({ q: text, after, limit })}`);
      setState((old) => ({ ...page, items: after ? [...old.items, ...page.items] : page.items, error: null, loading: false }));
    } catch (error) {
      setState((old) => ({ ...old, error, loading: false }));
    }
  };
  useEffect(() => {
    setState((old) => ({ ...old, loading: true }));
    const timer = setTimeout(() => load(null, PAGE), text ? 200 : 0);
    return () => clearTimeout(timer);
  }, [name, text]);
  useChanges(['documents'], () => load(null, Math.max(PAGE, Math.min(500, state.items.length))));
  return { ...state, more: () => load(state.next, PAGE), reload: () => load(null, PAGE) };
}

function Documents({ name, id }) {
  const [text, setText] = useState('');
  const { items, count, next, error, loading, more, reload } = usePages(name, text);
  return html`<section class="master" aria-label=${name}>
    <header class="bar">
      <a class="button quiet square only-narrow" href="#/state" aria-label="All collections" title="All collections">‹</a>
      <h2>${name}</h2>
      <span class="muted" aria-live="polite">${loading ? '' : plural(count, 'document')}</span>
    </header>
    <div class="filters"><${Search} label=${`Search ${name}`} value=${text} onInput=${setText} /></div>
    <${Failure} error=${error} retry=${reload} />
    ${
      !loading &&
      !error &&
      items.length === 0 &&
      (text
        ? html`<${Empty} icon="search" title="Nothing found"><p>No document of ${name} contains “${text}”.</p></${Empty}>`
        : html`<${Empty} icon="state" title="No documents"><p>Calls of the API create them; a world can contain them.</p></${Empty}>`)
    }
    ${
      items.length > 0 &&
      html`<ul class="items">
        ${items.map(
          (document) =>
            html`<li key=${idOf(document)}>
              <a href=${`#/state/${name}/${part(idOf(document))}`} aria-current=${idOf(document) === id ? 'true' : undefined}>
                <span class="title">${titleOf(document) || html`<span class="muted">untitled</span>`}</span
                ><code>${idOf(document)}</code></a
              >
            </li>`,
        )}
        ${next && html`<li class="more"><${Button} onClick=${more}>Show more</${Button}></li>`}
      </ul>`
    }
  </section>`;
}

function Comparison({ name }) {
  const { data, error, reload } = useResource(`snapshots/${part(name)}/diff/now`, ['documents', 'snapshots']);
  return html`<section class="detail wide" aria-label="Comparison">
    <header class="bar">
      <h2>Changed since “${name}”</h2>
      <span class="muted">${data && plural(countChanges(data), 'document')}</span>
    </header>
    <div class="body">
      <${Failure} error=${error} retry=${reload} />
      ${!data && !error && html`<${Loading} />`}
      ${data && (data.same || countChanges(data) === 0 ? html`<${Empty} icon="state" title="No differences"><p>The state equals the snapshot.</p></${Empty}>` : html`<${Difference} difference=${data} />`)}
    </div>
  </section>`;
}

export function State({ path }) {
  const [name, id] = path;
  const comparing = name === 'compare';
  const { data, error, reload } = useResource('collections', ['documents', 'snapshots']);
  const snapshots = useResource('snapshots', ['snapshots']).data?.snapshots ?? [];
  const all = collectionsOf(data);
  const [hidden, setHidden] = useState(true);
  const shown = hidden ? all.filter((one) => one.count > 0 || one.name === name) : all;
  const compare = (snapshot) => go(snapshot ? ['state', 'compare', snapshot] : ['state']);
  const take = async () => {
    if (await attempt(() => call('POST', 'snapshots/console'), 'Snapshot “console” taken')) compare('console');
  };
  return html`<div class=${`view split three ${id ? 'open' : ''} ${name ? 'inside' : ''}`}>
    <section class="rail" aria-label="Collections">
      <header class="bar">
        <h2>State</h2>
        <span class="grow"></span><${Menu} label="World" kind="quiet" items=${world} />
      </header>
      <div class="filters">
        ${
          snapshots.length
            ? html`<${Select}
                label="Compare with a snapshot"
                value=${comparing ? id : ''}
                onChange=${compare}
                options=${[['', 'Compare with…'], ...snapshots.map((one) => [one.name, `since ${one.name}`])]}
              />`
            : html`<${Button} onClick=${take}>Take a snapshot</${Button}>`
        }
      </div>
      <${Failure} error=${error} retry=${reload} />
      <ul class="items">
        ${shown.map(
          (one) =>
            html`<li key=${one.name}>
              <a href=${`#/state/${one.name}`} aria-current=${one.name === name ? 'true' : undefined}>
                <span class="title">${one.name}</span><span class="count">${one.count.toLocaleString('en')}</span></a
              >
            </li>`,
        )}
        ${all.some((one) => one.count === 0) && html`<li class="more"><${Button} kind="quiet" onClick=${() => setHidden(!hidden)}>${hidden ? 'Show empty collections' : 'Hide empty collections'}</${Button}></li>`}
      </ul>
    </section>
    ${
      comparing
        ? html`<${Comparison} name=${id} key=${id} />`
        : name
          ? html`<${Documents} name=${name} id=${id} key=${name} />`
          : html`<section class="detail wide only-wide" aria-label="Collection"><${Empty} icon="state" title="Choose a collection"><p>See its documents, what refers to them, and edit them.</p></${Empty}></section>`
    }
    ${!comparing && id && html`<${Document} collection=${name} id=${id} key=${`${name}/${id}`} />`}
  </div>`;
}
