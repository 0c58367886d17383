import { describe, expect, test } from 'vitest'
import { createAI } from '../../../src/index.ts'
import type { Choice, Estimate } from '../../../src/core/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import { keepOutcomes } from '../../../src/server/adequacy-keeper.ts'
import type { OutcomeNote } from '../../../src/server/adequacy-keeper.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { bench, features, noon, optInFor, partsOf, receiptIn, sized, text } from './support.ts'
import type { Bench } from './support.ts'

/** A ledger in which so many people rated the models of the summaries. */
async function rated(votes: Readonly<Record<string, readonly [good: number, bad: number]>>, ledger: Ledger = memoryLedger({ now: () => noon })): Promise<Ledger> {
  const outcomes = keepOutcomes({ ledger })
  const note = (model: string, enough: boolean, at: number): OutcomeNote =>
    ({ feature: 'summary', provider: 'fixture', model, effort: 'none', tier: 'standard', person: `${model} ${enough} ${at}`, outcome: 'rated', enough, at: noon })
  await Promise.all(Object.entries(votes).flatMap(([model, [good, bad]]) =>
    Array.from({ length: good + bad }, (_, at) => outcomes.note(note(model, at < good, at)))))
  return ledger
}

const standard = { tier: 'standard' }
const codes = ({ reasons }: Choice) => reasons.map(({ code }) => code)
const free = { budgets: [], concurrency: 100 } as const

async function estimateOn(on: Bench, change: Record<string, unknown> = {}): Promise<{ estimate: Estimate; choice: Choice }> {
  return await (await on.post('/v1/estimate', { feature: 'summary', input: { text }, effort: 'none', ...standard, ...change })).json() as { estimate: Estimate; choice: Choice }
}

test('the mix that costs are compared by is the host\'s, and a page chooses by it as the server does', async () => {
  const sized = (id: string, price: number, active: number) => ({ id, price: { input: price, output: price }, params: { active, total: active } })
  const models = { standard: [sized('thrifty', 0.1, 200), sized('frugal', 1, 2)] }
  const chosen = async (mix?: { usd: number; wh: number }) => {
    const on = await bench({ ...free, ...mix && { mix } }, {}, models)
    const ai = createAI({ modelSelector: on.modelSelector, features, budgets: [] })
    await ai.refresh()
    const shown = ai.estimate('summary', { input: { text }, tier: 'standard' }) as Estimate
    ai.close()
    return [(await estimateOn(on)).choice.model, shown.model]
  }
  expect(await chosen({ usd: 1, wh: 0 })).toEqual(['thrifty', 'thrifty'])
  expect(await chosen({ usd: 0, wh: 1 })).toEqual(['frugal', 'frugal'])
})

test.each(['gpt-oss:20b', 'gpt-oss-120b-mxfp4-00001-of-00003.gguf', 'magistral:24b', 'marco-o1', 'sonar-reasoning-pro', 'Qwen/Qwen3-4B-Thinking-2507'])('that %s cannot stop reasoning is on the receipt', async id => {
  const on = await bench({ ...free }, {}, { standard: [{ id, price: { input: 1, output: 10 } }] })
  const { choice } = receiptIn(await partsOf(await on.run(standard)))
  expect([choice.model, codes(choice)]).toEqual([id, ['thinks']])
  expect(choice.effort).not.toBe('none')
})

describe('what people made of answers', () => {
  test('has the cheaper model serve where it is good enough, and the receipt says so', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [60, 0], middle: [60, 0] }) })
    const { estimate, choice } = await estimateOn(on)
    expect([estimate.model, codes(choice)]).toEqual(['small', ['adequate']])
    const receipt = receiptIn(await partsOf(await on.run(standard)))
    expect([receipt.choice.model, codes(receipt.choice), receipt.estimate.model]).toEqual(['small', ['adequate'], 'small'])
    // Of other features nobody said anything.
    expect((await estimateOn(await bench(free))).choice).toMatchObject({ model: 'middle', reasons: [{ code: 'cheapest' }] })
  })

  test('has the better one serve where it is not', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [6, 30], middle: [60, 0] }) })
    expect((await estimateOn(on)).choice).toMatchObject({ model: 'middle', reasons: [{ code: 'adequate' }] })
  })

  test('has the next serve at its price where people refuse one that the catalog calls stronger', async () => {
    const models = { standard: [{ ...sized('middle', 30), strength: 0.84 }, { ...sized('dearer', 60), strength: 0.8 }] }
    const before = await estimateOn(await bench(free, {}, models))
    const on = await bench({ ...free, ledger: await rated({ middle: [2, 60] }) }, {}, models)
    const { estimate, choice } = await estimateOn(on)
    expect([before.choice.model, choice.model, codes(choice)]).toEqual(['middle', 'dearer', ['unjudged']])
    expect(estimate.ceiling.usd).toBeGreaterThan(before.estimate.ceiling.usd!)
    const { choice: ran } = receiptIn(await partsOf(await on.run(standard)))
    expect([ran.model, codes(ran)]).toEqual(['dearer', ['unjudged']])
  })

  test('says which is nearest where none is', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [4, 40], middle: [20, 20] }) })
    expect((await estimateOn(on)).choice).toMatchObject({ model: 'middle', reasons: [{ code: 'nearest' }] })
  })

  test('is in the catalog, so that a page names the model that will serve', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [60, 0], middle: [60, 0] }) })
    const { adequacy } = (await on.catalog()).features['summary']!
    expect(Object.keys(adequacy!)).toEqual(['fixture/small', 'fixture/middle', 'baseline/extractive'])
    expect(adequacy!['fixture/small']!.evidence).toBeGreaterThan(50)
    expect((await on.catalog()).features['think']).not.toHaveProperty('adequacy')
    const ai = createAI({ modelSelector: on.modelSelector, features })
    await ai.refresh()
    const { estimate } = await estimateOn(on)
    expect(ai.estimate('summary', { input: text, tier: 'standard' })).toEqual({ ...estimate, id: expect.any(String) })
    ai.close()
  })

  test('is told anew where a figure moved, and not by each outcome', async () => {
    const ledger = await rated({ small: [60, 0], middle: [60, 0] })
    const on = await bench({ ...free, ledger })
    const { version } = await on.catalog()
    await rated({ small: [1, 0] }, ledger)
    on.clock.now += 6_000
    expect((await on.catalog()).version).toBe(version)
    await rated({ small: [0, 12] }, ledger)
    expect((await on.catalog()).version).toBe(version)
    on.clock.now += 6_000
    expect((await on.catalog()).version).not.toBe(version)
  })

  test('never has a run cost more than was agreed to: what fits serves', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [2, 40], middle: [60, 0] }) })
    const { ceiling } = (await estimateOn(on, { tier: 'eco' })).estimate
    const body = { ...await on.ask(standard), ceiling }
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', { ...body, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) })))
    expect(receipt.choice.model).toBe('small')
  })
})

describe('a model that is not yet known', () => {
  const runs = async (on: Bench, count: number) => {
    const receipts = []
    for (let i = 0; i < count; i++) receipts.push(receiptIn(await partsOf(await on.run(standard))))
    return receipts
  }

  test('is tried in a share of the runs, never in an estimate, and the receipt says so', async () => {
    const on = await bench({ ...free, ledger: await rated({ small: [3, 0], middle: [40, 0] }) })
    const receipts = await runs(on, 60)
    const trials = receipts.filter(({ choice }) => codes(choice).includes('trial'))
    expect(trials.every(({ choice }) => choice.model === 'small')).toBe(true)
    expect(trials.length).toBeGreaterThan(4)
    expect(trials.length).toBeLessThan(30)
    expect(receipts.filter(each => !trials.includes(each)).every(({ choice }) => choice.model === 'middle')).toBe(true)
    for (let i = 0; i < 20; i++) expect((await estimateOn(on)).choice.model).toBe('middle')
  })

  test('is tried in the share that the host states, which receipts and the catalog name', async () => {
    const ledger = await rated({ small: [3, 0], middle: [40, 0] })
    const on = await bench({ ...free, explore: 1, ledger })
    const [receipt] = await runs(on, 1)
    expect(receipt!.choice.reasons[0]).toEqual({ code: 'trial', text: 'Tried in 100% of the runs, to learn whether it is good enough for this.' })
    expect((await on.catalog()).policy.explore).toBe(1)
    const none = await bench({ ...free, explore: 0, ledger: await rated({ small: [3, 0], middle: [40, 0] }) })
    expect((await runs(none, 20)).flatMap(({ choice: { model } }) => model)).toEqual(Array.from({ length: 20 }, () => 'middle'))
  })

  test('is not tried where nobody says what became of answers', async () => {
    const on = await bench(free)
    expect(new Set((await runs(on, 40)).flatMap(({ choice }) => codes(choice)))).toEqual(new Set(['cheapest']))
  })

  test.each([['one person', () => 'ada', 0], ['strangers, each with a cookie of their own', () => '', 0], ['ten people', (run: number) => `person ${run % 10}`, 1]])('is tried on %s for as long as they teach something', async (_, user, atLeast) => {
    const on = await bench({ ...free, explore: 1, secret: 'a secret of sixteen' }, {}, { eco: [{ ...sized('small', 4), strength: 0.6 }], standard: [{ ...sized('middle', 30), strength: 0.84 }] })
    const tried: boolean[] = []
    for (let run = 0; run < 60; run++) {
      const headers = { 'x-user': user(run) }
      const cookie = (await on.get('/v1/budget', headers)).headers.get('set-cookie')?.split(';')[0]
      const { id, choice } = receiptIn(await partsOf(await on.run(standard, { ...headers, ...cookie && { cookie } })))
      await on.post(`/v1/runs/${id}/outcome`, { outcome: 'rated', enough: true }, { ...headers, ...cookie && { cookie } })
      tried.push(codes(choice).includes('trial') || codes(choice).includes('adequate'))
      // What was said is read anew.
      on.clock.now += 6_000
    }
    expect(tried.slice(0, 20)).toContain(true)
    expect(tried.slice(-20).filter(Boolean).length).toBe(atLeast * 20)
  })

  test('is drawn by the server\'s secret: the same run is tried on every server of it, and on others another', async () => {
    const tried = async (secret: string) => {
      const on = await bench({ ...free, secret, ledger: await rated({ small: [3, 0], middle: [40, 0] }) })
      const outcomes = []
      for (let i = 0; i < 40; i++) {
        const body = await on.ask(standard)
        outcomes.push(codes(receiptIn(await partsOf(await on.post('/v1/run', { ...body, id: `the-same-${i}` }))).choice)[0])
      }
      return outcomes
    }
    const [one, again, other] = [await tried('a secret of sixteen'), await tried('a secret of sixteen'), await tried('another of its length')]
    expect(again).toEqual(one)
    expect(other).not.toEqual(one)
  })
})
