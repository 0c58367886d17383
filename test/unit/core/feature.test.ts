import { describe, expect, expectTypeOf, test } from 'vitest'
import { defineFeatures, resolveFeature } from '../../../src/core/feature.ts'
import type { Feature } from '../../../src/core/feature.ts'

const summary = { task: 'summarize', baseline: 'extract', tier: 'standard' } as const satisfies Feature

describe('defineFeatures', () => {
  const features = defineFeatures({
    summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 20_000, maxOutputTokens: 400 },
    think: { task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxOutputTokens: 4_000 },
    alt: { task: 'describe', baseline: 'filename', tier: 'eco', purpose: 'access' },
  })

  test('hands back what was declared', () => {
    expect(Object.keys(features)).toEqual(['summary', 'think', 'alt'])
    expect(features.think.effort).toBe('high')
  })

  test('keeps names and values literal in the types', () => {
    expectTypeOf<keyof typeof features>().toEqualTypeOf<'summary' | 'think' | 'alt'>()
    expectTypeOf(features.alt.purpose).toEqualTypeOf<'access'>()
    expectTypeOf(features.summary.task).toEqualTypeOf<'summarize'>()
    expectTypeOf(features.summary.baseline).toEqualTypeOf<'extract'>()
    expectTypeOf(features.think.maxOutputTokens).toEqualTypeOf<4_000>()
    expectTypeOf(features.summary).not.toHaveProperty('effort')
    // @ts-expect-error: no such feature
    expect(features.sumary).toBeUndefined()
  })

  test('the types refuse what cannot work, and so does the check', () => {
    // @ts-expect-error: a generative feature has a generative tier
    expect(() => defineFeatures({ x: { ...summary, tier: 'baseline' } })).toThrow(TypeError)
    // @ts-expect-error: no such task
    expect(() => defineFeatures({ x: { ...summary, task: 'sumarize' } })).toThrow(TypeError)
    // @ts-expect-error: no baseline
    expect(() => defineFeatures({ x: { task: 'chat', tier: 'eco' } })).toThrow(TypeError)
  })

  const refused = (feature: object, name = 'x') => () => defineFeatures({ [name]: { ...summary, ...feature } as Feature })

  test.each<[object, RegExp]>([
    [{ task: 'think' }, /^The feature "x" cannot be used: its task must be one of summarize, answer,/],
    [{ task: undefined }, /its task must be one of/],
    [{ baseline: '' }, /it names no baseline\. Say how the job is done with no generative model/],
    [{ baseline: undefined }, /it names no baseline/],
    [{ tier: 'baseline' }, /its tier must be "eco", "standard" or "max"/],
    [{ tier: 'Eco' }, /its tier must be/],
    [{ tier: undefined }, /its tier must be/],
    [{ effort: 'hard' }, /its effort must be one of none, minimal, low, medium, high, xhigh/],
    [{ maxInputTokens: 0 }, /maxInputTokens and maxOutputTokens must be whole numbers above 0/],
    [{ maxOutputTokens: 1.5 }, /whole numbers above 0/],
    [{ maxOutputTokens: -1 }, /whole numbers above 0/],
    [{ maxOutputTokens: Infinity }, /whole numbers above 0/],
    [{ maxInputTokens: '500' }, /whole numbers above 0/],
    [{ adequate: 0 }, /adequate must be above 0 and below 1, such as 0\.8/],
    [{ adequate: 1 }, /adequate must be above 0 and below 1/],
    [{ adequate: NaN }, /adequate must be/],
    [{ adequate: '0.8' }, /adequate must be/],
    [{ percent: -1 }, /percent must be 0 to 100/],
    [{ percent: 101 }, /percent must be 0 to 100/],
    [{ percent: NaN }, /percent must be 0 to 100/],
  ])('refuses %o', (feature, message) => {
    expect(refused(feature)).toThrow(TypeError)
    expect(refused(feature)).toThrow(message)
  })

  test.each(['', 'my feature', 'x'.repeat(65), 'é', 'a/b', 'a\n'])('refuses the name %j', name => {
    expect(refused({}, name)).toThrow(/its name must be 1 to 64 letters, digits/)
  })

  test.each(['x', 'a.b-c_9', 'x'.repeat(64)])('takes the name %s', name => {
    expect(refused({}, name)).not.toThrow()
  })

  test('names the one that is at fault', () => {
    expect(() => defineFeatures({ good: summary, bad: { ...summary, baseline: '' } })).toThrow(/^The feature "bad"/)
  })

  test.each<[object, RegExp]>([
    [{ mode: 'of' }, /its mode must be "off", "observe" or "offer"/],
    [{ mode: null }, /its mode must be/],
    [{ background: 'no' }, /background must be true or false/],
    [{ background: 0 }, /background must be true or false/],
    [{ purpose: 'acess' }, /its purpose can only be "access"/],
    [{ baseline: true }, /it names no baseline/],
    [{ baseline: ['extract'] }, /it names no baseline/],
    [{ percent: '50' }, /percent must be 0 to 100/],
    [{ percent: null }, /percent must be 0 to 100/],
    [{ effort: 'medium' }, /its effort must be "low" at most at tier "standard"/],
    [{ tier: 'eco', effort: 'minimal' }, /its effort must be "none" at most at tier "eco"/],
  ])('refuses %o', (feature, message) => {
    expect(refused(feature)).toThrow(TypeError)
    expect(refused(feature)).toThrow(message)
  })

  test('refuses what is no definition', () => {
    expect(() => defineFeatures({ x: null as never })).toThrow(/^The feature "x" cannot be used/)
  })

  test('takes what is undefined for left out', () => {
    expect(refused({ mode: undefined, background: undefined, percent: undefined, effort: undefined, purpose: undefined })).not.toThrow()
  })
})

describe('resolveFeature', () => {
  test('fills in what is not said, cautiously', () => {
    expect(resolveFeature(summary)).toEqual({
      ...summary, effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 500, adequate: 0.8, mode: 'offer', percent: 100, background: false,
    })
  })

  test('fills in what is undefined', () => {
    expect(resolveFeature({ ...summary, mode: undefined } as unknown as Feature).mode).toBe('offer')
  })

  test('keeps what is said, also nothing', () => {
    const said = { ...summary, effort: 'low', mode: 'off', percent: 0, background: true, maxInputTokens: 1, maxOutputTokens: 2, adequate: 0.95, purpose: 'access' } as const
    expect(resolveFeature(said)).toEqual(said)
  })
})
