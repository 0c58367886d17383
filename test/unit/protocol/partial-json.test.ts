import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPartialJson } from '../../../src/protocol/index.ts'

/** Whether a value is as much of another as may be known while that is being written. */
function isBeginning(part: unknown, whole: unknown): boolean {
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part)
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((each, at) => (at === part.length - 1 ? isBeginning : isSame)(each, whole[at]))
  }
  if (typeof part !== 'object' || part === null) return Object.is(part, whole)
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  const names = Object.keys(part)
  return names.every((name, at) => Object.hasOwn(whole, name) && (at === names.length - 1 ? isBeginning : isSame)((part as Record<string, unknown>)[name], (whole as Record<string, unknown>)[name]))
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

// Names that look like numbers come first in every object, however it is written.
const name = fc.string({ unit: 'binary' }).filter(each => !/^\d+$/.test(each))
const json = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}))
const whole = fc.oneof(json.list, json.object)
const spacing = fc.constantFrom(undefined, 2, '\t')

describe('JSON that is being written', () => {
  test('is at every moment a beginning of what it will be', () => {
    fc.assert(fc.property(whole, spacing, fc.nat(), (value, indent, cut) => {
      const text = JSON.stringify(value, null, indent)
      const prefix = text.slice(0, cut % (text.length + 1))
      const part = readPartialJson(prefix)
      expect(part === undefined ? prefix.trim() === '' : isBeginning(part, JSON.parse(text))).toBe(true)
    }), { numRuns: 2_000 })
  })

  test('never takes back what it said', () => {
    fc.assert(fc.property(whole, value => {
      const text = JSON.stringify(value)
      let before = readPartialJson('')
      for (let cut = 1; cut <= text.length; cut++) {
        const now = readPartialJson(text.slice(0, cut))
        expect(before === undefined || isBeginning(before, now)).toBe(true)
        before = now
      }
    }), { numRuns: 200 })
  })

  test('is itself once it is whole', () => {
    fc.assert(fc.property(whole, spacing, (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(readPartialJson(text)).toEqual(JSON.parse(text))
    }), { numRuns: 1_000 })
  })

  test.each([
    ['', undefined], ['  ', undefined], ['{', {}], ['{"title', {}], ['{"title"', {}], ['{"title":', {}], ['{"title":"', { title: '' }],
    ['{"title":"The m', { title: 'The m' }], ['{"title":"a\\', { title: 'a' }], ['{"title":"a\\\\', { title: 'a\\' }], ['{"title":"\\u00e', { title: '' }],
    ['{"title":"\\ud83c\\udf7', { title: '' }], ['{"title":"\\ud83c\\udf72', { title: '🍲' }], ['{"n":12', {}], ['{"n":12,', { n: 12 }], ['{"n":12}', { n: 12 }], ['{"n":-1.5e-', {}],
    ['{"open":tru', {}], ['{"open":true', { open: true }], ['[1, 2, [3, ', [1, 2, [3]]], ['[null', [null]], ['```json\n{"a": "b', { a: 'b' }],
    ['Sure! Here is', undefined], ['{nonsense}', {}], ['{"a" "b"}', {}], ['[1 2]', [1]], ['"text', 'text'], ['{"a":01,', {}],
  ])('%j is %j', (text, value) => {
    expect(readPartialJson(text)).toEqual(value)
  })

  test('sets no prototype', () => {
    const value = readPartialJson('{"__proto__":{"admin":true},"a":1}') as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(value['admin']).toBeUndefined()
    expect(Object.keys(value)).toEqual(['__proto__', 'a'])
  })

  test('takes any text without a fault, also one nested deeper than anybody reads', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\un0e-. tfalse\n') }), text => void readPartialJson(text)), { numRuns: 2_000 })
    expect(readPartialJson('['.repeat(1_000_000))).toBeUndefined()
  })
})
