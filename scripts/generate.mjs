// Writes the generated files that are committed; with --check says which of them are stale instead.
// A generator is a module in scripts/generators that exports `file` and `generate()`, over built packages. One that exports
// `needsServer` is compared by an integration test instead.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const checkout = new URL('../', import.meta.url);
const check = process.argv.includes('--check');
const generators = readdirSync(new URL('generators/', import.meta.url)).filter((name) => name.endsWith('.mjs'));

const stale = [];
for (const name of generators.sort()) {
  const { file, generate, needsServer = false } = await import(new URL(`generators/${name}`, import.meta.url).href);
  if (check && needsServer) continue;
  const target = new URL(file, checkout);
  const text = await generate();
  if (text === contentOf(target)) continue;
  stale.push(file);
  if (!check) write(target, text);
}

for (const file of stale) console.log(check ? `${file} is stale: run npm run generate` : `wrote ${file}`);
if (check && stale.length > 0) process.exitCode = 1;

function contentOf(target) {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}

function write(target, text) {
  mkdirSync(dirname(target.pathname), { recursive: true });
  writeFileSync(target, text);
}
