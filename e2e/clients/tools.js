// The generators: how each generates, compiles, and runs. The programs are in the folders next to this file.

const fs = require('fs');
const path = require('path');
const { call, document, folder, lay, npm, python, versionOf } = require('./toolbox');

// Schemas renamed for the Go generator: its constructor of `Lead` is `NewLead`, and its test for `bot` is `HasBot`.
const schemas = Object.keys(JSON.parse(fs.readFileSync(document('3.0'), 'utf8')).components.schemas);
const drafts = schemas.filter((name) => name.startsWith('New') && schemas.includes(name.slice(3)));
const GO_NAMES = drafts.map((name) => `${name}=${name.slice(3)}Draft`).join();

/** Programs in TypeScript, compiled with the options of typescript/tsconfig.json. CI installs only the quick ones. */
function typescript(name, { version, spec, generate, quick = false, compilerOptions = {}, note, excuse }) {
  const packages = quick ? 'typescript' : 'typescript-more';
  const home = () => npm(packages);
  return {
    tool: name,
    version,
    spec,
    quick,
    note,
    excuse,
    generate: () => {
      fs.rmSync(path.join(home(), name), { recursive: true, force: true });
      fs.mkdirSync(path.join(home(), name));
      return generate(home(), path.join(home(), 'node_modules/.bin'));
    },
    compile: () => {
      lay('typescript', ['tsconfig.json', 'world.ts', `${name}.ts`], packages);
      const config = { extends: './tsconfig.json', compilerOptions, files: [`${name}.ts`] };
      fs.writeFileSync(path.join(home(), `tsconfig.${name}.json`), JSON.stringify(config));
      return call(home(), path.join(home(), 'node_modules/.bin/tsc'), ['--project', `tsconfig.${name}.json`]);
    },
    run: (url) => call(home(), process.execPath, [`out/${name}.js`, url]),
  };
}

/** The two clients of Orval, whose imports have no file extensions, so that they are compiled as CommonJS. */
function orval(client) {
  const name = `orval-${client}`;
  return {
    tool: `orval ${client}`,
    version: versionOf('orval/package.json', 'orval'),
    spec: '3.1',
    note: client === 'zod' ? 'schemas only; calls with fetch' : '`override.mutator` sets the base URL and the token',
    generate: () => {
      const home = npm('orval');
      lay('orval', ['orval.config.cjs', 'caller.ts', 'tsconfig.json']);
      return call(home, 'node_modules/.bin/orval', ['--config', 'orval.config.cjs', '--project', client], { DOCUMENT: document('3.1') });
    },
    compile: () => {
      const home = lay('orval', [`${name}.ts`]);
      fs.writeFileSync(path.join(home, `${name}.json`), JSON.stringify({ extends: './tsconfig.json', files: [`${name}.ts`] }));
      return call(home, 'node_modules/.bin/tsc', ['--project', `${name}.json`]);
    },
    run: (url) => call(npm('orval'), process.execPath, [`out/${name}.js`, url]),
  };
}

const GENERATOR = 'openapi-generator';
const generatorVersion = versionOf('python/openapi-generator.txt', 'openapi-generator-cli');

/** Runs openapi-generator with the Java runtime that is installed with it. */
function openapiGenerator(generator, output, options, input = document('3.0')) {
  const bin = python(GENERATOR);
  fs.rmSync(output, { recursive: true, force: true });
  const skipped = 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';
  const all = ['generate', '-i', input, '-g', generator, '-o', output, '--global-property', skipped, ...options];
  return call(path.dirname(bin), path.join(bin, 'openapi-generator-cli'), all);
}

function generated(language, { generate, note, ...rest }) {
  return {
    tool: `${GENERATOR} ${language}`,
    version: generatorVersion,
    spec: '3.0',
    note,
    generate: () => generate(folder(`generated-${language}`)),
    ...rest,
  };
}

const properties = (text) => ['--additional-properties', text];

/** The class path of the Java client: the generator itself contains Jackson. */
function javaPath() {
  const [generator] = call('.', path.join(python(GENERATOR), 'python'), [
    '-c',
    'import openapi_generator_cli as it, pathlib; print(pathlib.Path(it.__file__).parent / "openapi-generator.jar")',
  ]).trim().split('\n');
  const debian = ['httpmime', 'httpclient', 'httpcore', 'commons-logging', 'geronimo-annotation-1.3-spec'];
  return [generator, ...debian.map((name) => `/usr/share/java/${name}.jar`)].join(':');
}

const sources = (directory, ending) =>
  fs.readdirSync(directory, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => path.join(directory, name));

const [cargo, ...cargoOptions] = (process.env.CARGO || 'cargo').split(' ');

/** A copy of the document in which a change is applied to every operation; operations without a result are left out. */
function changed(name, change) {
  const copy = JSON.parse(fs.readFileSync(document('3.0'), 'utf8'));
  for (const [template, item] of Object.entries(copy.paths)) {
    const kept = Object.entries(item).filter(([, operation]) => change(operation));
    copy.paths[template] = Object.fromEntries(kept);
    if (kept.length === 0) delete copy.paths[template];
  }
  const file = path.join(folder('documents'), `${name}.json`);
  fs.writeFileSync(file, JSON.stringify(copy));
  return file;
}

/** A program that uses a generated Rust crate. */
function rust(name) {
  const home = () => lay(`rust/${name}`, ['Cargo.toml', 'Cargo.lock', 'main.rs']);
  return {
    compile: () => {
      // Enums of openapi-generator keep the spelling of `x-enum-varnames`, those of progenitor the sign of a number.
      const env = { RUSTFLAGS: '-D warnings -A non_camel_case_types', CARGO_TARGET_DIR: folder('rust/target') };
      return call(home(), cargo, [...cargoOptions, 'build', '--locked'], env);
    },
    run: (url) => call(home(), path.join(folder('rust/target'), 'debug', `use-${name}`), [url]),
  };
}

const PROGENITOR = '0.15.1';

/** The Kotlin compiler, and Specmatic, whose JAR contains Ktor, Jackson, and the standard library. */
const kotlin = () => path.join(npm('kotlin'), 'node_modules');

exports.tools = [
  typescript('openapi-fetch', {
    version: versionOf('typescript/package.json', 'openapi-typescript'),
    spec: '3.1',
    quick: true,
    note: 'types by openapi-typescript; uploads with `bodySerializer`',
    generate: (home, bin) => call(home, path.join(bin, 'openapi-typescript'), [document('3.1'), '--output', 'openapi-fetch/tiledesk.ts']),
  }),
  typescript('hey-api', {
    version: versionOf('typescript/package.json', '@hey-api/openapi-ts'),
    spec: '3.1',
    quick: true,
    note: '`output.module.extension: ".js"` for Node',
    generate: (home, bin) => {
      const config = { input: document('3.1'), output: { path: 'hey-api', module: { extension: '.js' } } };
      fs.writeFileSync(path.join(home, 'hey-api.config.mjs'), `export default ${JSON.stringify(config)};\n`);
      return call(home, path.join(bin, 'openapi-ts'), ['--file', 'hey-api.config.mjs']);
    },
  }),
  typescript('swagger-typescript-api', {
    version: versionOf('typescript-more/package.json', 'swagger-typescript-api'),
    spec: '3.0',
    note: '`--module-name-first-tag` groups operations by tag',
    generate: (home, bin) => {
      const options = ['generate', '--path', document('3.0'), '--output', 'swagger-typescript-api', '--name', 'tiledesk.ts'];
      return call(home, path.join(bin, 'swagger-typescript-api'), [...options, '--module-name-first-tag']);
    },
  }),
  typescript('openapi-zod-client', {
    version: versionOf('typescript-more/package.json', 'openapi-zod-client'),
    spec: '3.0',
    note: '`--export-schemas --with-alias`; without `list_requests`: TypeScript gives up on the types of Zodios for its 41 parameters (TS2589)',
    excuse: true,
    generate: (home, bin) => {
      const options = ['--output', 'openapi-zod-client/tiledesk.ts', '--export-schemas', '--with-alias'];
      return call(home, path.join(bin, 'openapi-zod-client'), [document('3.0'), ...options]);
    },
  }),
  orval('fetch'),
  orval('zod'),
  {
    ...typescript('typescript-fetch', {
      version: generatorVersion,
      spec: '3.0',
      note: '`importFileExtension=.js` for Node; `modelPropertyNaming=original`, as it sends renamed fields under both names; without `noImplicitOverride`',
      // Its own runtime does not follow it.
      compilerOptions: { noImplicitOverride: false },
      generate: (home) => openapiGenerator('typescript-fetch', path.join(home, 'typescript-fetch'), properties('importFileExtension=.js,modelPropertyNaming=original')),
    }),
    tool: `${GENERATOR} typescript-fetch`,
  },
  {
    ...typescript('typescript-axios', {
      version: generatorVersion,
      spec: '3.0',
      note: '`importFileExtension=.js` for Node, `useSingleRequestParameter=true`',
      generate: (home) => {
        const options = properties('importFileExtension=.js,useSingleRequestParameter=true');
        return openapiGenerator('typescript-axios', path.join(home, 'typescript-axios'), options);
      },
    }),
    tool: `${GENERATOR} typescript-axios`,
  },
  {
    tool: 'openapi-python-client',
    version: versionOf('python/openapi-python-client.txt', 'openapi-python-client'),
    spec: '3.1',
    quick: true,
    generate: () => {
      const bin = python('openapi-python-client');
      const home = lay('python', ['openapi-python-client.py']);
      fs.rmSync(path.join(home, 'tiledesk_python_client'), { recursive: true, force: true });
      const options = ['--meta', 'none', '--fail-on-warning', '--path', document('3.1'), '--output-path', 'tiledesk_python_client'];
      // The generator formats its output with ruff, which must be in the path.
      const PATH = `${bin}${path.delimiter}${process.env.PATH}`;
      return call(home, path.join(bin, 'openapi-python-client'), ['generate', ...options], { PATH });
    },
    compile: () => call(folder('python'), path.join(python('openapi-python-client'), 'python'), ['-W', 'error', '-m', 'compileall', '-q', 'tiledesk_python_client']),
    run: (url) => call(folder('python'), path.join(python('openapi-python-client'), 'python'), ['-W', 'error', 'openapi-python-client.py', url]),
  },
  {
    tool: 'datamodel-code-generator',
    version: versionOf('python/datamodel-code-generator.txt', 'datamodel-code-generator'),
    spec: '3.1',
    note: 'models only; calls with urllib',
    generate: () => {
      const bin = python('datamodel-code-generator');
      const home = lay('python', ['datamodel-code-generator.py']);
      const options = ['--input', document('3.1'), '--input-file-type', 'openapi', '--output', 'tiledesk_models.py'];
      const style = ['--output-model-type', 'pydantic_v2.BaseModel', '--target-python-version', '3.11', '--disable-timestamp'];
      return call(home, path.join(bin, 'datamodel-codegen'), [...options, ...style]);
    },
    compile: () => call(folder('python'), path.join(python('datamodel-code-generator'), 'python'), ['-W', 'error', '-c', 'import tiledesk_models']),
    run: (url) => call(folder('python'), path.join(python('datamodel-code-generator'), 'python'), ['-W', 'error', 'datamodel-code-generator.py', url]),
  },
  generated('python', {
    note: '`packageName=tiledesk_client`',
    generate: (output) => openapiGenerator('python', output, properties('packageName=tiledesk_client')),
    compile: () => call(folder('generated-python'), path.join(python(GENERATOR), 'python'), ['-W', 'error', '-c', 'import tiledesk_client']),
    run: (url) => {
      const home = folder('generated-python');
      fs.copyFileSync(path.join(__dirname, 'python/openapi-generator.py'), path.join(home, 'use.py'));
      return call(home, path.join(python(GENERATOR), 'python'), ['-W', 'error', 'use.py', url]);
    },
  }),
  generated('java', {
    note: '`library=native`, `openApiNullable=false`, `useSingleRequestParameter=true`; libraries of Debian',
    generate: (output) => {
      const options = properties('library=native,openApiNullable=false,useSingleRequestParameter=true,hideGenerationTimestamp=true');
      return openapiGenerator('java', output, options);
    },
    compile: () => {
      const home = folder('generated-java');
      const all = [...sources(path.join(home, 'src/main/java'), '.java'), path.join(__dirname, 'java/Use.java')];
      // Warnings about the style of the generated code are left out.
      const lint = ['-Xlint:all,-serial,-deprecation,-processing,-classfile,-path', '-Werror', '-proc:none'];
      return call(home, 'javac', [...lint, '-cp', javaPath(), '-d', 'out', ...all]);
    },
    run: (url) => call(folder('generated-java'), 'java', ['-cp', `out:${javaPath()}`, 'Use', url]),
  }),
  generated('go', {
    note: '`--model-name-mappings NewLead=LeadDraft,…` and `--name-mappings hasBot=WithBot`: constructors are named `NewLead`, and tests `HasBot`; `enumClassPrefix=true`, `disallowAdditionalPropertiesIfNotPresent=false`',
    generate: (output) => {
      const names = ['--model-name-mappings', GO_NAMES, '--name-mappings', 'hasBot=WithBot'];
      const place = ['--git-host', 'example.com', '--git-user-id', 'example', '--git-repo-id', 'tiledesk'];
      return openapiGenerator('go', output, [...names, ...place, ...properties('packageName=tiledesk,enumClassPrefix=true,disallowAdditionalPropertiesIfNotPresent=false')]);
    },
    compile: () => {
      const home = folder('generated-go');
      fs.mkdirSync(path.join(home, 'use'), { recursive: true });
      fs.copyFileSync(path.join(__dirname, 'go/main.go'), path.join(home, 'use/main.go'));
      const go = path.join(python(GENERATOR), 'go');
      const env = { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', GOCACHE: folder('go-cache') };
      return call(home, go, ['vet', './...'], env) + call(home, go, ['build', '-o', 'program', './use'], env);
    },
    run: (url) => call(folder('generated-go'), './program', [url]),
  }),
  generated('rust', {
    note: '`useSingleRequestParameter=true`; `-D warnings -A non_camel_case_types`, as variants are spelled like `x-enum-varnames`; with `noPopulate`, as it merges the members of an `anyOf` into one type',
    generate: (output) => openapiGenerator('rust', output, properties('packageName=tiledesk,useSingleRequestParameter=true')),
    ...rust('openapi-generator'),
  }),
  {
    tool: 'progenitor',
    version: PROGENITOR,
    spec: '3.0',
    note: '`--interface builder`; without the eleven uploads: it rejects documents with `multipart/form-data`',
    excuse: true,
    generate: () => {
      const home = folder('progenitor');
      const env = { CARGO_TARGET_DIR: path.join(home, 'target'), CARGO_PROFILE_RELEASE_OPT_LEVEL: '0' };
      call(home, cargo, [...cargoOptions, 'install', '--locked', '--root', home, `cargo-progenitor@${PROGENITOR}`], env);
      const input = changed('progenitor', ({ requestBody }) => !requestBody?.content['multipart/form-data']);
      const output = path.join(folder('generated-progenitor', { keep: false }));
      const options = ['--input', input, '--output', output, '--name', 'tiledesk_progenitor', '--version', '0.1.0', '--interface', 'builder'];
      return call(home, path.join(home, 'bin/cargo-progenitor'), ['progenitor', ...options]);
    },
    ...rust('progenitor'),
  },
  generated('kotlin', {
    note: '`library=jvm-ktor`, `serializationLibrary=jackson`; without the default of the query parameter `status` of `list_leads`, which is written as an undefined constant; with `noPopulate`, as it merges the members of an `anyOf` into one type; libraries from the JAR of Specmatic',
    generate: (output) => {
      const input = changed('kotlin', ({ parameters = [] }) => parameters.every(({ schema }) => !schema['x-enum-varnames'] || delete schema.default));
      const options = properties('serializationLibrary=jackson,packageName=tiledesk,omitGradleWrapper=true');
      return openapiGenerator('kotlin', output, ['--library', 'jvm-ktor', ...options], input);
    },
    compile: () => {
      const home = folder('generated-kotlin');
      const compiler = ['-cp', path.join(kotlin(), 'kotlin-compiler/lib/*'), 'org.jetbrains.kotlin.cli.jvm.K2JVMCompiler'];
      const options = ['-no-stdlib', '-no-reflect', '-cp', path.join(kotlin(), 'specmatic/specmatic.jar'), '-d', 'out'];
      return call(home, 'java', ['-Xmx3g', ...compiler, ...options, 'src/main/kotlin', path.join(__dirname, 'kotlin/Use.kt')]);
    },
    run: (url) => call(folder('generated-kotlin'), 'java', ['-cp', `out:${path.join(kotlin(), 'specmatic/specmatic.jar')}`, 'UseKt', url]),
  }),
];
