import {
  foldWindow,
  maxOffsets,
  parseRevocationRecord,
  parseStatusRecord,
  pruneWindow,
  type BackfillStatus,
  type Component,
  type ComponentStatus,
  type ContractIdentity,
  type LiveRecord,
  type OffsetVector,
  type TopicNames,
  type Window,
} from '@hybrid-sync/domain';
import type { LogReader, LogRecord } from '@hybrid-sync/kafka';
import type { OpenReader } from './open-reader.js';

export interface TopicViewOptions {
  readonly topics: Pick<TopicNames, 'revocations' | 'status'>;
  readonly openReader: OpenReader;
  readonly identity: ContractIdentity;
  /** Whose settled blocks bound the window. */
  readonly component: Component;
  /** The window's floor where the component has not said anything yet: the finalized block. */
  readonly finalizedBlock: number;
}

/**
 * What the topics say, kept current by tailing them: the live records above the last settled block, and the last word
 * of every component and backfill. Whatever anybody writes turns up here, this process's own records included.
 */
export class TopicView {
  readonly #window = new Map<string, LiveRecord>();
  readonly #components = new Map<Component, ComponentStatus>();
  readonly #backfills = new Map<string, BackfillStatus>();
  readonly #options: TopicViewOptions;
  #floor: number;
  #revision = 0;
  #readers: readonly LogReader[] = [];

  private constructor(options: TopicViewOptions) {
    this.#options = options;
    this.#floor = options.finalizedBlock;
  }

  /** Resolves when everything that is on the topics now has been read. */
  static async open(options: TopicViewOptions): Promise<TopicView> {
    const view = new TopicView(options);
    const { topics, component, finalizedBlock } = options;
    const status = await view.#read(topics.status, (records) => {
      view.#applyStatus(records);
    });
    view.#floor = view.component(component)?.coverage?.settledTo ?? finalizedBlock;
    const revocations = await view.#read(topics.revocations, (records) => {
      view.#applyRevocations(records);
    });
    view.#readers = [status, revocations];
    return view;
  }

  /** Grows with every record of the revocation topic that is read. */
  get revision(): number {
    return this.#revision;
  }

  get window(): Window {
    return this.#window;
  }

  component(component: Component): ComponentStatus | null {
    return this.#components.get(component) ?? null;
  }

  backfill(commandId: string): BackfillStatus | null {
    return this.#backfills.get(commandId) ?? null;
  }

  /** Resolves when this process has read its own acknowledged records back. */
  async reached(acknowledged: OffsetVector): Promise<void> {
    await this.#readers[1]?.reached(this.#options.topics.revocations, acknowledged);
  }

  /** Resolves when everything that is on the topics now has been read. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.caughtUp()));
  }

  /** Everything below these offsets of the revocation topic has been read or acknowledged. */
  covered(acknowledged: OffsetVector): OffsetVector {
    return maxOffsets(acknowledged, this.#readers[1]?.position(this.#options.topics.revocations) ?? new Map());
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  async #read(topic: string, apply: (records: readonly LogRecord[]) => void): Promise<LogReader> {
    const reader = await this.#options.openReader(topic, apply);
    await reader.caughtUp();
    return reader;
  }

  #applyRevocations(records: readonly LogRecord[]): void {
    this.#revision += records.length;
    for (const { key, value } of records) {
      foldWindow(this.#window, parseRevocationRecord(key, value, this.#options.identity), this.#floor);
    }
  }

  #applyStatus(records: readonly LogRecord[]): void {
    for (const { key, value } of records) {
      const parsed = parseStatusRecord(key, value);
      if (parsed.kind === 'component') this.#applyComponent(parsed.status);
      if (parsed.kind === 'backfill') this.#backfills.set(parsed.status.commandId, parsed.status);
    }
  }

  #applyComponent(status: ComponentStatus): void {
    this.#components.set(status.component, status);
    if (status.component !== this.#options.component || status.coverage === null) return;
    this.#floor = Math.max(this.#floor, status.coverage.settledTo);
    pruneWindow(this.#window, this.#floor);
  }
}
