// Tries a tool: generates a client, compiles it, and runs its ten calls in a sandbox of a server.

// The calls of the programs, as patterns of operation IDs, with the expected status.
const CALLS = [
  ['sign_in', 200],
  ['list_leads', 200],
  ['create_lead', 200],
  ['get_lead', 200],
  ['update_lead', 200],
  ['list_requests', 200],
  ['send_message', 200],
  ['upload_(chat|user)_file', 201],
  ['get_lead', 404],
  ['delete_lead_physically', 200],
];

exports.CALLS = CALLS.length;

// Warnings that do not depend on the document, or only on names in the API.
const NOISE = [
  // Printed for every named example that is not a reference.
  /Failed to get the schema name: null/,
  // Printed for arrays in forms.
  /Could not compute datatypeWithEnum/,
  // Printed for every body with several named examples, and for every response with several content types.
  /Ignoring complex example on request body/,
  // Reserved words of the target language, and statuses and content types as Rust names.
  /cannot be used as (an? )?\w+/,
];

const WARNING = /\bwarn(ing)?\b/i;

/** Warnings caused by the document. */
exports.warnings = (output) => output.split('\n').filter((line) => WARNING.test(line) && !NOISE.some((known) => known.test(line)));

/** The row of a tool in the matrix. `problems` contains the reasons for failed parts. */
exports.attempt = async (tool, url) => {
  const row = { tool: tool.tool, version: tool.version, document: tool.spec, warnings: '', compiles: '', calls: '', note: tool.note || '', seconds: 0 };
  const start = Date.now();
  const problems = [];
  const step = async (work) => {
    try {
      return { value: await work() };
    } catch (error) {
      problems.push(error.message);
      return { failed: true };
    }
  };
  const made = await step(() => tool.generate());
  if (!made.failed) {
    const found = exports.warnings(made.value || '');
    row.warnings = String(found.length);
    problems.push(...found);
    if (tool.compile) {
      const compiled = await step(() => tool.compile());
      row.compiles = compiled.failed ? 'no' : 'yes';
      if (!compiled.failed) row.calls = await calls(tool, url, step);
    }
  }
  row.seconds = Math.round((Date.now() - start) / 1000);
  return { row, problems };
};

/** The number of expected calls in the journal of the server, in order and with the expected status. */
async function calls(tool, url, step) {
  const sandbox = tool.tool.replace(/[^a-z0-9]+/g, '-');
  await step(() => tool.run(`${url}/_sandbox/${sandbox}/v3`));
  // A new connection: an existing one may have been closed while the client ran.
  const journal = await fetch(`${url}/_control/journal?sandbox=${sandbox}`, { headers: { connection: 'close' } });
  const made = (await journal.json()).calls.map(({ operation, answer }) => `${operation} ${answer.status}`);
  return `${CALLS.filter((call) => made.some((each) => new RegExp(`^${call.join(' ')}$`).test(each))).length}/${CALLS.length}`;
}

/** A table of rows in Markdown. */
exports.table = (rows) => {
  const lines = rows.map((row) =>
    `| ${[row.tool, row.version, row.document, row.warnings, row.compiles, row.calls, row.seconds, row.note].join(' | ')} |`);
  return ['| Tool | Version | OpenAPI | Warnings | Compiles | Calls | Seconds | Options and remarks |', '|---|---|---|---|---|---|---|---|', ...lines].join('\n');
};
