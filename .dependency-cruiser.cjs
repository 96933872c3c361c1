const arrow = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const onlyIn = (library, modules, others = []) =>
  arrow(
    `${library}-owns-its-driver`,
    `Only libs/${library} imports its third-party driver; the devstack plays the outside world.`,
    { pathNot: [`^libs/${library}/`, ...others] },
    { path: `^node_modules/(${modules})(/|$)`, dependencyTypesNot: ['type-only'] },
  );
const test = '(\\.spec\\.ts|/testing/[^/]+\\.ts)$';

/** The arrows of docs/architecture.md: domain <- { chain, kafka, store, runtime } <- ingest <- services. */
module.exports = {
  forbidden: [
    arrow('no-cycles', 'A cycle hides who depends on whom.', {}, { circular: true }),
    arrow('no-orphan-imports', 'Every import must resolve.', {}, { couldNotResolve: true }),
    arrow(
      'domain-is-pure',
      'The core has no I/O: it imports zod, hashes and itself.',
      { path: '^libs/domain/src', pathNot: test },
      { pathNot: '^(libs/domain/|node_modules/(zod|@noble/hashes)/)' },
    ),
    arrow(
      'libraries-stand-side-by-side',
      'A library imports the domain and nothing else of ours.',
      { path: '^libs/(chain|kafka|store|runtime)/src', pathNot: test },
      { path: '^(libs|services)/', pathNot: ['^libs/domain/', '^libs/$1/'] },
    ),
    arrow(
      'services-do-not-know-each-other',
      'Everything between services is a topic or a table.',
      { path: '^services/([^/]+)/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    arrow('libraries-do-not-know-services', 'Data flows one way.', { path: '^libs/' }, { path: '^services/' }),
    arrow(
      'devstack-is-for-tests',
      'Nothing that is deployed imports the devstack.',
      { path: '^(libs|services)/', pathNot: ['^libs/devstack/', test] },
      { path: '^libs/devstack/' },
    ),
    arrow(
      'testing-is-for-tests',
      'Builders for tests are not part of a package.',
      { pathNot: test },
      { path: '/src/testing/' },
    ),
    arrow(
      'read-side-does-not-know-the-chain',
      'projector and query-api read topics and tables only.',
      { path: '^services/(projector|query-api)/src', pathNot: test },
      { path: '^(libs/chain/|libs/ingest/|node_modules/ethers/)' },
    ),
    arrow(
      'ingesters-do-not-know-the-store',
      'ingesters write topics only.',
      { path: '^(services/ingest-[^/]+|libs/ingest)/src', pathNot: test },
      { path: '^(libs/store/|node_modules/pg/)' },
    ),
    onlyIn('chain', 'ethers', ['^libs/devstack/']),
    // The benchmarks compare with the drivers as anybody would use them.
    onlyIn('kafka', 'kafkajs|snappy|lz4-napi', ['^bench/']),
    onlyIn('store', 'pg|node-pg-migrate', ['^libs/devstack/', '^bench/']),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
