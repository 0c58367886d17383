import { expect, test } from 'vitest'
import { createRun } from '../../../src/client/run.ts'
import { pacedRun } from '../../../src/react/paced-run.ts'

const begun = () => createRun({ id: 'r1', feature: 'facts', tier: 'eco', effort: 'none', estimate: null })

test('a run is followed with its object, at the pace of its text', () => {
  const { run, write, update } = begun()
  const paced = pacedRun(run, 60_000)
  const unsubscribe = paced.subscribe(() => {})
  write('{"title":"O', () => ({ title: 'O' }))
  expect(paced.getState()).toMatchObject({ status: 'writing', object: { title: 'O' } })
  // Too soon to be shown.
  write('ld', () => ({ title: 'Old' }))
  expect(paced.getState()).toMatchObject({ object: { title: 'O' } })
  update({ status: 'completed', object: { title: 'Old' } })
  expect(paced.getState()).toMatchObject({ status: 'completed', object: { title: 'Old' } })
  unsubscribe()
})

test('where text is held back until the run has ended, so is its object', () => {
  const { run, write, update } = begun()
  const paced = pacedRun(run, Infinity)
  const unsubscribe = paced.subscribe(() => {})
  write('{"title":"O', () => ({ title: 'O' }))
  expect(paced.getState()).toMatchObject({ status: 'writing', text: '', object: undefined })
  update({ status: 'completed' })
  expect(paced.getState()).toMatchObject({ text: '{"title":"O', object: { title: 'O' } })
  unsubscribe()
})
