import { startUpstream } from '../fixtures/upstream.ts'
import type { Call, Reply } from '../fixtures/upstream.ts'
import { promptTokens } from '../fixtures/tokens.ts'
import { planOf, runOf } from './plan.ts'

// The fixture upstream in a process of its own: `node upstream.ts <seed> <killEvery>`, forked. It says
// where it is, asks for deaths, and at "report" tells what it served. No death of a caller loses its log.
export type UpstreamMessage = { readonly url: string } | { readonly kill: string } | { readonly served: readonly Served[] }
/** What one call cost: tokens that were read and written. */
export interface Served { readonly run: number; readonly input: number; readonly output: number }

const [seed, killEvery] = process.argv.slice(2).map(Number) as [number, number]
const say = (message: UpstreamMessage) => process.send!(message)
const numberOf = ({ body }: Call) => runOf(body.messages!)
const wordsOf = (count: number) => Array.from({ length: count }, (_, at) => `word${at} `)
const asked = new Set<Call>()

const upstream = await startUpstream((call): Reply => {
  const { words, kill, ...reply } = planOf(seed, numberOf(call), killEvery)
  if (kill) {
    asked.add(call)
    say({ kill: call.headers.authorization!.slice('Bearer '.length) })
  }
  return { ...reply, deltas: wordsOf(words), silent: kill === 'before' }
}, { count: promptTokens })

/** What a call cost. One whose caller was killed goes on to its end and is paid for, as with servers that do not notice. */
function servedBy(call: Call): Served {
  const run = numberOf(call)
  return { run, input: call.prompt, output: asked.has(call) ? planOf(seed, run, killEvery).words : call.served }
}

process.on('message', () => say({ served: upstream.log.map(servedBy) }))
process.on('disconnect', () => process.exit())
say({ url: upstream.url })
