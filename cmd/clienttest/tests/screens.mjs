// The official client from login to logout, screen by screen, for either way
// people write its API base.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Official } from './official.mjs';
import { addUser, codeFor, dataFolder, otherCode, uuid, zTime } from './world.mjs';

const summaryKeys = ['active_session_id', 'agent_keys', 'id', 'kind', 'last_activity', 'last_message_preview', 'last_read_seq', 'title', 'unread_count'];

function isThread(thread, want) {
  const { title, kind, agent_keys, unread_count } = thread;
  assert.deepEqual({ title, kind, agent_keys }, want);
  assert.ok(Number.isInteger(unread_count) && unread_count >= 0, `unread_count ${unread_count}`);
  assert.match(thread.id, uuid);
  assert.match(thread.last_activity, zTime);
}

function isMessage(message, want) {
  const { role, author, content, attachments } = message;
  assert.deepEqual({ role, author, content, attachments }, { content, attachments: [], ...want });
  assert.equal(typeof content, 'string');
  assert.match(message.id, uuid);
  assert.match(message.created_at, zTime);
  for (const key of ['payload', 'session_id']) assert.ok(key in message, `${key} is missing`);
}

function fails({ status, body }, want) {
  assert.equal(status, want);
  assert.equal(typeof body.detail, 'string');
  return body.detail;
}

// signedIn returns a client behind its login, and the account.
async function signedIn(apiBase, email, name = '', role = 'owner') {
  const user = await addUser(email, { name, role });
  const client = new Official(apiBase);
  assert.equal((await client.enterCode(email, await codeFor(email))).status, 200);
  return { client, user };
}

const titled = (threads, title) => threads.filter((thread) => thread.title === title);

export function screens(apiBase) {
  describe('login', () => loginScreens(apiBase));
  describe('messages', () => messageScreens(apiBase));
  describe('teammates and Pinboard', () => teamScreens(apiBase));
  describe('files and settings', () => ownScreens(apiBase));
  describe('logout', () => logoutScreens(apiBase));
}

function loginScreens(apiBase) {
  test('asks for a code, then enters it', async () => {
    await addUser('ada@example.com', { name: 'Ada' });
    const client = new Official(apiBase);
    const asked = await client.askCode(' Ada@Example.com ');
    assert.deepEqual([asked.status, asked.body], [200, {}]);
    const code = await codeFor('ada@example.com');

    const wrong = await client.enterCode('ada@example.com', otherCode(code));
    assert.equal(wrong.status, 403);
    assert.equal(wrong.body.code, 'otp_expired');
    assert.equal(typeof wrong.body.message, 'string');
    client.session = null;

    const entered = await client.enterCode('ada@example.com', ` ${code} `);
    assert.equal(entered.status, 200);
    const { access_token, refresh_token, expires_in, expires_at, token_type, user } = entered.body;
    assert.match(access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.notEqual(refresh_token, '');
    assert.equal(expires_in, 3600);
    assert.equal(JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url')).exp, expires_at);
    assert.equal(token_type, 'bearer');
    assert.equal(user.email, 'ada@example.com');

    const status = await client.user();
    assert.equal(status.status, 200);
    assert.deepEqual(status.body, user);
  });

  test('with --otp the code is older than the question', async () => {
    await addUser('bea@example.com');
    const code = await codeFor('bea@example.com');
    const client = new Official(apiBase);
    assert.equal((await client.askCode('bea@example.com')).status, 200);
    assert.equal((await client.enterCode('bea@example.com', code)).status, 200);
  });

  test('an unknown address is told so', async () => {
    const asked = await new Official(apiBase).askCode('nobody@example.com');
    assert.equal(asked.status, 422);
    assert.equal(asked.body.code, 'otp_disabled');
    assert.equal(typeof asked.body.message, 'string');
  });

  test('a saved session is refreshed when its token has expired', async () => {
    const { client } = await signedIn(apiBase, 'cleo@example.com');
    const { refresh_token } = client.session;
    client.session = null;
    const res = await client.auth('POST', '/token?grant_type=refresh_token', { refresh_token });
    assert.equal(res.status, 200);
    assert.notEqual(res.body.refresh_token, refresh_token);
    client.session = res.body;
    assert.equal((await client.user()).body.email, 'cleo@example.com');
    await client.must(200, 'GET', '/chats');
  });
}

function messageScreens(apiBase) {
  test('lists Team Chat, then one direct thread', async () => {
    const { client } = await signedIn(apiBase, 'dora@example.com');
    const threads = await client.must(200, 'GET', '/chats');
    assert.deepEqual(
      threads.map(({ title }) => title),
      ['Team Chat', 'Adam'],
    );
    isThread(threads[0], { title: 'Team Chat', kind: 'group', agent_keys: ['adam'] });
    isThread(threads[1], { title: 'Adam', kind: 'agent', agent_keys: ['adam'] });
    for (const thread of threads) {
      assert.deepEqual(Object.keys(thread).sort(), summaryKeys);
      assert.equal(typeof thread.last_message_preview, 'string');
      assert.ok(thread.last_message_preview.length <= 160);
    }
  });

  test('a thread opens, takes a message and shows the reply', async () => {
    const { client } = await signedIn(apiBase, 'emma@example.com', 'Emma');
    const [{ id }] = titled(await client.must(200, 'GET', '/chats'), 'Team Chat');
    const thread = await client.must(200, 'GET', `/chats/${id}`);
    assert.deepEqual(Object.keys(thread).sort(), [...summaryKeys, 'messages'].sort());
    assert.equal(thread.title, 'Team Chat');
    assert.equal(thread.messages.length, 1);
    isMessage(thread.messages[0], { role: 'assistant', author: 'Adam' });

    const { said, replies } = await client.send(thread, '  who is on the team?  ');
    isMessage(said, { role: 'user', author: 'Emma', content: 'who is on the team?' });
    assert.equal(replies.length, 1);
    isMessage(replies[0], { role: 'assistant', author: 'Adam' });
    assert.match(replies[0].content, /Adam/);
    assert.equal(replies[0].payload.agent_key, 'adam');

    const again = await client.must(200, 'GET', `/chats/${id}`);
    assert.deepEqual(again.messages, thread.messages);
    const [first] = await client.must(200, 'GET', '/chats');
    assert.equal(first.id, id);
    const whole = replies[0].content.replace(/\s+/g, ' ').trim();
    const characters = [...whole];
    assert.equal(first.last_message_preview, characters.length <= 160 ? whole : characters.slice(0, 159).join('').trimEnd() + '…');
    assert.equal(first.last_activity, replies[0].created_at, 'a reply counts as activity');
  });

  test('new adam opens the direct thread', async () => {
    const { client } = await signedIn(apiBase, 'fay@example.com');
    const threads = await client.must(200, 'GET', '/chats');
    const opened = await client.must(201, 'POST', `/chats?agent_key=${encodeURIComponent('adam')}`);
    assert.deepEqual(Object.keys(opened).sort(), summaryKeys);
    assert.deepEqual(opened, titled(threads, 'Adam')[0]);
    const thread = await client.must(200, 'GET', `/chats/${opened.id}`);
    const { replies } = await client.send(thread, 'what can you do?');
    isMessage(replies[0], { role: 'assistant', author: 'Adam' });
    assert.match(replies[0].content, /Pinboard/);

    fails(await client.api('POST', `/chats?agent_key=${encodeURIComponent('nobody & co')}`), 400);
    assert.deepEqual((await client.api('POST', '/chats')).body.detail.map(({ loc, type }) => ({ loc, type })), [
      { loc: ['query', 'agent_key'], type: 'missing' },
    ]);
  });

  test('clear empties a thread, and the tmate forgets', async () => {
    const { client } = await signedIn(apiBase, 'gwen@example.com');
    const [{ id }] = titled(await client.must(200, 'GET', '/chats'), 'Adam');
    let thread = await client.must(200, 'GET', `/chats/${id}`);
    await client.send(thread, 'remember that the door code changes on Monday');
    const { replies } = await client.send(thread, 'what do you remember?');
    assert.match(replies[0].content, /door code/);

    await client.must(204, 'POST', `/chats/${id}/clear`);
    thread = await client.must(200, 'GET', `/chats/${id}`);
    assert.deepEqual([thread.messages, thread.last_message_preview, thread.active_session_id], [[], null, null]);
    const after = await client.send(thread, 'what do you remember?');
    assert.doesNotMatch(after.replies[0].content, /door code/);
  });

  test('delete removes a thread, and new makes another', async () => {
    const { client } = await signedIn(apiBase, 'hana@example.com');
    const [{ id }] = titled(await client.must(200, 'GET', '/chats'), 'Adam');
    await client.must(204, 'DELETE', `/chats/${id}`);
    fails(await client.api('GET', `/chats/${id}`), 404);
    fails(await client.api('DELETE', `/chats/${id}`), 404);
    fails(await client.api('POST', `/chats/${id}/clear`), 404);
    fails(await client.api('POST', `/chats/${id}/messages`, { content: 'hello' }), 404);
    assert.deepEqual(titled(await client.must(200, 'GET', '/chats'), 'Adam'), []);
    const opened = await client.must(201, 'POST', '/chats?agent_key=adam');
    assert.notEqual(opened.id, id);
    assert.equal(opened.title, 'Adam');
    assert.deepEqual(titled(await client.must(200, 'GET', '/chats'), 'Adam'), [opened]);
  });

  test('a blank message and a thread of somebody else', async () => {
    const { client } = await signedIn(apiBase, 'iris@example.com');
    const other = await signedIn(apiBase, 'jane@example.com');
    const [{ id }] = await other.client.must(200, 'GET', '/chats');
    const unknown = '00000000-0000-4000-8000-000000000000';
    const answers = [];
    for (const foreign of [id, unknown, 'no-id']) {
      answers.push([
        fails(await client.api('GET', `/chats/${foreign}`), 404),
        fails(await client.api('POST', `/chats/${foreign}/messages`, { content: 'hello' }), 404),
        fails(await client.api('POST', `/chats/${foreign}/clear`), 404),
        fails(await client.api('DELETE', `/chats/${foreign}`), 404),
      ]);
    }
    assert.deepEqual(answers[0], answers[1]);
    assert.deepEqual(answers[2], answers[1]);
    assert.equal((await other.client.must(200, 'GET', `/chats/${id}`)).messages.length, 1);
    assert.equal((await other.client.api('POST', `/chats/${id}/messages`, { content: '  ' })).status, 422);
  });
}

function teamScreens(apiBase) {
  test('a teammate comes, goes and comes again', async () => {
    const { client, user } = await signedIn(apiBase, 'kate@example.com');
    const hired = async () => {
      const { agents_metadata: all, user_enabled_agents } = await client.must(200, 'GET', '/agents/metadata');
      for (const [key, tmate] of Object.entries(all)) {
        assert.equal(tmate.key, key);
        assert.equal(typeof tmate.name, 'string');
        assert.equal(typeof tmate.description, 'string');
        assert.equal(tmate.hired, user_enabled_agents.includes(key));
      }
      return { adam: all.adam.hired, nora: all.nora.hired };
    };
    const manage = async (action) => {
      const { message, ...rest } = await client.must(200, 'POST', '/agents/manage', { agent_key: 'nora', action });
      assert.equal(typeof message, 'string');
      return rest;
    };
    const roster = async () => {
      const threads = await client.must(200, 'GET', '/chats');
      return { team: titled(threads, 'Team Chat')[0], nora: titled(threads, 'Nora') };
    };
    const added = { success: true, action: 'added', agent_key: 'nora' };
    const removed = { success: true, action: 'removed', agent_key: 'nora' };
    assert.equal(user.role, 'owner');

    assert.deepEqual(await hired(), { adam: true, nora: false });
    assert.deepEqual(await manage('add'), added);
    assert.deepEqual(await hired(), { adam: true, nora: true });
    const first = await roster();
    assert.deepEqual(first.team.agent_keys, ['adam', 'nora']);
    assert.equal(first.nora.length, 1);
    isThread(first.nora[0], { title: 'Nora', kind: 'agent', agent_keys: ['nora'] });

    assert.deepEqual(await manage('remove'), removed);
    assert.deepEqual(await hired(), { adam: true, nora: false });
    const without = await roster();
    assert.deepEqual(without.team.agent_keys, ['adam']);
    assert.deepEqual(without.nora, []);

    assert.deepEqual(await manage('add'), added);
    assert.deepEqual(await manage('add'), added);
    assert.deepEqual(await hired(), { adam: true, nora: true });
    const second = await roster();
    assert.deepEqual(
      second.nora.map(({ id }) => id),
      [first.nora[0].id],
    );
    const { messages } = await client.must(200, 'GET', `/chats/${second.team.id}`);
    assert.deepEqual(
      messages.filter(({ role }) => role === 'system').map(({ author, payload }) => ({ author, payload })),
      ['agent_join', 'agent_leave', 'agent_join'].map((event) => ({ author: null, payload: { event, agent_key: 'nora', agent_name: 'Nora' } })),
    );
    assert.deepEqual(await manage('remove'), removed);
  });

  test('the starter, whose thread exists, can be added again', async () => {
    const { client } = await signedIn(apiBase, 'liv@example.com');
    const [direct] = titled(await client.must(200, 'GET', '/chats'), 'Adam');
    for (const action of ['remove', 'add']) {
      const answer = await client.must(200, 'POST', '/agents/manage', { agent_key: 'adam', action });
      assert.equal(answer.success, true, action);
    }
    assert.deepEqual(
      titled(await client.must(200, 'GET', '/chats'), 'Adam').map(({ id }) => id),
      [direct.id],
    );
    fails(await client.api('POST', '/agents/manage', { agent_key: 'nobody', action: 'add' }), 404);
    fails(await client.api('POST', '/agents/manage', { agent_key: 'adam', action: 'promote' }), 400);
  });

  test('Team Chat heads the list when somebody joined', async () => {
    const { client } = await signedIn(apiBase, 'maud@example.com');
    await client.must(200, 'POST', '/agents/manage', { agent_key: 'nora', action: 'add' });
    const threads = await client.must(200, 'GET', '/chats');
    assert.equal(threads.length, 3);
    assert.equal(threads[0].title, 'Team Chat');
    await client.must(200, 'POST', '/agents/manage', { agent_key: 'nora', action: 'remove' });
  });

  test('what Adam pins is on the Pinboard', async () => {
    const { client } = await signedIn(apiBase, 'lena@example.com');
    assert.deepEqual(await client.must(200, 'GET', '/pinboard?limit=10'), []);
    const opened = await client.must(201, 'POST', '/chats?agent_key=adam');
    const thread = await client.must(200, 'GET', `/chats/${opened.id}`);
    await client.send(thread, 'pin: Lunch & Tea, 2nd Floor - **noon** on Friday');
    await client.send(thread, 'pin: Lunch & Tea, 2nd Floor - now on Monday');

    const posts = await client.must(200, 'GET', '/pinboard?limit=10');
    assert.equal(posts.length, 2);
    const [newer, older] = posts;
    assert.equal(older.slug, 'lunch-tea-2nd-floor');
    assert.match(newer.slug, /^lunch-tea-2nd-floor-[0-9a-f]{6}$/);
    assert.deepEqual([newer.content_md, older.content_md], ['now on Monday', '**noon** on Friday']);

    const entry = await client.must(200, 'GET', `/pinboard/${encodeURIComponent(older.slug)}`);
    assert.deepEqual(entry, older);
    const { id, created_at, updated_at, ...rest } = entry;
    assert.match(id, uuid);
    assert.match(created_at, zTime);
    assert.match(updated_at, zTime);
    assert.deepEqual(rest, {
      title: 'Lunch & Tea, 2nd Floor',
      slug: 'lunch-tea-2nd-floor',
      excerpt: 'noon on Friday',
      content_md: '**noon** on Friday',
      author_agent_key: 'adam',
      author_display: 'Adam',
      cover_url: null,
      priority: 'normal',
      attachments: [],
      sources: [],
    });
    assert.deepEqual(await client.must(200, 'GET', '/pinboard?limit=1'), [newer]);
    const missing = fails(await client.api('GET', `/pinboard/${encodeURIComponent('tea & küche?')}`), 404);
    assert.notEqual(missing, 'Not Found', 'a missing post, not a missing route');
  });
}

function ownScreens(apiBase) {
  test('files are listed and deleted', async () => {
    const { client, user } = await signedIn(apiBase, 'mia@example.com');
    const none = { files: [], total_count: 0, total_size: 0, total_size_display: null, has_more: false, limit: 25 };
    assert.deepEqual(await client.must(200, 'GET', '/files?limit=25'), none);

    const form = new FormData();
    form.append('file', new Blob(['a,b\n'], { type: 'text/csv' }), 'r #1.csv');
    const uploaded = await fetch(`${apiBase}/files/upload`, { method: 'POST', headers: { Authorization: `Bearer ${client.session.access_token}` }, body: form });
    assert.equal(uploaded.status, 201, await uploaded.text());
    const { files, ...totals } = await client.must(200, 'GET', '/files?limit=25');
    assert.deepEqual(totals, { total_count: 1, total_size: 4, total_size_display: '4 B', has_more: false, limit: 25 });
    const { modified, modified_iso, modified_display, ...file } = files[0];
    assert.match(file.name, /^[0-9a-f]{32}\.csv$/);
    assert.deepEqual(file, {
      name: file.name,
      relative_path: file.name,
      size: 4,
      size_display: '4 B',
      download_url: `/v1/files/download/${file.name}`,
      original_name: 'r #1.csv',
    });
    assert.match(modified, zTime);
    assert.match(modified_iso, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    assert.match(modified_display, /^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    await client.must(200, 'DELETE', `/files/${encodeURIComponent(file.relative_path)}`);
    assert.deepEqual(await client.must(200, 'GET', '/files?limit=25'), none);

    // A file in a folder, as tmates of upstream write them: its slash arrives encoded.
    const folder = join(dataFolder, 'files', user.id, 'sub dir');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'r #1.csv'), 'a,b\n');
    const path = `/files/${encodeURIComponent('sub dir/r #1.csv')}`;
    assert.match(path, /%2F/);
    const { success, message } = await client.must(200, 'DELETE', path);
    assert.equal(success, true);
    assert.ok(message.includes('sub dir/r #1.csv'), message);
    assert.deepEqual(await client.must(200, 'GET', '/files?limit=25'), none);
    assert.notEqual(fails(await client.api('DELETE', path), 404), 'Not Found', 'a missing file, not a missing route');
    fails(await client.api('DELETE', `/files/${encodeURIComponent('../../tmates.db')}`), 403);
  });

  test('profile and settings', async () => {
    const { client, user } = await signedIn(apiBase, 'nina@example.com');
    const [profile, settings] = await Promise.all([client.must(200, 'GET', '/profile'), client.must(200, 'GET', '/settings/mobile')]);
    assert.deepEqual(profile, { id: user.id, email: 'nina@example.com', display_name: 'nina', avatar_url: null, role: 'owner' });
    const defaults = {
      allow_notifications: true,
      mentions: true,
      direct_messages: true,
      team_messages: true,
      usage_analytics: true,
      crash_reports: true,
      theme_preference: 'system',
    };
    assert.deepEqual(settings, defaults);

    const changed = { ...profile, display_name: 'Nina N', avatar_url: 'https://example.com/' };
    assert.deepEqual(await client.must(200, 'PATCH', '/profile', { display_name: ' Nina N ', avatar_url: 'https://example.com', email: null }), changed);
    assert.deepEqual(await client.must(200, 'GET', '/profile'), changed);
    assert.equal((await client.user()).body.user_metadata.full_name, 'Nina N', 'later tokens carry the name');
    fails(await client.api('PATCH', '/profile', { email: 'other@example.com' }), 400);
    assert.equal((await client.api('PATCH', '/profile', { display_name: ' ' })).status, 422);

    const quiet = { ...defaults, allow_notifications: false, mentions: false, direct_messages: false, team_messages: false, theme_preference: 'dark' };
    assert.deepEqual(await client.must(200, 'PATCH', '/settings/mobile', { allow_notifications: false, theme_preference: ' Dark ' }), quiet);
    const loud = { ...quiet, allow_notifications: true };
    assert.deepEqual(await client.must(200, 'PATCH', '/settings/mobile', { allow_notifications: true }), loud, 'nothing is switched back on');
    assert.deepEqual(await client.must(200, 'GET', '/settings/mobile'), loud);
    assert.equal((await client.api('PATCH', '/settings/mobile', {})).status, 422);
  });

  test('accounts are members unless the operator says otherwise', async () => {
    await addUser('first@example.com', { role: 'owner' }); // the first of all is an owner in any case
    for (const [role, want] of [
      ['', 'member'],
      ['admin', 'admin'],
    ]) {
      const { client } = await signedIn(apiBase, `${want}@example.com`, '', role);
      assert.equal((await client.must(200, 'GET', '/profile')).role, want);
    }
  });
}

function logoutScreens(apiBase) {
  test('ends every session', async () => {
    const { client } = await signedIn(apiBase, 'olga@example.com');
    const { access_token: token, refresh_token } = client.session;
    await client.must(200, 'GET', '/chats');
    assert.equal((await client.user()).status, 200);
    const out = await client.auth('POST', '/logout?scope=global');
    assert.deepEqual([out.status, out.text], [204, '']);

    const user = await client.user();
    assert.deepEqual([user.status, user.body.code], [403, 'session_not_found']);
    const chats = await client.api('GET', '/chats');
    fails(chats, 401);
    assert.equal(chats.headers.get('www-authenticate'), 'Bearer');
    client.session = null;
    const refreshed = await client.auth('POST', '/token?grant_type=refresh_token', { refresh_token });
    assert.deepEqual([refreshed.status, refreshed.body.code], [400, 'refresh_token_not_found']);
    client.session = { access_token: token };
    assert.equal((await client.auth('POST', '/logout?scope=global')).status, 204, 'twice is fine');
  });
}
