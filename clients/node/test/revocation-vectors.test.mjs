// SPDX-License-Identifier: Apache-2.0
// spec/vectors of revocation lists.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { InvalidRevocationListError, RevocationList } from '../lib/index.mjs';

const VECTORS = new URL('../../../spec/vectors/', import.meta.url);
const vectors = readdirSync(VECTORS)
  .filter((name) => name.startsWith('revocation_') && name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')));
const lists = vectors.filter(({ format }) => format === 'revocation-list');
const changes = vectors.filter(({ format }) => format === 'revocation-change');
const bytes = (hex) => Buffer.from(hex, 'hex');

test('there are vectors', () => {
  assert(lists.length > 30 && changes.length > 8);
});

for (const vector of lists) {
  test(`list ${vector.name}`, () => {
    const read = () => RevocationList.parse(bytes(vector.file_hex));
    if (vector.expect !== 'ok') {
      assert.throws(read, InvalidRevocationListError);
      return;
    }
    const list = read();
    assert.deepEqual([list.size, list.writtenAt], [vector.entries, vector.written_at]);
    for (const { name_hex, value_hex, revoked_at } of vector.lookups) {
      assert.equal(list.revokedAt(bytes(name_hex), bytes(value_hex)), revoked_at);
    }
  });
}

for (const vector of changes) {
  test(`read ${vector.name}`, () => {
    RevocationList.parse(bytes(vector.file_hex));
    const list = RevocationList.parse(bytes(vector.written_hex));
    assert.equal(list.writtenAt, vector.now);
    for (const { name_hex, value_hex, revoked_at, until } of vector.revoke) {
      if (until <= vector.now) continue;
      assert(list.revokedAt(bytes(name_hex), bytes(value_hex)) >= revoked_at);
    }
  });
}
