// The life of a session: the account behind it, refreshing, ending.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, anonKey, claims, device, gone, login, ok, raw, refused } from './world.mjs';

// refresh presents a refresh token as another process with a copy of it does.
const refresh = (token) => raw('POST', '/token?grant_type=refresh_token', { body: { refresh_token: token } });

test('the account', async () => {
  const made = await addUser('ada@example.com', { name: 'Ada' });
  const d = await login('ada@example.com');
  const { user } = ok(await d.auth.getUser());
  assert.equal(user.id, made.id);
  assert.deepEqual(user, d.session.user);

  const changed = ok(await d.auth.updateUser({ data: { full_name: 'Ada L', colour: 'green', likes: { tea: true } } }));
  const metadata = { email_verified: true, full_name: 'Ada L', colour: 'green', likes: { tea: true } };
  assert.deepEqual(changed.user.user_metadata, metadata);
  assert.ok(d.events.includes('USER_UPDATED'), d.events);
  assert.deepEqual(ok(await d.auth.getUser()).user.user_metadata, metadata);

  const { colour, ...rest } = metadata;
  assert.deepEqual(ok(await d.auth.updateUser({ data: { colour: null } })).user.user_metadata, rest, `${colour} is deleted by null`);
  const { session } = ok(await d.auth.refreshSession());
  assert.deepEqual(claims(session.access_token).user_metadata, rest, 'later tokens carry it');

  refused(await d.auth.updateUser({ app_metadata: { role: 'admin' } }), 403, 'not_admin');
  refused(await d.auth.updateUser({ data: { long: 'x'.repeat(5000) } }), 400, 'validation_failed');
  assert.deepEqual(ok(await d.auth.getUser()).user.user_metadata, rest);
});

test('who is asked without a user token', async () => {
  const d = device();
  refused(await d.auth.getUser(), 400, undefined, 'AuthSessionMissingError');
  assert.deepEqual(d.calls, [], 'the client does not even ask');
  refused(await d.auth.getUser('a.b.c'), 403, 'bad_jwt');
  refused(await d.auth.getUser(anonKey), 403, 'bad_jwt');
  const answer = await raw('GET', '/user', { headers: { authorization: '' } });
  assert.equal(answer.status, 401);
  assert.equal(answer.body.code, 'no_authorization');
});

test('the claims of a token are verified by asking', async () => {
  const made = await addUser('bea@example.com');
  const d = await login('bea@example.com');
  d.calls.length = 0;
  assert.equal(ok(await d.auth.getClaims()).claims.sub, made.id);
  assert.deepEqual(d.calls, ['GET /auth/v1/user 200']);
  const keys = await raw('GET', '/.well-known/jwks.json');
  assert.deepEqual(keys.body, { keys: [] });
  assert.equal(keys.headers.get('cache-control'), 'public, max-age=600');
});

test('refreshing rotates', async () => {
  await addUser('cleo@example.com');
  const d = await login('cleo@example.com');
  const first = d.session;
  const { session: second, user } = ok(await d.auth.refreshSession());
  assert.ok(d.events.includes('TOKEN_REFRESHED'), d.events);
  assert.equal(user.email, 'cleo@example.com');
  assert.equal(second.expires_in, 3600);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal(claims(second.access_token).session_id, claims(first.access_token).session_id);
  assert.deepEqual(claims(second.access_token).amr, claims(first.access_token).amr);
  ok(await d.auth.getUser(first.access_token));

  // A client whose answer was lost shows the parent, and gets the same child.
  for (let lost = 0; lost < 2; lost++) {
    const again = await refresh(first.refresh_token);
    assert.equal(again.status, 200);
    assert.equal(again.body.refresh_token, second.refresh_token);
    assert.equal(again.body.user.email, 'cleo@example.com');
  }
  const { session: third } = ok(await d.auth.refreshSession());
  assert.notEqual(third.refresh_token, second.refresh_token);
  assert.equal((await refresh(second.refresh_token)).body.refresh_token, third.refresh_token);

  // Anything older is somebody else's copy: the session ends for everybody.
  const thief = device();
  refused(await thief.auth.refreshSession({ refresh_token: first.refresh_token }), 400, 'refresh_token_already_used');
  refused(await thief.auth.refreshSession({ refresh_token: third.refresh_token }), 400, 'refresh_token_not_found');
  const answer = await raw('GET', '/user', { bearer: third.access_token });
  assert.equal(answer.status, 403);
  assert.equal(answer.body.code, 'session_not_found');
  await gone(d);
});

test('several processes refresh at once', async () => {
  await addUser('dora@example.com');
  const d = await login('dora@example.com');
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(d.session.refresh_token)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(8).fill(200),
  );
  assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
});

test('refresh tokens that are none', async () => {
  const d = device();
  refused(await d.auth.refreshSession({ refresh_token: 'short' }), 400, 'validation_failed');
  assert.equal((await refresh(undefined)).body.code, 'validation_failed');
  assert.equal((await refresh(5)).body.code, 'bad_json');

  await addUser('emma@example.com');
  const { session } = await login('emma@example.com');
  const last = session.refresh_token.at(-5);
  const forged = session.refresh_token.slice(0, -5) + (last === 'A' ? 'B' : 'A') + session.refresh_token.slice(-4);
  refused(await d.auth.refreshSession({ refresh_token: forged }), 400, 'refresh_token_not_found');
  ok(await d.auth.refreshSession({ refresh_token: session.refresh_token }));
});

test('a stored session is taken up', async () => {
  await addUser('fay@example.com');
  const { session } = await login('fay@example.com');

  const fresh = device();
  const taken = ok(await fresh.auth.setSession(session));
  assert.deepEqual(fresh.calls, ['GET /auth/v1/user 200']);
  assert.equal(taken.session.refresh_token, session.refresh_token);
  assert.equal(taken.user.email, 'fay@example.com');

  // The client reads the expiry from the token and verifies nothing, so it
  // refreshes without asking first.
  const [head, , tail] = session.access_token.split('.');
  const past = Buffer.from(JSON.stringify({ ...claims(session.access_token), exp: 1 })).toString('base64url');
  const stale = device();
  const renewed = ok(await stale.auth.setSession({ access_token: [head, past, tail].join('.'), refresh_token: session.refresh_token }));
  assert.deepEqual(stale.calls, ['POST /auth/v1/token?grant_type=refresh_token 200']);
  assert.notEqual(renewed.session.refresh_token, session.refresh_token);
  assert.equal(ok(await stale.auth.getUser()).user.email, 'fay@example.com');
});

// two logs the same account in on two devices.
async function two(email) {
  await addUser(email);
  return [await login(email), await login(email)];
}

test('signing out everywhere', async () => {
  const [here, there] = await two('gwen@example.com');
  here.calls.length = 0;
  assert.equal((await here.auth.signOut()).error, null);
  assert.deepEqual(here.calls, ['POST /auth/v1/logout?scope=global 204']);
  assert.ok(here.events.includes('SIGNED_OUT'), here.events);
  assert.equal(ok(await here.auth.getSession()).session, null);
  for (const { session } of [here, there]) {
    const answer = await raw('GET', '/user', { bearer: session.access_token });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 'session_not_found');
    assert.equal((await refresh(session.refresh_token)).body.code, 'refresh_token_not_found');
  }
  await gone(there);
});

test('signing out here', async () => {
  const [here, there] = await two('hana@example.com');
  assert.equal((await here.auth.signOut({ scope: 'local' })).error, null);
  assert.equal((await raw('GET', '/user', { bearer: here.session.access_token })).body.code, 'session_not_found');
  ok(await there.auth.getUser());
  ok(await there.auth.refreshSession());
});

test('signing out the others', async () => {
  const [here, there] = await two('iris@example.com');
  assert.equal((await here.auth.signOut({ scope: 'others' })).error, null);
  assert.ok(!here.events.includes('SIGNED_OUT'), here.events);
  ok(await here.auth.getUser());
  ok(await here.auth.refreshSession());
  await gone(there);
});

test('signing out of a session that is gone is done', async () => {
  const [here, there] = await two('jane@example.com');
  assert.equal((await here.auth.signOut({ scope: 'global' })).error, null);
  there.calls.length = 0;
  assert.equal((await there.auth.signOut()).error, null);
  assert.deepEqual(there.calls, ['POST /auth/v1/logout?scope=global 204']);
  assert.equal(ok(await there.auth.getSession()).session, null);
});

test('signing out of nothing', async () => {
  const [here] = await two('kate@example.com');
  const odd = await raw('POST', '/logout?scope=galaxy', { bearer: here.session.access_token });
  assert.equal(odd.status, 400);
  assert.equal(odd.body.code, 'validation_failed');
  const anon = await raw('POST', '/logout?scope=global');
  assert.equal(anon.status, 403);
  assert.equal(anon.body.code, 'bad_jwt');
  ok(await here.auth.getUser());
});
