// The reference server of Socket.IO. A middleware refuses logins; an expired token disconnects the socket, for which the
// protocol has no reasons. Connections that are cut off are recovered, with what was sent to their rooms meanwhile.
'use strict';

const { createServer } = require('node:http');
const { Server } = require('socket.io');
const { claims, hasExpired, orders, run, whenExpired } = require('../common.js');

const serve = (key) => {
  const http = createServer();
  const io = new Server(http, { pingInterval: 1000, pingTimeout: 500, connectionStateRecovery: {} });
  let seq = 0;
  setInterval(() => io.to('ticks').emit('tick', (seq += 1)), 50);
  for (const namespace of [io.of('/'), io.of('/admin')]) {
    namespace.use((socket, next) => {
      const known = claims(socket.handshake.auth.token, key);
      if (known === null) return next(new Error('unauthorized'));
      if (hasExpired(known)) return next(new Error('jwt expired'));
      whenExpired(known, () => socket.disconnect());
      return next();
    });
    namespace.on('connection', deliver);
  }
  return http;
};

const deliver = (socket) => {
  socket.on('ticks', () => socket.join('ticks'));
  socket.on('cut', () => setTimeout(() => socket.conn.close(), 300));
  socket.on('orders', async (region) => {
    for await (const order of orders()) {
      if (!socket.connected) return;
      socket.emit('order', { ...order, region });
    }
  });
};

run(serve);
