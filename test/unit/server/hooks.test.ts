import { describe, expect, test } from 'vitest'
import { SparingError } from '../../../src/core/index.ts'
import type { Ceiling } from '../../../src/core/index.ts'
import type { HookContext, RunHooks } from '../../../src/server/index.ts'
import type { RunResult } from '../../../src/protocol/index.ts'
import { asJson, bench, partsOf, problemOf, receiptIn, text, textOf } from './support.ts'

const spentNothing = { runs: { settled: 0, held: 0 }, usd: { settled: 0, held: 0 } }

describe('before a run', () => {
  test('the host sees the input and who asks, and nothing else', async () => {
    const seen: [unknown, HookContext][] = []
    const on = await bench({ onRun: { before: (...all) => void seen.push(all) } })
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body, { cookie: 'session=SECRET', authorization: 'Bearer SECRET' }))
    expect(seen).toEqual([[{ text }, { run: body['id'], feature: 'summary', task: 'summarize', tier: 'eco', identity: { user: 'ada' } }]])
  })

  test('what it puts in place of the input is what the model and the estimate go by', async () => {
    const on = await bench({ onRun: { before: input => 'text' in input ? { text: input.text.replace('museum', '[place]') } : undefined } })
    const body = await on.ask()
    const ceiling = body['ceiling'] as Ceiling
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    expect(on.upstream.log[0]!.body.messages![1]!.content).toContain('[place]')
    expect(on.upstream.log[0]!.body.messages![1]!.content).not.toContain('museum')
    expect(receipt.status).toBe('completed')
    // A little longer than what was asked: a little less may be answered, and the ceiling holds.
    expect(on.upstream.log[0]!.body.max_tokens).toBeLessThan(40)
    expect(receipt.estimate.ceiling.usd).toBeLessThanOrEqual(ceiling.usd!)
  })

  test('one that makes it dearer than was agreed to is refused, with the new estimate', async () => {
    const on = await bench({ onRun: { before: () => ({ text: text.repeat(3) }) } })
    expect(await problemOf(await on.run())).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', status: 409 })
    expect(on.ledger.verbs).toEqual([])
  })

  const refusals: [string, RunHooks['before'], object][] = [
    ['with a sentence', () => ({ refuse: 'We do not write about that.' }), { type: 'urn:sparing:refused-by-host', status: 403, detail: 'We do not write about that.' }],
    ['later', async () => ({ refuse: 'No.' }), { type: 'urn:sparing:refused-by-host', detail: 'No.' }],
    ['with an error of this package', () => { throw new SparingError('refused-by-host', 'Not here.', { list: 'a' }) }, { type: 'urn:sparing:refused-by-host', detail: 'Not here.', list: 'a' }],
    ['because it is broken', () => { throw new Error('SECRET host down') }, { type: 'urn:sparing:internal', status: 500 }],
    ['because it gives no input', () => ({ txt: 'x' }) as never, { type: 'urn:sparing:internal' }],
    ['because it would speak as the product', () => ({ messages: [{ role: 'system', content: 'x' }] }) as never, { type: 'urn:sparing:internal' }],
  ]
  test.each(refusals)('it refuses %s, and nothing was spent', async (_, before, problem) => {
    const on = await bench({ onRun: { before: before! } })
    const response = await on.run()
    const answer = await problemOf(response)
    expect(answer).toMatchObject(problem)
    expect(JSON.stringify(answer)).not.toContain('SECRET')
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
    expect(await on.budgets()).toMatchObject(spentNothing)
  })

  test('is not asked about what is refused anyway', async () => {
    let asked = 0
    const on = await bench({ onRun: { before: () => void asked++ } })
    await on.post('/v1/run', { ...await on.ask(), optIn: null })
    await on.run({ feature: 'gone' }).catch(() => {})
    expect(asked).toBe(0)
  })

  test('is asked of the baseline too', async () => {
    const on = await bench({ onRun: { before: () => ({ refuse: 'No.' }) } })
    expect((await on.run({ tier: 'baseline', optIn: null })).status).toBe(403)
  })

  test('the same id again is told how it ended, whatever the host makes of the input', async () => {
    let count = 0
    const on = await bench({ onRun: { before: () => ({ text: `${text.slice(0, 40)}${count++}` }) } })
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body))
    expect(receiptIn(await partsOf(await on.post('/v1/run', body)))).toMatchObject({ replayed: true })
  })
})

describe('after a run', () => {
  test('nothing is streamed before the host has seen it whole, nor is its reasoning', async () => {
    const seen: unknown[] = []
    const on = await bench({ onRun: { after: (output, { feature }) => void seen.push([output, feature]) } }, { deltas: [{ think: 'Hm.' }, 'One', ' two', ' three.'] })
    const parts = await partsOf(await on.run())
    expect(seen).toEqual([[{ text: 'One two three.' }, 'summary']])
    expect(parts.map(({ type }) => type)).toEqual(['start', 'data-choice', 'text-start', 'text-delta', 'text-end', 'data-receipt', 'finish'])
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', usage: { output: 4 } })
  })

  test('what it puts in its place is what the person gets', async () => {
    const on = await bench({ onRun: { after: ({ text: said }) => ({ text: said.replace('two', '[…]') }) } })
    expect(textOf(await partsOf(await on.run()))).toBe('One […] three.')
  })

  test('an object is seen with its text, and both are changed', async () => {
    const on = await bench({ onRun: { after: ({ object }) => ({ text: '{}', object: { ...object as object, opens: 'later' } }) } }, { deltas: ['{"opens":"nine","floors":3}'] })
    expect(await (await on.run({ feature: 'facts' }, asJson)).json()).toMatchObject({ text: '{}', object: { opens: 'later', floors: 3 } })
  })

  test('a repaired answer is seen once, as it is then', async () => {
    const replies = [{ deltas: ['BAD'] }, { deltas: ['{"opens":"nine","floors":3}'] }]
    const seen: unknown[] = []
    const on = await bench({ onRun: { after: output => void seen.push(output) } }, () => replies.shift()!)
    const parts = await partsOf(await on.run({ feature: 'facts' }))
    expect(seen).toEqual([{ text: '{"opens":"nine","floors":3}', object: { opens: 'nine', floors: 3 } }])
    expect(JSON.stringify(parts)).not.toContain('BAD')
  })

  const withheld: [string, RunHooks['after'], string, number][] = [
    ['with a sentence', () => ({ refuse: 'That answer is not shown.' }), 'refused-by-host', 0],
    ['because it is broken', () => { throw new Error('down: One two three.') }, 'internal', 2],
    ['because it gives no output', () => ({ object: 1 }) as never, 'internal', 2],
  ]
  test.each(withheld)('it withholds %s; what was used was paid for', async (_, after, code, errors) => {
    const on = await bench({ onRun: { after: after! } })
    const parts = await partsOf(await on.run())
    expect(JSON.stringify(parts)).not.toContain('three')
    expect(parts.map(({ type }) => type)).toEqual(['start', 'data-choice', 'data-receipt', 'data-problem', 'error'])
    expect(parts.find(({ type }) => type === 'data-problem')).toMatchObject({ data: { type: `urn:sparing:${code}`, receipt: { status: 'failed' } } })
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 3 } })
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
    expect(on.errors.length).toBeLessThanOrEqual(errors)
  })

  test('half an answer of a model that failed is shown to nobody', async () => {
    const on = await bench({ onRun: { after: () => {} } }, { end: 'error' })
    const parts = await partsOf(await on.run())
    expect(textOf(parts)).toBe('')
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 3 } })
  })

  test('an answer that the ceiling cut is seen and told', async () => {
    const on = await bench({ onRun: { after: () => {} } }, { deltas: Array.from({ length: 60 }, () => 'so ') })
    const parts = await partsOf(await on.run())
    expect(receiptIn(parts).status).toBe('ceiling')
    expect(textOf(parts)).toBe('so '.repeat(40))
  })

  test('as JSON it is refused with the receipt', async () => {
    const on = await bench({ onRun: { after: () => ({ refuse: 'No.' }) } })
    const response = await on.run({}, asJson)
    expect(response.status).toBe(403)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:refused-by-host', detail: 'No.', receipt: { usage: { output: 3 } } })
  })

  test('sees quotes too', async () => {
    const on = await bench({ onRun: { after: ({ text: said }) => ({ text: said.toUpperCase() }) } })
    const answer = await (await on.run({ tier: 'baseline', optIn: null }, asJson)).json() as RunResult
    expect(answer.text).toContain('THE MUSEUM')
  })
})

describe('a host that never answers', () => {
  const never = () => new Promise<never>(() => {})

  test('before a run refuses it when its time is over, and nothing was spent', async () => {
    const on = await bench({ onRun: { before: never, timeout: 5 } })
    expect(await problemOf(await on.run())).toMatchObject({ type: 'urn:sparing:internal', detail: expect.stringContaining('nothing was run') })
    expect(on.errors).toMatchObject([{ name: 'TimeoutError', message: expect.stringContaining('onRun.before took longer than 5 ms') }])
    expect(on.ledger.verbs).toEqual([])
  })

  test('after a run withholds it when its time is over; what was used was paid for', async () => {
    const on = await bench({ onRun: { after: never, timeout: 5 } })
    const parts = await partsOf(await on.run())
    expect(parts.map(({ type }) => type)).toEqual(['start', 'data-choice', 'data-receipt', 'data-problem', 'error'])
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 3, source: 'reported' } })
    expect(on.errors).toMatchObject([{ message: expect.stringContaining('onRun.after') }, {}])
    expect((await on.budgets())['usd']).toMatchObject({ held: 0, settled: receiptIn(parts).cost.usd })
  })

  test('is waited for no longer when the server is stopped', async () => {
    const asked = Promise.withResolvers<void>()
    const on = await bench({ onRun: { after: () => { asked.resolve(); return never() } } })
    const parts = partsOf(await on.run())
    await asked.promise
    await on.modelSelector.close()
    expect(receiptIn(await parts)).toMatchObject({ status: 'aborted', usage: { output: 3 } })
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test.each([0, -1, NaN, '5' as never])('is given no time-out of %s', async timeout => {
    await expect(bench({ onRun: { timeout } })).rejects.toThrow(/timeout of onRun must be milliseconds above 0/)
  })
})
