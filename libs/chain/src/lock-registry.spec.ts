import { describe, expect, it } from '@jest/globals';
import { signatureRevokedTopic } from '@hybrid-sync/domain';
import { revocationTopic } from './lock-registry.js';

describe('the topic that is asked for', () => {
  it('is the one that the domain decodes', () => {
    expect(revocationTopic).toBe(signatureRevokedTopic);
  });
});
