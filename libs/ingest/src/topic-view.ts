import {
  deploymentDifferences,
  maxOffsets,
  offsetsReached,
  parseStatusRecord,
  statusOnTopic,
  type AuditCommandStatus,
  type BackfillStatus,
  type Component,
  type ComponentStatus,
  type Deployment,
  type FinalityViolation,
  type Hash32,
  type OffsetVector,
  type TopicNames,
  type Window,
} from '@hybrid-sync/domain';
import type { LogReader, LogRecord } from '@hybrid-sync/kafka';
import { LiveWindow } from './live-window.js';
import type { OpenReader, Reading } from './open-reader.js';
import type { Suspect } from './suspect.js';

export interface TopicViewOptions {
  readonly topics: Pick<TopicNames, 'revocations' | 'status'>;
  readonly openReader: OpenReader;
  readonly deployment: Deployment;
  /** Whose settled blocks bound the window. */
  readonly component: Component;
  /** The window's floor where the component has not said anything yet: the finalized block. */
  readonly finalizedBlock: number;
  /** Which topic of its name the revocation topic is; what was said of another one does not count. */
  readonly incarnation?: string | null | undefined;
  /** Which of the two blocks of a recorded finality violation the operator takes for the chain's. */
  readonly acceptedHash?: Hash32 | undefined;
  /** Called once at the start, when what was said so far is void because of it. */
  readonly accepted?: ((violation: FinalityViolation) => void) | undefined;
  /** What this process stands on was accepted to be void: it has to start again. */
  readonly outdated?: (() => void) | undefined;
}

/**
 * What the topics say, kept current by tailing them: the live records above the last settled block, and the last word
 * of every component and backfill. Whatever anybody writes turns up here, this process's own records included.
 */
export class TopicView {
  readonly #components = new Map<Component, ComponentStatus>();
  readonly #backfills = new Map<string, BackfillStatus>();
  readonly #audits = new Map<string, AuditCommandStatus>();
  readonly #options: TopicViewOptions;
  #window: LiveWindow;
  #revision = 0;
  #brokerTime = 0;
  #revocations: LogReader | null = null;
  #readers: readonly LogReader[] = [];
  #accepted: FinalityViolation | null = null;
  #isOpen = false;

  private constructor(options: TopicViewOptions) {
    this.#options = options;
    this.#window = new LiveWindow({ identity: options.deployment, floor: options.finalizedBlock, from: null });
  }

  /**
   * Resolves when everything that is on the topics now has been read; of the revocation topic only what is needed, where
   * the component has said where its window begins.
   */
  static async open(options: TopicViewOptions): Promise<TopicView> {
    const view = new TopicView(options);
    const { topics } = options;
    const status = await view.#read(topics.status, {
      apply: (records) => {
        view.#applyStatus(records);
      },
    });
    view.#isOpen = true;
    const { acceptedViolation } = view;
    if (acceptedViolation !== null && view.component('ingest-realtime') === null) options.accepted?.(acceptedViolation);
    const said = new Map(view.#components);
    const from = view.#standAt(view.component(options.component));
    view.#revocations = await view.#read(topics.revocations, {
      apply: (records) => {
        view.#applyRevocations(records);
      },
      ...(from === null ? {} : { from }),
    });
    view.#readers = [status, view.#revocations];
    view.#window.caughtUp();
    view.#doubtClaims(said);
    return view;
  }

  /** Grows with every record of the revocation topic that is read. */
  get revision(): number {
    return this.#revision;
  }

  /** The broker's clock as the newest record that was read has it: milliseconds since the epoch, 0 before the first. */
  get brokerTime(): number {
    return this.#brokerTime;
  }

  get window(): Window {
    return this.#window.live;
  }

  /** Keys whose last record reconcile does not look at and nobody has held against the chain yet. */
  get suspects(): readonly Suspect[] {
    return this.#window.suspects;
  }

  /** Live records of the window below this block, which a scan that begins there does not see. */
  below(block: number): readonly Suspect[] {
    return this.#window.below(block);
  }

  /** Everything below these offsets of the revocation topic has been read. */
  get position(): OffsetVector {
    return this.#revocations?.position(this.#options.topics.revocations) ?? new Map();
  }

  /** The finality violation that an operator has accepted before this process started; null where there was none. */
  get acceptedViolation(): FinalityViolation | null {
    return this.#accepted;
  }

  /** Of the revocation topic; null where it is not known. */
  get incarnation(): string | null {
    return this.#options.incarnation ?? null;
  }

  /** The last settled block that the window was bound by. */
  get floor(): number {
    return this.#window.floor;
  }

  component(component: Component): ComponentStatus | null {
    const said = this.#components.get(component) ?? null;
    return said === null || this.#isVoid(said) ? null : said;
  }

  backfill(commandId: string): BackfillStatus | null {
    return this.#backfills.get(commandId) ?? null;
  }

  audit(commandId: string): AuditCommandStatus | null {
    return this.#audits.get(commandId) ?? null;
  }

  /** Resolves when this process has read its own acknowledged records back. */
  async reached(acknowledged: OffsetVector): Promise<void> {
    await this.#revocations?.reached(this.#options.topics.revocations, acknowledged);
  }

  /** Resolves when everything that is on the topics now has been read. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.caughtUp()));
  }

  /** Everything below these offsets of the revocation topic has been read or acknowledged. */
  covered(acknowledged: OffsetVector): OffsetVector {
    return maxOffsets(acknowledged, this.position);
  }

  /** The window as it was at this position has been held against the chain, and the contract was asked about these. */
  checked(position: OffsetVector, cleared: readonly Suspect[]): void {
    this.#window.checked(position, cleared);
  }

  /** Where a replica that starts with these blocks settled has to begin to read the revocation topic. */
  windowOffsets(settledTo: number): OffsetVector {
    return this.#window.offsets(settledTo);
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  async #read(topic: string, reading: Reading): Promise<LogReader> {
    const apply = (records: readonly LogRecord[]): void => {
      for (const { timestamp } of records) this.#brokerTime = Math.max(this.#brokerTime, timestamp);
      reading.apply(records);
    };
    const reader = await this.#options.openReader(topic, { ...reading, apply });
    await reader.caughtUp();
    return reader;
  }

  /** Gives where to read the revocation topic from; null: from its beginning. */
  #standAt(said: ComponentStatus | null): OffsetVector | null {
    const { deployment, component, finalizedBlock } = this.#options;
    // The first pass after an acceptance takes back what the branch that was given up had made final.
    const isAnew = component === 'ingest-batch' && this.#accepted !== null;
    const floor = said?.coverage?.settledTo ?? (isAnew ? deployment.startBlock - 1 : finalizedBlock);
    const isOurs = said !== null && deploymentDifferences(said.deployment, deployment).length === 0;
    const from = isOurs && said.coverage !== null && said.windowOffsets.size > 0 ? said.windowOffsets : null;
    this.#window = new LiveWindow({ identity: deployment, floor, from });
    return from;
  }

  /**
   * The topic ends before what a component says that its coverage relies on: it was made again, or has lost records.
   * What was covered has to be published again.
   */
  #doubtClaims(said: ReadonlyMap<Component, ComponentStatus>): void {
    for (const [component, status] of said) {
      const isReached = offsetsReached(this.position, status.coverage?.offsets ?? new Map());
      if (isReached || this.#components.get(component) !== status) continue;
      this.#components.set(component, { ...status, coverage: null, windowOffsets: new Map() });
    }
  }

  #applyRevocations(records: readonly LogRecord[]): void {
    this.#revision += records.length;
    for (const record of records) this.#window.apply(record);
  }

  #applyStatus(records: readonly LogRecord[]): void {
    for (const { key, value } of records) {
      const parsed = parseStatusRecord(key, value);
      if (parsed.kind === 'component') this.#applyComponent(parsed.status);
      if (parsed.kind === 'backfill') this.#backfills.set(parsed.status.commandId, parsed.status);
      if (parsed.kind === 'audit') this.#audits.set(parsed.status.commandId, parsed.status);
    }
  }

  #applyComponent(said: ComponentStatus): void {
    const status = statusOnTopic(this.#withdrawn(said), this.incarnation);
    if (status.component === 'ingest-realtime') this.#applyAcceptance(status);
    this.#components.set(status.component, status);
    if (status.component !== this.#options.component || status.coverage === null || this.#isVoid(status)) return;
    this.#window.settle(status.coverage.settledTo, status.windowOffsets);
  }

  /** The operator takes the block that was final for the chain's: what was seen instead was an endpoint's mistake. */
  #withdrawn(status: ComponentStatus): ComponentStatus {
    const { finalityViolation: violation } = status;
    const isWithdrawn = violation !== null && violation.expectedHash === this.#options.acceptedHash;
    return isWithdrawn ? { ...status, finalityViolation: null } : status;
  }

  #applyAcceptance(status: ComponentStatus): void {
    const accepted = this.#isVoid(status) ? status.finalityViolation : (status.acceptedViolation ?? null);
    if (!this.#isOpen) this.#accepted = accepted;
    else if (!isSameViolation(accepted, this.#accepted)) this.#options.outdated?.();
  }

  /** Said before an operator accepted that what was final is no more: it counts as if it had not been said. */
  #isVoid({ component, finalityViolation, acceptedViolation = null }: ComponentStatus): boolean {
    if (component === 'ingest-batch') return !isSameViolation(acceptedViolation, this.#accepted);
    return finalityViolation !== null && finalityViolation.actualHash === this.#options.acceptedHash;
  }
}

function isSameViolation(one: FinalityViolation | null, other: FinalityViolation | null): boolean {
  return one?.actualHash === other?.actualHash && one?.expectedHash === other?.expectedHash;
}
