// Independent OpenID Providers (oidc-provider) on ports of 127.0.0.1. What they believe and sign is the library's work;
// here are only their settings, one account and two plain pages: sign in, and agree.
//
// Standard input: one line of JSON, {"port": 0, "clients": […], "methods": […], "acr": "…", "account": {…}}. Standard
// output: one line of JSON, {"issuer": "…"}. It ends when standard input is closed, so that it never outlives a test.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import Provider from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
const [line] = await once(lines, 'line');
const { port, clients, methods, acr, account } = JSON.parse(line);

function privateKey(kid, alg, type, options) {
  const { privateKey: key } = generateKeyPairSync(type, options);
  return { kid, alg, use: 'sig', ...key.export({ format: 'jwk' }) };
}

const claims = { amr: null, openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] };
const configuration = {
  acrValues: [acr],
  claims,
  clients,
  clientAuthMethods: methods,
  cookies: { keys: [crypto.randomUUID()] },
  features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true } },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...account.claims }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  jwks: {
    keys: [
      privateKey('rsa', 'RS256', 'rsa', { modulusLength: 2048 }),
      privateKey('ec', 'ES256', 'ec', { namedCurve: 'P-256' }),
    ],
  },
  pkce: { required: () => true },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
};

const PAGES = {
  login: `<h1>Sign in elsewhere</h1>
    <label>E-mail <input name="login" autocomplete="username"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password"></label>
    <button name="answer" value="yes">Sign in</button>`,
  consent: `<h1>May the portal know your e-mail address?</h1>
    <button name="answer" value="yes">Agree</button>`,
};

function page(prompt, words) {
  return `<!doctype html><html lang="en"><title>Elsewhere</title><form method="post">${words}
    ${PAGES[prompt]}<button name="answer" value="no">Decline</button></form></html>`;
}

async function answers(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function agreed(provider, { grantId, session, params, prompt }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  return { consent: { grantId: await grant.save() } };
}

async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  const { name } = details.prompt;
  let words = '';
  if (request.method === 'POST') {
    const given = await answers(request);
    const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    if (given.get('answer') !== 'yes') {
      return finish({ error: 'access_denied', error_description: 'The person declined.' });
    }
    if (name === 'consent') {
      return finish(await agreed(provider, details));
    }
    if (given.get('login') === account.login && given.get('password') === account.password) {
      return finish({ login: { accountId: account.id, acr, amr: ['pwd', 'otp', 'mfa'] } });
    }
    words = '<p>That is not right.</p>';
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  return response.end(page(name, words));
}

const server = createServer().listen(port, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://localhost:${server.address().port}`;
const provider = new Provider(issuer, configuration);
provider.on('server_error', (_, error) => console.error(error));
for (const event of ['authorization.error', 'grant.error', 'userinfo.error', 'end_session.error']) {
  provider.on(event, (_, error) => console.error(event, error.message, error.error_description, error.error_detail));
}
const answer = provider.callback();
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  return interact(provider, request, response).catch((error) => {
    console.error(error);
    response.statusCode = 400;
    response.end(error.message);
  });
});

lines.on('close', () => process.exit(0));
console.log(JSON.stringify({ issuer }));
