import { afterAll, expect, onTestFinished, test } from 'vitest'
import { openaiCompatible, UpstreamError } from '../../../../src/server/index.ts'
import { nodeTransport } from '../../../../src/server/node/index.ts'
import { chaos } from '../../../fixtures/chaos.ts'
import { startUpstream } from '../../../fixtures/upstream.ts'
import type { Call } from '../../../fixtures/upstream.ts'
import { models } from '../support.ts'
import { callOf, heard } from './calls.ts'
import type { Heard } from './calls.ts'

const transport = nodeTransport()
afterAll(() => transport.close())

test.each([['fetch', undefined, 1], ['nodeTransport', transport, 2]] as const)('on a bad day, over %s, every call ends as its upstream has it in its log', async (_, send, seed) => {
  const upstream = await startUpstream(chaos(seed, { silent: 0 }))
  onTestFinished(() => upstream.close())
  const provider = openaiCompatible({ baseURL: upstream.url, models, ...send && { fetch: send } })
  const heardAll: Heard[] = []
  for (let i = 0; i < 250; i++) heardAll.push(await heard(provider.stream(callOf({ maxOutputTokens: 20 }))))
  expect(heardAll.flatMap((said, i) => faultsOf(said, upstream.log[i]!))).toEqual([])
  expect([...new Set(heardAll.map(({ error }) => error?.facts?.reason ?? 'none'))].sort()).toEqual(['broken', 'none', 'refused', 'unreadable'])
})

/** Where what was heard and what the upstream has in its log differ. */
function faultsOf({ types, text, reasoning, usage, error }: Heard, call: Call): string[] {
  // White space after a tag belongs to the tag.
  const [mine, theirs] = [text.trimStart(), call.text.trimStart()]
  const counts = [call.reported?.['prompt_tokens'], call.reported?.['completion_tokens']]
  const faults: Record<string, boolean> = {
    'said what was not written': !theirs.startsWith(mine),
    'left out what was written': !error && mine !== theirs,
    'reported another usage': !error && (usage?.input !== counts[0] || usage?.output !== counts[1]),
    'failed with something else': error !== null && !(error instanceof UpstreamError && error.facts),
    'would answer twice': error?.facts?.retryable === true && text + reasoning !== '',
    'counts what was refused': types.includes('accepted') && call.served === 0 && (error?.facts?.httpStatus ?? 0) >= 400 && error!.message.includes('Nothing'),
    'takes for free what was served': call.served > 0 && !types.includes('accepted'),
  }
  return Object.keys(faults).filter(fault => faults[fault])
}

test('is the same day for the same seed, and another for another', () => {
  const day = (seed: number) => {
    const reply = chaos(seed)
    return JSON.stringify(Array.from({ length: 50 }, () => reply(undefined as never)))
  }
  expect(day(1)).toBe(day(1))
  expect(day(1)).not.toBe(day(2))
})
