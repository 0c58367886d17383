import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  AbortedError, BackgroundBlockedError, BudgetExceededError, CeilingExceededError, FeatureDisabledError, isSparingError,
  OptInRequiredError, problemStatus, SparingError, UpstreamError,
} from '../../../src/core/errors.ts'
import type { Budget } from '../../../src/core/budget.ts'
import type { ProblemCode } from '../../../src/core/errors.ts'
import type { Estimate } from '../../../src/core/estimate.ts'
import { errorOf, problemOf } from '../../../src/core/problem.ts'
import type { BudgetNotice, Receipt } from '../../../src/core/receipt.ts'

const codes = Object.keys(problemStatus) as ProblemCode[]
const notice = (id: string, resetsAt: number | null): BudgetNotice => ({ id, exceeded: true, resetsAt })
const estimate = { id: 'e1', feature: 'summary' } as Estimate
const receipt = { id: 'r1', feature: 'summary' } as Receipt

/** One error for every code, made the way the package makes it. */
const made: Partial<Record<ProblemCode, SparingError>> = {
  'opt-in-required': new OptInRequiredError('Nobody agreed.', { gap: 'ceiling' }),
  'budget-exceeded': new BudgetExceededError('Used up.', { budgets: [notice('team', 500), notice('mine', 900)], cheaper: ['eco'] }),
  'ceiling-exceeded': new CeilingExceededError('It costs more.', { estimate }),
  'feature-disabled': new FeatureDisabledError('It is off.', { by: 'policy' }),
  'background-blocked': new BackgroundBlockedError('Nobody pressed.'),
  'aborted': new AbortedError('Stopped.', { receipt }),
  'upstream-failed': new UpstreamError('It broke.', { receipt }),
}
const errors = codes.map(code => [code, made[code] ?? new SparingError(code, `About ${code}.`, { hint: [1, null], id: 'x' })] as const)

const travel = (error: unknown) => errorOf(JSON.parse(JSON.stringify(problemOf(error))))

describe('a problem', () => {
  test.each(errors)('%s comes back as what it was', (code, error) => {
    const back = travel(error)
    expect(back).toBeInstanceOf(error.constructor)
    expect(back.constructor).toBe(error.constructor)
    expect({ ...back, message: back.message, name: back.name, status: back.status }).toEqual({ ...error, message: error.message, name: error.name, status: error.status })
    expect(back.code).toBe(code)
    expect(isSparingError(back, code)).toBe(true)
    expect(problemOf(back)).toEqual(problemOf(error))
  })

  test.each(errors)('%s has the members of RFC 9457', (code, error) => {
    const { type, title, status, detail } = problemOf(error)
    expect(type).toBe(`urn:sparing:${code}`)
    expect(title).toMatch(/^[A-Z][a-z ]+$/)
    expect(status).toBe(problemStatus[code])
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(detail).toBe(error.message)
  })

  test('its own members are never overwritten by details', () => {
    const error = new SparingError('not-found', 'Gone.', { type: 'urn:sparing:aborted', status: 200, title: 'OK', detail: '' })
    expect(problemOf(error)).toMatchObject({ type: 'urn:sparing:not-found', title: 'Not found', status: 404, detail: 'Gone.' })
  })

  test.each([new Error('password=hunter2 at /srv/db.ts'), 'hunter2', null, undefined, { message: 'hunter2', code: 'not-found' }])('says nothing of an error that is not ours: %s', error => {
    const problem = problemOf(error)
    expect(problem).toMatchObject({ type: 'urn:sparing:internal', status: 500 })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })

  test('does not carry the cause', () => {
    const error = new UpstreamError('It broke.', {}, { cause: new Error('key sk-123') })
    expect(JSON.stringify(problemOf(error))).not.toContain('sk-123')
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('errorOf', () => {
  test.each<[string, unknown]>([
    ['an HTML page', '<!doctype html><title>502 Bad Gateway</title>'], ['nothing', null], ['undefined', undefined], ['a number', 0], ['true', true], ['{}', {}], ['[]', []],
    ['an OpenAI error', { error: { message: 'no', type: 'invalid_request_error', code: null } }],
    ['a foreign problem', { type: 'about:blank', title: 'Bad Gateway', status: 502, detail: 'nginx' }],
    ['a foreign type', { type: 'https://example.org/out-of-credit', detail: 'no' }],
    ['a code of tomorrow', { type: 'urn:sparing:moon-phase', detail: 'no' }],
    ['a type that is no text', { type: { urn: 1 }, detail: 'no' }],
  ])('%s is an address that does not answer as ours', (_, value) => {
    const error = errorOf(value, 418)
    expect(error).toMatchObject({ code: 'model-selector-unreachable', status: 503 })
    expect(error.message).toContain('418')
    expect(error.message).not.toContain('nginx')
  })

  test('a known code with none of its details is still that refusal, not a crash', () => {
    for (const code of codes) expect.soft(errorOf({ type: `urn:sparing:${code}`, detail: 'So.' }), code).toMatchObject({ code, message: 'So.' })
  })

  test('nothing that JSON can say beside a type makes it throw', () => {
    const details = fc.dictionary(fc.constantFrom('detail', 'title', 'status', 'gap', 'estimate', 'receipt', 'by', 'cheaper', 'resetsAt', '__proto__'), fc.jsonValue())
    fc.assert(fc.property(fc.constantFrom(...codes), details, (code, rest) => {
      expect(errorOf({ ...rest, type: `urn:sparing:${code}` }).code).toBe(code)
    }))
    fc.assert(fc.property(fc.jsonValue(), value => void errorOf(value)))
  })

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('urn:sparing:%s is no problem of ours', name => {
    expect(errorOf({ type: `urn:sparing:${name}`, detail: 'no' }).code).toBe('model-selector-unreachable')
  })

  test.each(['not-found', 'https://example.org/urn:sparing:not-found', 'urn:sparing:urn:sparing:not-found', 'urn:sparing:'])('%s is no problem of ours', type => {
    expect(errorOf({ type, detail: 'no' }).code).toBe('model-selector-unreachable')
  })

  test.each<[string, unknown[]]>([['null', [null]], ['no budget', []], ['a text for a time', [{ id: 'mine', resetsAt: 'soon' }]]])('budgets of %s neither crash nor reset at no time there is', (_, budgets) => {
    const { resetsAt } = errorOf({ type: 'urn:sparing:budget-exceeded', detail: 'So.', budgets }) as BudgetExceededError
    expect(resetsAt == null || Number.isFinite(resetsAt)).toBe(true)
  })

  test.each([undefined, null, 5, {}, [null, 5, 'mine'], [{ id: 'mine' }], [{ ...notice('mine', 5), unit: 'eur' }], [{ ...notice('mine', 5), unit: 'usd', available: 'all' }]])('a used-up budget told as %j is refused, and names none', budgets => {
    const error = errorOf({ type: 'urn:sparing:budget-exceeded', detail: 'So.', budgets, cheaper: [null, 'eco', 'toString'] })
    expect(error).toBeInstanceOf(BudgetExceededError)
    expect(error).toMatchObject({ budgets: [], resetsAt: null, cheaper: ['eco'], details: { budgets: [], cheaper: ['eco'] } })
  })

  test('keeps the budgets that can be read, whole ones and notices', () => {
    const whole: Budget = { id: 'mine', scope: 'user', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 1, settled: 1, held: 0, available: 0, resetsAt: 900, revision: 3 }
    expect(errorOf({ type: 'urn:sparing:budget-exceeded', detail: 'So.', budgets: [null, whole, notice('team', 500)] })).toMatchObject({ budgets: [whole, notice('team', 500)], resetsAt: 900 })
  })

  test('a detail that is no text is none', () => {
    for (const detail of [{ toString: 1 }, null, 5, ['x']]) expect(errorOf({ type: 'urn:sparing:not-found', detail })).toMatchObject({ code: 'not-found', message: '' })
  })

  test('a large page costs nothing', () => {
    const start = performance.now()
    errorOf('<p>'.repeat(350_000))
    expect(performance.now() - start).toBeLessThan(50)
  })
})

describe('BudgetExceededError', () => {
  const resetsAt = (...times: (number | null)[]) => new BudgetExceededError('Used up.', { budgets: times.map(time => notice('b', time)) }).resetsAt

  test('resets when the last of what refused resets', () => {
    expect(resetsAt(500)).toBe(500)
    expect(resetsAt(900, 500)).toBe(900)
  })

  test('never, where one of them never does', () => {
    expect(resetsAt(900, null)).toBeNull()
  })

  test('at no time that anybody knows, where nothing says when', () => {
    expect(resetsAt()).toBeNull()
  })

  test('has no cheaper tiers unless told', () => {
    expect(new BudgetExceededError('Used up.', { budgets: [notice('b', 1)] }).cheaper).toEqual([])
  })
})

describe('isSparingError', () => {
  test.each<[unknown]>([[null], [undefined], ['aborted'], [{}], [{ code: 'aborted' }], [new Error('aborted')], [new DOMException('x', 'AbortError')]])('%s is none', value => {
    expect(isSparingError(value)).toBe(false)
  })

  test('asks for a code where one is given', () => {
    const error = new AbortedError('Stopped.')
    expect(isSparingError(error, 'aborted')).toBe(true)
    expect(isSparingError(error, 'internal')).toBe(false)
  })

  test('knows those of another copy of the package, which travel as what they are', async () => {
    vi.resetModules()
    const copy = await import('../../../src/core/errors.ts')
    const theirs = new copy.BudgetExceededError('Used up.', { budgets: [notice('mine', 900)] })
    expect(copy.SparingError).not.toBe(SparingError)
    expect(theirs).not.toBeInstanceOf(SparingError)
    expect(isSparingError(theirs, 'budget-exceeded')).toBe(true)
    expect(problemOf(theirs)).toMatchObject({ status: 429, detail: 'Used up.', resetsAt: 900 })
  })

  test('the mark is in no listing of the error and in no JSON', () => {
    const error = new AbortedError('Stopped.')
    expect(Object.keys(error).sort()).toEqual(['code', 'details', 'name', 'receipt'])
    expect(Object.getOwnPropertySymbols({ ...error })).toEqual([])
  })

  test('what is known of an upstream that failed does not travel', () => {
    const facts = { reason: 'refused', httpStatus: 429, retryAfter: 2_000, retryable: true } as const
    const error = new UpstreamError('Refused.', {}, { facts })
    expect(error).toMatchObject({ facts, retryAfter: 2_000 })
    expect(JSON.stringify(problemOf(error))).not.toContain('429')
    expect(new UpstreamError('Refused.')).toMatchObject({ facts: null, retryAfter: null })
  })
})

test.each(errors.filter(([code]) => made[code]))('%s is an Error with a stack and a name of its own', (_, error) => {
  expect(error).toBeInstanceOf(Error)
  expect(error.stack).toContain('errors.test.ts')
  expect(error.name).toMatch(/^[A-Z]\w+Error$/)
  expect(error.name).not.toBe('SparingError')
  expect(error.name).toBe(error.constructor.name)
})

test('names stay what they are when classes are renamed', async () => {
  const { transform } = await import('esbuild')
  const minified = await transform(await readFile('src/core/errors.ts', 'utf8'), { loader: 'ts', target: 'es2023', minify: true })
  for (const error of Object.values(made)) expect(minified.code).toMatch(new RegExp(`name=["']${error.name}["']`))
})
