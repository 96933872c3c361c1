// Shows that each static check can fail: a small checkout that passes, then one violation per check.
// It lives in .cache, which git ignores: a run that is killed leaves nothing behind that matters.
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from './bootstrap.mjs';
import { checks, run } from './checks.mjs';

const scratch = join(checkout, '.cache/seeded-violations');
const configuration = [
  '.dependency-cruiser.cjs',
  '.prettierrc.json',
  'eslint.config.mjs',
  'tsconfig.base.json',
  'scripts/generate.mjs',
];

const tsconfig = JSON.stringify({
  extends: './tsconfig.base.json',
  compilerOptions: { noEmit: true, rootDir: '.', tsBuildInfoFile: '.tsbuildinfo' },
  include: ['libs/*/src/**/*.ts'],
});
const clean = {
  'package.json': JSON.stringify({ name: 'seeded', type: 'module', private: true }),
  'knip.json': JSON.stringify({ entry: ['libs/*/src/index.ts'], project: ['libs/**/*.ts'] }),
  'tsconfig.tests.json': tsconfig,
  'libs/domain/tsconfig.json': JSON.stringify({ extends: '../../tsconfig.tests.json', include: ['src'] }),
  'bench/tsconfig.json': JSON.stringify({ extends: '../tsconfig.base.json', files: [] }),
  'libs/domain/src/index.ts': 'export const answer = 42;\n',
  'libs/store/src/index.ts': 'export const rows = 0;\n',
  'scripts/generators/answer.mjs': "export const file = 'answer.txt';\nexport const generate = () => '42';\n",
  'answer.txt': '42',
};

/** By the name of the check: the file that breaks it. */
const violations = {
  prettier: { 'libs/domain/src/index.ts': 'export const answer = "42"\n' },
  eslint: { 'libs/domain/src/index.ts': 'export const answer: any = 42;\n' },
  types: { 'libs/domain/src/index.ts': 'export const answer: string = 42;\n' },
  arrows: { 'libs/domain/src/index.ts': "export { rows } from '../../store/src/index.js';\n" },
  unused: { 'libs/domain/src/forgotten.ts': 'export const forgotten = 1;\n' },
  'generated files': { 'answer.txt': '41' },
};

const failures = [];
for (const [name, program, ...args] of checks) {
  const violation = violations[name];
  if (name === 'seeded violations') continue;
  const tool = [program, name === 'unused' ? ['--no-gitignore'] : argumentsIn(name, args)];
  lay({});
  const before = await run(...tool, scratch);
  lay(violation ?? {});
  const after = await run(...tool, scratch);
  if (before.code !== 0) failures.push(`${name} fails without a violation:\n${before.output}`);
  if (after.code === 0) failures.push(`${name} does not see its violation`);
}
rmSync(scratch, { recursive: true, force: true });
for (const failure of failures) console.log(failure);
if (failures.length > 0) process.exitCode = 1;

/** The folders that the small checkout has, and its own files only. */
function argumentsIn(name, args) {
  const place = { prettier: 'libs/**/*.ts', eslint: 'libs', arrows: 'libs' }[name];
  return place === undefined ? args : [...args.filter((arg) => arg.startsWith('-')), place];
}

function lay(violation) {
  rmSync(scratch, { recursive: true, force: true });
  for (const [file, text] of Object.entries({ ...clean, ...violation })) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    writeFileSync(join(scratch, file), text);
  }
  for (const file of configuration) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    copyFileSync(join(checkout, file), join(scratch, file));
  }
  symlinkSync(join(checkout, 'node_modules'), join(scratch, 'node_modules'));
}
