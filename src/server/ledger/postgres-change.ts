import type { Account } from '../../core/index.ts'
import type { Change, ChangeAnswer } from './engine.ts'
import type { Ask, Database } from './postgres-database.ts'
import { changeName } from './postgres-schema.ts'
import { checkedKey, documentLock, nameColumns, whole } from './postgres-values.ts'
import { retell } from './take-steps.ts'
import { textOf } from './texts.ts'

/** What a change came to. Where somebody else was first, what there is now is for the caller to look up. */
export type Outcome = Extract<ChangeAnswer, { outcome: 'done' | 'exceeded' }> | { readonly outcome: 'conflict' } | { readonly outcome: 'stale' }

interface Answer {
  readonly outcomes: readonly Outcome['outcome'][]
  /** The accounts as they stood before all changes. */
  readonly before: Readonly<Record<'max' | 'settled' | 'held' | 'revision', readonly number[] | null>>
}

/** A change as the database takes it. */
export interface Job {
  readonly change: Change
  readonly name: { readonly identity: string; readonly run: string }
  readonly head: object
  readonly body: object
  readonly steps: readonly { readonly key: string; readonly columns: object }[]
}

/**
 * A change made ready to go, alone or with others.
 * @throws {RangeError} for what the database could not keep as it is; found here, it spoils no other change
 */
export function jobOf(change: Change): Job {
  const { row, expected, under, steps } = change
  const { version, at, reservation: { status, expiresAt, claims }, receipt } = row
  const name = nameColumns(row)
  return {
    change, name,
    head: { ...name, expected: whole(expected), ...under && { document: checkedKey(under.key), revision: whole(under.revision) } },
    body: {
      ...name, expected, version: whole(version), body: textOf(row.body), status, at: whole(at), expires: whole(expiresAt),
      claims: JSON.stringify(claims), receipt: receipt && JSON.stringify(receipt),
    },
    steps: steps.map(({ account, held, settled, guard, ends }) => ({
      key: checkedKey(account), columns: { held: whole(held), settled: whole(settled), guard: guard === undefined ? null : whole(guard), ends: ends === null ? null : whole(ends) },
    })),
  }
}

/** Carries out changes, one after the other, each all or nothing, in one transaction. No two of them may be of one run. */
export async function carryOut({ ask, transaction }: Database, schema: string, patience: number, jobs: readonly Job[]): Promise<Outcome[]> {
  const locks = [...new Set(jobs.flatMap(({ change: { under } }) => under ? [documentLock(schema, under.key)] : []))].sort()
  const keys = [...new Set(jobs.flatMap(({ steps }) => steps.map(({ key }) => key)))]
  const placeOf = new Map(keys.map((key, index) => [key, index + 1]))
  const steps = jobs.flatMap(({ steps }, index) => steps.map(({ key, columns }) => ({ change: index + 1, account: placeOf.get(key), ...columns })))
  const parts = [locks, keys, jobs.map(({ head }, index) => ({ place: index + 1, ...head })), steps, jobs.map(({ body }, index) => ({ place: index + 1, ...body }))]
  const values = [`${patience}`, ...parts.map(part => JSON.stringify(part))]
  const call = async (ask: Ask) => (await ask(`SELECT ${schema}.${changeName}($1, $2, $3, $4, $5, $6)::text AS answer`, values))[0]!['answer']
  // By itself it goes under the isolation that is usual there, which may not do.
  const answer = await call(ask) ?? await transaction(call)
  return outcomesOf(JSON.parse(answer!) as Answer, jobs, keys)
}

/** What the database decided, told as `takeSteps` tells it. */
function outcomesOf({ outcomes, before }: Answer, jobs: readonly Job[], keys: readonly string[]): Outcome[] {
  const accounts = new Map(keys.map((key, index): [string, Account] =>
    [key, { key, limit: whole(before.max![index]!), settled: whole(before.settled![index]!), held: whole(before.held![index]!), revision: whole(before.revision![index]!) }]))
  return jobs.map(({ change: { steps } }, index) => {
    const outcome = outcomes[index]!
    if (outcome === 'conflict' || outcome === 'stale') return { outcome }
    return retell(steps, outcome, accounts)
  })
}
