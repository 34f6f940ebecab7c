// Models and embeddings through OpenAI's client for Node.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { client, forget, gathered, received } from './world.mjs';

const SMALL = 'argo:text-embedding-3-small';

beforeEach(forget);

test('every model is listed, and found by its name', async () => {
  const models = await gathered(client.models.list());
  assert.ok(models.length > 20);
  const found = await client.models.retrieve('argo:claude-sonnet-4');
  assert.deepEqual([found.id, found.object, found.owned_by], ['argo:claude-sonnet-4', 'model', 'anthropic']);
});

test('the numbers of a vector are the same in base64, which the client asks for by itself', async () => {
  const input = ['one', 'two'];
  const asked = await client.embeddings.create({ model: SMALL, input });
  const plain = await client.embeddings.create({ model: SMALL, input, encoding_format: 'float' });
  assert.deepEqual(asked.data.map((entry) => entry.embedding.length), [1536, 1536]);
  for (const [place, entry] of asked.data.entries()) {
    assert.deepEqual([...entry.embedding], plain.data[place].embedding.map(Math.fround));
  }
  assert.ok(asked.usage.prompt_tokens > 0);
});

test('many inputs, and inputs as tokens, come back in order', async () => {
  const input = Array.from({ length: 40 }, (_, place) => `text ${place}`);
  const many = await client.embeddings.create({ model: SMALL, input });
  assert.deepEqual(many.data.map((entry) => entry.index), [...input.keys()]);
  assert.equal((await received()).length, 3);
  const tokens = await client.embeddings.create({ model: SMALL, input: [[9906], [1917]], dimensions: 256 });
  assert.deepEqual(tokens.data.map((entry) => entry.embedding.length), [256, 256]);
});
