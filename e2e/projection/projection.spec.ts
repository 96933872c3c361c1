import { wantedSeeds } from '../schedules/wanted-schedules.js';
import { testProjection } from './test-projection.js';

testProjection(wantedSeeds('PROJECTION_SEED') ?? [6, 22, 24, 30]);
