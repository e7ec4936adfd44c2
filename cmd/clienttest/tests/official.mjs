// The calls of the official client, version 0.1.0, as it makes them: the same
// headers, the same encodings, the same order. It is written for people at a
// terminal and cannot be run by a test, so its calls stand here by themselves.
import assert from 'node:assert/strict';
import { anonKey, authURL } from './world.mjs';

// Official is the client with its settings: where the API is, and the session
// it holds.
export class Official {
  constructor(apiBase) {
    this.apiBase = apiBase;
    this.session = null;
  }

  // auth calls the login server as supabase-js does under the client.
  async auth(method, path, body) {
    const res = await fetch(authURL + '/auth/v1' + path, {
      method,
      headers: {
        apikey: anonKey,
        authorization: `Bearer ${this.session?.access_token ?? anonKey}`,
        'x-client-info': 'supabase-js-node/2.80.0',
        'x-supabase-api-version': '2024-01-01',
        'x-tmates-client': 'tmates-cli',
        ...(method === 'POST' && { 'content-type': 'application/json;charset=UTF-8' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await res.text();
    return { status: res.status, headers: res.headers, text, body: text === '' ? undefined : JSON.parse(text) };
  }

  // askCode is the first step of a login.
  askCode(email) {
    return this.auth('POST', '/otp', {
      email: email.trim().toLowerCase(),
      data: {},
      create_user: false,
      gotrue_meta_security: {},
      code_challenge: null,
      code_challenge_method: null,
    });
  }

  // enterCode is the second; the session is kept.
  async enterCode(email, code) {
    const res = await this.auth('POST', '/verify', {
      email: email.trim().toLowerCase(),
      token: code.trim(),
      type: 'email',
      gotrue_meta_security: {},
    });
    this.session = res.body;
    return res;
  }

  // user is asked at every start.
  user() {
    return this.auth('GET', '/user');
  }

  // api calls a screen's route and reads the answer as the client does: JSON when
  // the content type says so, else text.
  async api(method, path, body) {
    const res = await fetch(this.apiBase + path, {
      method,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${this.session.access_token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const type = res.headers.get('content-type');
    const text = await res.text();
    if (res.status === 204) assert.deepEqual([type, text], [null, ''], `${method} ${path} has a body`);
    else assert.equal(type, 'application/json', `${method} ${path} ${res.status}: ${text}`);
    return { status: res.status, headers: res.headers, body: res.status === 204 ? undefined : JSON.parse(text) };
  }

  // must is api for an answer that has to have the status; it returns the body.
  async must(status, method, path, body) {
    const res = await this.api(method, path, body);
    assert.equal(res.status, status, `${method} ${path}: ${JSON.stringify(res.body)}`);
    return res.body;
  }

  // send says something in an open thread and waits for the answer as the client
  // does: it counts the messages it has, its own included, reads the thread up to
  // eight times, and takes what a longer list has at its end. The client pauses
  // before each read; the server holds a read while an answer is in the making,
  // so nothing here does.
  async send(thread, content) {
    const said = await this.must(201, 'POST', `/chats/${thread.id}/messages`, { content: content.trim() });
    const baseline = thread.messages.length + 1;
    for (let poll = 0; poll < 8; poll++) {
      const { messages } = await this.must(200, 'GET', `/chats/${thread.id}`);
      assert.deepEqual(messages.slice(0, baseline), [...thread.messages, said], 'what was there stays, in its order');
      if (messages.length > baseline) {
        thread.messages = messages;
        return { said, replies: messages.slice(baseline) };
      }
    }
    assert.fail(`no reply to "${content}" within eight polls`);
  }
}
