import { testSchedules, wantedSeeds } from './test-schedules.js';

testSchedules(wantedSeeds() ?? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
