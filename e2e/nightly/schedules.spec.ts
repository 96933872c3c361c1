import { randomInt } from 'node:crypto';
import { testSchedules } from '../schedules/test-schedules.js';
import { wantedSeeds } from '../schedules/wanted-schedules.js';

const schedules = 100;
const base = randomInt(2 ** 30);

testSchedules(wantedSeeds('SCHEDULE_SEED') ?? Array.from({ length: schedules }, (_, index) => base + index));
