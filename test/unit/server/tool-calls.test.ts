import { expect, test } from 'vitest'
import { callCollector } from '../../../src/server/tool-calls.ts'
import type { CallPiece } from '../../../src/server/tool-calls.ts'

type Piece = Partial<Omit<CallPiece, 'type'>>
const collected = (...pieces: Piece[]) => {
  const collector = callCollector()
  for (const piece of pieces) collector.add({ type: 'tool-call', index: 0, arguments: '', ...piece })
  return collector.calls
}
const two = (one: string, other: string) => [{ id: one, name: 'a', arguments: '{"x":1}' }, { id: other, name: 'b', arguments: '{"y":2}' }]

test.each<[string, Piece[], object[]]>([
  ['with an index each', [{ id: 'c1', name: 'a', arguments: '{"x"' }, { index: 1, id: 'c2', name: 'b', arguments: '{"y"' }, { arguments: ':1}' }, { index: 1, arguments: ':2}' }], two('c1', 'c2')],
  ['numbered 0 alike, by id and name', [{ id: 'c1', name: 'a', arguments: '{"x"' }, { arguments: ':1}' }, { id: 'c2', name: 'b', arguments: '{"y"' }, { arguments: ':2}' }], two('c1', 'c2')],
  ['with neither index nor id, by name', [{ name: 'a', arguments: '{"x":1}' }, { name: 'b', arguments: '{"y":2}' }], two('call-0', 'call-0-2')],
  ['with neither index nor id, of one tool, by the first being whole', [{ name: 'a', arguments: '{"x"' }, { arguments: ':1}' }, { name: 'a', arguments: '{}' }], [two('call-0', '')[0]!, { id: 'call-0-2', name: 'a', arguments: '{}' }]],
  ['under one id and two indexes', [{ id: 'c1', name: 'a', arguments: '{"x"' }, { index: 1, id: 'c1', name: 'b', arguments: '{"y"' }, { arguments: ':1}' }, { index: 1, arguments: ':2}' }], two('c1', 'c1-2')],
])('two calls %s are two', (_, pieces, calls) => {
  expect(collected(...pieces)).toEqual(calls)
})

test.each<[string, Piece[]]>([
  ['its id', [{ id: 'c1', name: 'a', arguments: '{"x"' }, { id: 'c1', arguments: ':1}' }]],
  ['its id and name', [{ id: 'c1', name: 'a' }, { id: 'c1', name: 'a', arguments: '{"x"' }, { id: 'c1', name: 'a', arguments: ':1}' }]],
  ['its name', [{ id: 'c1', name: 'a' }, { name: 'a', arguments: '{"x"' }, { name: 'a', arguments: ':1}' }]],
  ['another id and no name', [{ id: 'c1', name: 'a', arguments: '{"x"' }, { id: 'c2', arguments: ':1}' }]],
])('one call whose pieces repeat %s is one', (_, pieces) => {
  expect(collected(...pieces)).toEqual([two('c1', '')[0]])
})
