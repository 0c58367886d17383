import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../setup/free-port.ts'
import { buildPackage } from '../setup/build.ts'
import type { Job, Load } from './gateway-load.ts'

// What the OpenAI-compatible route costs, with a key, two budgets and the SQLite ledger on, beside gateways that keep
// no ledger: requests a second at 32 connections, and what each adds to the upstream's own time at 4. Servers,
// upstream and load have a process each; rounds take turns, so that a busy machine is busy for all, and ratios are
// of rounds. SPARING_GATEWAY=http://… measures another gateway in Portkey's place, whose upstream is then its own affair.

type Print = (figure: Record<string, unknown>) => void

const rounds = 7
const milliseconds = 1_200
const warmUp = 5_000
const key = 'sk-bench-0123456789abcdefgh'
const forms = ['whole', 'stream'] as const
type Form = (typeof forms)[number]

interface Gateway {
  readonly name: string
  readonly url: string
  readonly pid: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
  stop(): void
}

/** Prints, for each form, what each gateway does and how this package compares, with the least and most of the rounds. */
export async function bench(print: Print): Promise<void> {
  await buildPackage()
  const folder = await mkdtemp(join(tmpdir(), 'sparing-bench-'))
  const upstream = await started('upstream', ['gateway-upstream.ts'])
  const gateways = [{ ...upstream, name: 'direct' }, ...await Promise.all([...['bare', 'hono', 'sparing'].map(which => own(which, upstream.url, folder)), portkey(upstream.url)])]
  try {
    for (const form of forms) report(print, form, gateways, takeTurns(gateways, form))
    print({ bench: 'gateway', what: 'client cancel to upstream cancel', unit: 'ms', ...await cancellations(gateways.find(({ name }) => name === 'sparing')!, upstream.url), aim: 100 })
  } finally {
    for (const { stop } of gateways) stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A process that says its address when it is ready. */
async function started(name: string, [file, ...args]: [string, ...string[]], change: Partial<Gateway> = {}): Promise<Gateway> {
  const child = spawn(process.execPath, [script(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } })
  const [url] = await once(createInterface(child.stdout), 'line') as [string]
  return { name, url, pid: child.pid!, headers: {}, model: 'immediate', stop: () => void child.kill(), ...change }
}

const own = (which: string, upstream: string, folder: string) =>
  started(which, ['gateway-server.ts', which, upstream, folder, key], which === 'sparing' ? { headers: { authorization: `Bearer ${key}` }, model: 'eco' } : {})

/** As its documentation has it run, without its console. */
async function portkey(upstream: string): Promise<Gateway> {
  const headers = { authorization: 'Bearer none', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` }
  const given = process.env['SPARING_GATEWAY']
  const base = { name: 'portkey', headers, model: 'immediate' }
  if (given) return { ...base, url: given, pid: null, stop: () => {} }
  const port = await freePort()
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@portkey-ai/gateway/build/start-server.js')), `--port=${port}`, '--headless'], { stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production' } })
  const url = `http://127.0.0.1:${port}`
  await answering(url)
  return { ...base, url, pid: child.pid!, stop: () => void child.kill() }
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).then(() => true, () => false)) return
    await pause(100)
  }
  throw new Error(`No gateway answers at ${url}.`)
}

/** What one gateway did in one round. */
interface Round {
  readonly perSecond: number
  /** Microseconds of processor time for each request; `null` where nobody can say. */
  readonly cpu: number | null
  readonly p50: number
  readonly p99: number
}

/** Each gateway in each round, all of them warm: an engine goes on optimising for thousands of requests. */
function takeTurns(gateways: readonly Gateway[], form: Form): Round[][] {
  for (const { url, headers, model } of gateways) loaded({ url, headers, model, stream: form === 'stream', connections: 32, milliseconds: warmUp })
  const all: Round[][] = gateways.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, gateway] of gateways.entries()) all[at]!.push(roundOf(gateway, form))
  }
  return all
}

function roundOf(gateway: Gateway, form: Form): Round {
  const { url, headers, model, pid } = gateway
  const job = { url, headers, model, stream: form === 'stream', milliseconds }
  const before = processorTime(pid)
  const { perSecond, times } = loaded({ ...job, connections: 32 })
  const spent = processorTime(pid)
  const quick = loaded({ ...job, connections: 4, milliseconds: milliseconds / 2 }).times.toSorted((a, b) => a - b)
  const at = (share: number) => quick[Math.floor(share * (quick.length - 1))]!
  return { perSecond, cpu: before === null || spent === null ? null : (spent - before) / times.length, p50: at(0.5), p99: at(0.99) }
}

function loaded(job: Job): Load {
  const { status, stdout } = spawnSync(process.execPath, [script('gateway-load.ts'), JSON.stringify(job)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64e6 })
  if (status !== 0) throw new Error(`The load on ${job.url} failed.`)
  return JSON.parse(stdout) as Load
}

/** Microseconds a process was at work so far, where the system says so; its clock ticks a hundred times a second. */
function processorTime(pid: number | null): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return null
  }
}

function report(print: Print, form: Form, gateways: readonly Gateway[], all: readonly Round[][]): void {
  const of = (name: string) => all[gateways.findIndex(each => each.name === name)]!
  const added = (rounds: readonly Round[], which: 'p50' | 'p99') => figure(median(rounds.map((round, at) => round[which] - of('direct')[at]![which])))
  for (const { name } of gateways) {
    const cpu = of(name).flatMap(round => round.cpu ?? [])
    const latency = name === 'direct' ? { p50: figure(median(of(name).map(({ p50 }) => p50))), p99: figure(median(of(name).map(({ p99 }) => p99))) } : { addedP50: added(of(name), 'p50'), addedP99: added(of(name), 'p99') }
    print({ bench: 'gateway', what: `${name}, ${form}`, unit: 'requests/s', median: Math.round(median(of(name).map(({ perSecond }) => perSecond))), ...cpu.length > 0 && { cpuMicroseconds: Math.round(median(cpu)) }, ...latency, latencyUnit: 'ms', rounds })
  }
  for (const [other, target] of [['portkey', 5], ['hono', null], ['bare', 0.35]] as const) {
    const ratios = of('sparing').map(({ perSecond }, at) => perSecond / of(other)[at]!.perSecond)
    print({ bench: 'gateway', what: `sparing beside ${other}, ${form}`, unit: 'ratio', ratio: figure(median(ratios)), least: figure(Math.min(...ratios)), most: figure(Math.max(...ratios)), ...target && { target } })
  }
}

const figure = (value: number) => Number(value.toPrecision(3))
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Milliseconds from a client's going away until the upstream knows, through this package. */
async function cancellations({ url, headers }: Gateway, upstream: string): Promise<{ p50: number; p99: number; most: number; of: number }> {
  const { gaveUp } = loaded({ url, headers, model: 'patient', stream: true, connections: 8, milliseconds: 0, cancel: 400 })
  await pause(500)
  const gone = await (await fetch(upstream)).json() as Record<string, number>
  const unheard = Object.keys(gaveUp).filter(name => gone[name] === undefined)
  if (unheard.length > 0) throw new Error(`${unheard.length} of ${Object.keys(gaveUp).length} cancelled requests never reached the upstream.`)
  const times = Object.entries(gaveUp).map(([name, at]) => gone[name]! - at).toSorted((a, b) => a - b)
  const at = (share: number) => figure(times[Math.floor(share * (times.length - 1))]!)
  return { p50: at(0.5), p99: at(0.99), most: at(1), of: times.length }
}
