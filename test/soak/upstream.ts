import { startUpstream } from '../fixtures/upstream.ts'
import type { Call, Reply } from '../fixtures/upstream.ts'
import { planOf, promptWords, runOf } from './plan.ts'

// The fixture upstream in a process of its own: `node upstream.ts <seed> <killEvery>`, forked. It says
// where it is, asks for deaths, and at "report" tells what it served. No death of a caller loses its log.
export type UpstreamMessage = { readonly url: string } | { readonly kill: string } | { readonly served: readonly (readonly [run: number, tokens: number])[] }

const [seed, killEvery] = process.argv.slice(2).map(Number) as [number, number]
const say = (message: UpstreamMessage) => process.send!(message)
const numberOf = ({ body }: Call) => runOf(body.messages!.at(-1)!.content!)
const wordsOf = (count: number) => Array.from({ length: count }, (_, at) => `word${at} `)
const asked = new Set<Call>()

const upstream = await startUpstream((call): Reply => {
  const { words, kill, ...reply } = planOf(seed, numberOf(call), killEvery)
  if (kill) {
    asked.add(call)
    say({ kill: call.headers.authorization!.slice('Bearer '.length) })
  }
  return { ...reply, deltas: wordsOf(words), silent: kill === 'before' }
})

/** What a call cost. One whose caller was killed goes on to its end and is paid for, as with servers that do not notice. */
function tokensOf(call: Call): number {
  const { status, words } = planOf(seed, numberOf(call), killEvery)
  if (asked.has(call)) return promptWords + words
  return status === 200 ? promptWords + call.served : 0
}

process.on('message', () => say({ served: upstream.log.map(call => [numberOf(call), tokensOf(call)]) }))
process.on('disconnect', () => process.exit())
say({ url: upstream.url })
