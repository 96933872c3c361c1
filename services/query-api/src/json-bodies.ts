import express, { type RequestHandler } from 'express';
import { Problem } from './problem.js';

const bodyLimit = 65_536;
const otherCharset = /charset\s*=\s*"?(?!utf-8\b)/i;

/** Express's parser reads a body to its end before it refuses it: one that is announced as too large is not read. */
const bounded: RequestHandler = (request, _response, next) => {
  next(Number(request.headers['content-length'] ?? 0) > bodyLimit ? tooLarge() : undefined);
};

const jsonOnly: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'content-type': type } = request.headers;
  const hasBody = length !== '0' && request.is('json') !== null;
  const isJson = request.is('json') === 'json' && !otherCharset.test(type ?? '');
  next(hasBody && !isJson ? unsupported() : undefined);
};

function tooLarge(): Problem {
  const headers = { connection: 'close' };
  return new Problem({ status: 413, code: 'too-large', title: 'The body is too large', headers });
}

function unsupported(): Problem {
  return new Problem({ status: 415, code: 'unsupported-media-type', title: 'The body must be JSON in UTF-8' });
}

/**
 * Parses bodies. What is not JSON in UTF-8 as it is gets 415: a body that is left unread may have narrowed what the
 * caller asks for, and one that is unpacked may be larger than the limit.
 */
export const jsonBodies: readonly RequestHandler[] = [
  bounded,
  jsonOnly,
  express.json({ limit: bodyLimit, inflate: false }),
];
