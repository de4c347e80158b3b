// Two clients: functions that use fetch, and zod schemas.

const mutator = { path: 'caller.ts', name: 'call' };

module.exports = {
  fetch: {
    input: process.env.DOCUMENT,
    output: { target: 'orval-fetch/tiledesk.ts', schemas: 'orval-fetch/model', client: 'fetch', mode: 'split', override: { mutator } },
  },
  zod: { input: process.env.DOCUMENT, output: { target: 'orval-zod/tiledesk.ts', client: 'zod', mode: 'single' } },
};
