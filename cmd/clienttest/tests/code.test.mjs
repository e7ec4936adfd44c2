// Logging in with one-time codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, anonKey, authURL, claims, codeFor, device, login, ok, otherCode, raw, refused, uuid, zTime } from './world.mjs';

test('a code logs in', async () => {
  const made = await addUser('ada@example.com', { name: 'Ada' });
  const d = device();
  assert.deepEqual(ok(await d.auth.signInWithOtp({ email: 'ada@example.com', options: { shouldCreateUser: false } })), {
    user: null,
    session: null,
  });
  const { session, user } = ok(await d.auth.verifyOtp({ email: 'ada@example.com', token: await codeFor('ada@example.com'), type: 'email' }));
  assert.deepEqual(d.calls, ['POST /auth/v1/otp 200', 'POST /auth/v1/verify 200']);
  assert.ok(d.events.includes('SIGNED_IN'), d.events);

  assert.deepEqual(Object.keys(session).sort(), ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'token_type', 'user']);
  assert.equal(session.token_type, 'bearer');
  assert.equal(session.expires_in, 3600);
  assert.ok(session.refresh_token.length > 20);
  assert.deepEqual(session.user, user);

  const { identities, created_at, updated_at, email_confirmed_at, confirmed_at, last_sign_in_at, ...plain } = user;
  assert.deepEqual(plain, {
    id: made.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: 'ada@example.com',
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: { email_verified: true, full_name: 'Ada' },
    is_anonymous: false,
  });
  for (const time of [created_at, updated_at, email_confirmed_at, confirmed_at, last_sign_in_at]) assert.match(time, zTime);
  assert.equal(confirmed_at, email_confirmed_at);
  assert.equal(identities.length, 1);
  const { identity_id, last_sign_in_at: used, created_at: begun, updated_at: changed, ...identity } = identities[0];
  assert.match(identity_id, uuid);
  for (const time of [used, begun, changed]) assert.match(time, zTime);
  assert.deepEqual(identity, {
    id: made.id,
    user_id: made.id,
    identity_data: { email: 'ada@example.com', email_verified: true, phone_verified: false, sub: made.id },
    provider: 'email',
    email: 'ada@example.com',
  });
});

test('an access token says who it is for', async () => {
  const made = await addUser('june@example.com', { name: 'June' });
  const before = Math.floor(Date.now() / 1000);
  const { session } = await login('june@example.com');
  const after = Math.ceil(Date.now() / 1000);
  assert.deepEqual(JSON.parse(Buffer.from(session.access_token.split('.')[0], 'base64url').toString()), { alg: 'HS256', typ: 'JWT' });
  const { iat, exp, amr, session_id, ...said } = claims(session.access_token);
  assert.deepEqual(said, {
    iss: authURL + '/auth/v1',
    sub: made.id,
    aud: 'authenticated',
    email: 'june@example.com',
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: { email_verified: true, full_name: 'June' },
    role: 'authenticated',
    aal: 'aal1',
    is_anonymous: false,
  });
  assert.ok(iat >= before && iat <= after, `iat ${iat} is not between ${before} and ${after}`);
  assert.equal(exp, iat + 3600);
  assert.equal(session.expires_at, exp);
  assert.match(session_id, uuid);
  assert.equal(amr.length, 1);
  assert.equal(amr[0].method, 'otp');
  assert.ok(Math.abs(amr[0].timestamp - iat) <= 1);
});

test('an unknown address gets no code', async () => {
  const d = device();
  refused(await d.auth.signInWithOtp({ email: 'nobody@example.com', options: { shouldCreateUser: false } }), 422, 'otp_disabled');
  refused(await d.auth.signInWithOtp({ email: 'no address', options: { shouldCreateUser: false } }), 422, 'otp_disabled');
  refused(await d.auth.verifyOtp({ email: 'nobody@example.com', token: '123456', type: 'email' }), 403, 'otp_expired');
  assert.deepEqual(d.calls, ['POST /auth/v1/otp 422', 'POST /auth/v1/otp 422', 'POST /auth/v1/verify 403']);
  assert.equal(ok(await d.auth.getSession()).session, null);
});

test('sign-ups are closed', async () => {
  const d = device();
  refused(await d.auth.signInWithOtp({ email: 'new@example.com' }), 422, 'signup_disabled');
  refused(await d.auth.signUp({ email: 'new@example.com', password: 'a fair amount of words' }), 422, 'signup_disabled');
  refused(await d.auth.signInAnonymously(), 422, 'anonymous_provider_disabled');
});

test('a wrong code is refused, the right one works after it', async () => {
  await addUser('bea@example.com');
  const code = await codeFor('bea@example.com');
  assert.match(code, /^\d{6}$/);
  const d = device();
  refused(await d.auth.verifyOtp({ email: 'bea@example.com', token: otherCode(code), type: 'email' }), 403, 'otp_expired');
  assert.ok(ok(await d.auth.verifyOtp({ email: 'bea@example.com', token: code, type: 'email' })).session);
});

test('five wrong guesses end a code', async () => {
  await addUser('cleo@example.com');
  const code = await codeFor('cleo@example.com');
  const d = device();
  for (let guess = 0, wrong = code; guess < 5; guess++) {
    wrong = otherCode(wrong);
    refused(await d.auth.verifyOtp({ email: 'cleo@example.com', token: wrong, type: 'email' }), 403, 'otp_expired');
  }
  refused(await d.auth.verifyOtp({ email: 'cleo@example.com', token: code, type: 'email' }), 403, 'otp_expired');
});

test('a code works once', async () => {
  await addUser('dora@example.com');
  const code = await codeFor('dora@example.com');
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => device().auth.verifyOtp({ email: 'dora@example.com', token: code, type: 'email' })),
  );
  assert.equal(answers.filter(({ data }) => data.session !== null).length, 1);
  for (const answer of answers.filter(({ error }) => error)) refused(answer, 403, 'otp_expired');
  refused(await device().auth.verifyOtp({ email: 'dora@example.com', token: code, type: 'email' }), 403, 'otp_expired');
  assert.notEqual(await codeFor('dora@example.com'), code);
});

test('a code of the operator stays valid when the client asks for one', async () => {
  await addUser('emma@example.com');
  const code = await codeFor('emma@example.com');
  const d = device();
  ok(await d.auth.signInWithOtp({ email: 'emma@example.com', options: { shouldCreateUser: false } }));
  assert.equal(await codeFor('emma@example.com'), code);
  assert.ok(ok(await d.auth.verifyOtp({ email: 'emma@example.com', token: code, type: 'email' })).session);
});

test('asking for codes too often has to wait', async () => {
  await addUser('fay@example.com');
  const ask = { email: 'fay@example.com', options: { shouldCreateUser: false } };
  const d = device();
  ok(await d.auth.signInWithOtp(ask));
  const error = refused(await d.auth.signInWithOtp(ask), 429, 'over_email_send_rate_limit');
  assert.match(error.message, /\b\d+ seconds\b/);
  const { status, headers } = await raw('POST', '/otp', { body: { email: 'fay@example.com', create_user: false } });
  assert.equal(status, 429);
  const wait = Number(headers.get('retry-after'));
  assert.ok(wait > 0 && wait <= 60, `Retry-After is ${headers.get('retry-after')}`);
});

test('the address is trimmed and lower-cased', async () => {
  await addUser('Gwen@Example.com');
  const token = await codeFor('gwen@example.com');
  const { user } = ok(await device().auth.verifyOtp({ email: ' GWEN@example.COM ', token, type: 'email' }));
  assert.equal(user.email, 'gwen@example.com');
});

test('the anon key is not checked where anybody may ask', async () => {
  await addUser('hana@example.com');
  const d = device({ key: 'any-text' });
  assert.ok(ok(await d.auth.verifyOtp({ email: 'hana@example.com', token: await codeFor('hana@example.com'), type: 'email' })).session);
  const key = claims(anonKey);
  assert.deepEqual(Object.keys(key).sort(), ['exp', 'iat', 'iss', 'role']);
  assert.equal(key.iss, 'supabase');
  assert.equal(key.role, 'anon');
});

test('errors have two shapes', async () => {
  const ask = { body: { email: 'nobody@example.com', token: '123456', type: 'email' } };
  const now = await raw('POST', '/verify', ask);
  assert.equal(now.status, 403);
  assert.equal(now.headers.get('x-supabase-api-version'), '2024-01-01');
  assert.deepEqual(now.body, { code: 'otp_expired', message: now.body.message });
  for (const version of ['', '2023-01-01', 'soon']) {
    const old = await raw('POST', '/verify', { ...ask, version });
    assert.equal(old.status, 403);
    assert.equal(old.headers.get('x-supabase-api-version'), null);
    assert.deepEqual(old.body, { code: 403, error_code: 'otp_expired', msg: now.body.message });
  }
});

test('requests that make no sense', async () => {
  for (const [status, code, body] of [
    [400, 'validation_failed', { email: 'ada@example.com', token: '123456' }],
    [400, 'validation_failed', { email: 'ada@example.com', type: 'email' }],
    [400, 'validation_failed', { token: '123456', type: 'email' }],
    [422, 'validation_failed', { email: 'no address', token: '123456', type: 'email' }],
    [400, 'bad_json', { email: ['ada@example.com'], token: '123456', type: 'email' }],
  ]) {
    const answer = await raw('POST', '/verify', { body });
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(answer.body.code, code, JSON.stringify(body));
  }
  assert.equal((await raw('POST', '/nothing', { body: {} })).status, 404);
  assert.equal((await raw('DELETE', '/otp')).status, 405);
});

test('browsers of other origins are let in', async () => {
  const asked = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version,x-tmates-client';
  const preflight = await fetch(authURL + '/auth/v1/otp', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
  assert.deepEqual(preflight.headers.get('access-control-allow-headers').split(/, */).sort(), asked.split(',').sort());
  assert.deepEqual(preflight.headers.get('access-control-allow-methods').split(/, */).sort(), ['DELETE', 'GET', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
  assert.equal(preflight.headers.get('access-control-max-age'), '3600');

  const answer = await raw('GET', '/user', { headers: { origin: 'https://app.example.com' } });
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.equal(answer.headers.get('access-control-allow-credentials'), null);
  assert.ok(answer.headers.get('access-control-expose-headers').split(/, */).includes('X-Supabase-Api-Version'));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
});

test('a device that logs in twice has two sessions', async () => {
  await addUser('iris@example.com');
  const first = await login('iris@example.com');
  const second = await login('iris@example.com');
  assert.notEqual(claims(first.session.access_token).session_id, claims(second.session.access_token).session_id);
  assert.equal(ok(await first.auth.getUser()).user.id, ok(await second.auth.getUser()).user.id);
});
