// SPDX-License-Identifier: Apache-2.0
// Makes the JWE tokens that nginx and Apache open, and opens theirs, with jose (npm install jose).
import { readFileSync } from 'node:fs';
import { EncryptJWT, importJWK, jwtDecrypt } from 'jose';

const now = () => Math.floor(Date.now() / 1000);
const opens = (key) => !key.open_until || now() < key.open_until;
const seals = (key) => opens(key) && key.key_ops?.includes('encrypt') !== false && (key.seal_from ?? 0) <= now();
const newer = (a, b) => ((b.seal_from ?? 0) >= (a.seal_from ?? 0) ? b : a);
const keysOf = (ring) => JSON.parse(readFileSync(ring, 'utf8')).keys.filter((key) => key.alg === 'A256GCM');

// `claims` is the user's data, or { payload: 'text' } for a server that expects no JSON.
export async function seal(ring, context, claims, lifetime = 3600) {
  const key = keysOf(ring).filter(seals).reduce(newer);
  const jwt = new EncryptJWT(claims).setIssuedAt(now()).setExpirationTime(now() + lifetime).setAudience(context);
  return jwt.setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.kid }).encrypt(await importJWK(key));
}

// Throws if the token is not valid: altered, expired or for another context.
export async function open(ring, context, token) {
  const keyFor = ({ kid }) => importJWK(keysOf(ring).filter(opens).find((key) => key.kid === kid) ?? {});
  const only = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
  return (await jwtDecrypt(token, keyFor, { audience: context, ...only })).payload;
}
