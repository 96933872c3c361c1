// `npm run bench:ingest`: installs and builds what is needed, then measures. Further arguments go to the benchmark.
import { bootstrap, handOver } from './bootstrap.mjs';

await bootstrap();
handOver(`bench/dist/${process.argv[2]}.js`, ...process.argv.slice(3));
