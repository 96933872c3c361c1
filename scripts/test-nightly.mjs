// `npm run test:nightly`: installs and builds what is needed, then the tests that take hours. Ends with `N passed, N failed`.
import { bootstrap } from './bootstrap.mjs';
import { jest } from './jest.mjs';

await bootstrap();
const { passed, failed, skipped } = await jest('nightly', ['--runInBand']);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
