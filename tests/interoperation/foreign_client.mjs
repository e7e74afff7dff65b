// An independent relying party (openid-client, certified by the OpenID Foundation) as a small web application. What it
// sends and what it believes is the library's work; every check the library offers is switched on.
//
// Standard input: one line of JSON, {"port": 0, "issuer": "…", "secret": "…"}. Standard output: one line of JSON,
// {"address": "…", "keys": {"keys": […]}}. It ends when standard input is closed, so that it never outlives a test.
//
//   /NAME/start?…     off to the provider; the query's parameters go along
//   /NAME/callback    back from it: the claims as JSON, or with status 400 what was wrong
//   /NAME/userinfo    the same access token once more
//   /NAME/sign-out    off to sign out
//   /keys             the public keys of the clients that sign

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import * as openid from 'openid-client';

const lines = createInterface({ input: process.stdin });
const [line] = await once(lines, 'line');
const { port, issuer, secret } = JSON.parse(line);

async function signingKey(kid, algorithm) {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return { key: pair.privateKey, kid, jwk: { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid, use: 'sig' } };
}

const rsa = await signingKey('rsa', {
  name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]),
});
const ec = await signingKey('ec', { name: 'ECDSA', namedCurve: 'P-256' });
const keys = { keys: [rsa.jwk, ec.jwk] };

const WAYS = {
  basic: openid.ClientSecretBasic(secret),
  spare: openid.ClientSecretBasic(secret),
  post: openid.ClientSecretPost(secret),
  idme: openid.ClientSecretBasic(secret),
  rsa: openid.PrivateKeyJwt({ key: rsa.key, kid: rsa.kid }),
  ec: openid.PrivateKeyJwt({ key: ec.key, kid: ec.kid }),
  public: openid.None(),
};
const METADATA = { idme: { userinfo_signed_response_alg: 'RS256' } };
const discovered = new Map();
const pending = new Map();
const finished = new Map();

async function configured(name) {
  if (!discovered.has(name)) {
    const found = await openid.discovery(new URL(issuer), name, METADATA[name] ?? {}, WAYS[name], {
      // Plain HTTP, on this machine only; and the signatures are checked although TLS would make that optional.
      execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
    });
    discovered.set(name, found);
  }
  return discovered.get(name);
}

async function start(name, query) {
  const attempt = {
    verifier: openid.randomPKCECodeVerifier(),
    nonce: openid.randomNonce(),
    maxAge: query.has('max_age') ? Number(query.get('max_age')) : undefined,
  };
  const state = openid.randomState();
  pending.set(state, attempt);
  return openid.buildAuthorizationUrl(await configured(name), {
    redirect_uri: `${address}/${name}/callback`,
    scope: 'openid email profile',
    ...Object.fromEntries(query),
    state,
    nonce: attempt.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  });
}

async function finish(name, url) {
  const config = await configured(name);
  const state = url.searchParams.get('state');
  const { verifier, nonce, maxAge } = pending.get(state);
  const tokens = await openid.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    maxAge,
    idTokenExpected: true,
  });
  finished.set(name, tokens);
  const claims = tokens.claims();
  const userinfo = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  return { claims, userinfo, scope: tokens.scope, expires_in: tokens.expires_in };
}

async function userinfo(name) {
  const tokens = finished.get(name);
  return openid.fetchUserInfo(await configured(name), tokens.access_token, tokens.claims().sub);
}

async function signOut(name) {
  return openid.buildEndSessionUrl(await configured(name), {
    id_token_hint: finished.get(name).id_token,
    post_logout_redirect_uri: `${address}/${name}/signed-out`,
    state: 'as it was',
  });
}

async function answered(url) {
  const [, name, what] = url.pathname.split('/');
  if (name === 'keys') return keys;
  if (what === 'start') return start(name, url.searchParams);
  if (what === 'callback') return finish(name, url);
  if (what === 'userinfo') return userinfo(name);
  if (what === 'sign-out') return signOut(name);
  if (what === 'signed-out') return { state: url.searchParams.get('state') };
  throw new Error(`nothing at ${url.pathname}`);
}

const server = createServer(async (request, response) => {
  try {
    const answer = await answered(new URL(request.url, address));
    if (answer instanceof URL) {
      response.writeHead(303, { Location: answer.href }).end();
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    }
  } catch (error) {
    const told = { error: error.error ?? null, code: error.code ?? null, status: error.status ?? null, message: error.message };
    console.error(error);
    response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify(told));
  }
}).listen(port, '127.0.0.1');
await once(server, 'listening');
const address = `http://localhost:${server.address().port}`;

lines.on('close', () => process.exit(0));
console.log(JSON.stringify({ address, keys }));
