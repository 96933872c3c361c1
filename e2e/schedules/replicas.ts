import { ServiceProcess, type Variables } from '../service-process.js';
import { endure, readySeconds, type Trouble } from '../trouble.js';
import type { IngesterName, Victim } from './schedule.js';

/** Two processes of one ingester. */
export class Replicas {
  readonly #name: IngesterName;
  readonly #processes: readonly [ServiceProcess, ServiceProcess];
  /** Those that were taken down or stopped on purpose and will be back. */
  readonly #away = new Set<ServiceProcess>();
  readonly #returns: Promise<void>[] = [];

  constructor(name: IngesterName, variables: Variables) {
    this.#name = name;
    const program = `${name}/dist/main.js`;
    this.#processes = [new ServiceProcess(program, variables), new ServiceProcess(program, variables)];
  }

  async start(): Promise<void> {
    for (const process of this.#processes) process.start();
    await Promise.all(this.#processes.map((process) => process.ready(readySeconds)));
  }

  /** Happens at once; the replica is back after so long, while the schedule goes on. Gives which ones it met. */
  trouble(kind: Trouble, role: Victim['role'], awayMs: number): string {
    const victims = this.#playing(role);
    for (const victim of victims) {
      this.#away.add(victim);
      const back = endure(victim, kind, awayMs).finally(() => this.#away.delete(victim));
      back.catch(() => undefined);
      this.#returns.push(back);
    }
    return `${kind} ${this.#name} ${victims.map((victim) => this.#processes.indexOf(victim)).join(' and ') || 'of none'}`;
  }

  /** Resolves when everybody is back; throws where one has ended by itself or did not obey. */
  async allBack(): Promise<void> {
    await Promise.all(this.#returns.splice(0));
    for (const process of this.#processes) {
      if (!process.isRunning) throw new Error(`${this.#name} has ended by itself\n${process.tail()}`);
    }
  }

  tails(): string {
    return this.#processes.map((process, index) => `--- ${this.#name} ${index}\n${process.tail()}`).join('\n');
  }

  /** Everything that both have printed. */
  get lines(): readonly string[] {
    return this.#processes.flatMap(({ lines }, index) => [`--- ${this.#name} ${index}`, ...lines]);
  }

  async kill(): Promise<void> {
    await Promise.allSettled(this.#returns.splice(0));
    await Promise.all(this.#processes.map((process) => process.kill()));
  }

  #playing(role: Victim['role']): readonly ServiceProcess[] {
    const present = this.#processes.filter((process) => process.isRunning && !this.#away.has(process));
    return role === 'both' ? present : present.filter((process) => isActive(process) === (role === 'active'));
  }
}

/** What it said last of its lease. */
function isActive({ log }: ServiceProcess): boolean {
  return log.findLast(({ msg }) => msg === 'lease changed')?.['held'] === true;
}
