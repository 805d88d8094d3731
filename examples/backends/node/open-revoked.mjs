// SPDX-License-Identifier: Apache-2.0
import { LiveKeyring, LiveRevocationList, openSession, RefusedError, sessionHeader } from 'sealring';

const ring = new LiveKeyring('session.keys');
const revocations = new LiveRevocationList('session.revoked');

function userOf(cookieHeader) {
  try {
    return openSession(cookieHeader, ring, { revocations })?.subject;
  } catch (refusal) {
    if (!(refusal instanceof RefusedError)) throw refusal;
    return `nobody: ${refusal.reason}`; // "nobody: revoked" after a logout
  }
}

const token = ring.seal(sessionHeader({ user: 'alice' }), { lifetime: 1800, context: '__Host-session' });
console.log(userOf(`__Host-session=${token}`));
