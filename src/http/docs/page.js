// Shows the documents in the component, adapted to the server and to the reader.

/** Adds what the component leaves out for keyboards and screen readers, now and whenever it changes the page. */
function completeNames() {
  const complete = () => {
    for (const code of document.querySelectorAll('code.custom-scroll:not([tabindex])')) code.tabIndex = 0;
    for (const box of document.querySelectorAll('[role=combobox]:not([aria-expanded])')) box.setAttribute('aria-expanded', 'false');
    for (const box of document.querySelectorAll('[role=combobox]:not([aria-controls])')) box.setAttribute('aria-controls', 'reference');
    for (const button of document.querySelectorAll('button[role=none]')) button.removeAttribute('role');
    for (const link of document.querySelectorAll('#reference a[href^="http"]:not([aria-label])')) {
      if (!link.innerText.trim()) link.setAttribute('aria-label', new URL(link.href).hostname);
    }
  };
  let waiting;
  new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(complete, 100);
  }).observe(document.body, { childList: true, subtree: true });
}

(async () => {
  // Where the documents are, which one to show first, and what to fill in.
  const { v3, v1, control, api, project: sample, email, password } = document.currentScript.dataset;
  const PROJECT = 'tiledesk-mock.project';

  // Storage can be disabled.
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { value ? localStorage.setItem(name, value) : localStorage.removeItem(name); } catch { /* disabled */ } };

  const project = remembered(PROJECT) || sample || '';
  const input = document.getElementById('project');
  input.value = project;
  input.addEventListener('change', () => {
    if (!input.reportValidity()) return;
    remember(PROJECT, input.value === sample ? '' : input.value);
    location.reload();
  });

  /** Loads a document. On the page of a server, requests go to that server, as the reader's browser addresses it. */
  const load = async (address, path) => {
    if (!address) return undefined;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${answer.statusText}`);
    const document = await answer.json();
    if (email) document.servers[0].url = new URL(path, new URL(address, location.href)).href;
    return document;
  };

  const operationsOf = (items) => Object.values(items || {}).flatMap((item) => Object.values(item));

  /** Fills in the project of the reader, and leaves out optional parameters until the reader selects them. */
  const adapt = (document) => {
    const shared = Object.values(document.components.parameters || {});
    const own = operationsOf(document.paths).flatMap((node) => (Array.isArray(node) ? node : node.parameters || []));
    for (const parameter of [...shared, ...own]) {
      const { example, name, required, schema = {} } = parameter;
      if (name === 'project_id' && project) parameter.example = project;
      const value = example ?? schema.default;
      if (parameter.in === 'query' && !required && value !== undefined) {
        delete parameter.example;
        parameter.examples = { example: { value, 'x-disabled': true } };
      }
    }
    return document;
  };

  /** Says how to make the first call to this server. */
  const introduce = (document) => {
    if (!email) return;
    const { url } = document.servers[0];
    document.info.description = [
      '## Try this server',
      `Sign in as \`${email}\` with the password \`${password}\`, a user of the default world. Both are filled in under *Authentication*, and the project in every path. The first call:`,
      `\`\`\`sh\ncurl -u ${email}:${password} \\\n  ${url}/${project}/requests\n\`\`\``,
      document.info.description,
    ].join('\n\n');
  };

  /** The components that a part of a document refers to, directly or not. */
  const componentsOf = (part, components, found = {}) => {
    for (const value of Object.values(part || {})) {
      if (value?.$ref) {
        const [, , kind, name] = value.$ref.split('/');
        found[kind] ??= {};
        if (!(name in found[kind])) {
          found[kind][name] = components[kind][name];
          componentsOf([found[kind][name]], components, found);
        }
      } else if (typeof value === 'object') componentsOf(value, components, found);
    }
    return found;
  };

  /** Webhooks are in the document of version 3. They get a document of their own. */
  const splitOff = (document) => {
    const { openapi, info, webhooks, tags } = document;
    const components = componentsOf(webhooks, document.components);
    delete document.webhooks;
    delete document.components.pathItems;
    const used = (items) => new Set(operationsOf(items).flatMap((operation) => operation.tags || []));
    const only = (items) => tags.filter(({ name }) => used(items).has(name));
    document.tags = only(document.paths);
    const description = 'Requests that the API sends to the URLs of subscriptions. Each is a `POST` with a JSON body.';
    return { openapi, info: { ...info, title: 'Tiledesk webhooks', description }, webhooks, components, tags: only(components.pathItems) };
  };

  /** The control API takes a token if the server has one. */
  const offerToken = (document) => {
    const description = 'The token of a server with `--control-token`. Others need none.';
    document.components.securitySchemes ??= { token: { type: 'http', scheme: 'bearer', description } };
    document.security ??= [{}, { token: [] }];
  };

  const documents = await Promise.all([load(v3, 'v3'), load(v1, 'v1'), load(control, '_control')]);
  const [third, first, own] = documents.map((document) => document && adapt(document));
  const webhooks = splitOff(third);
  introduce(third);
  if (own) offerToken(own);
  const login = { preferredSecurityScheme: 'basic', securitySchemes: email && { basic: { username: email, password } } };
  const sources = [
    { slug: 'v3', title: 'REST API, v3', content: third, authentication: login },
    { slug: 'v1', title: 'REST API, v1', content: first, authentication: login },
    { slug: 'control', title: 'Control API', content: own },
    { slug: 'webhooks', title: 'Webhooks', content: webhooks },
  ].filter(({ content }) => content);
  for (const source of sources) source.default = source.slug === api;

  document.getElementById('reference').replaceChildren();
  completeNames();
  Scalar.createApiReference('#reference', {
    sources,
    persistAuth: true,
    // Nothing is loaded from or sent to other hosts.
    agent: { disabled: true },
    generateOperationSlug: ({ operationId }) => operationId,
    hideClientButton: true,
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    telemetry: false,
    withDefaultFonts: false,
  });
})().catch((error) => {
  document.querySelector('#reference').innerHTML = '<p class="note" role="alert"></p>';
  document.querySelector('.note').textContent = `The reference cannot be shown: ${error.message}`;
});
