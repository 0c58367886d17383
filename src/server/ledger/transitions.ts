import { isOpen } from '../../core/index.ts'
import type { Account, Plan, Receipt } from '../../core/index.ts'
import type { Engine, Row } from './engine.ts'
import type { RunKey } from './port.ts'

/** How often a change is worked out anew because the row moved meanwhile. */
const attempts = 8

/** Open rows kept at most: those that another holder ended would stay for ever. */
const mostOpen = 10_000

/** What a verb makes of a row; `null` leaves it as it is. */
export type Transition = (row: Row, now: number) => (Plan & { readonly receipt?: Receipt; readonly body?: string }) | null

/** The row as it is now, and the accounts that moved; `null` where nothing did. */
export interface Outcome {
  readonly row: Row | null
  readonly accounts: readonly Account[] | null
}

export interface Transitions {
  /** Works a change out from the row, and again whenever the row turns out to have moved. */
  run(key: RunKey, transition: Transition, known?: Row): Promise<Outcome>
  /** Keeps a row that is open here, to start from without asking; compare-and-set finds out when it is old. */
  remember(row: Row): void
}

export function transitions(engine: Engine): Transitions {
  const open = new Map<string, Row>()
  const remember = (row: Row) => {
    const name = nameOf(row)
    open.delete(name)
    if (!isOpen(row.reservation)) return
    open.set(name, row)
    // The longest kept comes first, and only has to be asked for again.
    if (open.size > mostOpen) open.delete(open.keys().next().value!)
  }
  return {
    remember,
    async run(key, transition, known = open.get(nameOf(key))) {
      let row = known ?? await engine.row(key)
      for (let attempt = 0; row && attempt < attempts; attempt++) {
        const plan = transition(row, await engine.now())
        if (!plan) return { row, accounts: null }
        const next: Row = { ...row, reservation: plan.reservation, receipt: plan.receipt ?? row.receipt, body: plan.body ?? row.body, version: row.version + 1 }
        const answer = await engine.change({ row: next, expected: row.version, steps: plan.steps })
        if (answer.outcome === 'done') {
          remember(next)
          return { row: next, accounts: answer.accounts }
        }
        if (answer.outcome === 'conflict') ({ row } = answer)
        open.delete(nameOf(key))
      }
      if (row) throw new Error(`The run "${key.run}" changed under every one of ${attempts} attempts to write it.`)
      return { row, accounts: null }
    },
  }
}

const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])
