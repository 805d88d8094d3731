// SPDX-License-Identifier: Apache-2.0
// Revocation lists for tests, made here byte for byte (spec/revocations.md section 2).
import { createCipheriv, createHash } from 'node:crypto';

import { NOW } from './ring-files.mjs';

const SALT = Buffer.alloc(16, 7);

/** The content of a list. `entries`: [name, value, revokedAt] of each. */
export function listOf(entries, options = {}) {
  const { salt = SALT, names = [...new Set(entries.map(([name]) => name))], generation = 1 } = options;
  const sized = (text) => [Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)];
  const hashOf = (name, value) => {
    const hash = createHash('sha256').update(salt);
    for (const part of [...sized(name), Buffer.from(value)]) hash.update(part);
    return hash.digest().subarray(0, 16);
  };
  const tableOf = ([name, value, revokedAt]) => {
    const times = Buffer.alloc(10, 0xff);
    times.writeUIntBE(revokedAt, 0, 5);
    return Buffer.concat([hashOf(name, value), times]);
  };
  const table = entries.map(tableOf).sort(Buffer.compare);
  const namesInUse = Buffer.concat(names.flatMap(sized));
  const header = Buffer.alloc(80);
  header.write('sealrev\x01');
  salt.copy(header, 8);
  header.writeBigUInt64BE(BigInt(generation), 24);
  header.writeBigUInt64BE(BigInt(NOW), 32);
  header.writeUInt32BE(entries.length, 44);
  header.writeUInt16BE(namesInUse.length, 48);
  return whole(Buffer.concat([header, namesInUse, ...table]));
}

/** The same list with the checksum that fits the rest of it. */
export function whole(list) {
  const key = createHash('sha256').update(list.subarray(0, 64)).digest();
  const gcm = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(list.subarray(80));
  gcm.final();
  gcm.getAuthTag().copy(list, 64);
  return list;
}
