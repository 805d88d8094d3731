// SPDX-License-Identifier: Apache-2.0
// An Express application with express-session, behind express.conf.   node app.mjs PORT
import express from "express";
import session from "express-session";

const app = express();
app.use(session({ secret: "guessable", name: "connect.sid", resave: false, saveUninitialized: false }));
app.use(express.urlencoded({ extended: false }));

app.post("/signin", (request, response) => {
  if (request.body.password !== "wonderland") return response.sendStatus(401);
  request.session.regenerate(() => {
    request.session.user = request.body.user;
    response.type("text").send(`hello, ${request.session.user}\n`);
  });
});
app.get("/signout", (request, response) => {
  request.session.destroy(() => response.clearCookie("connect.sid").type("text").send("bye\n"));
});
app.get("/", (request, response) => {
  response.type("text").send(`hello, ${request.session.user ?? "nobody"}\n`);
});

app.listen(Number(process.argv[2]), "127.0.0.1");
