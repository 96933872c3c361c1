/** The topic does not accept a record of this size, alone in its batch. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';

  constructor(
    readonly topic: string,
    readonly keyBytes: number,
    readonly recordBytes: number,
    options?: ErrorOptions,
  ) {
    super(
      `a record of at most ${recordBytes} bytes (key ${keyBytes} bytes) is larger than topic ${topic} accepts`,
      options,
    );
  }
}

/** The broker refuses these records whenever they come. */
export class RecordsRefusedError extends Error {
  override readonly name = 'RecordsRefusedError';

  constructor(
    readonly topic: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`topic ${topic} refuses the records: ${reason}`, options);
  }
}

/** The publisher was closed, or its signal aborted, before the broker acknowledged. The records may be on the topic or not. */
export class PublishAbandonedError extends Error {
  override readonly name = 'PublishAbandonedError';

  constructor(readonly topic: string) {
    super(`publishing to topic ${topic} was given up before it was acknowledged`);
  }
}
