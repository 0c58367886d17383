import { takeStep } from '../../core/index.ts'
import type { Account, Step } from '../../core/index.ts'
import type { ChangeAnswer } from './engine.ts'

/** All steps of a change among accounts at hand, or none: for engines that hold still while they look. */
export function takeSteps(steps: readonly Step[], find: (key: string) => Account | undefined): Extract<ChangeAnswer, { outcome: 'done' | 'exceeded' }> {
  const taken = new Map<string, Account>()
  const refused: string[] = []
  for (const step of steps) {
    const before = taken.get(step.account) ?? find(step.account) ?? { key: step.account, limit: step.guard ?? 0, settled: 0, held: 0, revision: 0 }
    const after = takeStep(before, step)
    if (!after) refused.push(step.account)
    // A refusal shows what stands against it: the account under the limit of now.
    taken.set(step.account, after ?? { ...before, limit: step.guard ?? before.limit })
  }
  const accounts = [...taken.values()]
  if (refused.length === 0) return { outcome: 'done', accounts }
  return { outcome: 'exceeded', refused, accounts: accounts.map(account => ({ ...find(account.key) ?? { ...account, held: 0, settled: 0, revision: 0 }, limit: account.limit })) }
}

/**
 * What an engine elsewhere made of steps, told as `takeSteps` tells it.
 * @param accounts as they stood before; moved on where the steps were taken
 * @throws {Error} where the engine decided otherwise than this program would
 */
export function retell(steps: readonly Step[], outcome: 'done' | 'exceeded', accounts: Map<string, Account>): Extract<ChangeAnswer, { outcome: 'done' | 'exceeded' }> {
  const answer = takeSteps(steps, key => accounts.get(key))
  if (answer.outcome !== outcome) throw new Error(`The database and this program disagree on a change: ${outcome} there, ${answer.outcome} here. They may be of different versions.`)
  if (answer.outcome === 'done') for (const account of answer.accounts) accounts.set(account.key, account)
  return answer
}
