import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { choose, classify, loadClassifier } from '../../src/routing/index.ts'
import type { Classifier } from '../../src/routing/index.ts'
import { featuresOf } from '../../src/routing/features.ts'
import { createModel } from '../../src/routing/model.ts'
import { classifyByRules, createClassifier } from '../../src/routing/trained.ts'
import { weights } from '../../src/routing/weights.ts'
import { generationExamples, problemExamples } from '../../src/routing/train/examples.ts'
import type { Example } from '../../src/routing/train/examples.ts'
import { fittings } from '../../src/routing/train/fittings.ts'
import { foldsOf, train, trainingFeatures } from '../../src/routing/train/folds.ts'
import { pack } from '../../src/routing/train/pack.ts'
import type { Catalog, Need, ReachableModel } from '../../src/core/index.ts'
import { exactly, rangeOf } from '../../src/core/index.ts'
import { opened, openedBeside, openedDrafting, sealed, sealedBeside, sealedDrafting } from '../fixtures/routing/requests.ts'
import { openedLong, openedLongPairs, sealedLong, sealedLongPairs } from '../fixtures/routing/long-requests.ts'
import { rewordings } from '../fixtures/routing/rewordings.ts'
import { auc, clustered, rounded, share } from './measures.ts'

// What classify makes of requests. On TREC and CLINC every text is read by weights fitted without its own
// intent (CLINC), subject (MMLU) or share (TREC, GSM8K): five folds, so this takes a minute. The fixtures were
// written before any rule or weight was run on them: rules were mended on `opened` and on what the rewordings
// showed, nothing on `sealed`. On first contact the rules as they were then read 69 % of `opened` right, and gave
// one need to 35 of the 64 rewordings. `sealed` was read after changes that held-out folds had asked for, which moved
// it between 97 and 98 %. But one hand wrote fixtures and rules, so that even `sealed` is no
// stranger to them: another's wordings will fare worse. The rule of pages, of explained words and of written plans
// was mended on `openedBeside`, and on what CLINC has of recipes, alone; without it .125 of the 16 held-out texts beside problems that need none, and
// .08 of the sealed ones of drafting, were read as reasoning. Usage: node test/bench/routing-need.ts [folder]

type Print = (figure: Record<string, unknown>) => void

const name = 'routing-need'
const folds = 5

/** Prints accuracies and rankings with intervals of 95 %, and microseconds. */
export async function bench(print: Print, options: { data?: string } = {}): Promise<void> {
  const trained = await loadClassifier()
  benchRequests(print, { sparing: trained, 'rules only': classifyByRules, 'a page\'s few rules': classify, 'model only': modelOnly(weights), majority: always('none'), length: byLength })
  benchRewordings(print, { sparing: trained, 'rules only': classifyByRules, 'a page\'s few rules': classify, 'model only': modelOnly(weights), length: byLength })
  benchSpeed(print, trained)
  const folder = `${options.data ?? process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/routing`
  if (!existsSync(folder)) return print({ bench: name, skipped: `there is no folder ${folder}, so nothing was read of TREC and CLINC. SPARING_DATA may name another data folder.` })
  benchHeldOut(print, folder)
}

type Decision = Pick<ReturnType<Classifier>, 'need' | 'chances'>
type Method = (text: string) => Decision

const certain = (need: Need): Decision => ({ need, chances: { none: 0, generate: 0, reason: 0, [need]: 1 } })
const always = (need: Need): Method => () => certain(need)

/** The simplest that could work: a few words are a search, a paragraph is a problem. */
const byLength: Method = text => {
  const words = text.split(/\s+/).length
  const chances = { none: 1 / (1 + words / 8), generate: 0, reason: 0 }
  return { need: words <= 7 ? 'none' : words <= 18 ? 'generate' : 'reason', chances: { ...chances, generate: 1 - chances.none } }
}

function modelOnly({ generation, problem }: Pick<typeof weights, 'generation' | 'problem'>): Method {
  const [generates, isProblem] = [createModel(generation), createModel(problem)]
  return text => {
    const features = featuresOf(text)
    const reason = isProblem(features)
    const generate = (1 - reason) * generates(features)
    return { need: reason > 0.5 ? 'reason' : generate > 1 - reason - generate ? 'generate' : 'none', chances: { none: 1 - reason - generate, generate, reason } }
  }
}

function benchRequests(print: Print, methods: Record<string, Method>): void {
  for (const [half, requests] of Object.entries({ opened, sealed, 'opened, of drafting': openedDrafting, 'sealed, of drafting': sealedDrafting, 'opened, beside problems': openedBeside, 'sealed, beside problems': sealedBeside, 'opened, in a story': openedLong, 'sealed, in a story': sealedLong })) {
    const rows = (Object.keys(requests) as Need[]).flatMap(need => requests[need].map(text => ({ need, text })))
    const others = rows.filter(({ need }) => need !== 'reason')
    for (const [method, decide] of Object.entries(methods)) {
      const right = rows.filter(({ need, text }) => decide(text).need === need)
      const overdone = others.filter(({ text }) => decide(text).need === 'reason')
      const each = Object.fromEntries((Object.keys(requests) as Need[]).map(need => [need, rounded(right.filter(row => row.need === need).length / requests[need].length)]))
      print({ bench: name, what: 'fresh requests, three-way', half, method, accuracy: share(right.length, rows.length), recall: each, reasoningNotNeeded: share(overdone.length, others.length), ...(half === 'sealed' || half === 'sealed, in a story') && method === 'sparing' && { target: 0.9, reasoningAtMost: 0.03 } })
    }
  }
}

function benchRewordings(print: Print, methods: Record<string, Method>): void {
  for (const [of, pairs] of Object.entries({ 'one sentence': rewordings, 'opened, in a story': openedLongPairs, 'sealed, in a story': sealedLongPairs })) {
    for (const [method, decide] of Object.entries(methods)) {
      const same = pairs.filter(([a, b]) => decide(a).need === decide(b).need)
      print({ bench: name, what: 'the same need for a rewording', of, method, same: share(same.length, pairs.length), ...method === 'sparing' && { target: 0.9 } })
    }
  }
}

function benchSpeed(print: Print, decide: Classifier): void {
  const catalog = catalogOfTwelve()
  const texts = Array.from({ length: 500 }, (_, at) => textOf(at))
  const times: number[] = []
  for (let round = 0; round < 12; round++) {
    for (const text of texts) {
      const start = performance.now()
      choose({ feature: 'f', tier: 'max', effort: 'none', need: decide(text).need, input: { text } }, catalog)
      if (round > 1) times.push((performance.now() - start) * 1000)
    }
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => Number(times[Math.floor(part * times.length)]!.toFixed(1))
  print({ bench: name, what: 'classify and choose, 450 characters', unit: 'µs', p50: at(0.5), p95: at(0.95), target: 100 })
}

/** No two alike, from what the fixtures are made of. */
function textOf(at: number): string {
  const all = Object.values(opened).flat()
  let text = `${at}. `
  for (let i = at; text.length < 450; i += 7) text += `${all[i % all.length]!} `
  return text.slice(0, 450)
}

function catalogOfTwelve(): Catalog {
  const models = Array.from({ length: 12 }, (_, at): ReachableModel => ({
    id: `m${at}`, provider: 'p', tier: (['eco', 'standard', 'max'] as const)[at % 3]!, kind: 'generative', tasks: null, context: 100_000, efforts: ['none', 'low'],
    price: { input: 1_000 * (at + 1), cached: 500, output: 2_000 * (at + 1) }, energy: { request: exactly(0), input: exactly(0), output: exactly(at + 1) },
    pace: null, stars: null, provenance: { usd: 'measured', wh: 'measured' },
  }))
  const feature = { task: 'chat', baseline: 'search', tier: 'max', effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 500, mode: 'offer', background: false, overhead: 100, output: rangeOf(60, 220, 500) } as const
  return { version: '1', models, features: { f: feature }, policy: { owner: null, pays: false, revision: 0, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } } }
}

/** An example, and what each method says that never saw its group. */
interface Read {
  readonly example: Example
  readonly says: Record<string, Decision>
}

function benchHeldOut(print: Print, folder: string): void {
  const read = readHeldOut(folder)
  const methods = Object.keys(read[0]!.says)
  const [trec, clinc] = (['trec', 'clinc'] as const).map(source => read.filter(({ example }) => example.source === source))
  for (const method of methods) {
    const right = trec!.filter(({ example, says }) => (says[method]!.need !== 'none') === example.positive)
    print({ bench: name, what: 'TREC, held-out shares', method, accuracy: share(right.length, trec!.length), reasoning: rounded(reasoningShare(trec!, method)), ...method === 'sparing' && { target: 0.95 } })
  }
  for (const method of methods) {
    const rows = clinc!.map(({ example: { group, positive }, says }) => ({ group, positive, score: 1 - says[method]!.chances.none }))
    print({ bench: name, what: 'CLINC, unseen intents', method, auc: clustered(rows, row => row.group, auc), reasoning: rounded(reasoningShare(clinc!, method)), ...method === 'sparing' && { target: 0.8 } })
  }
  print({ bench: name, what: 'calibration of "something is to be generated", held out', method: 'sparing', error: rounded(calibrationError(trec!)), on: 'TREC' })
  print({ bench: name, what: 'calibration of "something is to be generated", held out', method: 'sparing', error: rounded(calibrationError(clinc!)), on: 'CLINC, unseen intents' })
  const problems = read.filter(({ example }) => example.source === 'gsm8k')
  for (const method of methods) print({ bench: name, what: 'GSM8K read as reasoning, held-out shares', method, recall: share(problems.filter(({ says }) => says[method]!.need === 'reason').length, problems.length) })
}

const reasoningShare = (read: readonly Read[], method: string) => read.filter(({ says }) => says[method]!.need === 'reason').length / read.length

/** Expected calibration error: how far ten equal bins of chances lie from what happened, weighed by their size. */
function calibrationError(read: readonly Read[]): number {
  const bins = Map.groupBy(read, ({ says }) => Math.min(9, Math.floor((1 - says['sparing']!.chances.none) * 10)))
  const gaps = [...bins.values()].map(rows => Math.abs(rows.reduce((sum, { example, says }) => sum + (1 - says['sparing']!.chances.none) - Number(example.positive), 0)))
  return gaps.reduce((sum, gap) => sum + gap, 0) / read.length
}

function readHeldOut(folder: string): Read[] {
  const [generation, problem] = [withFeatures(generationExamples(folder)), withFeatures(problemExamples(folder))]
  // One plan of folds for both models: a group that one has not seen the other has not either.
  const plan = foldsOf(problem.examples, folds, fittings.problem.seed)
  const foldOf = new Map(problem.examples.map(({ group }, at) => [group, plan[at]!]))
  return Array.from({ length: folds }, (_, fold) => {
    const without = ({ examples, features }: Examples, fitting: (typeof fittings)['problem'], line: { slope: number; offset: number }) => {
      const inside = examples.map((_, at) => at).filter(at => foldOf.get(examples[at]!.group) !== fold)
      return pack(train(inside.map(at => examples[at]!), inside.map(at => features[at]!), fitting), line)
    }
    const fitted = { generation: without(generation, fittings.generation, weights.generation), problem: without(problem, fittings.problem, weights.problem), vocabulary: weights.vocabulary }
    const methods: Record<string, Method> = { sparing: createClassifier(fitted), 'rules only': classifyByRules, 'a page\'s few rules': classify, 'model only': modelOnly(fitted), majority: always('none'), length: byLength }
    const held = [...generation.examples, ...problem.examples.filter(({ source }) => source === 'gsm8k')].filter(({ group }) => foldOf.get(group) === fold)
    return held.map(example => ({ example, says: Object.fromEntries(Object.entries(methods).map(([method, decide]) => [method, decide(example.text)])) }))
  }).flat()
}

interface Examples {
  readonly examples: readonly Example[]
  readonly features: ReadonlyArray<readonly number[]>
}

const withFeatures = (examples: readonly Example[]): Examples => ({ examples, features: examples.map(({ text }) => trainingFeatures(text)) })

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await bench(figure => console.log(JSON.stringify(figure)), process.argv[2] ? { data: process.argv[2] } : {})
}
