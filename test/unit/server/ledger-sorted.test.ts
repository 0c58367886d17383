import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sorted } from '../../../src/server/ledger/sorted.ts'
import type { Placed } from '../../../src/server/ledger/sorted.ts'

const item: fc.Arbitrary<Placed> = fc.record({ at: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(-Infinity)), name: fc.string({ maxLength: 2, unit: fc.constantFrom('a', 'b', 'é', '"') }) })
const change = fc.record({ drop: fc.boolean(), item })

const inOrder = (items: Iterable<Placed>) => [...items].sort((a, b) => a.at === b.at ? (a.name < b.name ? -1 : 1) : a.at - b.at || (a.at < b.at ? -1 : 1))

test('is in order after any changes, and tells what comes after anything', () => {
  fc.assert(fc.property(fc.array(change, { maxLength: 200 }), item, fc.nat({ max: 9 }), (changes, from, most) => {
    const list = sorted()
    const known = new Map<string, Placed>()
    for (const { drop, item } of changes) {
      const key = JSON.stringify([String(item.at), item.name])
      if (drop) list.drop(item)
      else if (!known.has(key)) list.add(item)
      if (drop) known.delete(key)
      else known.set(key, item)
    }
    const all = inOrder(known.values())
    expect(list.after(null, Infinity)).toEqual(all)
    const isAfter = (each: Placed) => each.at > from.at || (each.at === from.at && each.name > from.name)
    expect(list.after(from, most)).toEqual(all.filter(isAfter).slice(0, most))
    expect(list.after(null, most, ({ at }) => at <= 0)).toEqual(all.filter(({ at }) => at <= 0).slice(0, most))
  }))
})

test('keeps its order over many pieces, whichever way they come', () => {
  const list = sorted()
  const items = Array.from({ length: 5_000 }, (_, at) => ({ at: (at * 2_617) % 5_003, name: `${at}` }))
  for (const each of items) list.add(each)
  for (const each of items.filter((_, at) => at % 3 > 0)) list.drop(each)
  const left = items.filter((_, at) => at % 3 === 0).sort((a, b) => a.at - b.at)
  expect(list.after(null, Infinity)).toEqual(left)
  expect(list.after(left[900]!, 3)).toEqual(left.slice(901, 904))
})
