import { readingTask } from './reading-task.js';
import { plainKafka } from './topic-tail.js';

const { brokers, topic, records } = readingTask.parse(JSON.parse(process.argv[2] ?? ''));
const consumer = plainKafka(brokers).consumer({ groupId: `bench.${crypto.randomUUID()}`, maxWaitTimeInMs: 100 });
const all = Promise.withResolvers<undefined>();
let seen = 0;
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  // eslint-disable-next-line @typescript-eslint/require-await -- the driver wants a promise
  eachBatch: async ({ batch }) => {
    seen += batch.messages.length;
    if (seen >= records) all.resolve(undefined);
  },
});
await all.promise;
await consumer.disconnect();
