// The reference server of the older GraphQL protocol: subscriptions-transport-ws. It has no word for an expired token:
// the connection is ended, and the login refuses it at the next one.
'use strict';

const { createServer } = require('node:http');
const { buildSchema, execute, subscribe } = require('graphql');
const { SubscriptionServer } = require('subscriptions-transport-ws');
const { claims, hasExpired, orders, run, whenExpired } = require('../common.js');

const schema = buildSchema(`
  type Query { name: String }
  type Order { seq: Int!, kind: String! }
  type Subscription { orders: Order! }
`);

const serve = (key) => {
  const http = createServer();
  const onConnect = (params, socket) => {
    const known = claims(String(params.Authorization).replace(/^Bearer /, ''), key);
    if (known === null) throw new Error('Not authorized');
    if (hasExpired(known)) throw new Error('jwt expired');
    whenExpired(known, () => socket.close(1000));
  };
  const rootValue = { orders: () => wrapped() };
  SubscriptionServer.create({ schema, rootValue, execute, subscribe, onConnect }, { server: http, path: '/graphql' });
  return http;
};

async function* wrapped() {
  for await (const order of orders()) yield { orders: order };
}

run(serve);
