import type { IngesterConfig } from './ingester-config.js';

/** Shorter parts of a URL, such as `v3` or `mainnet`, are no keys. */
const shortestKey = 12;

/** What an ingester must never write anywhere: its endpoints' URLs, the keys within them, and the broker's password. */
export function ingesterSecrets({ rpcUrls, kafka }: Pick<IngesterConfig, 'rpcUrls' | 'kafka'>): readonly string[] {
  return [...rpcUrls, ...rpcUrls.flatMap(keysOf), ...(kafka.sasl === undefined ? [] : [kafka.sasl.password])];
}

function keysOf(url: string): readonly string[] {
  const { pathname, searchParams } = new URL(url);
  return [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= shortestKey);
}
