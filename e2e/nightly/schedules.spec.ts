import { randomInt } from 'node:crypto';
import { testSchedules, wantedSeeds } from '../schedules/test-schedules.js';

const schedules = 100;
const base = randomInt(2 ** 30);

testSchedules(wantedSeeds() ?? Array.from({ length: schedules }, (_, index) => base + index));
