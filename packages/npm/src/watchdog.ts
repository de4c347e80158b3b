// Stops the server when this process dies, even from a signal that cannot be handled.

import { spawn } from 'node:child_process';

/**
 * Sends SIGTERM to `pid` when this process, or the worker thread that calls this, is gone. The watchdog is a shell that reads a
 * pipe held open by this process. The kernel closes the pipe however the process ends, so no signal handlers are needed, which
 * would change how the host program reacts to signals. Returns a function that dismisses the watchdog.
 *
 * Windows has no equivalent shell; there the server outlives a parent that is terminated forcibly.
 */
export function watch(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const watchdog = spawn('/bin/sh', ['-c', 'read -r line; kill "$1" 2>/dev/null', 'tiledesk-mock-watchdog', String(pid)], {
    cwd: '/',
    // A separate session: Ctrl-C in the terminal must not end it before this process.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A container without a shell has no watchdog; the exit handler still stops the server.
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  unref(watchdog.stdin);
  return () => watchdog.kill('SIGKILL');
}

/** Lets the process exit while a pipe to a child is open. */
export function unref(stream: unknown): void {
  (stream as { unref?: () => void } | null)?.unref?.();
}
