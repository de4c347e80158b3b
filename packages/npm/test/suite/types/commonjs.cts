// The types of the package in CommonJS.

import mock = require('tiledesk-mock');

export async function accepted(): Promise<number> {
  const fake: mock.Fake = await mock.start({ port: 0 });
  const call: mock.JournalCall | undefined = (await fake.journal.list())[0];
  call?.answer?.status.toFixed();
  return fake.stop();
}
