// Every kind of failure is the exception that OpenAI's client for Node has for it.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import OpenAI from 'openai';
import { client, ended, failed, forget, gathered, received, script, user } from './world.mjs';

const asked = { model: 'argo:gpt-4o', messages: [user('hi')] };

beforeEach(forget);

test('a wrong request', async () => {
  const failure = await failed(client.chat.completions.create({ ...asked, temperature: 'hot' }));
  assert.ok(failure instanceof OpenAI.BadRequestError);
  assert.deepEqual([failure.status, failure.type, failure.param], [400, 'invalid_request_error', 'temperature']);
  assert.match(failure.requestID, /^req_/);
});

test('an unknown model', async () => {
  const failure = await failed(client.chat.completions.create({ ...asked, model: 'argo:gpt-4oo' }));
  assert.ok(failure instanceof OpenAI.NotFoundError);
  assert.equal(failure.code, 'model_not_found');
  assert.match(failure.message, /did you mean argo:gpt-4o/);
});

test('an unknown path', async () => {
  assert.ok((await failed(client.get('/nowhere'))) instanceof OpenAI.NotFoundError);
});

test('a wrong key', async () => {
  const stranger = new OpenAI({ baseURL: process.env.LOCKED, apiKey: 'wrong', maxRetries: 0 });
  assert.ok((await failed(stranger.models.list())) instanceof OpenAI.AuthenticationError);
  const known = new OpenAI({ baseURL: process.env.LOCKED, apiKey: 'right', maxRetries: 0 });
  assert.ok((await known.models.list()).data.length > 0);
});

for (const [act, kind, status] of [
  [{ authentication_notice: true }, OpenAI.PermissionDeniedError, 403],
  [{ status: 409 }, OpenAI.ConflictError, 409],
  [{ status: 422 }, OpenAI.UnprocessableEntityError, 422],
  [{ status: 429 }, OpenAI.RateLimitError, 429],
  [{ status: 500 }, OpenAI.InternalServerError, 500],
  [{ empty: true }, OpenAI.InternalServerError, 502],
  [{ html: true }, OpenAI.InternalServerError, 502],
  [{ status: 503 }, OpenAI.InternalServerError, 503],
]) {
  for (const stream of [false, true]) {
    test(`${JSON.stringify(act)} of the gateway, ${stream ? 'streamed' : 'whole'}`, async () => {
      await script(act);
      const failure = await failed(client.chat.completions.create({ ...asked, stream }).then((it) => stream && gathered(it)));
      assert.ok(failure instanceof kind, String(failure));
      assert.ok([status, undefined].includes(failure.status), String(failure.status));
    });
  }
}

test('a stream that breaks off', async () => {
  await script({ pieces: ['first ', 'second'], drop: 'mid_body', after_pieces: 1 });
  const failure = await failed(gathered(await client.chat.completions.create({ ...asked, stream: true })));
  assert.ok(failure instanceof OpenAI.APIError);
  assert.ok(failure.message.length > 10);
});

test('a client that loses patience', async () => {
  await script({ stall: 'before_headers' });
  const failure = await failed(client.chat.completions.create(asked, { timeout: 200 }));
  assert.ok(failure instanceof OpenAI.APIConnectionTimeoutError);
});

test('a client that aborts', async () => {
  await script({ stall: 'before_headers' });
  const controller = new AbortController();
  const failure = failed(client.chat.completions.create(asked, { signal: controller.signal }));
  await ended('open');
  controller.abort();
  assert.ok((await failure) instanceof OpenAI.APIUserAbortError);
  await ended('client_left');
});

test('a client that tries again by itself gets its answer', async () => {
  await script({ status: 429, headers: { 'retry-after': '0.01' } });
  const patient = client.withOptions({ maxRetries: 1 });
  assert.equal((await patient.chat.completions.create(asked)).choices[0].message.content, 'You said: hi');
  assert.equal((await received()).length, 2);
});
