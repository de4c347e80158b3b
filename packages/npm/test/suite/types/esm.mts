// The types of the package in an ES module. Compiled, never run: an unused @ts-expect-error fails the compilation.

import { connect, type Fake, type JournalCall, type Sandbox, type Server, start, TiledeskMockError } from 'tiledesk-mock';

export async function accepted(): Promise<number> {
  await using fake = await start({ clock: new Date(), fixtures: { leads: [] }, args: ['--journal', '5'], env: { A: undefined } });
  const sandbox: Sandbox = fake.sandbox('a');
  await sandbox.faults.add({ match: { operation: 'get_lead', body: { '/a': 1 } }, effect: { status: 503, delay: 5 } });
  const calls: JournalCall[] = await sandbox.journal.wait({ operation: 'get_lead', timeout: 5 });
  const name: string = calls[0]?.body.fullname;
  const server: Server = await connect(new URL(fake.url), { token: name });
  const difference = await (await server.snapshot('a')).diff();
  difference.collections.leads?.changed[0]?.changes[0]?.pointer.length;
  try {
    await sandbox.reset();
  } catch (error) {
    if (error instanceof TiledeskMockError) error.problem?.errors.map(({ pointer }) => pointer);
  }
  const also: Fake = fake;
  return also.stop();
}

export async function rejected(fake: Fake): Promise<void> {
  // @ts-expect-error: a misspelled option
  await start({ fixtuers: 'a' });
  // @ts-expect-error: an unknown effect
  await fake.faults.add({ effect: { statsu: 503 } });
  // @ts-expect-error: an unknown preset
  await fake.faults.add({ preset: 'slowly' });
  // @ts-expect-error: only a server that this process started can be stopped
  await (await connect(fake.url)).stop();
  // @ts-expect-error: the name of a snapshot is required
  await fake.snapshot();
}
