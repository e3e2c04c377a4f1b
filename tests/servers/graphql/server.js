// The reference server of graphql-transport-ws: graphql-ws over ws. It closes with 4403 as its own recipes do, when the
// login is refused and when the token expires.
'use strict';

const { createServer } = require('node:http');
const { buildSchema } = require('graphql');
const { CloseCode } = require('graphql-ws');
const { useServer } = require('graphql-ws/use/ws');
const { WebSocketServer } = require('ws');
const { claims, hasExpired, orders, run, whenExpired } = require('../common.js');

const schema = buildSchema(`
  type Query { name: String }
  type Order { seq: Int!, kind: String! }
  type Subscription { orders: Order! }
`);

const serve = (key) => {
  const http = createServer();
  useServer(
    {
      schema,
      roots: { subscription: { orders: () => wrapped() } },
      onConnect: ({ connectionParams, extra }) => {
        const token = String(connectionParams?.Authorization).replace(/^Bearer /, '');
        const known = claims(token, key);
        if (known === null || hasExpired(known)) return false;
        whenExpired(known, () => extra.socket.close(CloseCode.Forbidden, 'Forbidden'));
        return true;
      },
    },
    new WebSocketServer({ server: http, path: '/graphql', perMessageDeflate: { threshold: 0 } }),
  );
  return http;
};

async function* wrapped() {
  for await (const order of orders()) yield { orders: order };
}

run(serve);
