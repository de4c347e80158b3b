// One document: its fields, what refers to it, and editing.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { call, part } from '../lib/api.js';
import { worldOf } from '../lib/fixture.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { changed, useResource } from '../lib/store.js';
import { download, idOf, json, titleOf } from '../lib/format.js';
import { attempt, Button, confirm, Failure, Loading, notify, Segments, Tabs } from '../ui/parts.js';
import { Json } from '../ui/json.js';

/** Collections by the fields that refer to them. */
const targets = {
  id_project: 'projects',
  id_user: 'users',
  createdBy: 'users',
  updatedBy: 'users',
  id_faq_kb: 'bots',
  id_bot: 'bots',
  requester_id: 'leads',
  lead: 'leads',
  department: 'departments',
  dep_id: 'departments',
  namespace: 'namespaces',
};

const link = (field, value) => (targets[field] && /^[0-9a-f]{24}$/.test(value) ? `#/state/${targets[field]}/${value}` : null);

function Editor({ collection, id, document, operation, onDone }) {
  const [text, setText] = useState(() => json(document));
  const [mode, setMode] = useState(operation === null ? 'raw' : 'rules');
  const [error, setError] = useState(null);
  const save = async (event) => {
    event.preventDefault();
    let parsed;
    try {
      parsed = JSON.parse(text);
    } catch (failure) {
      setError({ message: `This is not valid JSON: ${failure.message}` });
      return;
    }
    try {
      await call('PUT', `collections/${part(collection)}/${part(id)}?raw=${mode === 'raw'}`, parsed);
      notify('Document saved');
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
    <footer><${Button} onClick=${() => onDone(false)}>Cancel</${Button}><button class=${`button ${mode === 'raw' ? 'danger' : 'primary'}`}><span>${mode === 'raw' ? 'Save raw' : 'Save'}</span></button></footer>
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
        <${Button} icon="trash" kind="quiet" label="Delete" onClick=${remove} /><${Button} icon="edit" onClick=${() => setEditing(true)}>Edit</${Button}>`
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
