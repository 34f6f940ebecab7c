// The Responses API through OpenAI's client for Node: whole, streamed, by its helpers, stored, in the background.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import OpenAI from 'openai';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { FAMILIES, client, ended, failed, forget, gathered, received, script, user } from './world.mjs';

const Forecast = z.object({ city: z.string(), degrees: z.number(), wind: z.string().nullable() });
const OSLO = { city: 'Oslo', degrees: 3, wind: null };
const CALL = `call weather(${JSON.stringify({ city: 'Oslo' })})`;
const parameters = z.object({ city: z.string() });
const tools = [zodResponsesFunction({ name: 'weather', description: 'Look the weather up.', parameters })];
const result = (call, output) => ({ type: 'function_call_output', call_id: call.call_id, output });

beforeEach(forget);

for (const model of FAMILIES) {
  test(`${model} answers whole`, async () => {
    const response = await client.responses.create({ model, instructions: 'Be brief.', input: 'hello' });
    assert.equal(response.output_text, 'You said: hello');
    assert.deepEqual([response.model, response.status, response.error], [model, 'completed', null]);
    assert.ok(response.usage.total_tokens > 0);
  });

  test(`${model} answers in a stream`, async () => {
    const events = await gathered(await client.responses.create({ model, input: [user('one two')], stream: true }));
    assert.deepEqual(events.map((event) => event.sequence_number), [...events.keys()]);
    assert.deepEqual([events[0].type, events.at(-1).type], ['response.created', 'response.completed']);
    const deltas = events.filter((event) => event.type === 'response.output_text.delta');
    assert.equal(deltas.map((event) => event.delta).join(''), 'You said: one two');
    assert.equal(events.at(-1).response.output[0].content[0].text, 'You said: one two');
  });

  test(`the stream helper gathers what ${model} says`, async () => {
    const stream = client.responses.stream({ model, input: 'hello' });
    const pieces = [];
    stream.on('response.output_text.delta', (event) => pieces.push(event.delta));
    const response = await stream.finalResponse();
    assert.equal(pieces.join(''), 'You said: hello');
    assert.equal(response.output_text, 'You said: hello');
  });

  for (const streamed of [false, true]) {
    const ask = (asked) =>
      streamed ? client.responses.stream(asked).finalResponse() : client.responses.parse(asked);

    test(`a round with a tool that ${model} calls, ${streamed ? 'streamed' : 'whole'}`, async () => {
      const first = await ask({ model, input: CALL, tools });
      const [call] = first.output;
      assert.deepEqual([call.type, call.name, call.parsed_arguments], ['function_call', 'weather', { city: 'Oslo' }]);
      const last = await ask({ model, input: [user(CALL), call, result(call, 'cold')].map(plain), tools });
      assert.equal(last.output_text, 'The tool said: cold');
    });

    test(`the same, on what was stored, ${streamed ? 'streamed' : 'whole'}, ${model}`, async () => {
      const first = await ask({ model, input: CALL, tools });
      const input = [result(first.output[0], 'cold')];
      const last = await ask({ model, input, tools, previous_response_id: first.id });
      assert.equal(last.output_text, 'The tool said: cold');
      assert.equal(last.previous_response_id, first.id);
    });

    test(`${model} answers in the form of a schema, ${streamed ? 'streamed' : 'whole'}`, async () => {
      await script({ text: '{"city": "Oslo"}' }, { text: JSON.stringify(OSLO) });
      const response = await ask({ model, input: 'Oslo?', text: { format: zodTextFormat(Forecast, 'forecast') } });
      assert.deepEqual(response.output_parsed, OSLO);
      assert.equal((await received()).length, 2);
    });
  }
}

test('a response is kept until it is deleted', async () => {
  const { id } = await client.responses.create({ model: 'argo:gpt-4o', input: 'hello' });
  const found = await client.responses.retrieve(id);
  assert.equal(found.output_text, 'You said: hello');
  const items = await gathered(client.responses.inputItems.list(id));
  assert.deepEqual(items.map((item) => [item.role, item.content[0].text]), [['user', 'hello']]);
  await client.responses.delete(id);
  assert.ok((await failed(client.responses.retrieve(id))) instanceof OpenAI.NotFoundError);
});

test('a response that is not to be stored is not', async () => {
  const { id } = await client.responses.create({ model: 'argo:gpt-4o', input: 'hello', store: false });
  assert.ok((await failed(client.responses.retrieve(id))) instanceof OpenAI.NotFoundError);
});

test('the items of a long conversation come page by page', async () => {
  const input = Array.from({ length: 45 }, (_, place) => user(`message ${place}`));
  const { id } = await client.responses.create({ model: 'argo:gpt-4o', input });
  const items = await gathered(client.responses.inputItems.list(id, { order: 'asc', limit: 20 }));
  assert.deepEqual(items.map((item) => item.content[0].text), input.map((message) => message.content));
});

test('an earlier item can be referred to', async () => {
  const first = await client.responses.create({ model: 'argo:gpt-4o', input: 'hello' });
  const input = [user('hello'), { type: 'item_reference', id: first.output[0].id }, user('again')];
  assert.equal((await client.responses.create({ model: 'argo:gpt-4o', input })).output_text, 'You said: again');
  assert.match(JSON.stringify((await received()).at(-1).body), /You said: hello/);
});

test('in the background it answers in its own time', async () => {
  await script({ delay_s: 0.2, text: 'at last' });
  let response = await client.responses.create({ model: 'argo:gpt-4o', input: 'hello', background: true });
  assert.ok(['queued', 'in_progress'].includes(response.status));
  while (['queued', 'in_progress'].includes(response.status)) response = await client.responses.retrieve(response.id);
  assert.deepEqual([response.status, response.output_text], ['completed', 'at last']);
});

test('in the background it can be cancelled', async () => {
  await script({ stall: 'before_headers' });
  const { id } = await client.responses.create({ model: 'argo:gpt-4o', input: 'hello', background: true });
  await ended('open');
  assert.equal((await client.responses.cancel(id)).status, 'cancelled');
  await ended('client_left');
  assert.equal((await client.responses.retrieve(id)).status, 'cancelled');
});

test('a stream in the background can be taken up again', async () => {
  const asked = { model: 'argo:gpt-4o', input: 'one two three', background: true, stream: true };
  const seen = [];
  for await (const event of await client.responses.create(asked)) if (seen.push(event) === 3) break;
  const { id } = seen[0].response;
  const rest = await gathered(await client.responses.retrieve(id, { stream: true, starting_after: 2 }));
  assert.equal(rest[0].sequence_number, 3);
  assert.equal(rest.at(-1).response.output_text ?? rest.at(-1).response.output[0].content[0].text, 'You said: one two three');
});

test('tokens are counted before they are sent', async () => {
  const counted = await client.responses.inputTokens.count({ model: 'argo:gpt-4o', input: 'hello there' });
  assert.ok(counted.input_tokens > 2);
  assert.equal((await received()).length, 0);
});

test('a conversation is made shorter', async () => {
  await script({ text: 'They greeted each other.' });
  const input = [user('hello'), { role: 'assistant', content: 'hi' }];
  const compacted = await client.responses.compact({ model: 'argo:gpt-4o', input });
  assert.ok(compacted.output.some((item) => item.type === 'compaction'));
  const again = [...compacted.output, user('And then?')];
  await client.responses.create({ model: 'argo:gpt-4o', input: again });
  assert.match(JSON.stringify((await received()).at(-1).body), /They greeted each other/);
});

test('leaving a stream cancels the call', async () => {
  await script({ pieces: ['first ', 'second'], stall: 'mid_body', after_pieces: 1 });
  const stream = await client.responses.create({ model: 'argo:gpt-4o', input: 'hi', stream: true });
  for await (const event of stream) if (event.type === 'response.output_text.delta') break;
  await ended('client_left');
});

test('a stream that breaks off has failed', async () => {
  await script({ pieces: ['first ', 'second'], drop: 'mid_body', after_pieces: 1 });
  const seen = [];
  const reading = (async () => {
    for await (const event of await client.responses.create({ model: 'argo:gpt-4o', input: 'hi', stream: true })) {
      seen.push(event);
    }
  })();
  await reading.catch((error) => assert.ok(error instanceof OpenAI.APIError));
  assert.ok(seen.some((event) => event.type === 'response.failed' && event.response.error.message));
  assert.ok(!seen.some((event) => event.type === 'response.completed'));
});

test('a limit makes it incomplete', async () => {
  const asked = { model: 'argo:gpt-4o', input: 'one two three four five six', max_output_tokens: 16 };
  await script({ text: 'a few words only' });
  assert.equal((await client.responses.create(asked)).status, 'completed');
  await script({ text: 'many words '.repeat(20) });
  const response = await client.responses.create(asked);
  assert.deepEqual([response.status, response.incomplete_details.reason], ['incomplete', 'max_output_tokens']);
});

for (const [asked, kind, param] of [
  [{ model: 'argo:gpt-4oo', input: 'hi' }, OpenAI.NotFoundError, 'model'],
  [{ model: 'argo:gpt-4o', input: 7 }, OpenAI.BadRequestError, 'input'],
  [{ model: 'argo:gpt-4o', input: 'hi', temperature: 'hot' }, OpenAI.BadRequestError, 'temperature'],
  [{ model: 'argo:gpt-4o', input: 'hi', previous_response_id: 'resp_none' }, OpenAI.BadRequestError, 'previous_response_id'],
  [{ model: 'argo:gpt-4o', input: [{ type: 'item_reference', id: 'msg_none' }] }, OpenAI.NotFoundError, 'input'],
]) {
  test(`refuses ${JSON.stringify(asked)}`, async () => {
    const failure = await failed(client.responses.create(asked));
    assert.ok(failure instanceof kind, String(failure));
    assert.match(failure.param, new RegExp(`^${param}`));
  });
}

/** Without what the helpers add for themselves. */
const plain = ({ parsed_arguments, ...item }) => item;
