import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ledger, Entry, RunKey } from '../../src/server/index.ts'
import { createCrew } from './crew.ts'
import type { Crew } from './crew.ts'
import { openLedger, startEngine } from './engines.ts'
import type { EngineName, Server } from './engines.ts'
import { promptTokens } from '../fixtures/tokens.ts'
import { idOf, messagesOf, planOf, textOf } from './plan.ts'
import type { Served, UpstreamMessage } from './upstream.ts'

export interface SoakOptions {
  readonly engine: EngineName
  /** Runs that are offered in all. */
  readonly runs: number
  readonly seed: number
  /** One call of the upstream in so many asks for the death of its caller. */
  readonly killEvery: number
  /** Milliseconds between deaths at any moment. */
  readonly killAfter: number
}

/** What a soak came to, in tokens and runs. */
export interface SoakReport {
  readonly soak: EngineName
  readonly seed: number
  readonly runs: number
  readonly processes: number
  readonly seconds: number
  /** Tokens that all runs would have come to, and that the one budget lets through. */
  readonly offered: number
  readonly limit: number
  /** Tokens by the upstream's own log. */
  readonly served: number
  readonly overspend: number
  /** What the ledger says once every lease is over. */
  readonly settled: number
  readonly held: number
  /** Runs by how they ended, and those nobody had reserved or a budget refused. */
  readonly ended: Readonly<Record<string, number>>
  /** Tokens of runs that were settled in full because nobody knew better. */
  readonly assumedTokens: number
  /** Tokens that were written to connections that broke or that somebody left, and heard by nobody. */
  readonly unheardTokens: number
  /** Runs that the upstream served more than they were settled at, beside what nobody heard; what that comes to, and some of them. */
  readonly short: { readonly runs: number; readonly tokens: number; readonly some: readonly object[] }
  /** Runs that were given back and that the upstream had been asked for all the same. */
  readonly servedForNothing: number
  readonly answers: Readonly<Record<string, number>>
  readonly killed: { readonly beforeFirstByte: number; readonly atAnyMoment: number }
  readonly restarts: number
}

const processes = 8
const callers = 4
const lease = 2_000
/** Share of the offered load that the budget holds. */
const share = 0.6

/**
 * Eight processes with a model selector each against one budget that holds less than they are
 * offered, killed at random, also between the dispatch of a run and the first byte of its answer,
 * while the database falls once. The upstream lives in a process of its own and keeps the count.
 */
export async function soak({ engine, runs, seed, killEvery, killAfter }: SoakOptions): Promise<SoakReport> {
  const began = performance.now()
  const server = await startEngine(engine)
  const upstream = await startUpstream(seed, killEvery)
  const offered = offeredTokens(seed, runs)
  const limit = Math.floor(offered * share)
  const size = Math.max(1, Math.min(50, Math.ceil(runs / processes / 4)))
  const portions = Array.from({ length: Math.ceil(runs / size) }, (_, at) => ({ from: at * size, to: Math.min(runs, (at + 1) * size) }))
  const killed = { beforeFirstByte: 0, atAnyMoment: 0 }
  let restarting: Promise<boolean> | undefined
  const crew = createCrew({
    processes, portions, worker: { address: server.address, upstream: upstream.url, seed, limit, callers, lease },
    onProgress: () => { if (crew.progress * 2 >= portions.length) restarting ??= server.restart() },
  })
  upstream.onKill(name => { killed.beforeFirstByte += Number(crew.kill(name)) })
  const stop = killNowAndThen(crew, killAfter, () => { killed.atAnyMoment++ })
  try {
    const answers = await crew.done
    stop()
    const restarts = Number(await restarting ?? false)
    await setTimeout(lease + 500)
    const found = await judge(server, await upstream.served(), limit, seed)
    return { soak: engine, seed, runs, processes, seconds: Math.round((performance.now() - began) / 100) / 10, offered, limit, ...found, answers: Object.fromEntries(answers), killed, restarts }
  } finally {
    stop()
    await crew.close()
    upstream.close()
    await server.stop()
  }
}

/** What is wrong with a report; nothing where all holds. */
export function violationsOf({ overspend, held, settled, limit, short, servedForNothing, ended, answers, killed }: SoakReport): string[] {
  return [
    ...overspend > 0 ? [`The upstream served ${overspend} tokens more than the budget holds.`] : [],
    ...held > 0 ? [`${held} tokens are held by nobody.`] : [],
    ...settled > limit ? [`The ledger settled ${settled} tokens of ${limit}.`] : [],
    ...short.runs > 0 ? [`${short.runs} runs were served ${short.tokens} tokens more than they were settled at.`] : [],
    ...servedForNothing > 0 ? [`${servedForNothing} runs were given back and served.`] : [],
    ...(ended['held'] ?? 0) + (ended['dispatched'] ?? 0) > 0 ? ['Runs are open whose lease is over.'] : [],
    // Else it has shown nothing.
    ...answers['budget-exceeded'] ? [] : ['The budget was never full.'],
    ...killed.beforeFirstByte > 0 && killed.atAnyMoment > 0 ? [] : ['Nobody was killed.'],
  ]
}

/** What all runs would come to if they were all let through. */
function offeredTokens(seed: number, runs: number): number {
  return Array.from({ length: runs }, (_, run) => {
    const { kind, words } = planOf(seed, run, Infinity)
    return promptTokens(messagesOf(textOf(run, kind))) + words
  }).reduce((sum, tokens) => sum + tokens, 0)
}

function killNowAndThen(crew: Crew, milliseconds: number, killed: () => void): () => void {
  const timer = setInterval(() => { if (crew.killAny(Math.random)) killed() }, milliseconds)
  return () => clearInterval(timer)
}

interface UpstreamProcess {
  readonly url: string
  onKill(listener: (name: string) => void): void
  served(): Promise<readonly Served[]>
  close(): void
}

async function startUpstream(seed: number, killEvery: number): Promise<UpstreamProcess> {
  const child = fork(fileURLToPath(new URL('upstream.ts', import.meta.url)), [`${seed}`, `${killEvery}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [first] = await once(child, 'message') as [{ url: string }]
  return {
    url: first.url,
    onKill: listener => void child.on('message', (message: UpstreamMessage) => { if ('kill' in message) listener(message.kill) }),
    served() {
      const report = new Promise<readonly Served[]>(resolve => {
        child.on('message', (message: UpstreamMessage) => { if ('served' in message) resolve(message.served) })
      })
      child.send('report')
      return report
    },
    close: () => void child.kill('SIGKILL'),
  }
}

type Found = Pick<SoakReport, 'served' | 'overspend' | 'settled' | 'held' | 'ended' | 'assumedTokens' | 'unheardTokens' | 'short' | 'servedForNothing'>

/** Holds the ledger to the upstream's own log. */
async function judge({ address }: Server, log: readonly Served[], limit: number, seed: number): Promise<Found> {
  const ledger = openLedger(address)
  try {
    await ledger.expire()
    const [balance] = await ledger.balance([{ budget: 'all', scope: 'all', subject: 'all', unit: 'tokens', window: 'month', timeZone: 'UTC', limit, amount: 0 }])
    const entries = await allOf(ledger)
    const served = sum(log.map(tokensOf))
    const byId = Map.groupBy(log, ({ run }) => idOf(run))
    const short = entries.flatMap(entry => shortOf(entry, byId.get(entry.run) ?? [], seed))
    return {
      served, overspend: Math.max(0, served - limit), settled: balance!.settled, held: balance!.held,
      ended: Object.fromEntries([...Map.groupBy(entries, ({ status }) => status)].map(([status, of]) => [status, of.length])),
      assumedTokens: sum(entries.filter(({ status }) => status === 'assumed').map(chargedOf)),
      unheardTokens: sum(entries.map(entry => unheardOf(entry, byId.get(entry.run) ?? [], seed))),
      short: { runs: short.length, tokens: sum(short.map(({ by }) => by)), some: short.slice(0, 5) },
      servedForNothing: entries.filter(({ run, status }) => status === 'released' && sum((byId.get(run) ?? []).map(tokensOf)) > 0).length,
    }
  } finally {
    await ledger.close()
  }
}

async function allOf(ledger: Ledger): Promise<Entry[]> {
  const all: Entry[] = []
  for (let after: RunKey | null = null; ;) {
    const page: readonly Entry[] = await ledger.entries(after, 500)
    all.push(...page)
    if (page.length < 500) return all
    after = page.at(-1)!
  }
}

/** Output that was on its way when the connection broke, or when whoever asked had gone. */
function unheardOf({ receipt }: Entry, log: readonly Served[], seed: number): number {
  const isBroken = receipt?.status === 'aborted' || log.some(({ run }) => planOf(seed, run, Infinity).end === 'cut')
  return isBroken ? Math.max(0, sum(log.map(({ output }) => output)) - (receipt?.usage.output ?? 0)) : 0
}

/** What a run was served beyond what it was settled at, and what nobody heard. */
function shortOf(entry: Entry, log: readonly Served[], seed: number) {
  const { run, status, receipt } = entry
  const by = sum(log.map(tokensOf)) - chargedOf(entry) - unheardOf(entry, log, seed)
  if (by <= 0) return []
  const { kind, usage, end, manner } = planOf(seed, log[0]!.run, Infinity)
  return [{ run, by, served: log.map(({ input, output }) => [input, output]), settled: receipt && [receipt.usage.input, receipt.usage.output, receipt.usage.source], status: receipt?.status ?? status, kind, usage, end, manner }]
}

const tokensOf = ({ input, output }: Served) => input + output
const chargedOf = ({ receipt }: Entry) => receipt ? receipt.usage.input + receipt.usage.output : 0
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
