// The journal as text, for the report of a failed test.

import { TiledeskMockError } from './error.js';
import type { Explanation, JournalCall } from './journal.js';
import type { Sandbox } from './sandbox.js';

const CALLS = 20;
const BODY = 300;

/** A call of the journal with the explanation of its rejection, if it was rejected. */
interface ExplainedCall extends JournalCall {
  explanation?: Explanation;
}

/** The last calls of a sandbox, rejected ones with their explanations. */
async function explainedCalls(sandbox: Sandbox): Promise<ExplainedCall[]> {
  const calls = await sandbox.journal.list({ limit: CALLS });
  return Promise.all(calls.map(async (call) => {
    // The header that links to an explanation.
    if (!call.answer?.headers.link?.includes('/_control/explain/')) return call;
    return { ...call, explanation: await sandbox.journal.explain(call.id) };
  }));
}

/** The last calls of a sandbox as text, rejected ones with the rule, the violations, and a corrected call. */
export async function describeCalls(sandbox: Sandbox): Promise<string> {
  return renderCalls(await explainedCalls(sandbox), sandbox.name);
}

/** The journal for the report of a failed test. */
export interface Report {
  journal: string;
  /** The rejected calls one by one. */
  rejections: { id: number; text: string }[];
}

/** Reports the last calls of a sandbox. An unresponsive server does not hide why the test failed. */
export async function report(sandbox: Sandbox): Promise<Report> {
  try {
    const calls = await explainedCalls(sandbox);
    const rejected = calls.filter(({ explanation }) => explanation);
    return {
      journal: renderCalls(calls, sandbox.name),
      rejections: rejected.map((call) => ({ id: call.id, text: renderCall(call, sandbox.name) })),
    };
  } catch (error) {
    if (!(error instanceof TiledeskMockError)) throw error;
    return { journal: `tiledesk-mock: the journal is not available. ${error.message}`, rejections: [] };
  }
}

/** Calls as text. */
function renderCalls(calls: ExplainedCall[], sandbox: string): string {
  if (calls.length === 0) return `tiledesk-mock: no calls in sandbox ${sandbox}.`;
  const heading = `tiledesk-mock: ${calls.length === CALLS ? `last ${CALLS} calls` : `calls`} in sandbox ${sandbox}:`;
  return [heading, ...calls.map((call) => renderCall(call, sandbox))].join('\n').replaceAll('\n', '\n  ');
}

function renderCall({ id, method, path, operation, body, fault, answer, explanation }: ExplainedCall, sandbox: string): string {
  const short = path.startsWith(`/_sandbox/${sandbox}/`) ? path.slice(`/_sandbox/${sandbox}`.length) : path;
  const outcome = answer ? `${answer.status}` : 'no response yet';
  const lines = [`${id}. ${method} ${short} → ${outcome}${operation ? ` (${operation})` : ''}`];
  if (explanation?.rule) lines.push(`rule: ${explanation.rule}`);
  for (const { pointer, detail } of explanation?.errors ?? []) lines.push(`${pointer}: ${detail}`);
  if (explanation?.quirk !== undefined) lines.push(`quirk: ${explanation.quirk}`);
  if (fault !== undefined) lines.push(`fault: ${fault}`);
  if (body !== undefined) lines.push(`sent: ${brief(body)}`);
  if (answer && answer.status >= 400 && answer.body !== undefined) lines.push(`received: ${brief(answer.body)}`);
  if (explanation?.curl !== undefined) lines.push(`try: ${explanation.curl}`);
  return lines.join('\n   ');
}

function brief(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > BODY ? `${text.slice(0, BODY)}…` : text;
}
