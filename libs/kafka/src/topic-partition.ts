export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Values by topic and partition. */
export class PartitionMap<T> {
  private readonly values = new Map<string, Map<number, T>>();

  get({ topic, partition }: TopicPartition): T | undefined {
    return this.values.get(topic)?.get(partition);
  }

  set({ topic, partition }: TopicPartition, value: T): void {
    const partitions = this.values.get(topic) ?? new Map<number, T>();
    this.values.set(topic, partitions.set(partition, value));
  }

  delete({ topic, partition }: TopicPartition): void {
    this.values.get(topic)?.delete(partition);
  }

  of(topic: string): ReadonlyMap<number, T> {
    return this.values.get(topic) ?? new Map<number, T>();
  }

  all(): readonly T[] {
    return [...this.values.values()].flatMap((partitions) => [...partitions.values()]);
  }

  clear(): void {
    this.values.clear();
  }
}
