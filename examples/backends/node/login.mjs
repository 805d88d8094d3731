// SPDX-License-Identifier: Apache-2.0
// A backend that logs people in, behind the nginx of ../nginx.conf. To serve it on port
// 9000: node login.mjs
import { createServer } from 'node:http';

import { LiveKeyring } from 'sealring';

const ring = new LiveKeyring(process.env.SESSION_KEYS ?? '/etc/nginx/session.keys');

function login(request, url) {
  // Replace this by your own login, which asks for a password.
  const user = url.searchParams.get('user') ?? '';
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(user)) return { status: 400, text: 'who?\n' };
  const token = ring.seal(user, { lifetime: 3600, context: 'session' });
  const cookie = `session=${token}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax`;
  return { status: 200, headers: { 'Set-Cookie': cookie }, text: `signed in as ${user}\n` };
}

function account(request) {
  // nginx has opened the token; requests without a valid one do not get here.
  const user = request.headers['x-user'];
  return { status: 200, text: `hello, ${user}\n` };
}

const pages = new Map([
  ['/login', login],
  ['/account', account],
]);

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://backend');
  const page = pages.get(url.pathname) ?? (() => ({ status: 404, text: 'no such page\n' }));
  const { status, headers, text } = page(request, url);
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...plain, ...headers }).end(text);
});

// For nginx only: anyone else who could reach this port could claim to be any user.
server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1');
