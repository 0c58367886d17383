import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsOf, evidenceKey, isAdequacyState, mostModels, observe, teaches } from '../../../src/routing/adequacy.ts'
import type { AdequacyState, Observation, Outcome, Strengths } from '../../../src/routing/adequacy.ts'

const day = 86_400_000
const strengths: Strengths = { 'p/small': 0.7, 'p/large': 0.85, 'p/new': null }
const good: Outcome = { kind: 'rated', rating: 1 }
const bad: Outcome = { kind: 'rated', rating: 0 }

/** Outcomes of one model, each from a person of their own. */
const from = (key: string, ...outcomes: Outcome[]): Observation[] => outcomes.map((outcome, i) => ({ key, person: `${key} ${i}`, outcome }))
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const learned = (observations: readonly Observation[], at = 0, state: AdequacyState = {}) => observations.reduce((sum, each) => observe(sum, each, at), state)
const bounds = (state: AdequacyState, key = 'p/small', now = 0) => boundsOf(state, strengths, now)[key]!

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom<Outcome>({ kind: 'kept' }, { kind: 'dismissed' }, { kind: 'escalated' }),
  fc.double({ min: 0, max: 1, noNaN: true }).map(rating => ({ kind: 'rated', rating }) as const),
)
const anyObservation = fc.record({ key: fc.constantFrom('p/small', 'p/large', 'p/new'), person: fc.nat(20).map(String), outcome: anyOutcome })
const anyHistory = fc.array(anyObservation, { maxLength: 120 })

describe('before anything was observed', () => {
  test('a model is as good as its strength says, and one of unknown strength is in between', () => {
    expect(bounds({}).mid).toBeCloseTo(0.7)
    expect(bounds({}, 'p/large').mid).toBeCloseTo(0.85)
    expect(bounds({}, 'p/new').mid).toBeCloseTo(0.6)
    expect(bounds({}).evidence).toBe(0)
  })

  test('nothing is sure, whatever the strength', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), strength => {
      const { low, mid, high } = boundsOf({}, { m: strength }, 0)['m']!
      expect(low).toBeLessThan(0.8)
      expect(high - low).toBeGreaterThan(0.15)
      expect(mid).toBeGreaterThan(0)
      expect(mid).toBeLessThan(1)
    }))
  })

  test('the stronger is expected to be better, in every bound', () => {
    const rising = boundsOf({}, { a: 0.2, b: 0.5, c: 0.8, d: 0.95 }, 0)
    for (const bound of ['low', 'mid', 'high'] as const) {
      const inOrder = ['a', 'b', 'c', 'd'].map(key => rising[key]![bound])
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
    }
  })
})

describe('with outcomes', () => {
  test('bounds close in on the share that was good', () => {
    const state = learned(from('p/small', ...times(180, good), ...times(20, bad)))
    const { low, mid, high, evidence } = bounds(state)
    expect(mid).toBeGreaterThan(0.87)
    expect(low).toBeGreaterThan(0.84)
    expect(high).toBeLessThan(0.94)
    expect(evidence).toBeGreaterThan(120)
  })

  test('the other models of the feature are expected to do as its models do', () => {
    const hard = learned(from('p/small', ...times(10, good), ...times(40, bad)))
    const easy = learned(from('p/small', ...times(50, good)))
    expect(bounds(hard, 'p/large').mid).toBeLessThan(0.7)
    expect(bounds(easy, 'p/large').mid).toBeGreaterThan(0.87)
    expect(bounds(hard, 'p/large').mid).toBeGreaterThan(bounds(hard).mid)
    expect(bounds(hard, 'p/large').evidence).toBe(0)
  })

  test('a rating says more than a thing kept or dismissed, and asking a better model as much', () => {
    const after = (outcome: Outcome) => bounds(learned(from('p/small', ...times(10, outcome)))).mid
    const inOrder = [bad, { kind: 'dismissed' }, { kind: 'kept' }, good].map(outcome => after(outcome as Outcome))
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
    expect(new Set(inOrder).size).toBe(4)
    expect(after({ kind: 'escalated' })).toBeCloseTo(after(bad))
    expect(after({ kind: 'kept' })).toBeGreaterThan(bounds({}).mid)
    expect(after({ kind: 'rated', rating: NaN })).toBe(bounds({}).mid)
    expect(after({ kind: 'rated', rating: 7 })).toBe(after(good))
  })

  test('a model that thinks is judged apart', () => {
    const model = { provider: 'p', model: 'm' }
    expect(evidenceKey({ ...model, effort: 'none' })).toBe('p/m')
    expect(evidenceKey({ ...model, effort: 'low' })).toBe('p/m@low')
  })

  test('bounds are in order and between 0 and 1', () => {
    fc.assert(fc.property(anyHistory, fc.nat(400), (history, days) => {
      for (const { low, mid, high } of Object.values(boundsOf(learned(history), strengths, days * day))) {
        expect(low).toBeGreaterThanOrEqual(0)
        expect(mid).toBeGreaterThanOrEqual(low)
        expect(high).toBeGreaterThanOrEqual(mid)
        expect(high).toBeLessThanOrEqual(1)
      }
    }))
  })

  test('one more success lowers no bound of its model, and no expectation of another; one more failure raises none', () => {
    fc.assert(fc.property(anyHistory, anyObservation, fc.boolean(), (history, { key, person }, isGood) => {
      const before = learned(history)
      const after = observe(before, { key, person, outcome: isGood ? good : bad }, 0)
      const sign = isGood ? 1 : -1
      for (const bound of ['low', 'mid', 'high'] as const) {
        expect(sign * (bounds(after, key)[bound] - bounds(before, key)[bound])).toBeGreaterThanOrEqual(-1e-6)
      }
      for (const other of Object.keys(strengths)) expect(sign * (bounds(after, other).mid - bounds(before, other).mid)).toBeGreaterThanOrEqual(-1e-6)
    }), { numRuns: 300 })
  })

  test('the same history makes the same state, which is JSON', () => {
    fc.assert(fc.property(anyHistory, history => {
      const state = learned(history)
      expect(learned(history)).toEqual(state)
      expect(JSON.parse(JSON.stringify(state))).toEqual(state)
      expect(isAdequacyState(state)).toBe(true)
    }))
  })

  test('a state is not changed in place', () => {
    const state = learned(from('p/small', good, bad))
    const copy = structuredClone(state)
    learned(from('p/small', good, bad, good), 200 * day, state)
    expect(state).toEqual(copy)
  })
})

describe('fading', () => {
  const state = learned(from('p/small', ...times(40, good)))

  test('half is left after 60 days, and in the end nothing', () => {
    expect(bounds(state, 'p/small', 60 * day).evidence).toBeCloseTo(bounds(state).evidence / 2)
    expect(bounds(state, 'p/small', 6_000 * day).mid).toBeCloseTo(0.7)
  })

  test('comes to the same whether it is done at once or bit by bit', () => {
    const bit = Array.from({ length: 60 }, (_, i) => i * day).reduce((sum, at) => observe(sum, { key: 'p/large', person: 'x', outcome: good }, at), state)
    expect(bounds(bit, 'p/small', 60 * day).evidence).toBeCloseTo(bounds(state, 'p/small', 60 * day).evidence)
  })

  test('a model that got worse is found out, however long it was good', () => {
    const before = learned(from('p/small', ...times(3_000, good)))
    const after = learned(times(1_500, bad).map((outcome, i) => ({ key: 'p/small', person: `later ${i}`, outcome })), 0, before)
    expect(bounds(before).low).toBeGreaterThan(0.97)
    expect(bounds(after).high).toBeLessThan(0.25)
    expect(bounds(before).evidence).toBeLessThan(725)
  })

  test('a clock that goes back fades nothing and breaks nothing', () => {
    const late = learned(from('p/small', good), 100 * day)
    expect(bounds(observe(late, from('p/small', good)[0]!, 0), 'p/small', 0).evidence).toBeGreaterThan(bounds(late, 'p/small', 100 * day).evidence)
  })
})

describe('one person', () => {
  const honest = Array.from({ length: 300 }, (_, i): Observation => ({ key: 'p/small', person: `h${i % 100}`, outcome: i % 10 === 0 ? bad : good }))
  const hostile = (count: number): Observation[] => times(count, { key: 'p/small', person: 'hostile', outcome: bad })

  test('never counts for more than four outcomes or a twentieth of all, whatever they send', () => {
    fc.assert(fc.property(fc.array(anyOutcome, { maxLength: 400 }), fc.nat(200), (outcomes, days) => {
      let state: AdequacyState = {}
      for (const [i, outcome] of outcomes.entries()) state = observe(state, { key: 'p/small', person: 'one', outcome }, i * days * 10_000)
      const { good, bad } = state['p/small'] ?? { good: 0, bad: 0 }
      expect(good + bad).toBeLessThanOrEqual(4.000_01)
    }), { numRuns: 60 })
    const without = learned(honest)
    const evidence = without['p/small']!
    const withHostile = learned(hostile(5_000), 0, without)['p/small']!
    expect(withHostile.bad - evidence.bad).toBeLessThanOrEqual((evidence.good + withHostile.bad) / 20 + 1e-6)
  })

  test('who sends a tenth of all moves the expectation by less than a twentieth', () => {
    const mixed = honest.flatMap((each, i) => i % 9 === 0 ? [each, ...hostile(1)] : [each])
    expect(bounds(learned(honest)).mid - bounds(learned(mixed)).mid).toBeLessThan(0.05)
    expect(bounds(learned(mixed)).mid).toBeGreaterThan(0.83)
  })

  test('who sends ten thousand after the others changes no more than who sends fifty, and wipes nothing out', () => {
    const few = learned(hostile(50), 0, learned(honest))
    const many = learned(hostile(10_000), 0, learned(honest))
    expect(bounds(many).mid).toBeGreaterThan(bounds(few).mid - 0.01)
    expect(bounds(many).evidence).toBeGreaterThanOrEqual(bounds(learned(honest)).evidence)
  })

  test('cannot make a model look good alone, nor bad for long', () => {
    const praised = learned(times(1_000, { key: 'p/small', person: 'maker', outcome: good }))
    expect(bounds(praised).low).toBeLessThan(0.8)
    const damned = learned(hostile(1_000))
    expect(bounds(learned(honest, 0, damned)).low).toBeGreaterThan(0.8)
  })

  test('teaches until they have said nearly all that may count, and again once that has faded', () => {
    const said = (count: number, outcome: Outcome) => learned(times(count, { key: 'p/small', person: 'one', outcome }))
    expect(teaches({}, 'p/small', 'one', 0)).toBe(true)
    expect(teaches(said(2, good), 'p/small', 'one', 0)).toBe(true)
    expect(teaches(said(8, good), 'p/small', 'one', 0)).toBe(false)
    expect(teaches(said(20, { kind: 'kept' }), 'p/small', 'one', 0)).toBe(false)
    expect(teaches(said(8, good), 'p/large', 'one', 0)).toBe(true)
    expect(teaches(said(8, good), 'p/small', 'another', 0)).toBe(true)
    expect(teaches(said(8, good), 'p/small', 'one', 60 * day)).toBe(true)
    expect(teaches(learned(honest, 0, said(8, good)), 'p/small', 'one', 0)).toBe(true)
  })

  test('many people are heard nearly in full', () => {
    const crowd = Array.from({ length: 400 }, (_, i): Observation => ({ key: 'p/small', person: `c${i}`, outcome: good }))
    expect(bounds(learned(crowd)).evidence).toBeGreaterThan(250)
  })
})

describe('space', () => {
  test('is the same after a hundred thousand outcomes', () => {
    let state: AdequacyState = {}
    for (let i = 0; i < 100_000; i++) {
      state = observe(state, { key: i % 3 === 0 ? 'p/large' : 'p/small', person: `u${i * 7_919 % 3_001}`, outcome: i % 5 ? good : bad }, i * 60_000)
    }
    expect(JSON.stringify(state).length).toBeLessThan(2 * 900)
    expect(bounds(state, 'p/small', 100_000 * 60_000).mid).toBeGreaterThan(0.7)
  })

  test('has room for so many models, of which the least known goes first', () => {
    const kept = from('p/small', ...times(30, good))
    const others = Array.from({ length: 100 }, (_, i) => from(`q/${i}`, good)[0]!)
    const state = learned([...kept, ...others])
    expect(Object.keys(state)).toHaveLength(mostModels)
    expect(Object.keys(state)).toContain('p/small')
    expect(Object.keys(state)).toContain('q/99')
  })

  test('a key that objects have by themselves is a key like any other', () => {
    const state = learned(from('constructor', good))
    expect(boundsOf(state, { constructor: null, toString: 0.5 }, 0)['constructor']!.evidence).toBeGreaterThan(0)
    expect(boundsOf(state, { toString: 0.5 }, 0)['toString']!.mid).toBeGreaterThan(0)
  })
})

test.each([null, 1, 'x', [], { m: null }, { m: { good: -1, bad: 0, pending: 0, at: 0, people: [] } }, { m: { good: 1, bad: 0, pending: 0, at: 0, people: [1, 2] } }, { m: { good: NaN, bad: 0, pending: 0, at: 0, people: [] } }])('%o is no state', value => {
  expect(isAdequacyState(value)).toBe(false)
})
