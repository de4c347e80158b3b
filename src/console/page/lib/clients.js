// A recorded call as code. Credentials are masked in the journal; placeholders stand for them.

import { base, withoutSandbox } from './api.js';

const dropped = new Set([
  'host',
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'connection',
  'authorization',
  'origin',
  'referer',
  'cookie',
  'cache-control',
  'pragma',
  'x-sandbox',
]);

/** What all forms need: the URL, the headers worth repeating, the kind of credentials, and the body as text. */
function parts({ request }) {
  const { method, query = '', headers = {}, body } = request;
  const [scheme] = (headers.authorization ?? '').split(' ');
  const path = withoutSandbox(request.path) + (query && `?${query.replace(/^\?/, '')}`);
  return {
    method,
    path,
    url: base + path,
    headers: Object.entries(headers).filter(([name]) => !dropped.has(name) && !name.startsWith('sec-')),
    basic: scheme === 'Basic',
    token: scheme && scheme !== 'Basic' ? scheme : null,
    body,
    text: body === undefined || body === null ? null : typeof body === 'string' ? body : JSON.stringify(body),
    isJson: body !== null && typeof body === 'object',
  };
}

const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const js = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
const indent = (text, by) => text.replaceAll('\n', `\n${' '.repeat(by)}`);
const pretty = (body) => JSON.stringify(body, null, 2);

/** Systems limit the size of an argument; larger bodies are sent from the standard input. */
const ARGUMENT = 100_000;

function curl(entry) {
  const call = parts(entry);
  const method = { GET: call.text === null ? '' : '-X GET ', HEAD: '-I ' }[call.method] ?? `-X ${call.method} `;
  // Without -g, curl expands brackets and braces of the URL.
  const lines = [`curl -g ${method}${shell(call.url)}`];
  if (call.basic) lines.push('-u "$TILEDESK_USER"');
  if (call.token) lines.push(`-H "Authorization: ${call.token} $TILEDESK_TOKEN"`);
  for (const [name, value] of call.headers) lines.push(`-H ${shell(`${name}: ${value}`)}`);
  if (call.text === null) return lines.join(' \\\n  ');
  if (new Blob([call.text]).size <= ARGUMENT) return [...lines, `--data-raw ${shell(call.text)}`].join(' \\\n  ');
  let end = 'EOF';
  while (call.text.includes(end)) end += 'F';
  return `${[...lines, `--data-binary @- <<'${end}'`].join(' \\\n  ')}\n${call.text}\n${end}\n`;
}

function jsFetch(entry) {
  const call = parts(entry);
  const headers = call.headers.map(([name, value]) => `    ${js(name)}: ${js(value)},`);
  if (call.basic) headers.push('    authorization: `Basic ${btoa(`${email}:${password}`)}`,');
  if (call.token) headers.push(`    authorization: \`${call.token} \${token}\`,`);
  return [
    `const response = await fetch(${js(call.url)}, {`,
    `  method: ${js(call.method)},`,
    ...(headers.length ? ['  headers: {', ...headers, '  },'] : []),
    ...(call.text === null ? [] : [`  body: ${call.isJson ? `JSON.stringify(${indent(pretty(call.body), 2)})` : js(call.text)},`]),
    '});',
  ].join('\n');
}

/** A JSON value as a Python literal. */
function python(value, depth = 0) {
  const inner = ' '.repeat(depth + 4);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const items = Array.isArray(value)
    ? value.map((item) => python(item, depth + 4))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${python(item, depth + 4)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return items.length ? `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${' '.repeat(depth)}${close}` : open + close;
}

const testName = (entry) => `${entry.operation || entry.request.method.toLowerCase()}_returns_${entry.response?.status ?? 'nothing'}`;

function pytest(entry) {
  const call = parts(entry);
  const options = ['timeout=5'];
  const headers = Object.fromEntries(call.headers.filter(([name]) => !(call.isJson && name === 'content-type')));
  if (call.token) headers.authorization = `${call.token} TOKEN`;
  if (Object.keys(headers).length) options.unshift(`headers=${python(headers, 8)}`);
  if (call.isJson) options.unshift(`json=${python(call.body, 8)}`);
  else if (call.text !== null) options.unshift(`data=${JSON.stringify(call.text)}`);
  if (call.basic) options.unshift('auth=("EMAIL", "PASSWORD")');
  return [
    'import requests',
    'from tiledesk_mock import Sandbox',
    '',
    '',
    `def test_${testName(entry)}(tiledesk: Sandbox) -> None:`,
    '    response = requests.request(',
    `        ${JSON.stringify(call.method)},`,
    `        f"{tiledesk.url}${JSON.stringify(call.path).slice(1, -1).replaceAll('{', '{{').replaceAll('}', '}}')}",`,
    ...options.map((option) => `        ${option},`),
    '    )',
    '',
    `    assert response.status_code == ${entry.response?.status ?? 200}`,
    '',
  ].join('\n');
}

function rust(entry) {
  const call = parts(entry);
  const raw = (text) => {
    let marks = '#';
    while (text.includes(`"${marks}`)) marks += '#';
    return `r${marks}"${text}"${marks}`;
  };
  const steps = call.headers.map(([name, value]) => `.header(${JSON.stringify(name)}, ${JSON.stringify(value)})`);
  if (call.basic) steps.push('.basic_auth("EMAIL", Some("PASSWORD"))');
  if (call.token) steps.push(`.header("authorization", "${call.token} TOKEN")`);
  if (call.text !== null) steps.push(`.body(${raw(call.isJson ? pretty(call.body) : call.text)})`);
  return [
    'use tiledesk_mock::Fake;',
    '',
    '#[tokio::test]',
    `async fn ${testName(entry)}() {`,
    '    let fake = Fake::start().await;',
    `    let url = format!("{}{}", fake.url(), ${JSON.stringify(call.path)});`,
    '',
    '    let response = reqwest::Client::new()',
    `        .request(reqwest::Method::from_bytes(b"${call.method}").expect("a method"), url)`,
    ...steps.map((step) => `        ${step}`),
    '        .send()',
    '        .await',
    '        .expect("a response");',
    '',
    `    assert_eq!(response.status(), ${entry.response?.status ?? 200});`,
    '}',
    '',
  ].join('\n');
}

function playwright(entry) {
  const { status = 200, headers = {}, body } = entry.response ?? {};
  const path = withoutSandbox(entry.request.path)
    .replace(/^\/(?:v\d\/)?/, '')
    .replace(/[\\*?{}[\]]/g, '\\$&')
    .replace(/[0-9a-f]{24}/g, '*');
  const content =
    body === undefined || body === null
      ? []
      : typeof body === 'object'
        ? [`    json: ${indent(pretty(body), 4)},`]
        : [`    contentType: ${js(headers['content-type'] ?? 'text/plain')},`, `    body: ${js(body)},`];
  return [
    `await page.route(${js(`**/${path}${entry.request.query ? '?*' : ''}`)}, async (route) => {`,
    `  if (route.request().method() !== ${js(entry.request.method)}) return route.fallback();`,
    '  await route.fulfill({',
    `    status: ${status},`,
    ...content,
    '  });',
    '});',
    '',
  ].join('\n');
}

/** Why a recorded body isn't the one that was sent, if so. */
function flawOf({ body, truncated } = {}) {
  if (truncated) return 'The recorded body is truncated';
  return JSON.stringify(body)?.includes('\ufffd') ? 'The recorded body is not the original, which is not text' : null;
}

const form = (name, make, comment, part = 'request') => ({
  name,
  /** The code, and what is wrong with it, if anything. */
  make(entry) {
    const flaw = flawOf(entry[part]);
    return { text: flaw ? `${comment} ${flaw}.\n${make(entry)}` : make(entry), flaw };
  },
});

/** The forms, in the order of the menu. */
export const forms = [
  form('curl', curl, '#'),
  form('fetch', jsFetch, '//'),
  form('pytest', pytest, '#'),
  form('Rust', rust, '//'),
  form('Playwright route', playwright, '//', 'response'),
];
