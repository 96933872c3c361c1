import { blockRange } from '@hybrid-sync/domain';
import { headOf, readLogs } from './reference.js';
import { openReferencePublisher } from './reference-publisher.js';
import { referenceTask, type ReferenceOutcome, type ReferenceTask } from './reference-task.js';

const task = referenceTask.parse(JSON.parse(process.argv[2] ?? ''));
process.stdout.write(`${JSON.stringify(await outcomeOf(task))}\n`);

/** As often as it is asked for, one after the other; the time is that of the last round. */
async function outcomeOf(task: ReferenceTask): Promise<ReferenceOutcome> {
  const { publish, startBlock, rounds } = task;
  const publisher = publish === null ? null : await openReferencePublisher({ ...publish, contract: task.contract });
  const range = blockRange(startBlock, await headOf(task.url));
  let outcome: ReferenceOutcome = { milliseconds: 0, logs: 0 };
  for (let round = 0; round < rounds && range !== null; round++) {
    const begin = performance.now();
    let logs = 0;
    for await (const piece of readLogs(task, range, task)) {
      logs += piece.length;
      await publisher?.publish(piece);
    }
    outcome = { milliseconds: performance.now() - begin, logs };
  }
  await publisher?.close();
  return outcome;
}
