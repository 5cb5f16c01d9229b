/*
 * Has Digital Bazaar's libraries, and jose for a JWT, say whether they accept each case:
 * `verify.js FOLDER INSTANT`. What that means, and what is printed, is as in ../python/verify.py.
 */

import {mock} from 'node:test';
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {DidWebDriver} from '@digitalbazaar/did-method-web';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {_checkCredential, verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {decodeJwt, decodeProtectedHeader, importJWK, jwtVerify} from 'jose';

const VERIFIER = 'digitalbazaar';
const [folder, instant] = process.argv.slice(2);
const contexts = readContexts();
const everywhere = readJson(join(folder, 'served.json'));

// What is served in the case at hand; the libraries fetch through the one global `fetch`.
let served = everywhere;
globalThis.fetch = async request => {
  const page = served[request.url ?? String(request)];
  const {status, content_type: type, body} = page ?? {status: 404, content_type: 'text/plain'};
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  return new Response(text, {status, headers: {'Content-Type': type}});
};
const didWeb = new DidWebDriver({fetchOptions: {retry: 0}});

async function documentLoader(url) {
  if(contexts.has(url)) {
    return {contextUrl: null, documentUrl: url, document: contexts.get(url)};
  }
  if(url.startsWith('did:web:')) {
    return {contextUrl: null, documentUrl: url, document: await didWeb.get({url})};
  }
  return {contextUrl: null, documentUrl: url, document: await fetchJson(url)};
}

async function fetchJson(url) {
  const response = await fetch(url);
  if(!response.ok) {
    throw new Error(`${response.status} at ${url}`);
  }
  return response.json();
}

const suite = () => new DataIntegrityProof({cryptosuite});

/** A Data Integrity credential: the library's whole judgement, with the status list's. */
async function verifyDocument(credential) {
  refuseUnless(await verifyCredential({
    credential, suite: suite(), documentLoader, checkStatus
  }));
}

/** A VC-JWT: jose for the signature and claims, the rest as for any credential. */
async function verifyToken(token) {
  // Not believed yet: it says whose key is asked for.
  const {issuer, credentialSubject, id} = decodeJwt(token);
  const key = await keyOfToken(token, issuer.id);
  const {payload} = await jwtVerify(token, await importJWK(key, 'RS256'), {
    algorithms: ['RS256'],
    issuer: issuer.id,
    subject: credentialSubject.id,
    requiredClaims: ['iss', 'jti', 'nbf', 'sub'],
  });
  if(payload.jti !== id) {
    throw new Error('The jti is not the id of the credential.');
  }
  _checkCredential({credential: payload});
  if(payload.credentialStatus) {
    const statusResult = await checkStatus({credential: payload, suite: suite(), documentLoader});
    refuseUnless({verified: statusResult.verified, error: statusResult.error, statusResult});
  }
}

/**
 * The JWK at the token's `kid`, if the issuer's did.json vouches for it: Open Badges 3.0 has the
 * relying party dereference `kid`, and leaves to it whether the key is the issuer's.
 */
async function keyOfToken(token, did) {
  const {kid} = decodeProtectedHeader(token);
  // A platform that is tried on this machine has no certificate.
  if(!/^(https:\/\/|http:\/\/localhost:)/.test(kid ?? '')) {
    throw new Error(`The kid is no address of a key: ${kid}`);
  }
  const key = await fetchJson(kid);
  const {verificationMethod, assertionMethod} = await didWeb.get({did});
  const vouched = verificationMethod.some(({id, publicKeyJwk}) => publicKeyJwk?.n === key.n &&
    publicKeyJwk?.e === key.e && assertionMethod.includes(id));
  if(!vouched) {
    throw new Error(`${did} does not vouch for the key at ${kid}`);
  }
  return key;
}

/** The library says what a bit is; what a set one means, it leaves to the relying party. */
function refuseUnless({verified, error, statusResult}) {
  if(!verified) {
    throw error ?? statusResult?.error ?? new Error('not verified');
  }
  if(statusResult?.results?.some(({status}) => status)) {
    throw new Error('The bit in the status list is set.');
  }
}

function readContexts() {
  const standards = process.env.MICROCRED_STANDARDS;
  return new Map(readJson(join(standards, 'MANIFEST.json'))
    .filter(({file, id}) => file.startsWith('contexts/') && !id.includes(' '))
    .map(({file, id}) => [id, readJson(join(standards, file))]));
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** An error that only names others says what they say. */
function describe(error) {
  const causes = [error, ...(error.errors ?? [])].map(({name, message}) => `${name}: ${message}`);
  return causes.join('; ').slice(0, 300);
}

mock.timers.enable({apis: ['Date'], now: new Date(instant)});
for(const file of readdirSync(join(folder, 'cases')).sort()) {
  if(file.endsWith('.served.json')) {
    continue;
  }
  const path = join(folder, 'cases', file);
  const name = file.replace(/\.[^.]+$/, '');
  let differs = {};
  try {
    differs = readJson(join(folder, 'cases', `${name}.served.json`));
  } catch(error) {
    if(error.code !== 'ENOENT') {
      throw error;
    }
  }
  served = {...everywhere, ...differs};
  const verdict = {name, verifier: VERIFIER, accepted: true, reason: ''};
  if(file.endsWith('.png')) {
    Object.assign(verdict, {accepted: null, reason: `${VERIFIER} reads no pictures`});
    console.log(JSON.stringify(verdict));
    continue;
  }
  try {
    const text = readFileSync(path, 'utf8');
    await (text.startsWith('{') ? verifyDocument(JSON.parse(text)) : verifyToken(text));
  } catch(error) {
    Object.assign(verdict, {accepted: false, reason: describe(error)});
  }
  console.log(JSON.stringify(verdict));
}
