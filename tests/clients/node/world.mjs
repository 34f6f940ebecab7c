// The proxy that is asked, and the simulated gateway behind it.

import OpenAI from 'openai';

export const FAMILIES = ['argo:gpt-4o', 'argo:claude-sonnet-4', 'argo:gemini-2.5-pro'];

export const client = new OpenAI({ baseURL: process.env.PROXY, apiKey: 'any', maxRetries: 0 });

export const user = (content) => ({ role: 'user', content });

/** What the gateway is to do next, act by act. */
export const script = (...acts) => control('POST', 'script', acts);

/** The requests that the gateway got to answer. */
export const received = async () => (await control('GET', 'received')).filter((record) => record.method === 'POST');

export const forget = () => control('POST', 'reset');

/** Ask until the last request has ended so; there is nothing to wait on but the record itself. */
export async function ended(outcome) {
  for (let look = 0; look < 2000; look++) if ((await received()).at(-1)?.outcome === outcome) return;
  throw new Error(`still ${(await received()).at(-1)?.outcome}, not ${outcome}`);
}

/** The error with which it fails. */
export const failed = (promise) => promise.then(() => Promise.reject(new Error('it did not fail')), (error) => error);

export async function gathered(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

async function control(method, command, body) {
  const answer = await fetch(`${process.env.GATEWAY}/_simulator/${command}`, { method, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
