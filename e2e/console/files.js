// The files of the page: their size, and that vendored files are unchanged.

const assert = require('assert/strict');
const fs = require('fs');
const path = require('path');
const { gzipSync } = require('zlib');
const { outdated } = require('./vendor');

const folder = path.join(__dirname, '../../src/console/page');
const all = () =>
  fs
    .readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file).isFile());

exports['the page is smaller than 250 kB compressed'] = () => {
  const size = all().reduce((sum, file) => sum + gzipSync(fs.readFileSync(file)).length, 0);
  console.log(`        ${(size / 1000).toFixed(1)} kB compressed`);
  assert.ok(size <= 250_000);
};

exports['vendored libraries are the published ones'] = () => assert.deepEqual(outdated(), []);

exports['no file loads anything from elsewhere or sets HTML'] = () => {
  for (const file of all().filter((name) => /\.(js|css|html)$/.test(name))) {
    const text = fs.readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(|new Function/, file);
    assert.doesNotMatch(text, /(?:src|href|from|import|url)\s*[=(]?\s*["'(]https?:/, file);
  }
};
