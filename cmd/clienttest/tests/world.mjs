// What every file of tests needs: where the server is, its operator's commands,
// and a supabase-js client that keeps a list of what it asked.
import assert from 'node:assert/strict';
import { createClient } from '@supabase/supabase-js';

function need(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run these tests with "go test ./cmd/clienttest"`);
  return value;
}

export const authURL = need('TMATES_SUPABASE_URL');
export const anonKey = need('TMATES_SUPABASE_ANON_KEY');
export const serviceKey = need('SUPABASE_SERVICE_ROLE_KEY');
export const apiURL = need('TMATES_API_BASE_URL');
export const dataFolder = need('DATA_FOLDER');

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// RFC 3339, UTC, "Z"; the fraction may be missing.
export const zTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

async function operator(command, input) {
  const res = await fetch(need('OPERATOR_URL'), { method: 'POST', body: JSON.stringify({ command, in: input }) });
  const text = await res.text();
  assert.equal(res.status, 200, `${command}: ${text}`);
  return JSON.parse(text);
}

// addUser makes an account as `tmates user add` does. Without a password it logs
// in with codes only.
export const addUser = (email, { name = '', role = '', password = '' } = {}) =>
  operator('user.add', { email, name, role, password });

// codeFor returns a login code as `tmates user code` does.
export const codeFor = async (email) => (await operator('user.code', { email })).code;

// otherCode returns a code of the same form that is not this one.
export const otherCode = (code) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');

// device is a supabase-js client with a memory of its own, as another program or
// browser has. calls lists what it asked and was answered.
export function device({ key = anonKey, headers = {} } = {}) {
  const calls = [];
  const events = [];
  const client = createClient(authURL, key, {
    auth: { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false },
    global: {
      headers,
      fetch: async (url, init) => {
        const res = await fetch(url, init);
        calls.push(`${init.method} ${String(url).slice(authURL.length)} ${res.status}`);
        return res;
      },
    },
  });
  client.auth.onAuthStateChange((event) => events.push(event));
  return { auth: client.auth, calls, events };
}

// ok returns the data of an answer that must be no error.
export function ok({ data, error }) {
  assert.equal(error, null, error && `${error.name} ${error.status} ${error.code}: ${error.message}`);
  return data;
}

// refused asserts what an answer was refused with.
export function refused({ error }, status, code, name = 'AuthApiError') {
  assert.ok(error, `no error, want ${status} ${code}`);
  assert.deepEqual({ name: error.name, status: error.status, code: error.code }, { name, status, code });
  assert.notEqual(error.message, '');
  return error;
}

// login logs a new device in with a code.
export async function login(email) {
  const d = device();
  const data = ok(await d.auth.verifyOtp({ email, token: await codeFor(email), type: 'email' }));
  assert.ok(data.session, 'a session');
  return { ...d, session: data.session };
}

// gone asserts what a device whose session was ended elsewhere is told: the one
// answer that makes it forget its login.
export async function gone(d) {
  refused(await d.auth.getUser(), 400, undefined, 'AuthSessionMissingError');
  assert.equal(ok(await d.auth.getSession()).session, null);
}

// claims decodes the payload of an access token.
export const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

// raw asks the auth contract without a client in between.
export async function raw(method, path, { bearer = anonKey, version = '2024-01-01', headers = {}, body } = {}) {
  const res = await fetch(authURL + '/auth/v1' + path, {
    method,
    headers: {
      apikey: anonKey,
      authorization: `Bearer ${bearer}`,
      ...(version && { 'x-supabase-api-version': version }),
      ...(body !== undefined && { 'content-type': 'application/json;charset=UTF-8' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await res.text();
  return { status: res.status, headers: res.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}
