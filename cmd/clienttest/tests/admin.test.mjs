// Looking after accounts with the service key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, apiURL, authURL, device, gone, login, ok, refused, serviceKey, uuid, zTime } from './world.mjs';

const nobody = '11111111-1111-4111-8111-111111111111';

// operator is a client that holds the service key, as a program of the operator
// does.
const operator = () => {
  const d = device({ key: serviceKey });
  return { admin: d.auth.admin, calls: d.calls };
};

// follow opens a link and returns where it leads and what it says there.
async function follow(link) {
  const res = await fetch(link, { redirect: 'manual' });
  assert.equal(res.status, 303);
  const [to, fragment] = res.headers.get('location').split('#');
  return { to, said: Object.fromEntries(new URLSearchParams(fragment)) };
}

test('accounts are made, read, changed and deleted', async () => {
  const { admin, calls } = operator();
  const { user } = ok(
    await admin.createUser({
      email: 'Ada@example.com',
      password: 'quartz fjord 77',
      email_confirm: true,
      user_metadata: { full_name: 'Ada' },
      app_metadata: { plan: 'pi' },
    }),
  );
  assert.match(user.id, uuid);
  assert.match(user.email_confirmed_at, zTime);
  assert.equal(user.email, 'ada@example.com');
  assert.equal(user.role, 'authenticated');
  assert.deepEqual(user.app_metadata, { plan: 'pi', provider: 'email', providers: ['email'] });
  assert.deepEqual(user.user_metadata, { email_verified: true, full_name: 'Ada' });
  assert.equal(user.identities.length, 1);

  const d = device();
  const { session } = ok(await d.auth.signInWithPassword({ email: 'ada@example.com', password: 'quartz fjord 77' }));
  assert.deepEqual(ok(await admin.getUserById(user.id)).user, session.user);

  const metadata = ok(await admin.updateUserById(user.id, { user_metadata: { full_name: 'Ada L' }, app_metadata: { plan: null } })).user;
  assert.deepEqual(metadata.user_metadata, { email_verified: true, full_name: 'Ada L' });
  assert.deepEqual(metadata.app_metadata, { provider: 'email', providers: ['email'] });
  const moved = ok(await admin.updateUserById(user.id, { email: 'Ada@New.example' })).user;
  assert.equal(moved.email, 'ada@new.example');
  assert.equal(moved.identities[0].email, 'ada@new.example');
  assert.equal(ok(await d.auth.getUser()).user.email, 'ada@new.example');

  const banned = ok(await admin.updateUserById(user.id, { ban_duration: '876000h' })).user;
  assert.match(banned.banned_until, zTime);
  await gone(d);
  assert.equal((await fetch(apiURL + '/profile', { headers: { authorization: `Bearer ${session.access_token}` } })).status, 401);
  refused(await d.auth.signInWithPassword({ email: 'ada@new.example', password: 'quartz fjord 77' }), 400, 'user_banned');
  assert.equal(ok(await admin.updateUserById(user.id, { ban_duration: 'none' })).user.banned_until, undefined);
  ok(await d.auth.signInWithPassword({ email: 'ada@new.example', password: 'quartz fjord 77' }));

  ok(await admin.deleteUser(user.id));
  await gone(d);
  refused(await admin.getUserById(user.id), 404, 'user_not_found');
  refused(await admin.deleteUser(user.id, true), 404, 'user_not_found');
  refused(await d.auth.signInWithPassword({ email: 'ada@new.example', password: 'quartz fjord 77' }), 400, 'invalid_credentials');
  const path = `/auth/v1/admin/users/${user.id}`;
  assert.deepEqual(calls, [
    'POST /auth/v1/admin/users 200',
    `GET ${path} 200`,
    ...Array(4).fill(`PUT ${path} 200`),
    `DELETE ${path} 200`,
    `GET ${path} 404`,
    `DELETE ${path} 404`,
  ]);
});

test('what is refused', async () => {
  const { admin } = operator();
  await addUser('bob@example.com');
  refused(await admin.createUser({ email: 'bob@example.com' }), 422, 'email_exists');
  refused(await admin.createUser({ email: 'x' }), 400, 'validation_failed');
  refused(await admin.createUser({ email: 'x@example.com', password: 'short' }), 422, 'weak_password', 'AuthWeakPasswordError');
  refused(await admin.updateUserById(nobody, { email_confirm: true }), 404, 'user_not_found');
  refused(await admin.inviteUserByEmail('bob@example.com'), 422, 'email_exists');
  refused(await admin.generateLink({ type: 'recovery', email: 'nobody@example.com' }), 404, 'user_not_found');
  const { admin: stranger } = device().auth;
  refused(await stranger.listUsers(), 403, 'not_admin');
  refused(await stranger.deleteUser(nobody), 403, 'not_admin');
  const person = await login('bob@example.com');
  const { admin: pretender } = device({ key: person.session.access_token }).auth;
  refused(await pretender.listUsers(), 403, 'not_admin');
});

test('two who make the same account', async () => {
  const answers = await Promise.all([1, 2].map(() => operator().admin.createUser({ email: 'twin@example.com' })));
  assert.equal(answers.filter(({ error }) => !error).length, 1);
  refused(
    answers.find(({ error }) => error),
    422,
    'email_exists',
  );
});

test('accounts are listed in pages', async () => {
  const { admin } = operator();
  for (const name of ['p1', 'p2', 'p3']) ok(await admin.createUser({ email: `${name}@pages.example` }));
  const all = ok(await admin.listUsers());
  assert.equal(all.aud, 'authenticated');
  assert.equal(all.total, all.users.length);
  assert.ok(all.total >= 3);
  const seen = [];
  for (let page = 1; page; ) {
    const one = ok(await admin.listUsers({ page, perPage: 2 }));
    assert.equal(one.total, all.total);
    assert.equal(one.lastPage, Math.ceil(all.total / 2));
    assert.ok(one.users.length <= 2);
    seen.push(...one.users);
    page = one.nextPage;
  }
  assert.deepEqual(seen, all.users);
});

test('a person is invited', async () => {
  const { admin, calls } = operator();
  const { user } = ok(await admin.inviteUserByEmail('cleo@example.com', { data: { full_name: 'Cleo' }, redirectTo: 'http://127.0.0.1:3000/w' }));
  assert.deepEqual(calls, ['POST /auth/v1/invite?redirect_to=http%3A%2F%2F127.0.0.1%3A3000%2Fw 200']);
  assert.match(user.invited_at, zTime);
  assert.equal(user.email_confirmed_at, undefined);
  assert.equal(user.user_metadata.full_name, 'Cleo');
  const { session } = await login('cleo@example.com');
  assert.equal(session.user.id, user.id);
  assert.match(session.user.email_confirmed_at, zTime);
});

test('links log in', async () => {
  const { admin } = operator();
  const made = await addUser('dora@example.com');
  const { user, properties } = ok(
    await admin.generateLink({ type: 'magiclink', email: 'dora@example.com', options: { redirectTo: 'http://127.0.0.1:3000/cb' } }),
  );
  assert.equal(user.id, made.id);
  assert.equal(properties.verification_type, 'magiclink');
  assert.equal(properties.redirect_to, 'http://127.0.0.1:3000/cb'); // this server is on loopback, too
  assert.ok(properties.action_link.startsWith(authURL + '/auth/v1/verify?'));
  const { to, said } = await follow(properties.action_link);
  assert.equal(to, 'http://127.0.0.1:3000/cb');
  assert.deepEqual(Object.keys(said).sort(), ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'sb', 'token_type', 'type']);
  const d = device();
  assert.equal(ok(await d.auth.setSession(said)).user.id, made.id);
  assert.equal((await follow(properties.action_link)).said.error_code, 'otp_expired');

  const again = ok(await admin.generateLink({ type: 'recovery', email: 'dora@example.com', options: { redirectTo: 'https://evil.example/' } }));
  assert.equal(again.properties.redirect_to, authURL);
  const byHash = device();
  ok(await byHash.auth.verifyOtp({ token_hash: again.properties.hashed_token, type: 'recovery' }));
  assert.ok(byHash.events.includes('PASSWORD_RECOVERY'), byHash.events);

  const digits = ok(await admin.generateLink({ type: 'magiclink', email: 'dora@example.com' })).properties.email_otp;
  ok(await device().auth.verifyOtp({ email: 'dora@example.com', token: digits, type: 'email' }));

  const fresh = ok(await admin.generateLink({ type: 'signup', email: 'emma@example.com', password: 'vellum tundra 42' }));
  ok(await device().auth.verifyOtp({ token_hash: fresh.properties.hashed_token, type: 'signup' }));
  ok(await device().auth.signInWithPassword({ email: 'emma@example.com', password: 'vellum tundra 42' }));
});
