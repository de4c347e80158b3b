// The type definitions: used in strict mode, and compared to the document of the control API.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { here, run } from './support.mjs';

for (const project of ['tsconfig.json', 'tsconfig.runners.json']) {
  test(`strict programs compile (${project})`, async () => {
    const tsc = path.join(here, 'node_modules/typescript/bin/tsc');
    const { code, output } = await run(process.execPath, [tsc, '--project', path.join(here, 'types', project)]);
    assert.equal(output, '');
    assert.equal(code, 0);
  });
}

// Interfaces of the package and the schemas that they describe.
const SCHEMAS = {
  'error.d.ts': { Problem: 'Problem', ProblemDetail: 'ProblemDetail' },
  'fault.d.ts': { FaultPattern: 'FaultPattern', FaultEffect: 'FaultEffect', NewFault: 'NewFault', FaultInfo: 'FaultInfo' },
  'inbox.d.ts': { InboxCall: 'InboxCall' },
  'journal.d.ts': { JournalCall: 'JournalCall', JournalAnswer: 'JournalAnswer', Explanation: 'Explanation', RunDigest: 'RunDigest' },
  'sandbox.d.ts': { ResetSummary: 'ResetSummary', SandboxInfo: 'SandboxInfo' },
  'snapshot.d.ts': { SnapshotInfo: 'SnapshotInfo', SnapshotDifference: 'SnapshotDifference' },
  'webhook.d.ts': { Attempt: 'Attempt', Delivery: 'Delivery', Outbox: 'Webhooks' },
};

const { schemas } = JSON.parse(fs.readFileSync(process.env.CONTROL_DOCUMENT, 'utf8')).components;

for (const [file, interfaces] of Object.entries(SCHEMAS)) {
  const text = fs.readFileSync(path.join(here, 'node_modules/tiledesk-mock/dist', file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  for (const [name, schema] of Object.entries(interfaces)) {
    test(`${name} has the fields of the control API`, () => {
      const declaration = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
      assert.ok(declaration, `no interface ${name}`);
      const { properties, required = [] } = schemas[schema];
      for (const member of declaration.members) {
        const field = member.name.text;
        assert.ok(field in properties, `${schema} has no field ${field}`);
        if (!member.questionToken) assert.ok(required.includes(field), `${schema}.${field} is optional`);
      }
      const declared = declaration.members.map((member) => member.name.text);
      for (const field of required) assert.ok(declared.includes(field), `${name} lacks ${field}`);
    });
  }
}
