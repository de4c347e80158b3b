// The options of `start`, and their conversion to a command line.

import { text } from './clock.js';
import { TiledeskMockError } from './error.js';
import type { World } from './state.js';

/** Options of {@link start}. Pass other flags in `args`, or as `TILEDESK_MOCK_…` in `env`. */
export interface StartOptions {
  /** Port to listen on (default 0: a free one). */
  port?: number;
  /** Address to listen on (default `127.0.0.1`). */
  host?: string;
  /** World to serve: a file or folder of fixtures, or the documents themselves (default: the built-in world). */
  fixtures?: string | World;
  /** Start without any documents. */
  empty?: boolean;
  /** Seed for IDs and random choices (default 0). */
  seed?: number;
  /** Date at which the clock is frozen, or `'real'` (default). */
  clock?: Date | string;
  /** Reject undocumented input and report every violation. */
  strict?: boolean;
  /** Validate every response against the exported API document. */
  selfCheck?: boolean;
  /** Let callers exceed their rights where the reference server does. */
  faithfulHoles?: boolean;
  /** Maximum number of calls per minute and account. */
  rateLimit?: number;
  /** Allowed webhook targets: none, loopback and private addresses (default), or any. */
  webhooks?: 'off' | 'local' | 'any';
  /** File for a coverage report, written when the server stops: `.json`, `.xml`, `.md`, or `.html`. */
  coverage?: string;
  /** Percentage of operations below which the server exits with code 1. */
  failUnder?: number;
  /** File that keeps the documents of the default sandbox between runs. */
  state?: string;
  /** Bearer token that the control API requires. */
  controlToken?: string;
  /** Log filter, such as `info`. Logs are forwarded to stderr. */
  log?: string;
  /** Further command-line arguments. */
  args?: readonly string[];
  /** Environment variables in addition to those of this process. */
  env?: Record<string, string | undefined>;
  /** Working directory of the server (default: that of this process). */
  cwd?: string;
  /** Path of the server binary (default: that of the installed platform package, or `TILEDESK_MOCK_BINARY`). */
  binary?: string;
  /** Startup timeout in milliseconds (default 10,000). */
  startTimeout?: number;
}

const SWITCHES = ['empty', 'strict', 'selfCheck', 'faithfulHoles'] as const;
const VALUES = [
  'host', 'seed', 'rateLimit', 'webhooks', 'coverage', 'failUnder', 'state', 'controlToken', 'log',
] as const;
const OTHERS = ['port', 'fixtures', 'clock', 'args', 'env', 'cwd', 'binary', 'startTimeout'] as const;
const KNOWN: readonly string[] = [...SWITCHES, ...VALUES, ...OTHERS];

/** The arguments of the server binary; `world` is the file that inline fixtures were written to. */
export function commandLine(options: StartOptions, world: string | undefined): string[] {
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw new TiledeskMockError(`Unknown option \`${name}\`; expected one of ${KNOWN.join(', ')}.`);
  }
  const { port = 0, fixtures, clock, args = [] } = options;
  const line = ['--port', String(port)];
  for (const name of SWITCHES) if (options[name]) line.push(flag(name));
  // One argument, because a value may begin with a hyphen.
  for (const name of VALUES) if (options[name] !== undefined) line.push(`${flag(name)}=${options[name]}`);
  if (clock !== undefined) line.push(`--clock=${text(clock)}`);
  if (fixtures !== undefined) line.push(`--fixtures=${world ?? fixtures}`);
  return [...line, ...args];
}

function flag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
