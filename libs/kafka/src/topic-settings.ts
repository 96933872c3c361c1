export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings by Kafka's names; used when the topic is created. */
  readonly config: Readonly<Record<string, string>>;
  /** Settings that must be as in `config`, such as cleanup.policy. */
  readonly exact: readonly string[];
  /** Settings (numbers) that must not be smaller than in `config`; -1 counts as unlimited. */
  readonly atLeast: readonly string[];
}

export interface TopicSetup {
  /** `create` makes what is missing and then verifies; `verify` changes nothing. */
  readonly mode: 'create' | 'verify';
  /** Copies of each partition of a topic that is made. Unset: 3, or as many as there are brokers. */
  readonly replicationFactor?: number | undefined;
}
