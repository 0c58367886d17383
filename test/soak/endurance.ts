import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval } from 'node:timers/promises'
import type { Claim } from '../../src/core/index.ts'
import type { Ledger } from '../../src/server/index.ts'
import { sqliteLedger } from '../../src/server/ledger/sqlite.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'

export interface EnduranceReport {
  readonly soak: 'endurance'
  readonly minutes: number
  readonly runs: number
  readonly runsPerSecond: number
  /** Megabytes a minute, after garbage was collected, over the second half. */
  readonly heapSlope: number
  readonly rssSlope: number
  /** Megabytes at the end. */
  readonly heap: number
  readonly rss: number
  /** Megabytes of the file and its log at most, and what they may be for as many runs as were kept at once. */
  readonly file: number
  readonly fileBound: number
  /** Runs still in the record at the end. */
  readonly kept: number
  /** Grains that totals, pots and what was cleared away come to, by budget, less what was spent: nothing. */
  readonly astray: Readonly<Record<string, number>>
}

const callers = 100
/** Minutes of the ledger that pass in one of ours, so that hours end and pots are cleared away. */
const haste = 60
const minute = 60_000
const retention = 20 * minute
/** Megabytes a minute that memory may grow by: less than what a thousandth of the runs would come to. */
const mostHeapGrowth = 0.5
const mostRssGrowth = 4
const sampleEvery = 2_000
/** Megabytes that a run in the record takes at most, with its receipt and its place in indexes, and the log of what is not in its place yet. */
const [perRun, logSize] = [0.003, 12]

interface Sample {
  readonly at: number
  readonly heap: number
  readonly rss: number
  readonly file: number
  /** Runs so far. */
  readonly runs: number
}

/** A ledger in SQLite at full rate, with a retention: memory stays flat, the file bounded, and sums are exact. */
export async function endure(minutes: number): Promise<EnduranceReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-endurance-'))
  const path = join(folder, 'ledger.db')
  const began = Date.now()
  const ledger = sqliteLedger(path, { retention, now: () => began + (Date.now() - began) * haste, uptime: () => performance.now() * haste })
  const until = performance.now() + minutes * minute
  const over = new AbortController()
  const tally = { runs: 0, spent: 0 }
  const sampling = sample(path, tally, over.signal)
  try {
    await work(ledger, until, tally)
    const { runs, spent } = tally
    over.abort()
    const samples = await sampling
    const kept = await countOf(ledger)
    const { heap, rss } = samples.at(-1)!
    return {
      soak: 'endurance', minutes, runs, runsPerSecond: Math.round(runs / minutes / 60), ...growthOf(samples), heap: rounded(heap), rss: rounded(rss),
      kept, astray: await astrayOf(ledger, spent, began + (Date.now() - began) * haste),
    }
  } finally {
    over.abort()
    await ledger.close()
    rmSync(folder, { recursive: true })
  }
}

/** What is wrong with a report; nothing where all holds. */
export function weaknessesOf({ heapSlope, rssSlope, file, fileBound, astray, kept, runs }: EnduranceReport): string[] {
  return [
    ...heapSlope > mostHeapGrowth ? [`The heap grew by ${heapSlope} MB a minute; ${mostHeapGrowth} may be noise.`] : [],
    ...rssSlope > mostRssGrowth ? [`Memory grew by ${rssSlope} MB a minute; ${mostRssGrowth} may be noise.`] : [],
    ...file > fileBound ? [`The file grew to ${file} MB, where ${fileBound} hold what is kept.`] : [],
    ...kept < runs ? [] : ['Nothing was cleared away.'],
    ...Object.entries(astray).filter(([, grains]) => grains !== 0).map(([budget, grains]) => `Of the budget "${budget}", ${grains} grains are astray.`),
  ]
}

const windows = { hourly: 'hour', monthly: 'month', each: 'run' } as const

/** People come and go; each run draws on a pot of theirs, on one for all and on one of its own. */
async function work(ledger: Ledger, until: number, tally: { runs: number; spent: number }): Promise<void> {
  const caller = async (number: number) => {
    while (performance.now() < until) {
      const at = tally.runs++
      const identity = `person ${number} ${Math.floor(at / 5_000)}`
      const amount = 100 + at % 50
      const claims = Object.entries(windows).map(([budget, window]): Claim =>
        ({ budget, window, scope: 'user', subject: budget === 'monthly' ? 'all' : identity, unit: 'tokens', timeZone: 'UTC', limit: 1e12, amount }))
      const { outcome } = await ledger.reserve({ identity, run: `run-${at}`, body: 'body', claims, lease: 10 * minute, concurrency: 2, assumed: receiptOf(`run-${at}`) })
      if (outcome !== 'reserved') throw new Error(`The ledger answered "${outcome}" where there is room.`)
      await ledger.settle({ identity, run: `run-${at}` }, { tokens: at % 97 }, receiptOf(`run-${at}`))
      tally.spent += Math.min(amount, at % 97)
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)))
}

async function sample(path: string, tally: { readonly runs: number }, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  try {
    for await (const _ of setInterval(sampleEvery, undefined, { signal })) {
      global.gc!()
      const { heapUsed, rss } = process.memoryUsage()
      samples.push({ at: (performance.now() - began) / minute, heap: heapUsed / 1e6, rss: rss / 1e6, file: (sizeOf(path) + sizeOf(`${path}-wal`)) / 1e6, runs: tally.runs })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return samples
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function growthOf(samples: readonly Sample[]): Pick<EnduranceReport, 'heapSlope' | 'rssSlope' | 'file' | 'fileBound'> {
  const late = samples.slice(samples.length >>> 1)
  // Runs that came within one retention, and until the next look after it.
  const span = Math.ceil(retention / haste / sampleEvery) + 2
  const kept = Math.max(...samples.map(({ runs }, at) => runs - (samples[at - span]?.runs ?? 0)))
  return {
    heapSlope: rounded(slopeOf(late.map(({ at, heap }) => [at, heap]))), rssSlope: rounded(slopeOf(late.map(({ at, rss }) => [at, rss]))),
    file: rounded(Math.max(...samples.map(({ file }) => file))), fileBound: rounded(kept * perRun + logSize),
  }
}

/** Of the straight line with the least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  return points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0) / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
}

async function countOf(ledger: Ledger): Promise<number> {
  let count = 0
  for (let page = await ledger.entries(null, 500); page.length > 0; page = await ledger.entries(page.at(-1)!, 500)) count += page.length
  return count
}

/** Everything is cleared away that a clock ends: what stands in totals then is what was spent, to the grain. */
async function astrayOf(ledger: Ledger, spent: number, now: number): Promise<Record<string, number>> {
  await ledger.retire(now + 40 * 24 * 60 * minute)
  const totals = await ledger.totals()
  return Object.fromEntries(Object.keys(windows).map(budget => {
    const total = totals.filter(({ key }) => (JSON.parse(key) as unknown[])[0] === budget).reduce((sum, { settled }) => sum + settled, 0)
    return [budget, total - spent]
  }))
}

const rounded = (value: number) => Math.round(value * 100) / 100
