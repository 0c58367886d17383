import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { exactly } from '../../src/core/index.ts'
import type { Catalog, ReachableModel } from '../../src/core/index.ts'
import { boundsOf, evidenceKey, observe } from '../../src/routing/adequacy.ts'
import type { AdequacyState } from '../../src/routing/adequacy.ts'
import { choose } from '../../src/routing/choose.ts'
import type { ChoiceKnowledge } from '../../src/routing/choose.ts'
import { areaOf, clustered, pgrAt, pointsOf, randomFrom, sharedAt, sumOf } from './quality-curves.ts'
import type { Cluster, Curve, Tally } from './quality-curves.ts'

// Whether learning from outcomes beats every fixed policy. Each subject is a product's feature and its prompts in
// random order are the day's traffic; an outcome is seen only for the model that ran, and the strong model costs 20
// times the weak one. The first 100 outcomes of a feature are its learning; what is scored comes after them.
// Usage: node test/bench/routing-adequacy.ts [folder] [orderings]

type Print = (figure: Record<string, unknown>) => void

interface Prompt {
  length: number
  /** 1 where the answer was right. */
  weak: number
  strong: number
}

interface Subject {
  name: string
  prompts: Prompt[]
}

/** How outcomes differ from the truth: a fifth the wrong way round, or one person, who sends a tenth of them, lies. */
export type Noise = 'clean' | 'flipped' | 'contrary' | 'damns weak' | 'damns strong'

/** Which prompts are scored: those after the first 100, each new; or, some subjects having no more, every prompt once. */
type Scope = 'new' | 'all'

const name = 'routing-adequacy'
const warmUp = 100
const people = 40
const resamples = 1000
/** Bounds are worked out anew after so many outcomes, as by a server that reads the state now and then. */
const refresh = 5

/** Settings of the two curves: what a dearer model must add where nothing is ever good enough, and what is good enough. */
export const settings = {
  worth: [0, 0.01, 0.03, 0.05, 0.065, 0.08, 0.095, 0.11, 0.135, 0.17, 0.23].map(worth => ({ worth, adequate: 0.999 })),
  bar: [0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95].map(adequate => ({ worth: 0.05, adequate })),
} satisfies Record<string, Array<{ worth: number; adequate: number }>>

const modelOf = (id: string, tier: ReachableModel['tier'], price: number): ReachableModel => ({
  id, provider: 'p', tier, kind: 'generative', tasks: null, context: 8_000, efforts: ['none'], price: { input: price, cached: price, output: price },
  energy: { request: exactly(0), input: exactly(0), output: exactly(0) }, pace: null, stars: null, provenance: { usd: 'local', wh: 'unknown' },
})
const keyOf = (model: string) => evidenceKey({ provider: 'p', model, effort: 'none' })
// What their makers published for the whole of MMLU: Mixtral 8x7B 70.6 %, GPT-4 86.4 %.
const strengths = { [keyOf('weak')]: 0.706, [keyOf('strong')]: 0.864 }

const catalogOf = (adequate: number): Catalog => ({
  version: '1', models: [modelOf('weak', 'eco', 1_000_000), modelOf('strong', 'max', 20_000_000)], policy: { owner: null, pays: false, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } },
  features: { f: { task: 'answer', baseline: 'search', tier: 'max', effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 100, adequate, mode: 'offer', background: false, overhead: 0, output: exactly(10) } },
})

/** From the data folder, or nothing where it is not there. */
export function subjectsIn(folder: string): Subject[] {
  const rows = ['mmlu', 'gsm8k'].map(file => `${folder}/${file}.jsonl`).filter(file => existsSync(file)).flatMap(rowsOf)
  const names = [...new Set(rows.map(row => row.subject ?? row.benchmark))].sort()
  return names.map(name => ({
    name, prompts: rows.filter(row => (row.subject ?? row.benchmark) === name).map(row => ({ length: row.prompt.length, weak: Number(row.weak_ok), strong: Number(row.strong_ok) })),
  }))
}

interface Row {
  benchmark: string
  subject?: string
  prompt: string
  weak_ok: number
  strong_ok: number
}

const rowsOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Row)

/** What a subject's traffic came to, for each scope. */
export function runOf({ prompts }: Subject, setting: { worth: number; adequate: number }, noise: Noise, seed: number, more: Partial<ChoiceKnowledge> = {}): Record<Scope, Tally> {
  const random = randomFrom(seed)
  const catalog = catalogOf(setting.adequate)
  const traffic = trafficOf(prompts, random)
  const tallies: Record<Scope, Tally & { calls: number }> = { new: { strong: 0, right: 0, calls: 0 }, all: { strong: 0, right: 0, calls: 0 } }
  let state: AdequacyState = {}
  let adequacy = boundsOf(state, strengths, 0)
  for (const [i, prompt] of traffic.entries()) {
    if (i % refresh === 0) adequacy = boundsOf(state, strengths, i)
    const { model } = choose({ feature: 'f', tier: 'max', effort: 'none', need: 'generate', input, difficulty: difficultyOf(prompt) }, catalog,
      { adequacy, strengths, worth: setting.worth, draw: random(), ...more })[0]!
    const right = prompt[model as 'weak' | 'strong']
    state = observe(state, { key: keyOf(model), ...saidOf(model, right, noise, random) }, i)
    const scopes: Scope[] = i < warmUp ? [] : i < prompts.length ? ['new', 'all'] : ['all']
    for (const scope of scopes.filter(scope => scope === 'new' || i < warmUp + prompts.length)) {
      tallies[scope].calls++
      tallies[scope].strong += Number(model === 'strong')
      tallies[scope].right += right
    }
  }
  const meanOf = ({ strong, right, calls }: Tally & { calls: number }) => ({ strong: strong / (calls || 1), right: right / (calls || 1) })
  return { new: meanOf(tallies.new), all: meanOf(tallies.all) }
}

const input = { text: 'x'.repeat(400) }

/** From length alone: longer is harder. */
const difficultyOf = ({ length }: Prompt) => length / (length + 300)

/** All prompts in random order, again and again, until there are enough to learn from and to score each once. */
function trafficOf(prompts: readonly Prompt[], random: () => number): Prompt[] {
  const traffic: Prompt[] = []
  while (traffic.length < warmUp + prompts.length) traffic.push(...shuffled(prompts, random))
  return traffic.slice(0, warmUp + prompts.length)
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = all.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

function saidOf(model: string, right: number, noise: Noise, random: () => number) {
  const isHostile = random() < 0.1
  const flips = noise === 'flipped' && random() < 0.2
  const honest = Math.floor(random() * people)
  if (noise === 'clean' || noise === 'flipped' || !isHostile) return { person: `person ${honest}`, outcome: { kind: 'rated', rating: flips ? 1 - right : right } } as const
  const lie = noise === 'contrary' ? 1 - right : Number(noise !== `damns ${model}`)
  return { person: 'hostile', outcome: { kind: 'rated', rating: lie } } as const
}
