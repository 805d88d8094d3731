// SPDX-License-Identifier: Apache-2.0
// Key ring files for tests, with fixed keys.
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const NOW = 1_800_000_000;

export function jwk(byte = 1, members = {}) {
  const k = Buffer.alloc(32, byte).toString('base64url');
  return { kty: 'oct', alg: 'XAES-256-GCM', k, ...members };
}

export function textOf(...jwks) {
  return Buffer.from(JSON.stringify({ keys: jwks }));
}

/** A path in a folder that is removed after the test. */
export function temporaryPath(t) {
  const folder = mkdtempSync(join(tmpdir(), 'sealring-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'session.keys');
}

/** Writes like a rotation: another file replaces the old one. */
export function write(path, text, mode = 0o640) {
  writeFileSync(`${path}.new`, text);
  chmodSync(`${path}.new`, mode);
  renameSync(`${path}.new`, path);
  return path;
}
