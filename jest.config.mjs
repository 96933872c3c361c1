const swc = {
  jsc: { target: 'es2024', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^@hybrid-sync/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/.data/', '<rootDir>/.cache/', '/dist/'],
};

/** One Kafka and one Postgres for the run; built, because jest loads it outside its own module system. */
const servers = {
  globalSetup: '<rootDir>/libs/devstack/dist/jest-set-up.js',
  globalTeardown: '<rootDir>/libs/devstack/dist/jest-tear-down.js',
};

/** `*.spec.ts` needs nothing, `*.int.spec.ts` real servers, `e2e/` the whole system, `e2e/nightly/` hours besides. */
export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{bench,libs,services}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.int\\.spec\\.ts$', '/node_modules/', '/dist/'],
    },
    {
      ...shared,
      ...servers,
      displayName: 'integration',
      testMatch: ['<rootDir>/{bench,libs,services}/**/*.int.spec.ts'],
    },
    {
      ...shared,
      ...servers,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/**/*.spec.ts'],
      testPathIgnorePatterns: ['/e2e/nightly/', '/node_modules/', '/dist/'],
    },
    {
      ...shared,
      ...servers,
      displayName: 'nightly',
      testMatch: ['<rootDir>/e2e/nightly/**/*.spec.ts'],
    },
  ],
};
