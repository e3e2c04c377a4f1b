// A certified OpenID provider with the forms for development, and behind it a stream of orders for its access tokens.
// Refresh tokens are good once.
'use strict';

const { createServer } = require('node:http');
const { pathToFileURL } = require('node:url');
const { WebSocketServer } = require('ws');
const { orders, run } = require('../common.js');

const life = 600;
const device = 'urn:ietf:params:oauth:grant-type:device_code';

const configuration = (key) => ({
  clients: [
    {
      client_id: 'native',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token', device],
      response_types: ['code'],
    },
    {
      client_id: 'machine',
      client_secret: key,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', 'orders'],
  features: {
    deviceFlow: { enabled: true },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    // Whoever names a resource gets a JWT for it.
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_, resource) => ({
        scope: 'orders',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  ttl: { AccessToken: life, ClientCredentials: life, RefreshToken: 3600, DeviceCode: 120 },
});

const granted = async (provider, request) => {
  const token = String(request.headers.authorization ?? '').replace(/^Bearer /, '');
  const found = await provider.AccessToken.find(token) ?? await provider.ClientCredentials.find(token);
  return found !== undefined && !found.isExpired;
};

const deliver = async (socket) => {
  for await (const order of orders()) {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(order));
  }
};

const serve = (key) => {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  // What listens here is needed to make the provider, and somebody may ask before it is made.
  const made = new Promise((resolve) => {
    http.once('listening', async () => {
      // Nobody reads our output behind the port, and the provider has much to say.
      for (const say of ['info', 'warn']) console[say] = () => {};
      // It is a module of the newer kind, which older Nodes do not require().
      const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
      resolve(new Provider(`http://127.0.0.1:${http.address().port}`, configuration(key)));
    });
  });
  http.on('request', async (request, response) => (await made).callback()(request, response));
  http.on('upgrade', async (request, socket, head) => {
    if (!await granted(await made, request)) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    return sockets.handleUpgrade(request, socket, head, deliver);
  });
  return http;
};

run(serve);
