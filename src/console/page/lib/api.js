// The control API: where it is, which credentials it takes, and how it fails.

const prefix = location.pathname.replace(/\/_console(\/.*)?$/, '');
/** Path of the server, without a sandbox. */
const root = prefix.replace(/\/_sandbox\/[^/]*$/, '');

/** The sandbox of this page: of the path, or else of the host. */
export const sandbox = decodeURIComponent(
  /\/_sandbox\/([^/]*)$/.exec(prefix)?.[1] ?? /^([\w-]+)\.localhost$/.exec(location.hostname)?.[1] ?? 'default',
);

/** Base URL of the imitated API in this sandbox. */
export const base = location.origin + prefix;

/** A recorded path as clients of one sandbox send it, without the sandbox. */
export const withoutSandbox = (path) => path.replace(/^\/_sandbox\/[^/]+/, '');

/** The page of a sandbox, at the current view. */
export const consoleOf = (name) => `${root}/_sandbox/${encodeURIComponent(name)}/_console#/${location.hash.slice(2).split('/')[0]}`;

const token = {
  page: document.querySelector('meta[name=page-token]').content,
  control: sessionStorage.getItem('control-token'),
};

/** A call that the server rejected, or that didn't reach it (status 0). */
export class ApiError extends Error {
  constructor(what, status, title, errors = []) {
    super(title);
    Object.assign(this, { what, status, errors });
  }
}

let asking = null;
let ask = null;

/** Registers the prompt for the control token: `ask(rejected)` resolves to the token. */
export const onAskToken = (prompt) => {
  ask = prompt;
};

/** The first character that a header can't carry, if there is one. */
export const unsendable = (value) => /[^\t\x20-\x7e\xa0-\xff]/u.exec(value)?.[0];

/** Asks for the control token once, however many calls need it. */
function askToken(rejected) {
  asking ??= ask(rejected).then((value) => {
    token.control = value;
    asking = null;
  });
  return asking;
}

/** Loads the page again, as a server that has restarted has another page token. Once per token. */
async function renewPageToken() {
  if (sessionStorage.getItem('stale-token') === token.page) return;
  sessionStorage.setItem('stale-token', token.page);
  location.reload();
  await new Promise(() => {});
}

let deleted = false;

/** Stops all calls: the next one would create the deleted sandbox again. */
export const stop = () => {
  deleted = true;
};

/** Sends a call with the credentials of the page; asks for those that are missing. Resolves to a successful response. */
export async function send(method, path, { body, headers, signal } = {}) {
  const what = `${method} /_control/${path}`;
  for (;;) {
    if (deleted) throw new ApiError(what, 0, 'The sandbox was deleted.');
    const sent = token.control;
    let response;
    try {
      response = await fetch(`${prefix}/_control/${path}`, {
        method,
        signal,
        cache: 'no-store',
        headers: {
          'x-page-token': token.page,
          ...(sent && { authorization: `Bearer ${sent}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new ApiError(what, 0, 'The server is unreachable.');
    }
    if (response.ok) {
      if (sent) sessionStorage.setItem('control-token', sent);
      return response;
    }
    const text = await response.text();
    if (response.status === 401) {
      if (sent === token.control) await askToken(Boolean(sent));
      continue;
    }
    const [title, errors] = problem(response.status, text);
    if (response.status === 403 && title.startsWith('Page token')) await renewPageToken();
    throw new ApiError(what, response.status, title, errors);
  }
}

function problem(status, text) {
  try {
    const { title, msg, errors } = JSON.parse(text);
    return [title ?? msg ?? `Status ${status}.`, errors ?? []];
  } catch {
    return [text.slice(0, 300) || `Status ${status}.`, []];
  }
}

/** Sends a call and resolves to the parsed body, or to null without one. */
export async function call(method, path, body, options) {
  const text = await (await send(method, path, { body, ...options })).text();
  return text ? JSON.parse(text) : null;
}

export const get = (path, options) => call('GET', path, undefined, options);

/** A query string, without empty values. */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

export const part = encodeURIComponent;
