// What the servers in Node share. The key of the tokens comes on standard input, whose end ends the server; the port
// goes to standard output. Tokens are JWTs signed with HS256.
'use strict';

const crypto = require('node:crypto');
const readline = require('node:readline');

/** Calls `serve(key)` with the key, which gives an HTTP server; tells where it listens. */
exports.run = (serve) => {
  const input = readline.createInterface({ input: process.stdin });
  input.once('line', (key) => {
    const server = serve(key);
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  });
  input.on('close', () => process.exit(0));
};

/** The claims of a token with a good signature, else null; whether it has expired is for the caller to see. */
exports.claims = (token, key) => {
  const [head, body, signature] = String(token).split('.');
  const made = crypto.createHmac('sha256', key).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? '', 'base64url');
  if (given.length !== made.length || !crypto.timingSafeEqual(given, made)) return null;
  return JSON.parse(Buffer.from(body, 'base64url'));
};

exports.hasExpired = (claims) => claims.exp * 1000 <= Date.now();

/** Calls back when the claims expire. */
exports.whenExpired = (claims, call) => setTimeout(call, Math.max(0, claims.exp * 1000 - Date.now()));

/** Orders, one every 50 ms, without end. */
exports.orders = async function* orders() {
  for (let seq = 1; ; seq += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield { seq, kind: 'order.created' };
  }
};
