// Installs generators, and runs them. Everything is below target/clients.

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { root, target } = require('../server');

const DOCUMENTS = { '3.1': 'tiledesk-v3.json', '3.0': 'tiledesk-v3.openapi-3.0.json' };

/** The exported document of an OpenAPI version. */
exports.document = (version) => path.join(root, 'openapi', DOCUMENTS[version]);

/** A folder below target/clients, which is emptied if `keep` is false. */
exports.folder = (name, { keep = true } = {}) => {
  const folder = path.join(target, 'clients', name);
  if (!keep) fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return folder;
};

/** Copies files of the folder next to this file to a folder below target/clients, which it returns. */
exports.lay = (from, files, to = from) => {
  const folder = exports.folder(to);
  files.forEach((file) => fs.copyFileSync(path.join(__dirname, from, file), path.join(folder, file)));
  return folder;
};

/** Runs a command, and returns its output to stdout and stderr. */
exports.call = (cwd, command, options, env = {}) => {
  const { status, stdout, stderr, error } = spawnSync(command, options, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const output = `${stdout}${stderr}`;
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(command)} ${options.join(' ')} exited with ${status}\n${output.slice(-4000)}`);
  return output;
};

const once = (build) => {
  const built = new Map();
  return (name) => {
    if (!built.has(name)) built.set(name, build(name));
    return built.get(name);
  };
};

/** A folder with the packages of a lock file from npm. */
exports.npm = once((name) => {
  const folder = exports.lay(name, ['package.json', 'package-lock.json']);
  const lock = path.join(folder, 'node_modules/.package-lock.json');
  const wanted = path.join(folder, 'package-lock.json');
  // Installing takes minutes on a slow connection.
  const stamp = path.join(folder, 'installed-lock.json');
  if (!fs.existsSync(lock) || !fs.existsSync(stamp) || !fs.readFileSync(stamp).equals(fs.readFileSync(wanted))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: folder, stdio: 'inherit' });
    fs.copyFileSync(wanted, stamp);
  }
  return folder;
});

/** The folder of programs of a virtual environment with the packages of python/NAME.txt. */
exports.python = once((name) => {
  const folder = exports.lay('python', [`${name}.txt`], `python/${name}`);
  const bin = path.join(folder, 'environment/bin');
  if (!fs.existsSync(bin)) exports.call(folder, 'python3', ['-m', 'venv', 'environment']);
  exports.call(folder, path.join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', `${name}.txt`]);
  return bin;
});

/** The version in a lock file or a list of requirements. */
exports.versionOf = (file, name) => {
  const text = fs.readFileSync(path.join(__dirname, file), 'utf8');
  if (file.endsWith('.json')) return JSON.parse(text).dependencies[name];
  return text.match(new RegExp(`^${name.replace(/[[\]]/g, '\\$&')}==(\\S+)`, 'm'))[1];
};
