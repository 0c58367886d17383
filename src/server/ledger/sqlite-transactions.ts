import type { DatabaseSync } from 'node:sqlite'
import { ledgerUnavailable } from './guarded.ts'

/** Runs work in a transaction that others may share; the answer comes after the commit. */
export interface InTurn {
  <T>(work: () => T): Promise<T>
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

/**
 * Milliseconds of work in one transaction, about: the event loop stands still for as long, and for
 * the write to disk. In a thread of its own SQLite would hold nobody up, and was measured to do two
 * thirds of the runs at most: what goes to the thread and back costs more than it saves.
 */
const slice = 3

interface Job {
  readonly work: () => unknown
  readonly done: (value: never) => void
  readonly failed: (error: unknown) => void
  readonly since: number
}

/**
 * Runs jobs in transactions: all that wait share one, so a hundred callers cost one write to disk.
 * SQLite's own waiting would stop the event loop; this one tries again later instead.
 */
export function transactions(database: DatabaseSync, patience: number): InTurn {
  let waiting: Job[] = []
  let timer: ReturnType<typeof setTimeout> | NodeJS.Immediate | undefined
  const idlers: (() => void)[] = []

  const flush = () => {
    timer = undefined
    const jobs = waiting
    waiting = []
    try {
      const done = commit(database, jobs)
      waiting = [...jobs.slice(done), ...waiting]
      if (waiting.length > 0) timer ??= setImmediate(flush)
    } catch (error) {
      retryOrFail(jobs, error)
    }
    if (waiting.length === 0) idlers.splice(0).forEach(done => done())
  }
  const retryOrFail = (jobs: Job[], error: unknown) => {
    const busy = isBusy(error)
    const late = (job: Job) => !busy || performance.now() - job.since > patience
    for (const job of jobs.filter(late)) job.failed(ledgerUnavailable(error))
    waiting = [...jobs.filter(job => !late(job)), ...waiting]
    if (waiting.length > 0) timer = setTimeout(flush, 1 + Math.random() * 4)
  }
  const inTurn = <T>(work: () => T) => new Promise<T>((done, failed) => {
    waiting.push({ work, done: done as (value: never) => void, failed, since: performance.now() })
    timer ??= setImmediate(flush)
  })
  const idle = () => waiting.length === 0 ? Promise.resolve() : new Promise<void>(done => idlers.push(done))
  return Object.assign(inTurn, { idle })
}

/**
 * One transaction for all jobs, or as many as there is time for; the answers go out after the commit.
 * Where one fails nobody's work stands, and each gets a savepoint of its own: that is rare, and what
 * every job would pay for it is not.
 * @returns how many jobs were done
 */
function commit(database: DatabaseSync, jobs: readonly Job[]): number {
  const answers = together(database, jobs, answered) ?? together(database, jobs, job => attempt(database, job))!
  for (const answer of answers) answer()
  return answers.length
}

type Answer = () => void

/** @returns `null` where a job failed by itself, and nothing was done */
function together(database: DatabaseSync, jobs: readonly Job[], answerTo: (job: Job) => Answer | null): Answer[] | null {
  database.exec('BEGIN IMMEDIATE')
  try {
    const answers = answersOf(jobs, answerTo)
    // A failure may have ended the whole transaction already.
    if (answers || database.isTransaction) database.exec(answers ? 'COMMIT' : 'ROLLBACK')
    return answers
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Of as many jobs as there is time for. */
function answersOf(jobs: readonly Job[], answerTo: (job: Job) => Answer | null): Answer[] | null {
  const until = performance.now() + slice
  const answers: Answer[] = []
  for (const job of jobs) {
    const answer = answerTo(job)
    if (!answer) return null
    answers.push(answer)
    if (performance.now() > until) break
  }
  return answers
}

/** @returns `null` where the job fails, whatever it fails of */
function answered({ work, done }: Job): Answer | null {
  try {
    const value = work()
    return () => done(value as never)
  } catch {
    return null
  }
}

function attempt(database: DatabaseSync, { work, done, failed }: Job): Answer {
  database.exec('SAVEPOINT job')
  try {
    const value = work()
    database.exec('RELEASE job')
    return () => done(value as never)
  } catch (error) {
    // A disk that is full or a file that is gone has ended the whole transaction: nobody's work stands.
    if (!database.isTransaction) throw error
    database.exec('ROLLBACK TO job; RELEASE job')
    return () => failed(isSqlite(error) ? ledgerUnavailable(error) : error)
  }
}

const isSqlite = (error: unknown) => (error as { code?: unknown })?.code === 'ERR_SQLITE_ERROR'
// SQLITE_BUSY and SQLITE_LOCKED, with their extended codes in the upper bits.
export const isBusy = (error: unknown) => isSqlite(error) && [5, 6].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff)
