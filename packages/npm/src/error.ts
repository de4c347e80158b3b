// The error class of this package.

/** One violation in a request to the control API. */
export interface ProblemDetail {
  /** JSON pointer into the body; `/query/NAME`, `/path/NAME`, and `/header/NAME` for other parts of the request. */
  pointer: string;
  /** The expected and the actual value. */
  detail: string;
}

/** The body of an error response of the control API (`application/problem+json`, RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  errors: ProblemDetail[];
  /** After a wait timed out: what arrived instead, one line per kind of call. */
  arrived?: string[];
}

/** How the server process ended. */
export interface ServerExit {
  /** Exit code, or `null` if a signal ended the process. */
  code: number | null;
  /** Signal that ended the process. */
  signal: NodeJS.Signals | null;
  /** The last lines that the server wrote to stderr. */
  stderr: string;
}

/** The details of a {@link TiledeskMockError}, in addition to its message. */
export interface ErrorDetails {
  cause?: unknown;
  problem?: Problem;
  exit?: ServerExit;
}

/** The server could not be started or reached, exited, or rejected a call to its control API. */
export class TiledeskMockError extends Error {
  override readonly name = 'TiledeskMockError';
  /** The response of the control API, if it rejected the call. */
  readonly problem?: Problem;
  /** How the server ended, if it exited. */
  readonly exit?: ServerExit;

  constructor(message: string, { cause, problem, exit }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    if (problem) this.problem = problem;
    if (exit) this.exit = exit;
  }

  /** HTTP status of the control API's response, if it rejected the call. */
  get status(): number | undefined {
    return this.problem?.status;
  }

  /** What arrived instead, if a wait timed out: one line per kind of call. */
  get arrived(): string[] | undefined {
    return this.problem?.arrived;
  }
}

/** The text of a problem: its title, every violation, and what arrived instead. */
export function describe(problem: Problem): string {
  const violations = problem.errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`);
  const arrived = problem.arrived?.length
    ? ['\nArrived instead:', ...problem.arrived.map((line) => `\n  ${line}`)]
    : problem.arrived
      ? ['\nNothing else arrived.']
      : [];
  return [problem.title, ...violations, ...arrived].join('');
}
