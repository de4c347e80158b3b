// Finds the server binary: the one set in TILEDESK_MOCK_BINARY, or that of the platform package.

import { existsSync } from 'node:fs';
import { TiledeskMockError } from './error.js';

const PLATFORMS = ['linux-x64-gnu', 'linux-arm64-gnu', 'linux-x64-musl', 'linux-arm64-musl', 'darwin-x64', 'darwin-arm64', 'win32-x64'];

/** Path of the server binary for this machine. */
export function findBinary(): string {
  const override = process.env.TILEDESK_MOCK_BINARY;
  if (override) {
    if (!existsSync(override)) throw new TiledeskMockError(`TILEDESK_MOCK_BINARY: no such file: ${override}`);
    return override;
  }
  const wanted = candidates().filter((platform) => PLATFORMS.includes(platform));
  const [first] = wanted;
  if (first === undefined) {
    throw new TiledeskMockError(
      `tiledesk-mock has no prebuilt binary for ${process.platform}-${process.arch}. ` +
        'Build it with `cargo install tiledesk-mock` and set TILEDESK_MOCK_BINARY to its path.',
    );
  }
  for (const platform of wanted) {
    const name = `@tiledesk-mock/${platform}/bin/tiledesk-mock${process.platform === 'win32' ? '.exe' : ''}`;
    try {
      return require.resolve(name);
    } catch {
      // Not installed.
    }
  }
  throw new TiledeskMockError(
    `The package @tiledesk-mock/${first}, which holds the server binary for this platform, is not installed. ` +
      'It is an optional dependency of tiledesk-mock: reinstall without --omit=optional or --no-optional, and on the platform ' +
      'that runs the tests, or set TILEDESK_MOCK_BINARY to the path of a binary.',
  );
}

/** Platform names by preference. The musl binary is static and runs on every Linux distribution. */
function candidates(): string[] {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return [base];
  return usesGlibc() ? [`${base}-gnu`, `${base}-musl`] : [`${base}-musl`];
}

function usesGlibc(): boolean {
  // Without this the report looks up the host names of open connections, which takes seconds on some networks.
  const report = Object.assign(process.report, { excludeNetwork: true }).getReport();
  return 'glibcVersionRuntime' in (report as unknown as { header: object }).header;
}
