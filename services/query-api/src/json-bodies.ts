import express, { type RequestHandler } from 'express';
import { Problem } from './problem.js';

const bodyLimit = '64kb';

const jsonOnly: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'content-type': type } = request.headers;
  const hasBody = length !== '0' && request.is('json') !== null;
  const isJson = request.is('json') === 'json' && !otherCharset.test(type ?? '');
  next(hasBody && !isJson ? unsupported() : undefined);
};

const otherCharset = /charset\s*=\s*"?(?!utf-8\b)/i;

function unsupported(): Problem {
  return new Problem({ status: 415, code: 'unsupported-media-type', title: 'The body must be JSON in UTF-8' });
}

/**
 * Parses bodies. What is not JSON in UTF-8 as it is gets 415: a body that is left unread may have narrowed what the
 * caller asks for, and one that is unpacked may be larger than the limit.
 */
export const jsonBodies: readonly RequestHandler[] = [jsonOnly, express.json({ limit: bodyLimit, inflate: false })];
