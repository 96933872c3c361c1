import { describe, expect, it } from '@jest/globals';
import { dense, hint, limited, of, refusal, wide } from '../testing/refusals.js';
import type { Refusal, RefusedAnswer } from './refusal.js';

const behind: Refusal = { kind: 'unknown-block' };

describe('a refusal of a known endpoint is understood:', () => {
  it.each<[string, number | undefined, string, Refusal]>([
    [
      'Alchemy PAYG',
      -32_602,
      'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x10a, 0x20b]',
      { kind: 'too-dense', hint },
    ],
    [
      'Alchemy free',
      undefined,
      'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x10a, 0x20b]. Upgrade to PAYG for expanded block range.',
      { ...wide(10), hint },
    ],
    [
      'Alchemy free, older',
      undefined,
      'Under the Free tier plan, you can make eth_getLogs requests with up to a 500 block range.',
      wide(500),
    ],
    ['Infura, results', -32_005, 'query returned more than 10000 results', dense],
    [
      'Infura, results, older',
      -32_005,
      'query returned more than 10000 results. Try with this block range [0x10a, 0x20b].',
      { kind: 'too-dense', hint },
    ],
    ['Infura, time', -32_005, 'query timeout exceeded', { kind: 'too-slow' }],
    ['Infura, range', -32_602, 'range 1000000 exceeds limit of 10000', wide(10_000)],
    ['QuickNode', -32_614, 'eth_getLogs is limited to a 10,000 range', wide(10_000)],
    ['1RPC, Blast free', undefined, 'eth_getLogs is limited to a 1000 blocks range', wide(1000)],
    ['1RPC today', undefined, 'eth_getLogs is limited to a 50 blocks range', wide(50)],
    ['Blast paid', undefined, 'exceeds the range allowed for your plan (5000 > 3000)', wide(3000)],
    ['Ankr', -32_600, 'block range is too wide', wide()],
    ['Ankr, TAC', undefined, 'maximum [from, to] blocks distance: 2000', wide(2000)],
    ['Cloudflare', undefined, 'eth_getLogs range too large. Max range: 800', wide(800)],
    ['thirdweb', undefined, 'Maximum allowed number of requested blocks is 1000', wide(1000)],
    ['Chainstack', undefined, 'Block range limit exceeded.', wide()],
    ['Coinbase', undefined, 'please limit the query to at most 1000 blocks', wide(1000)],
    ['PublicNode', undefined, 'exceed maximum block range: 50000', wide(50_000)],
    ['PublicNode, smaller', undefined, 'exceed maximum block range: 5000', wide(5000)],
    ['Base, Monad', undefined, 'block range too large', wide()],
    ['Base, heavy', undefined, 'no backend is currently healthy to serve traffic', { kind: 'too-slow' }],
    ['Sei', undefined, 'block range too large (2000), maximum allowed is 1000 blocks', wide(1000)],
    ['Optimism, range', undefined, 'Block range is too large', wide()],
    ['Optimism, response', undefined, 'backend response too large', dense],
    ['Arbitrum', undefined, 'logs matched by query exceeds limit of 10000', dense],
    ['zkSync Era', undefined, 'Try with this block range [0x10a, 0x20b]', { kind: 'too-dense', hint }],
    ['dRPC, free', -32_000, 'ranges over 10000 blocks are not supported on freetier', wide(10_000)],
    ['dRPC', -32_000, 'requested too many blocks from 100 to 90000, maximum is set to 2048', wide(2048)],
    ['Avalanche', undefined, 'requested too many blocks from 1 to 3000, maximum is set to 2048', wide(2048)],
    ['Merkle', undefined, 'eth_getLogs range is too large, max is 1k blocks', wide(1000)],
    ['Merkle, paid', undefined, 'eth_getLogs range is too large, max is 10k', wide(10_000)],
    ['eRPC', undefined, 'exceeded max allowed', wide()],
    ['eRPC, threshold', undefined, 'range threshold exceeded', wide()],
    ['eRPC, addresses', undefined, 'specify less number of address', wide()],
    ['1RPC, response', undefined, 'response size should not greater than 10000000 bytes', dense],
    ['HyperRPC', undefined, 'More than 50000 logs returned', dense],
    ['HyperRPC, short', undefined, 'too many logs', dense],
    ['Hyperliquid, range', -32_602, 'query exceeds max block range 1000', wide(1000)],
    ['Hyperliquid, behind', -32_602, 'invalid block range', behind],
    ['Somnia', undefined, 'block range exceeds 1000', wide(1000)],
    ['Harmony', undefined, 'query must be smaller than size 1024', wide(1024)],
    ['Moonriver', undefined, 'block range is too wide (maximum 1024)', wide(1024)],
    ['Aurora', undefined, 'up to a 2000 block range', wide(2000)],
    ['Tron', undefined, 'exceed max block range: 5000', wide(5000)],
    ['BSC public, which may mean either', -32_005, 'limit exceeded', { kind: 'refused' }],
    ['Nethermind', -32_005, 'Too many logs requested. Max logs per response is 20000.', dense],
    ['reth', -32_602, 'query exceeds max results 20000, retry with the range 266-523', { kind: 'too-dense', hint }],
    ['Avalanche, behind', undefined, 'requested from block 9 to 12 after last accepted block 7', behind],
    ['geth, behind', -32_602, 'block range extends beyond current head block', behind],
    ['Avalanche, unfinalized', undefined, 'cannot query unfinalized data', behind],
    ['Evmos', undefined, 'height is not available (requested height: 900, base height: 700)', behind],
    ['anvil', -32_602, 'BlockOutOfRangeError: block height is 22203 but requested was 16777215', behind],
    ['anvil, by hash', -32_000, 'unknown block', behind],
    ['geth, by hash', -32_000, 'header not found', behind],
    ['geth, by hash, of a state', -32_000, 'header for hash not found', behind],
    ['Nethermind, by hash', -32_001, 'Resource not found', behind],
    [
      'Gnosis',
      -32_000,
      'One of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found.',
      behind,
    ],
    ['geth, pruned', 4_444, 'pruned history unavailable', { kind: 'pruned' }],
    ['geth, state', -32_000, 'missing trie node 3f00 (path ) state 0x3f is not available', { kind: 'pruned' }],
    ['a node that is no archive', -32_000, 'this request needs an archive node', { kind: 'pruned' }],
    [
      'geth, method',
      -32_601,
      'the method eth_getBlockReceipts does not exist/is not available',
      { kind: 'unsupported' },
    ],
    ['besu, method', -32_601, 'Method not found', { kind: 'unsupported' }],
    ['a method by its code', -32_601, '', { kind: 'unsupported' }],
    ['Base, rate', -32_016, 'over rate limit', limited],
    ['QuickNode, rate', -32_007, '50/second request limit reached', limited],
    [
      'Alchemy, rate',
      429,
      'Your app has exceeded its compute units per second capacity. See https://docs.example/range-too-large',
      limited,
    ],
    [
      'Infura, day',
      -32_005,
      'daily request count exceeded, request rate limited',
      { ...limited, retryAfterMs: 300_000 },
    ],
    ['a rate by its code', -32_097, '', limited],
  ])('%s', (_, code, message, expected) => {
    expect(of(message, code)).toEqual(expected);
  });

  it.each([
    'Too Many Requests',
    'Too many requests',
    'rate limit',
    'rate limited',
    'requests limited to 10 in a second',
    'has exceeded',
    'Exceeded the quota',
    'reached the quota',
    'under too much load',
    'throttle',
    'quota',
    'system overloaded',
  ])('%s, a rate', (message) => {
    for (const code of [undefined, 429, -32_005, -32_097, -32_602]) expect(of(message, code)).toEqual(limited);
  });

  it.each(['reached the free tier', 'Monthly capacity limit'])('%s, a bill', (message) => {
    expect(of(message)).toEqual({ kind: 'rate-limited', retryAfterMs: 300_000 });
  });

  it.each<[string, Partial<RefusedAnswer>, Refusal]>([
    ['413', { status: 413, body: '' }, dense],
    ['413 with a text', { status: 413, body: 'body too large' }, dense],
    ['503 for a query of logs', { status: 503, body: '503 Service Unavailable' }, { kind: 'too-slow' }],
    ['503 otherwise', { status: 503, body: 'down', method: 'eth_chainId' }, { kind: 'unreachable' }],
    ['503 that says when', { status: 503, body: '', retryAfter: '7' }, { ...limited, retryAfterMs: 7_000 }],
    ['504', { status: 504, body: '' }, { kind: 'too-slow' }],
    ['429', { status: 429, body: '' }, limited],
    ['429 with an unclear text', { status: 429, error: { code: -32_005, message: 'limit exceeded' } }, limited],
    ['402', { status: 402, body: '' }, { ...limited, retryAfterMs: 300_000 }],
    ['400 with an unknown text', { status: 400, body: 'bad' }, { kind: 'refused' }],
    ['401', { status: 401, body: 'no key' }, { kind: 'unreachable' }],
    ['502', { status: 502, body: '<h1>Bad Gateway</h1>' }, { kind: 'unreachable' }],
    ['307', { status: 307, body: '' }, { kind: 'unreachable' }],
    ['200 with a page', { body: '<html>maintenance</html>' }, { kind: 'malformed' }],
  ])('HTTP status %s', (_, answer, expected) => {
    expect(refusal(answer)).toEqual(expected);
  });
});
