// `npm run check`: the static checks alone.
import { bootstrap } from './bootstrap.mjs';
import { runChecks } from './checks.mjs';

await bootstrap();
const { passed, failed } = await runChecks();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
