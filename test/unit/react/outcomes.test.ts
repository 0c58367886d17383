import { describe, expect, test, vi } from 'vitest'
import type { AI } from '../../../src/client/index.ts'
import { actionsOf } from '../../../src/react/control-actions.ts'
import type { ActionFacts, ControlActions, Outcome } from '../../../src/react/control-actions.ts'
import { estimate, offer } from './support/facts.ts'

/** A control whose run has ended, with who is told of it. */
function ended(onOutcome: ActionFacts['onOutcome'], state: object = { name: 'done', extractive: false }) {
  const report = vi.fn<AI['report']>()
  const ai = { report, decline: vi.fn<AI['decline']>(), optIn: vi.fn<AI['optIn']>(), optIns: { getState: () => ({ records: [] }) } }
  const facts = {
    state, run: { id: 'r1', tier: 'eco', effort: 'none', status: 'completed', estimate }, offers: { main: offer, status: { state: 'off', tiers: ['eco'] }, levels: [], think: null },
    sparing: { ai, pays: false, askAt: 0 }, feature: 'answer', input: 'A text.', act: null, change: null, unsettled: () => false, setAct: () => {}, setDeferred: () => {}, attend: () => {},
    own: { run: null, begin: () => {}, took: null }, onOutcome,
  } as unknown as ActionFacts
  return { actions: actionsOf(facts), report }
}

const acts: [string, (actions: ControlActions) => void, Omit<Outcome, 'run'>][] = [
  ['saying that it was enough', ({ rate }) => rate(true), { outcome: 'rated', enough: true } as never],
  ['saying that it was not', ({ rate }) => rate(false), { outcome: 'rated', enough: false } as never],
  ['wanting it always', ({ always }) => always('always'), { outcome: 'kept' }],
  ['hiding it', ({ hide }) => hide(), { outcome: 'dismissed' }],
  ['pressing once more', ({ press }) => press(), { outcome: 'escalated' }],
]

describe.each(acts)('%s', (_, act, feedback) => {
  test('is reported by the client, from which the server learns', () => {
    const { actions, report } = ended(undefined)
    act(actions)
    expect(report.mock.calls).toEqual([['r1', feedback]])
  })

  test('is the host\'s where it takes it', () => {
    const told = vi.fn<(outcome: Outcome) => void>()
    const { actions, report } = ended(told)
    act(actions)
    expect(told.mock.calls).toEqual([[{ run: 'r1', ...feedback }]])
    expect(report).not.toHaveBeenCalled()
  })

  test('is told nobody where the host wants it so', () => {
    const { actions, report } = ended(null)
    act(actions)
    expect(report).not.toHaveBeenCalled()
  })
})

test('what was put away before there was an answer says nothing of one', () => {
  const { actions, report } = ended(undefined, { name: 'running' })
  actions.hide()
  expect(report).not.toHaveBeenCalled()
})
