import { expect, test, vi } from 'vitest'
import { batched } from '../../../src/server/ledger/redis-batches.ts'

/** Work whose every batch waits to be let go. */
function heldWork() {
  const batches: { items: readonly number[]; answer(): void; fail(): void }[] = []
  const work = (items: readonly number[]) => new Promise<number[]>((resolve, reject) => {
    batches.push({ items, answer: () => resolve(items.map(item => item * 10)), fail: () => reject(new Error('The server fell.')) })
  })
  return { batches, work, sent: () => batches.map(({ items }) => items) }
}
const light = { heaviest: Infinity, weightOf: () => 1 }
const turn = () => new Promise<void>(resolve => { setImmediate(resolve) })

test('what is asked for at once goes together, in portions, and each hears its own answer', async () => {
  const { batches, work, sent } = heldWork()
  const ask = batched(work, { most: 3, lanes: 2, patience: 1_000, ...light })
  const answers = Promise.all([1, 2, 3, 4].map(ask))
  await turn()
  expect(sent()).toEqual([[1, 2, 3], [4]])
  for (const { answer } of batches) answer()
  expect(await answers).toEqual([10, 20, 30, 40])
})

test('what comes while all lanes are taken gathers, and goes in the order it came', async () => {
  const { batches, work, sent } = heldWork()
  const ask = batched(work, { most: 3, lanes: 1, patience: 1_000, ...light })
  const first = ask(1)
  await turn()
  const rest = Promise.all([2, 3, 4, 5].map(ask))
  await turn()
  expect(sent()).toEqual([[1]])
  batches[0]!.answer()
  expect(await first).toBe(10)
  await turn()
  expect(sent()).toEqual([[1], [2, 3, 4]])
  batches[1]!.answer()
  await vi.waitFor(() => expect(sent()).toHaveLength(3))
  batches[2]!.answer()
  expect(await rest).toEqual([20, 30, 40, 50])
})

test('a batch that fails is told to those in it, and the next is tried', async () => {
  const { batches, work, sent } = heldWork()
  const ask = batched(work, { most: 1, lanes: 1, patience: 1_000, ...light })
  const [first, second] = [ask(1), ask(2)]
  await turn()
  batches[0]!.fail()
  await expect(first).rejects.toThrow('The server fell.')
  await vi.waitFor(() => expect(sent()).toEqual([[1], [2]]))
  batches[1]!.answer()
  expect(await second).toBe(20)
})

test('what waited too long behind one that failed does not wait for the next', async () => {
  const { batches, work, sent } = heldWork()
  const ask = batched(work, { most: 1, lanes: 1, patience: -1, ...light })
  const both = [ask(1), ask(2)]
  await turn()
  batches[0]!.fail()
  for (const each of both) await expect(each).rejects.toThrow('The server fell.')
  expect(sent()).toEqual([[1]])
})

test('what is heavy together goes apart, in the order it came, and what is too heavy for any goes alone', async () => {
  const { batches, work, sent } = heldWork()
  const ask = batched(work, { most: 3, heaviest: 10, weightOf: item => item, lanes: 9, patience: 1_000 })
  const answers = Promise.all([4, 6, 1, 30, 2, 2, 2, 2].map(ask))
  await turn()
  expect(sent()).toEqual([[4, 6], [1], [30], [2, 2, 2], [2]])
  for (const { answer } of batches) answer()
  expect(await answers).toEqual([40, 60, 10, 300, 20, 20, 20, 20])
})
