// Chat Completions through OpenAI's client for Node: whole, streamed, by its helpers, broken off.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { LengthFinishReasonError } from 'openai/error';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { FAMILIES, client, ended, forget, gathered, received, script, user } from './world.mjs';

const Forecast = z.object({ city: z.string(), degrees: z.number(), wind: z.string().nullable() });
const OSLO = { city: 'Oslo', degrees: 3, wind: null };
const ASK_WEATHER = `call weather(${JSON.stringify({ city: 'Oslo' })})`;

beforeEach(forget);

for (const model of FAMILIES) {
  test(`${model} answers whole`, async () => {
    const completion = await client.chat.completions.create({ model, messages: [user('hello')] });
    assert.equal(completion.model, model);
    assert.equal(completion.choices[0].message.content, 'You said: hello');
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.ok(completion.usage.prompt_tokens > 0 && completion.usage.completion_tokens > 0);
    assert.match(completion._request_id, /^req_/);
  });

  test(`${model} answers in a stream`, async () => {
    const asked = { model, messages: [user('one two three')], stream: true, stream_options: { include_usage: true } };
    const chunks = await gathered(await client.chat.completions.create(asked));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    assert.equal(text, 'You said: one two three');
    assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
    assert.deepEqual(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? []), ['stop']);
    assert.ok(chunks.at(-1).usage.total_tokens > 0);
  });

  test(`the stream helper gathers what ${model} says`, async () => {
    const stream = client.chat.completions.stream({ model, messages: [user('hello')] });
    const pieces = [];
    stream.on('content', (piece) => pieces.push(piece));
    const completion = await stream.finalChatCompletion();
    assert.equal(pieces.join(''), 'You said: hello');
    assert.equal(completion.choices[0].message.content, 'You said: hello');
    assert.equal(await stream.finalContent(), 'You said: hello');
  });

  for (const stream of [false, true]) {
    test(`the runner runs the tools that ${model} calls, ${stream ? 'streamed' : 'whole'}`, async () => {
      const seen = [];
      const weather = zodFunction({
        name: 'weather',
        description: 'Look the weather up.',
        parameters: z.object({ city: z.string() }),
        function: ({ city }) => (seen.push(city), `cold in ${city}`),
      });
      const runner = client.chat.completions.runTools({ model, messages: [user(ASK_WEATHER)], tools: [weather], stream });
      assert.equal(await runner.finalContent(), 'The tool said: cold in Oslo');
      assert.deepEqual(seen, ['Oslo']);
      assert.deepEqual(runner.messages.map((message) => message.role), ['user', 'assistant', 'tool', 'assistant']);
    });
  }

  test(`${model} answers in the form of a schema, the second time`, async () => {
    await script({ text: '{"city": "Oslo"}' }, { text: JSON.stringify(OSLO) });
    const response_format = zodResponseFormat(Forecast, 'forecast');
    const completion = await client.chat.completions.parse({ model, messages: [user('Oslo?')], response_format });
    assert.deepEqual(completion.choices[0].message.parsed, OSLO);
    assert.equal((await received()).length, 2);
  });
}

test('the stream helper parses what fits a schema', async () => {
  await script({ text: JSON.stringify(OSLO) });
  const asked = { model: 'argo:gpt-4o', messages: [user('Oslo?')], response_format: zodResponseFormat(Forecast, 'f') };
  const completion = await client.chat.completions.stream(asked).finalChatCompletion();
  assert.deepEqual(completion.choices[0].message.parsed, OSLO);
});

test('what a limit cut short is not parsed', async () => {
  await script({ text: '{"city": "Os' });
  const response_format = zodResponseFormat(Forecast, 'forecast');
  const asked = { model: 'argo:gpt-4o', messages: [user('Oslo?')], max_tokens: 4, response_format };
  await assert.rejects(client.chat.completions.parse(asked), LengthFinishReasonError);
});

test('leaving a stream cancels the call', async () => {
  await script({ pieces: ['first ', 'second'], stall: 'mid_body', after_pieces: 1 });
  const stream = await client.chat.completions.create({ model: 'argo:gpt-4o', messages: [user('hi')], stream: true });
  for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
  await ended('client_left');
});

test('aborting the stream helper cancels the call', async () => {
  await script({ pieces: ['first ', 'second'], stall: 'mid_body', after_pieces: 1 });
  const stream = client.chat.completions.stream({ model: 'argo:gpt-4o', messages: [user('hi')] });
  stream.on('content', () => stream.abort());
  await assert.rejects(stream.done(), { name: 'Error', message: 'Request was aborted.' });
  await ended('client_left');
});

test('legacy completions stream', async () => {
  const stream = await client.completions.create({ model: 'argo:gpt-4o', prompt: 'once upon', stream: true });
  const chunks = await gathered(stream);
  assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), 'You said: once upon');
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
});
