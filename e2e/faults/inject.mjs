// Loaded into a service before its code (`node --import`), to do to the process what the outside cannot.
//
// FAULT_CLOCK_SHIFT_MS  the wall clock goes so much ahead; monotonic clocks and timers stay
// FAULT_ON_SIGUSR2      `stall:<ms>` keeps the event loop busy, `heap` fills the heap until the limit is hit
const { FAULT_CLOCK_SHIFT_MS = '0', FAULT_ON_SIGUSR2 = '' } = process.env;

const shift = Number(FAULT_CLOCK_SHIFT_MS);
if (shift !== 0) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts) {
      super(...(parts.length === 0 ? [RealDate.now() + shift] : parts));
    }

    static now() {
      return RealDate.now() + shift;
    }
  };
}

const [fault, milliseconds] = FAULT_ON_SIGUSR2.split(':');
if (fault === 'stall') process.on('SIGUSR2', () => stall(Number(milliseconds)));
if (fault === 'heap') process.on('SIGUSR2', fillHeap);

function stall(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function fillHeap() {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 1000 }, () => ({})));
}
