// The vendored libraries of the console's page: compares them with the packages of the lock file, or writes them.
//
//     node vendor.js [--write]

const fs = require('fs');
const path = require('path');

const folder = path.join(__dirname, '../../src/console/page/vendor');
const package_ = (name) => path.join(__dirname, 'node_modules', name);
const withoutMap = (text) => text.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');

const files = {
  'preact.mjs': () => withoutMap(fs.readFileSync(package_('preact/dist/preact.mjs'), 'utf8')),
  'hooks.mjs': () =>
    withoutMap(fs.readFileSync(package_('preact/hooks/dist/hooks.mjs'), 'utf8')).replace('from"preact"', 'from"./preact.mjs"'),
  'htm.mjs': () => withoutMap(fs.readFileSync(package_('htm/dist/htm.mjs'), 'utf8')),
  'LICENSE-preact': () => fs.readFileSync(package_('preact/LICENSE'), 'utf8'),
  'LICENSE-htm': () => fs.readFileSync(package_('htm/LICENSE'), 'utf8'),
};

/** Names of the vendored files that differ from their packages. */
exports.outdated = () =>
  Object.entries(files)
    .filter(([name, make]) => fs.readFileSync(path.join(folder, name), 'utf8') !== make())
    .map(([name]) => name);

if (require.main === module) {
  if (process.argv[2] === '--write') for (const [name, make] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), make());
  else console.log(exports.outdated().join('\n') || 'up to date');
}
