import { randomInt } from 'node:crypto';
import { testProjection } from '../projection/test-projection.js';
import { wantedSeeds } from '../schedules/wanted-schedules.js';

const schedules = 50;
const base = randomInt(2 ** 30);

testProjection(wantedSeeds('PROJECTION_SEED') ?? Array.from({ length: schedules }, (_, index) => base + index));
