// `npm test`: installs and builds what is needed, then every check and every test. Ends with `N passed, N failed`.
import { bootstrap } from './bootstrap.mjs';
import { runChecks } from './checks.mjs';
import { jest } from './jest.mjs';

await bootstrap();
const domain = 'libs/domain/src';
const total = { passed: 0, failed: 0, skipped: 0 };
add(await runChecks());
add(
  await jest('unit', [
    '--maxWorkers=2',
    '--coverage',
    `--collectCoverageFrom=${domain}/**/*.ts`,
    '--coverageReporters=text-summary',
    '--coverageDirectory=.cache/coverage',
    `--coverageThreshold=${JSON.stringify({ global: { branches: 95 } })}`,
  ]),
);
// One after the other: they share a Kafka and a Postgres, and the clock is part of what they test.
add(await jest('integration e2e', ['--runInBand']));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);

function add({ passed, failed, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
