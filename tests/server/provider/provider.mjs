// An OpenID Connect provider for tests: whoever signs in is who they say they are.
// node provider.mjs REDIRECT_URI: prints its address, and runs until it is stopped.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

// Its remarks would go to a pipe that nobody reads any more.
console.info = console.warn = () => {};

const [redirectUri, algorithm = 'ES256'] = process.argv.slice(2);
const kinds = {
  ES256: ['ec', { namedCurve: 'P-256' }],
  RS256: ['rsa', { modulusLength: 2048 }],
  EdDSA: ['ed25519', {}],
};
const keys = Object.entries(kinds).map(([alg, [kind, options]]) => {
  const key = generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' });
  return { ...key, alg, use: 'sig', kid: alg };
});

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'registry',
        client_secret: 'a secret: with %',
        redirect_uris: [redirectUri],
        id_token_signed_response_alg: algorithm,
      },
    ],
    jwks: { keys },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'groups', 'preferred_username'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['not a secret'] },
    async findAccount(_, id) {
      const [name, ...groups] = id.split(' ');
      return { accountId: id, claims: () => ({ sub: id, preferred_username: name, groups }) };
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
