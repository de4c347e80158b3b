// One document: its fields, what refers to it, and editing.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { call, get, part } from '../lib/api.js';
import { targets, worldOf } from '../lib/fixture.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { changed, useResource } from '../lib/store.js';
import { download, idOf, json, titleOf } from '../lib/format.js';
import { attempt, Button, confirm, Failure, Loading, notify, Segments, Tabs } from '../ui/parts.js';
import { Json } from '../ui/json.js';

const link = (field, value) => (targets[field] && /^[0-9a-f]{24}$/.test(value) ? `#/state/${targets[field]}/${value}` : null);

const saveTexts = { raw: 'Save raw', rules: 'Save' };

const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The names of the fields in which two documents differ. */
const differing = (one, other) => Object.keys({ ...one, ...other }).filter((name) => !equal(one[name], other[name]));

/** Names the fields that kept their values although they were changed or removed. */
const keptText = (kept, wanted) =>
  `The API kept ${kept.map((name) => `/${name}`).join(', ')}: use Raw to ${kept.every((name) => !(name in wanted)) ? 'remove' : 'change'} ${kept.length > 1 ? 'them' : 'it'}`;

function Editor({ collection, id, document, operation, onDone }) {
  /** The document that the text was made from. */
  const [original, setOriginal] = useState(document);
  const [text, setText] = useState(() => json(document));
  const [mode, setMode] = useState(operation === null ? 'raw' : 'rules');
  const [error, setError] = useState(null);
  /** The document on the server, if it isn't the original any more. */
  const [newer, setNewer] = useState(null);
  const address = `collections/${part(collection)}/${part(id)}`;
  const load = () => {
    setOriginal(newer);
    setText(json(newer));
    setNewer(null);
  };
  const save = async (event) => {
    event.preventDefault();
    let parsed;
    try {
      parsed = JSON.parse(text);
    } catch (failure) {
      setError({ message: `This is not valid JSON: ${failure.message}` });
      return;
    }
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
      setError({ message: 'A document is a JSON object.' });
      return;
    }
    try {
      setError(null);
      const current = (await get(address)).document;
      if (!equal(current, newer ?? original)) {
        setNewer(current);
        return;
      }
      if (mode === 'raw') await call('PUT', `${address}?raw=true`, parsed);
      const edited = mode === 'raw' ? [] : differing(original, parsed);
      if (edited.length) {
        // Only what was edited is sent; the server leaves out what is equal.
        const wanted = { ...current };
        for (const name of edited) {
          if (name in parsed) wanted[name] = parsed[name];
          else delete wanted[name];
        }
        const saved = (await call('PUT', `${address}?raw=false`, wanted)).document;
        const kept = edited.filter((name) => equal(saved[name], current[name]) && !equal(saved[name], parsed[name]));
        if (kept.length) notify(keptText(kept, parsed), 'bad');
        if (kept.length < edited.length) notify('Document saved');
      } else notify('Document saved');
      changed('documents');
      onDone(true);
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<form class="editor" onSubmit=${save}>
    ${
      operation !== null &&
      html`<${Segments}
        label="How to save"
        value=${mode}
        onChange=${setMode}
        options=${[
          ['rules', 'Through the rules of the API'],
          ['raw', 'Raw'],
        ]}
      />`
    }
    ${
      mode === 'raw'
        ? html`<p class="warning">
            Raw: the document replaces the old one without the API's rules. No event is published, and the state can become one that the API
            would never produce.
          </p>`
        : html`<p class="muted">Saved as <code>${operation}</code> would: fields are validated, and events are published.</p>`
    }
    <textarea aria-label="Document as JSON" spellcheck="false" autocomplete="off" value=${text} onInput=${(event) => setText(event.target.value)}
      rows=${Math.min(40, Math.max(12, text.split('\n').length + 1))}></textarea>
    <${Failure} error=${error} />
    ${
      newer &&
      html`<div class="warning" role="alert">
        This document was changed since you opened it: ${differing(original, newer).map((name) => html`<code>/${name}</code> `)}
        <${Button} onClick=${load}>Load the new version</${Button}>
      </div>`
    }
    <footer><${Button} onClick=${() => onDone(false)}>Cancel</${Button}><button class=${`button ${mode === 'raw' ? 'danger' : 'primary'}`}><span>${saveTexts[mode]}${newer && ' anyway'}</span></button></footer>
  </form>`;
}

function References({ references }) {
  if (!references.length) return html`<p class="muted nothing">No document refers to this one.</p>`;
  const groups = Map.groupBy(references, ({ collection }) => collection);
  return [...groups].map(
    ([name, all]) =>
      html`<h3>${name} <span class="count">${all.length}</span></h3>
        <ul class="items flat">
          ${all.map(
            ({ collection, id, field, label }) =>
              html`<li key=${`${id}${field}`}>
                <a href=${`#/state/${collection}/${part(id)}`}> <span class="title">${label || id}</span><code>${field}</code></a>
              </li>`,
          )}
        </ul>`,
  );
}

export function Document({ collection, id }) {
  const { data, error, reload } = useResource(`collections/${part(collection)}/${part(id)}`, ['documents']);
  const [tab, setTab] = useState('document');
  const [editing, setEditing] = useState(false);
  const close = () => go(['state', collection]);
  useLayoutEffect(() => bind({ Escape: () => (editing ? setEditing(false) : close()) }), [editing]);
  const remove = async () => {
    if (
      !(await confirm(
        'Delete this document?',
        "It is removed from the sandbox as it is, without the API's rules. Documents that refer to it stay.",
        'Delete',
      ))
    )
      return;
    if ((await attempt(() => call('DELETE', `collections/${part(collection)}/${part(id)}`), 'Document deleted')) === undefined) return;
    close();
    changed('documents');
  };
  const document = data?.document;
  const edit = async () => {
    await reload();
    setEditing(true);
  };
  const save = async () => {
    const saved = await attempt(() => worldOf([[collection, document]]));
    if (saved) download(`${collection}-${id}.json`, `${json(saved)}\n`);
  };
  const references = data?.references ?? [];
  return html`<section class="detail" aria-label="Document">
    <header class="bar">
      <${Button} icon="close" kind="quiet back" label="Close" onClick=${close} />
      <h2 class="cut">${document ? titleOf(document) || idOf(document) : id}</h2>
      <span class="grow"></span> ${
        document &&
        !editing &&
        html`<${Button} icon="save" kind="quiet" label="Save as fixture" onClick=${save} />
        <${Button} icon="trash" kind="quiet" label="Delete" onClick=${remove} /><${Button} icon="edit" onClick=${edit}>Edit</${Button}>`
      }
    </header>
    <div class="body">
      <${Failure} error=${error} retry=${reload} />
      ${!data && !error && html`<${Loading} />`}
      ${
        document &&
        (editing
          ? html`<${Editor}
              collection=${collection}
              id=${id}
              document=${document}
              operation=${data.operation ?? null}
              onDone=${() => {
                setEditing(false);
                reload();
              }}
            />`
          : html`<${Tabs} label="Parts of the document" value=${tab} onChange=${setTab}
          tabs=${[
            { key: 'document', name: 'Document' },
            { key: 'references', name: 'Referenced by', count: references.length },
          ]}>
          ${tab === 'document' ? html`<${Json} value=${document} label="Document" link=${link} />` : html`<${References} references=${references} />`}
        </${Tabs}>`)
      }
    </div>
  </section>`;
}
