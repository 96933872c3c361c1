import { ServiceProcess, type Variables } from '../service-process.js';
import { endure, readySeconds, type Trouble } from '../trouble.js';

const size = 3;

/** Up to three projectors of one group, and the platform that starts one anew that has ended by itself. */
export class Fleet {
  readonly #processes: readonly ServiceProcess[];
  /** Those that are to run. */
  #wanted = 0;
  readonly #away = new Set<ServiceProcess>();
  readonly #returns: Promise<void>[] = [];

  constructor(variables: Variables) {
    this.#processes = Array.from({ length: size }, () => new ServiceProcess('projector/dist/main.js', variables));
  }

  /** So many of them run once it resolves; the others are stopped. */
  async scale(projectors: number): Promise<void> {
    await this.#back();
    this.#wanted = projectors;
    const gone = this.#processes.slice(projectors).filter(({ isRunning }) => isRunning);
    await Promise.all(gone.map((process) => this.#obeyed(process)));
    await this.allRun();
  }

  /** Happens at once; it is back after so long. */
  trouble(kind: Trouble, which: number, awayMs: number): string {
    const index = which % Math.max(1, this.#wanted);
    const victim = this.#processes[index];
    if (victim === undefined || this.#away.has(victim) || !victim.isRunning) return 'of none';
    this.#away.add(victim);
    const back = endure(victim, kind, awayMs).finally(() => this.#away.delete(victim));
    back.catch(() => undefined);
    this.#returns.push(back);
    return `${kind} projector ${index}`;
  }

  /** Resolves when every one that is to run is ready. */
  async allRun(): Promise<void> {
    await this.#back();
    const wanted = this.#processes.slice(0, this.#wanted);
    for (const process of wanted) if (!process.isRunning) process.start();
    await Promise.all(wanted.map((process) => process.ready(readySeconds)));
  }

  /** Starts those that have ended by themselves. */
  keepUp(): void {
    for (const process of this.#processes.slice(0, this.#wanted)) {
      if (!process.isRunning && !this.#away.has(process)) process.start();
    }
  }

  process(index: number): ServiceProcess {
    const process = this.#processes[index];
    if (process === undefined) throw new Error(`no projector ${index}`);
    return process;
  }

  get lines(): readonly string[] {
    return this.#processes.flatMap(({ lines }, index) => [`--- projector ${index}`, ...lines]);
  }

  tails(): string {
    return this.#processes.map((process, index) => `--- projector ${index}\n${process.tail()}`).join('\n');
  }

  async kill(): Promise<void> {
    await Promise.allSettled(this.#returns.splice(0));
    await Promise.all(this.#processes.map((process) => process.kill()));
  }

  async #back(): Promise<void> {
    await Promise.all(this.#returns.splice(0));
  }

  async #obeyed(process: ServiceProcess): Promise<void> {
    const exit = await process.stop();
    if (exit !== null && exit.code !== 0) throw new Error(`a projector did not obey SIGTERM\n${process.tail()}`);
  }
}
