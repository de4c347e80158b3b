// Starts the console: the frame around the views, and the connection to the server.

import { html, render, useEffect, useErrorBoundary, useState } from './lib/html.js';
import { consoleOf, get, onAskToken, sandbox, unsendable } from './lib/api.js';
import { bind, enabled, shortcuts } from './lib/keys.js';
import { go, route } from './lib/route.js';
import { connection, start, timeline } from './lib/timeline.js';
import { setting, store, useResource, useStore } from './lib/store.js';
import { dateTime } from './lib/format.js';
import { useNow } from './ui/clock.js';
import { Icon } from './ui/icons.js';
import { Button, Dialog, Failure, Field, Notices, Question, Select } from './ui/parts.js';
import { Traffic } from './views/traffic.js';
import { State } from './views/state.js';
import { Time } from './views/time.js';
import { Faults } from './views/faults.js';
import { Webhooks } from './views/webhooks.js';
import { Emails } from './views/emails.js';
import { Coverage } from './views/coverage.js';
import { Sandboxes } from './views/sandboxes.js';
import { Visitors } from './views/visitors.js';

const views = [
  ['traffic', 'Traffic', Traffic],
  ['state', 'State', State],
  ['time', 'Time', Time],
  ['faults', 'Faults', Faults],
  ['webhooks', 'Webhooks', Webhooks],
  ['emails', 'Emails', Emails],
  ['coverage', 'Coverage', Coverage],
  ['sandboxes', 'Sandboxes', Sandboxes],
  ['visitors', 'Visitors', Visitors],
];

const theme = setting('theme', 'system');
const applyTheme = () => {
  document.documentElement.dataset.theme = theme.get();
};
applyTheme();
theme.subscribe(applyTheme);

const help = store(false);
const prompt = store(null);
onAskToken(
  (rejected) =>
    new Promise((resolve) => {
      prompt.set({
        rejected,
        answer: (value) => {
          prompt.set(null);
          resolve(value);
        },
      });
    }),
);

function TokenPrompt({ rejected, answer }) {
  const [error, setError] = useState(rejected ? 'The server rejected this token.' : null);
  const submit = (event) => {
    event.preventDefault();
    const { value } = event.target.elements.token;
    const wrong = unsendable(value);
    if (wrong) setError(`A token cannot contain “${wrong}”: HTTP headers carry only Latin characters.`);
    else if (value) answer(value);
  };
  return html`<${Dialog} title="Control token" closable=${false} onClose=${() => {}}>
    <form onSubmit=${submit}>
      <p>This server was started with <code>--control-token</code>. Enter the token to use its control API. It is kept until this tab is closed.</p>
      <${Failure} error=${error && { message: error }} />
      <${Field} label="Token"><input name="token" type="password" autocomplete="current-password" required autofocus /></${Field}>
      <footer><button class="button primary"><span>Continue</span></button></footer>
    </form>
  </${Dialog}>`;
}

const Help = () => html`<${Dialog} title="Keyboard shortcuts" onClose=${() => help.set(false)}>
  ${shortcuts.map(
    ([name, keys]) =>
      html`<h3>${name}</h3>
        <dl class="keys">
          ${keys.map(
            ([key, what]) =>
              html`<div>
                <dt>${key.split(/(?<=,) /).map((one) => html`<kbd>${one.replace(',', '')}</kbd> `)}</dt>
                <dd>${what}</dd>
              </div>`,
          )}
        </dl>`,
  )}
  <label class="check"><input type="checkbox" checked=${useStore(enabled) === 'on'}
    onChange=${(event) => enabled.set(event.target.checked ? 'on' : 'off')} /> Use single-key shortcuts</label>
</${Dialog}>`;

const connectionTexts = { open: 'Live', closed: 'Reconnecting…', connecting: 'Connecting…', deleted: 'Deleted' };

function Connection() {
  const { state, error } = useStore(connection);
  return html`<span class=${`connection ${state}`} role="status" title=${error?.message}>${connectionTexts[state]}</span>`;
}

const Deleted = () =>
  html`<div class="banner" role="alert">
    <span>Sandbox <strong>${sandbox}</strong> was deleted.</span>
    <${Button} onClick=${() => location.reload()}>Create it again</${Button}>
    <a href=${consoleOf('default')}>Open the default sandbox</a>
  </div>`;

function SandboxSwitch() {
  const { data } = useResource('sandboxes', ['sandboxes']);
  const names = data?.sandboxes.map(({ name }) => name) ?? [];
  if (!names.includes(sandbox)) names.push(sandbox);
  return html`<${Select} label="Sandbox" value=${sandbox} options=${names} onChange=${(name) => location.assign(consoleOf(name))} />`;
}

function ClockState() {
  const { data } = useResource('clock', ['clock', 'state']);
  const now = useNow(data, 1000);
  return (
    data &&
    html`<a class="clock" href="#/time" title="The sandbox's clock, in UTC">
      <span class="mono">${dateTime(now).slice(0, 16)}</span> <span class="muted">${data.frozen ? 'frozen' : 'running'}</span></a
    >`
  );
}

const themes = [
  ['system', 'System theme'],
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
];

function Navigation({ current, shown }) {
  const { rows } = useStore(timeline);
  return html`<nav class="side" aria-label="Views">
    <div class="brand"><${Icon} name="traffic" /><span>tiledesk-mock</span></div>
    <div class="where"><${SandboxSwitch} /></div>
    <ul>
      ${shown.map(
        ([key, name], index) =>
          html`<li key=${key}>
            <a href=${`#/${key}`} aria-current=${key === current ? 'page' : undefined} title=${`${name} (${index + 1})`}>
              <${Icon} name=${key} /><span>${name}</span
              >${key === 'traffic' && rows.length ? html`<span class="count" aria-hidden="true">${rows.length.toLocaleString('en')}</span>` : null}
            </a>
          </li>`,
      )}
    </ul>
    <div class="foot">
      <${ClockState} />
      <div class="tools">
        <${Connection} />
        <span class="grow"></span>
        <${ThemeButton} />
        <${Button} icon="help" kind="quiet" label="Keyboard shortcuts" onClick=${() => help.set(true)} />
      </div>
    </div>
  </nav>`;
}

function ThemeButton() {
  const value = useStore(theme);
  const at = themes.findIndex(([key]) => key === value);
  const [, name] = themes[at];
  return html`<${Button}
    icon="theme"
    kind="quiet"
    label=${`${name}; change`}
    onClick=${() => theme.set(themes[(at + 1) % themes.length][0])}
  />`;
}

function App() {
  const [path] = [useStore(route)];
  const [visitors, setVisitors] = useState(false);
  const [failure, forget] = useErrorBoundary();
  const asked = useStore(prompt);
  const helping = useStore(help);
  const { state } = useStore(connection);
  const shown = views.filter(([key]) => key !== 'visitors' || visitors);
  const [current, name, View] = shown.find(([key]) => key === path[0]) ?? views[0];
  useEffect(() => {
    get('visitors').then(
      () => setVisitors(true),
      () => {},
    );
  }, []);
  useEffect(
    () =>
      bind({
        ...Object.fromEntries(shown.map(([key], index) => [String(index + 1), () => go([key])])),
        '/': () => document.querySelector('main [data-search]')?.focus(),
        '?': () => help.set(true),
      }),
    [visitors],
  );
  useEffect(() => {
    document.title = `${name} · ${sandbox} · tiledesk-mock`;
    if (failure) forget();
  }, [current]);
  return html`<a
      class="skip"
      href="#main"
      onClick=${(event) => {
        event.preventDefault();
        document.getElementById('main').focus();
      }}
      >Skip to content</a
    >
    <${Navigation} current=${current} shown=${shown} />
    <main id="main" tabindex="-1" key=${current}>
      <h1 class="hidden">${name}</h1>
      ${state === 'deleted' && html`<${Deleted} />`}
      ${failure ? html`<${Failure} error=${failure} retry=${forget} />` : html`<${View} path=${path.slice(1)} />`}
    </main>
    <${Notices} /><${Question} /> ${helping && html`<${Help} />`} ${asked && html`<${TokenPrompt} key=${asked.rejected} ...${asked} />`}`;
}

start();
render(html`<${App} />`, document.body);
