import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { learnedOf, learnRun, noLessons } from '../../src/catalog/lessons.ts'
import type { FeatureLessons } from '../../src/catalog/lessons.ts'
import { answerPrior } from '../../src/catalog/priors.ts'
import { rangeOf } from '../../src/core/index.ts'
import type { Estimate, Range, ReachableFeature, ReachableModel, Task } from '../../src/core/index.ts'
import { randomFrom } from '../../src/routing/train/random.ts'
import { severalModels } from './several-models.ts'

// How often likely ranges of output hold, each made before its run is seen, and how wide they are, beside
// ranges that learn nothing and ranges of plain running quantiles. What the prior was tuned on (SciTLDR's
// train split, the first half of GSM8K) is left out. At the end, of a feature with several models, the range of
// money of the one that is paid. Usage: node test/bench/estimates.ts [folder] [--orderings 200]

type Print = (figure: Record<string, unknown>) => void

/** Makes ranges and is told what came: whatever it makes of that. */
interface Method {
  range(): Range
  see(tokens: number, cut: boolean): void
}

interface Family {
  readonly name: string
  readonly task: Task
  /** The lengths of one ordering. */
  readonly draw: (random: Random) => readonly number[]
  /** The run from which on lengths are others. */
  readonly change?: number
  /** Where the ceiling cuts. */
  readonly ceiling?: number
  /** Single lengths are so many of all that a range holds either less or more than it says. */
  readonly lumps?: boolean
}

type Random = () => number

const name = 'estimates'
const learning = 50
const runs = 200
const target = { low: 0.75, high: 0.85 }

/** Prints, by kind of lengths and method, coverage and width in the first fifty runs and after, with intervals of 95 % over orderings. */
export async function bench(print: Print, options: { data?: string; orderings?: number } = {}): Promise<void> {
  const folder = options.data ?? process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname
  const { orderings = 200 } = options
  const measured = existsSync(folder) ? measuredFamilies(folder) : []
  if (measured.length === 0) print({ bench: name, skipped: `there is no folder ${folder}, so only made-up lengths were tried. SPARING_DATA may name another data folder.` })
  for (const family of [...measured, ...madeUp]) compare(print, family, orderings)
  severalModels(print, orderings)
}

function measuredFamilies(folder: string): Family[] {
  const rows = (file: string) => readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  const targets = rows('summaries/scitldr-a-dev.jsonl').map(row => countTokens([row['target']].flat().map(String)[0]!, { disallowedSpecial: new Set() }))
  const answers = rows('routing/gsm8k.jsonl')
  const held = answers.slice(Math.ceil(answers.length / 2))
  const characters = (field: string) => held.map(row => Number(row[field])).filter(length => length > 0)
  // English answers with sums in them come to about three and a half characters a token.
  const tokens = (field: string) => characters(field).map(length => Math.max(1, Math.round(length / 3.5)))
  return [
    measuredFamily('SciTLDR targets, o200k tokens', 'summarize', targets),
    measuredFamily('GSM8K, Mixtral, characters / 3.5', 'answer', tokens('weak_answer_chars')),
    measuredFamily('GSM8K, GPT-4, characters / 3.5', 'answer', tokens('strong_answer_chars')),
    measuredFamily('GSM8K, Mixtral, characters', 'answer', characters('weak_answer_chars')),
    measuredFamily('GSM8K, GPT-4, characters', 'answer', characters('strong_answer_chars')),
    {
      name: 'SciTLDR, then GSM8K by GPT-4', task: 'summarize', change: runs / 2,
      draw: random => [...shuffled(targets, random).slice(0, runs / 2), ...shuffled(tokens('strong_answer_chars'), random).slice(0, runs / 2)],
    },
  ]
}

const measuredFamily = (name: string, task: Task, lengths: readonly number[]): Family =>
  ({ name, task, draw: random => shuffled(lengths, random).slice(0, Math.max(runs, lengths.length)) })

const drawn = (one: (random: Random, at: number) => number) => (random: Random) =>
  Array.from({ length: runs }, (_, at) => Math.max(1, Math.round(one(random, at))))

const logNormal = (random: Random, centre: number, deviation: number) => Math.exp(centre + deviation * normal(random))

const madeUp: readonly Family[] = [
  { name: 'log-normal', task: 'chat', draw: drawn(random => logNormal(random, 5.3, 0.7)) },
  { name: 'two kinds', task: 'chat', draw: drawn(random => logNormal(random, random() < 0.5 ? 4 : 6.5, 0.2)) },
  { name: 'heavy tail', task: 'chat', draw: drawn(random => Math.min(100_000, 60 * (1 - random()) ** (-1 / 1.1))) },
  { name: 'constant', task: 'chat', lumps: true, draw: drawn(() => 180) },
  { name: 'a class of three', task: 'classify', lumps: true, draw: drawn(random => [2, 2, 2, 3, 5][Math.floor(random() * 5)]!) },
  { name: 'uniform', task: 'chat', draw: drawn(random => 1 + random() * 800) },
  { name: 'far from the prior', task: 'code', draw: drawn(random => logNormal(random, 9, 0.5)) },
  { name: 'four times as long from the middle on', task: 'chat', change: runs / 2, draw: drawn((random, at) => logNormal(random, at < runs / 2 ? 4.6 : 6, 0.4)) },
  { name: 'slowly longer', task: 'chat', draw: drawn((random, at) => logNormal(random, 4.5 + at / 100, 0.4)) },
  { name: 'cut at 250, a third of all', task: 'chat', ceiling: 250, lumps: true, draw: drawn(random => logNormal(random, 5.3, 0.5)) },
]

function compare(print: Print, family: Family, orderings: number): void {
  const random = randomFrom(20_261_126)
  const lengths = Array.from({ length: orderings }, () => family.draw(random))
  const methods = { sparing: () => learningMethod(family), 'running quantiles': () => runningQuantiles(family), 'the task\'s prior': () => constantMethod(family) }
  for (const [method, make] of Object.entries(methods)) {
    const scores = lengths.map(each => follow(make(), each, family))
    const after = summary(scores.map(({ after }) => after))
    const verdict = method === 'sparing' && !family.change && !family.lumps ? { within: after.coverage.mean >= target.low && after.coverage.mean <= target.high } : {}
    print({
      bench: name, lengths: family.name, method, orderings, runs: lengths[0]!.length, first50: summary(scores.map(({ first }) => first)), after50: after,
      ...family.change ? { after50Changed: summary(scores.map(({ changed }) => changed)) } : {}, ...verdict,
    })
  }
}

/** Coverage, the ratio of high to low as a logarithm, and the interval score of logarithms (Gneiting & Raftery 2007: less is better). */
interface Score {
  coverage: number
  width: number
  score: number
}

/** A run in which a range was made, and what came. */
interface Seen {
  readonly range: Range
  readonly tokens: number
}

function follow(method: Method, lengths: readonly number[], { ceiling = Infinity, change = Infinity }: Family) {
  const seen = lengths.map((length): Seen => {
    const { low, mid, high } = method.range()
    const tokens = Math.min(length, ceiling)
    method.see(tokens, length > ceiling)
    return { range: rangeOf(Math.min(low, ceiling), Math.min(mid, ceiling), Math.min(high, ceiling)), tokens }
  })
  return { first: scoreOf(seen.slice(0, learning)), after: scoreOf(seen.slice(learning)), changed: scoreOf(seen.slice(change, change + learning)) }
}

function scoreOf(seen: readonly Seen[]): Score {
  const mean = (of: (each: Seen) => number) => seen.reduce((sum, each) => sum + of(each), 0) / seen.length
  const missed = ({ range: { low, high }, tokens }: Seen) => Math.max(0, Math.log(low / tokens), Math.log(tokens / high))
  const width = ({ range: { low, high } }: Seen) => Math.log(high / low)
  return { coverage: mean(each => Number(missed(each) === 0)), width: mean(width), score: mean(each => width(each) + 2 / 0.2 * missed(each)) }
}

function summary(scores: readonly Score[]) {
  const { coverage, width, score } = { coverage: meanOf(scores.map(each => each.coverage)), width: meanOf(scores.map(each => each.width)), score: meanOf(scores.map(each => each.score)) }
  return { coverage, width: { ...width, ratio: rounded(Math.exp(width.mean)) }, score }
}

/** A mean over orderings, and 95 % of where it would lie for others of them. */
function meanOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  const error = 1.96 * Math.sqrt(variance / values.length)
  return { mean: rounded(mean), low: rounded(mean - error), high: rounded(mean + error) }
}

const rounded = (value: number) => Number(value.toFixed(3))

const model: ReachableModel = {
  id: 'm', provider: 'p', tier: 'eco', kind: 'generative', tasks: null, context: 100_000, efforts: ['none'], price: null, energy: null, pace: null, stars: null, provenance: { usd: 'unknown', wh: 'unknown' },
}

/** What a server does with its runs: each is learned from, and scored, and the next one's range is read from the catalog. */
function learningMethod({ task }: Family): Method {
  const prior = answerPrior(task).range
  const feature: ReachableFeature = { task, baseline: 'none', tier: 'max', effort: 'none', maxInputTokens: 1_000, maxOutputTokens: 1e9, mode: 'offer', background: false, overhead: 0, output: prior }
  const choice = { model: 'm', provider: 'p', tier: 'eco', effort: 'none', need: 'generate', reasons: [] } as const
  let lessons: FeatureLessons = noLessons
  let range = prior
  return {
    range: () => range,
    see(tokens, cut) {
      const estimate = { tokens: { input: rangeOf(1, 1, 1), output: range }, cost: { usd: null, wh: null, gco2e: null }, seconds: null } as unknown as Estimate
      const usage = { input: 1, cached: 0, output: tokens, reasoning: 0, source: 'reported' } as const
      lessons = learnRun(lessons, { receipt: { status: cut ? 'ceiling' : 'completed', choice, usage, cost: { usd: null, wh: null, gco2e: null }, estimate, at: 0 } })
      range = learnedOf(feature, lessons, [model]).lengths!['m']!.none!
    },
  }
}

function constantMethod({ task }: Family): Method {
  return { range: () => answerPrior(task).range, see: () => {} }
}

/** The 10th, 50th and 90th percentile of everything that was seen, interpolated; the prior until there are two. */
function runningQuantiles({ task }: Family): Method {
  const sorted: number[] = []
  const at = (level: number) => {
    const place = level * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
    return Math.round(below + (above - below) * (place % 1))
  }
  return {
    range: () => sorted.length < 2 ? answerPrior(task).range : rangeOf(at(0.1), at(0.5), at(0.9)),
    see: tokens => void sorted.splice(sorted.findLastIndex(each => each <= tokens) + 1, 0, tokens),
  }
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const copy = [...values]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [copy[i]!, copy[j]!]
    copy[i] = b
    copy[j] = a
  }
  return copy
}

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())


if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { orderings: { type: 'string', default: '200' } } })
  await bench(figure => console.log(JSON.stringify(figure)), { orderings: Number(values.orderings), ...positionals[0] ? { data: positionals[0] } : {} })
}
