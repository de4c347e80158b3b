// Writes the examples of a document to files, so that they are tested as printed.
//
//     node extract.mjs DOCUMENT.md FOLDER
//
// A fenced block whose first line is a comment with only a file name becomes that file, in a subfolder named after the
// heading above it.

import fs from 'node:fs';
import path from 'node:path';

const [document, folder] = process.argv.slice(2);
let heading = '';
let block;
for (const line of fs.readFileSync(document, 'utf8').split('\n')) {
  if (block && line === '```') {
    const [, name] = /^\/\/ ([\w.-]+\.(?:mjs|js|ts))$/.exec(block[0]) ?? [];
    if (name) {
      const file = path.join(folder, heading, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, `${block.join('\n')}\n`);
    }
    block = undefined;
  } else if (block) block.push(line);
  else if (line.startsWith('```')) block = [];
  else if (line.startsWith('## ')) heading = line.slice(3).toLowerCase().replace(/[^a-z]+/g, '-').replace(/-$/, '');
}
