// SPDX-License-Identifier: Apache-2.0
import { LiveKeyring, openSession, RefusedError, sessionHeader } from 'sealring';

const ring = new LiveKeyring('session.keys');

function userOf(cookieHeader) {
  try {
    const session = openSession(cookieHeader, ring, { lifetime: 12 * 3600 });
    return session?.subject; // undefined: there is no cookie
  } catch (refusal) {
    if (!(refusal instanceof RefusedError)) throw refusal;
    console.log('no session:', refusal.reason, refusal.end); // for your log
  }
}

// nginx makes this cookie when it gets this value in the header X-Replace-Session.
const fields = sessionHeader({ user: 'alice', role: 'admin' });
const token = ring.seal(fields, { lifetime: 1800, context: '__Host-session' });
console.log(userOf(`__Host-session=${token}`)); // where your server has request.headers.cookie
