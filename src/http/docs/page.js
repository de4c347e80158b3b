// Shows the documents in the component, adapted to the server and to the reader.
(async () => {
  // Where the documents are, and what the server's world has: see the page.
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

  const load = async (address) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${answer.statusText}`);
    return answer.json();
  };

  /** Fills in the project of the reader. */
  const adapt = (document) => {
    const items = Object.values(document.paths || {}).flatMap((item) => Object.values(item));
    for (const parameter of items.flatMap(({ parameters = [] }) => parameters)) {
      if (parameter.name === 'project_id' && project) parameter.example = project;
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
      `\`\`\`sh\ncurl -u ${email}:${password} ${url}/${project}/requests\n\`\`\``,
      document.info.description,
    ].join('\n\n');
  };

  /** Webhooks are in the document of version 3. They get a document of their own. */
  const splitOff = (document) => {
    const { openapi, info, components, webhooks } = document;
    delete document.webhooks;
    const description = 'Requests that the API sends to the URLs of subscriptions. Each is a `POST` with a JSON body.';
    return { openapi, info: { ...info, title: 'Tiledesk webhooks', description }, webhooks, components, tags: document.tags };
  };

  const documents = await Promise.all([v3, v1, control].map((address) => address && load(address)));
  const [third, first, own] = documents.map((document) => document && adapt(document));
  const webhooks = splitOff(third);
  introduce(third);
  const sources = [
    { slug: 'v3', title: 'REST API, v3', content: third },
    { slug: 'v1', title: 'REST API, v1', content: first },
    { slug: 'control', title: 'Control API', content: own },
    { slug: 'webhooks', title: 'Webhooks', content: webhooks },
  ].filter(({ content }) => content);
  for (const source of sources) source.default = source.slug === api;

  document.getElementById('reference').replaceChildren();
  Scalar.createApiReference('#reference', {
    sources,
    authentication: email && { preferredSecurityScheme: 'basic', securitySchemes: { basic: { username: email, password } } },
    persistAuth: true,
    // Nothing is loaded from or sent to other hosts.
    agent: { disabled: true },
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
