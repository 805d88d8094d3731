// SPDX-License-Identifier: Apache-2.0
// The application behind application.conf, for Node.js: node app.mjs 9000
import { createServer } from "node:http";

// Where yours asks its database.
const users = { alice: { password: "wonderland", role: "admin" }, bob: { password: "builder", role: "user" } };

const form = `<!doctype html><title>Sign in</title>
<form method="post"><input name="user"> <input name="password" type="password"> <button>Sign in</button></form>
`;

async function signIn(request, response) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 10000) return response.writeHead(413).end();
  }
  const fields = new URLSearchParams(body);
  const name = fields.get("user") ?? "";
  const user = Object.hasOwn(users, name) ? users[name] : undefined;
  if (!user || user.password !== fields.get("password")) {
    return response.writeHead(401, { "Content-Type": "text/html" }).end(form);
  }
  // The session's fields are written as a form is; nginx makes the cookie of them.
  const session = new URLSearchParams({ user: name, role: user.role }).toString();
  const next = new URL(request.url, "http://x").searchParams.get("next") ?? "/";
  const path = /^\/(?![/\\])/.test(next) ? next : "/";
  response.writeHead(303, { "X-Replace-Session": session, Location: encodeURI(path) }).end();
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://x");
  if (pathname === "/signin" && request.method === "POST") return signIn(request, response);
  if (pathname === "/signin") return response.writeHead(200, { "Content-Type": "text/html" }).end(form);
  // nginx says who the user is, whatever header the client sent.
  response.writeHead(200, { "Content-Type": "text/plain" }).end(`hello, ${request.headers["x-user"] ?? "nobody"}\n`);
}).listen(Number(process.argv[2] ?? 9000), "127.0.0.1");
