// Logging in with passwords, and changing them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, claims, device, gone, ok, refused } from './world.mjs';

const password = 'a fair amount of words';

test('a password logs in', async () => {
  const made = await addUser('ada@example.com', { name: 'Ada', password });
  const d = device();
  const { session, user, weakPassword } = ok(await d.auth.signInWithPassword({ email: 'ada@example.com', password }));
  assert.deepEqual(d.calls, ['POST /auth/v1/token?grant_type=password 200']);
  assert.equal(user.id, made.id);
  assert.equal(weakPassword, undefined);
  assert.equal(session.weak_password, null);
  assert.deepEqual(
    claims(session.access_token).amr.map(({ method }) => method),
    ['password'],
  );
  assert.equal(ok(await d.auth.getUser()).user.email, 'ada@example.com');
});

test('a wrong password and an unknown user look alike', async () => {
  await addUser('bea@example.com', { password });
  await addUser('codes@example.com');
  const d = device();
  const wrong = refused(await d.auth.signInWithPassword({ email: 'bea@example.com', password: password + '!' }), 400, 'invalid_credentials');
  for (const email of ['nobody@example.com', 'codes@example.com']) {
    const answer = refused(await d.auth.signInWithPassword({ email, password }), 400, 'invalid_credentials');
    assert.equal(answer.message, wrong.message);
  }
  assert.equal(ok(await d.auth.getSession()).session, null);
});

test('a new password', async () => {
  await addUser('cleo@example.com', { password });
  const here = device();
  const there = device();
  ok(await here.auth.signInWithPassword({ email: 'cleo@example.com', password }));
  ok(await there.auth.signInWithPassword({ email: 'cleo@example.com', password }));

  const weak = refused(await here.auth.updateUser({ password: 'short' }), 422, 'weak_password', 'AuthWeakPasswordError');
  assert.deepEqual(weak.reasons, ['length']);
  refused(await here.auth.updateUser({ password }), 422, 'same_password');
  ok(await there.auth.getUser());

  const changed = 'quite another set of words';
  ok(await here.auth.updateUser({ password: changed }));
  ok(await here.auth.getUser());
  await gone(there);
  refused(await there.auth.signInWithPassword({ email: 'cleo@example.com', password }), 400, 'invalid_credentials');
  ok(await there.auth.signInWithPassword({ email: 'cleo@example.com', password: changed }));
});
