import { testSchedules } from './test-schedules.js';
import { wantedSeeds } from './wanted-schedules.js';

testSchedules(wantedSeeds('SCHEDULE_SEED') ?? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
