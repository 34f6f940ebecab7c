// Vercel's AI SDK, on which opencode is built: by the Responses API as it does by itself, and by Chat Completions.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { Output, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { FAMILIES, forget, received, script } from './world.mjs';

const provider = createOpenAI({ baseURL: process.env.PROXY, apiKey: 'any' });
const Forecast = z.object({ city: z.string(), degrees: z.number() });
const OSLO = { city: 'Oslo', degrees: 3 };
const prompt = `call weather(${JSON.stringify({ city: 'Oslo' })})`;
const weather = tool({
  description: 'Look the weather up.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `cold in ${city}`,
});
const once = { maxRetries: 0, tools: { weather }, stopWhen: isStepCount(3) };

beforeEach(forget);

for (const name of FAMILIES) {
  for (const [api, model] of [['responses', provider.responses(name)], ['chat', provider.chat(name)]]) {
    test(`a round with a tool, ${name}, ${api}`, async () => {
      const answer = await generateText({ ...once, model, system: 'Be brief.', prompt });
      assert.equal(answer.text, 'The tool said: cold in Oslo');
      assert.deepEqual([answer.steps.length, answer.finishReason], [2, 'stop']);
      assert.ok(answer.usage.totalTokens > 0);
    });

    test(`a streamed round with a tool, ${name}, ${api}`, async () => {
      const stream = streamText({ ...once, model, prompt });
      assert.equal(await stream.text, 'The tool said: cold in Oslo');
      assert.deepEqual([(await stream.steps).length, await stream.finishReason], [2, 'stop']);
    });

    test(`it goes on talking, ${name}, ${api}`, async () => {
      const first = await generateText({ ...once, model, prompt });
      const earlier = [{ role: 'user', content: prompt }, ...first.response.messages];
      const answer = await generateText({ ...once, model, messages: [...earlier, { role: 'user', content: 'Thanks.' }] });
      assert.equal(answer.text, 'You said: Thanks.');
      assert.match(JSON.stringify((await received()).at(-1).body), /The tool said: cold in Oslo/);
    });

    test(`it answers in the form of a schema, ${name}, ${api}`, async () => {
      await script({ text: JSON.stringify(OSLO) });
      const answer = await generateText({ maxRetries: 0, model, prompt, output: Output.object({ schema: Forecast }) });
      assert.deepEqual(answer.output, OSLO);
    });
  }
}

test('an error is the error that it was', async () => {
  const asked = generateText({ maxRetries: 0, model: provider('argo:gpt-4oo'), prompt: 'hi' });
  await assert.rejects(asked, (error) => error.statusCode === 404 && /did you mean argo:gpt-4o/.test(error.message));
});
