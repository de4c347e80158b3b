// Emails that the API would have sent.

import { html, useLayoutEffect, useState } from '../lib/html.js';
import { bind } from '../lib/keys.js';
import { go } from '../lib/route.js';
import { useResource } from '../lib/store.js';
import { dateTime, plural } from '../lib/format.js';
import { Button, Chip, copy, Empty, Failure, Search } from '../ui/parts.js';

/** Splits a text at its addresses, so that they can be followed. */
function linked(text) {
  return String(text ?? '')
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((piece, index) => (index % 2 ? html`<a href=${piece} target="_blank" rel="noopener noreferrer">${piece}</a>` : piece));
}

function Email({ email, onClose }) {
  return html`<section class="detail" aria-label="Email"><header class="bar"><${Button} icon="close" kind="quiet back" label="Close" onClick=${onClose} />
      <h2 class="cut">${email.subject || 'No subject'}</h2><span class="grow"></span><${Button} icon="copy" onClick=${() => copy(email.text ?? '', 'Text')}>Copy text</${Button}></header>
    <div class="body" tabindex="0" role="group" aria-label="Email"><dl class="facts"><div><dt>To</dt><dd>${email.to}</dd></div><div><dt>Time</dt><dd>${dateTime(email.at)}</dd></div>
        ${
          email.kind &&
          html`<div>
            <dt>About</dt>
            <dd>${email.kind} ${email.about ?? ''}</dd>
          </div>`
        }</dl>
      <div class="letter" role="group" aria-label="Text of the email">${linked(email.text)}</div></div></section>`;
}

export function Emails({ path }) {
  const { data, error, reload } = useResource('emails', ['documents']);
  const [text, setText] = useState('');
  const all = [...(data?.items ?? [])].sort((one, other) => (one.at < other.at ? 1 : -1));
  const words = text.toLowerCase();
  const shown = all.filter(({ to, subject, text: body }) => `${to} ${subject} ${body}`.toLowerCase().includes(words));
  const open = all.find(({ id }) => id === path[0]);
  const close = () => go(['emails']);
  useLayoutEffect(() => bind({ Escape: () => open && close() }));
  return html`<div class=${`view split ${open ? 'open' : ''}`}>
    <section class="master" aria-label="Emails">
      <header class="bar">
        <h2>Emails</h2>
        <span class="muted">${data && plural(all.length, 'email')}</span>
      </header>
      <div class="filters"><${Search} label="Search recipient, subject, text" value=${text} onInput=${setText} /></div>
      <${Failure} error=${error} retry=${reload} />
      ${
        data &&
        (all.length === 0
          ? html`<${Empty} icon="emails" title="No emails"><p>Nothing is ever sent. What calls such as <code>send_email</code>, <code>send_request_email</code>, or <code>send_login_email</code> would send appears here.</p></${Empty}>`
          : shown.length === 0
            ? html`<${Empty} icon="search" title="Nothing found"><p>No email contains “${text}”.</p></${Empty}>`
            : html`<ul class="items mails">
                ${shown.map(
                  (email) =>
                    html`<li key=${email.id}>
                      <a href=${`#/emails/${email.id}`} aria-current=${email === open ? 'true' : undefined}>
                        <span class="title">${email.subject || 'No subject'}</span
                        ><span class="muted">${email.to}</span>${email.kind && html`<${Chip}>${email.kind}</${Chip}>`}<span
                          class="at mono muted"
                          >${dateTime(email.at)}</span
                        ></a
                      >
                    </li>`,
                )}
              </ul>`)
      }
    </section>
    ${open && html`<${Email} email=${open} onClose=${close} key=${open.id} />`}
  </div>`;
}
