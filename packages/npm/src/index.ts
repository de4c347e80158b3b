// Everything that a program imports from `tiledesk-mock`.

export { connect, Fake, Server, start } from './server.js';
export { Sandbox, type ResetSummary, type SandboxInfo } from './sandbox.js';
export { type Problem, type ProblemDetail, type ServerExit, TiledeskMockError } from './error.js';
export type { StartOptions } from './options.js';
export type { ConnectOptions } from './server.js';
export type { Clock, ClockInfo } from './clock.js';
export type { Fault, FaultEffect, FaultInfo, FaultPattern, Faults, NewFault } from './fault.js';
export type { CallFilter, Explanation, Journal, JournalAnswer, JournalCall, RunDigest, WaitOptions } from './journal.js';
export type { Inbox, InboxCall } from './inbox.js';
export type { DocumentChange, Snapshot, SnapshotDifference, SnapshotInfo } from './snapshot.js';
export type { State, World } from './state.js';
export type { Attempt, Delivery, Outbox, Webhooks } from './webhook.js';
export { describeCalls } from './report.js';
