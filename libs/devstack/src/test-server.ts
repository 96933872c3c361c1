/** One server of a test run. */
export interface TestServer {
  /** `host:port` list of brokers, or the URL of a database. */
  readonly address: string;
  stop(): Promise<void>;
}
