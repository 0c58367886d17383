import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { exactly } from '../../src/core/index.ts'
import type { Catalog, ReachableModel } from '../../src/core/index.ts'
import { boundsOf, evidenceKey, observe } from '../../src/routing/adequacy.ts'
import type { AdequacyState, Observation, Strengths } from '../../src/routing/adequacy.ts'
import { choose } from '../../src/routing/choose.ts'
import { difficultyOf } from '../../src/routing/difficulty.ts'
import { randomFrom } from '../../src/routing/train/random.ts'
import { areaOf, clustered, meanTally, pgrAt, pointsOf, shareAt, sumOf } from './quality-curves.ts'
import type { Cluster, Curve, Tally } from './quality-curves.ts'

// Whether learning from outcomes beats every fixed policy. Each subject is a product's feature and its prompts in
// random order are the day's traffic; an outcome is seen only for the model that ran, and the strong model costs 20
// times the weak one. The first 100 outcomes of a feature are its learning; what is scored comes after them.
// Usage: node test/bench/routing-adequacy.ts [folder] [orderings]

type Print = (figure: Record<string, unknown>) => void

interface Prompt {
  length: number
  /** As it is where nobody gives one. */
  difficulty: number
  /** 1 where the answer was right. */
  weak: number
  strong: number
}

interface Subject {
  name: string
  prompts: Prompt[]
}

/** How outcomes differ from the truth: a fifth are the wrong way round, or one person sends a tenth of them and always says the contrary. */
type Noise = 'clean' | 'flipped' | 'hostile'

/**
 * Which prompts are scored: those after the first 100, each of them new; or, as some subjects have no
 * more, every prompt once. Then small subjects are scored on prompts whose outcomes were learned from,
 * which nobody remembers one by one, but which flatters whoever knows rates.
 */
type Scope = 'new' | 'all'

const name = 'routing-adequacy'
const warmUp = 100
const costRatio = 20
const defaultOrderings = 50
const people = 40
const resamples = 1000
/** Bounds are worked out anew after so many outcomes, as by a server that reads the state now and then. */
const refresh = 5
const scopes: readonly Scope[] = ['new', 'all']
const noises: readonly Noise[] = ['clean', 'flipped', 'hostile']

interface Setting {
  /** The adequacy that a model ten times as dear must add. */
  worth: number
  /** The feature's bar. */
  adequate: number
}

/** A curve is drawn by what a dearer model must add, under a bar that is never met. */
const sweep: readonly Setting[] = [0, 0.01, 0.03, 0.05, 0.065, 0.08, 0.095, 0.11, 0.135, 0.17, 0.23].map(worth => ({ worth, adequate: 0.999 }))
/** Bars as products would set them, all else by default. */
const bars: readonly Setting[] = [0.7, 0.8, 0.9].map(adequate => ({ worth: 0.05, adequate }))

const modelOf = (id: string, tier: ReachableModel['tier'], price: number): ReachableModel => ({
  id, provider: 'p', tier, kind: 'generative', tasks: null, context: 8_000, efforts: ['none'], price: { input: price, cached: price, output: price },
  energy: { request: exactly(0), input: exactly(0), output: exactly(0) }, pace: null, stars: null, provenance: { usd: 'local', wh: 'unknown' },
})
const keyOf = (model: string) => evidenceKey({ provider: 'p', model, effort: 'none' })
// What their makers published for the whole of MMLU: Mixtral 8x7B 70.6 %, GPT-4 86.4 %.
const strengths = { [keyOf('weak')]: 0.706, [keyOf('strong')]: 0.864 }
/** The wrong way round: without outcomes, the dearer model would never run. */
const swapped = { [keyOf('weak')]: 0.864, [keyOf('strong')]: 0.706 }

const catalogOf = (adequate: number): Catalog => ({
  version: '1', models: [modelOf('weak', 'eco', 1_000_000), modelOf('strong', 'max', costRatio * 1_000_000)], policy: { owner: null, pays: false, revision: 0, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } },
  features: { f: { task: 'answer', baseline: 'search', tier: 'max', effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 100, adequate, mode: 'offer', background: false, overhead: 0, output: exactly(10) } },
})

/** From the data folder, or nothing where it is not there. */
function subjectsIn(folder: string): Subject[] {
  const rows = ['mmlu', 'gsm8k'].map(file => `${folder}/${file}.jsonl`).filter(file => existsSync(file)).flatMap(rowsOf)
  const names = [...new Set(rows.map(row => row.subject ?? row.benchmark))].sort()
  return names.map(name => ({
    name, prompts: rows.filter(row => (row.subject ?? row.benchmark) === name).map(row => ({ length: row.prompt.length, difficulty: difficultyOf(row.prompt), weak: Number(row.weak_ok), strong: Number(row.strong_ok) })),
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

/** What a subject's traffic came to in one order, for each scope. */
function runOf({ prompts }: Subject, { worth, adequate }: Setting, noise: Noise, seed: number, stated: Strengths): Record<Scope, Tally> {
  const random = randomFrom(seed)
  const catalog = catalogOf(adequate)
  const calls: Tally[] = []
  let state: AdequacyState = {}
  let adequacy = boundsOf(state, stated, 0)
  for (const [i, prompt] of trafficOf(prompts, random).entries()) {
    if (i % refresh === 0) adequacy = boundsOf(state, stated, i)
    const demand = { feature: 'f', tier: 'max', effort: 'none', need: 'generate', input, difficulty: prompt.difficulty } as const
    const model = choose(demand, catalog, { adequacy, strengths: stated, worth, draw: random() })[0]!.model as 'weak' | 'strong'
    calls.push({ strong: Number(model === 'strong'), gain: prompt[model] - prompt.weak })
    state = observe(state, { key: keyOf(model), ...saidOf(prompt[model], noise, random) }, i)
  }
  return { new: meanTally(calls.slice(warmUp, prompts.length)), all: meanTally(calls.slice(warmUp)) }
}

const input = { text: 'x'.repeat(400) }

/** Prompts in random order, 100 to learn from and then what is new; and then the first ones once more, so that each is scored once. */
function trafficOf(prompts: readonly Prompt[], random: () => number): Prompt[] {
  const first = shuffled(prompts, random)
  if (first.length > warmUp) return [...first, ...shuffled(first.slice(0, warmUp), random)]
  const learning = first.slice()
  while (learning.length < warmUp) learning.push(...shuffled(prompts, random))
  return [...learning.slice(0, warmUp), ...shuffled(prompts, random)]
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = all.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

function saidOf(right: number, noise: Noise, random: () => number): Pick<Observation, 'person' | 'outcome'> {
  const [honest, lies, flips] = [random(), random() < 0.1, random() < 0.2]
  const isContrary = (noise === 'hostile' && lies) || (noise === 'flipped' && flips)
  return { person: noise === 'hostile' && lies ? 'hostile' : `person ${Math.floor(honest * people)}`, outcome: { kind: 'rated', rating: isContrary ? 1 - right : right } }
}

/** Tallies of every subject at every setting, over all orderings or one by one. */
type Runs = Record<Scope, Curve[]>

function runsOf(subjects: readonly Subject[], settings: readonly Setting[], noise: Noise, orderings: number, stated: Strengths = strengths): Runs {
  const each = Array.from({ length: orderings }, (_, ordering) => settings.map(setting => subjects.map((subject, i) => runOf(subject, setting, noise, seedOf(ordering, i), stated))))
  const curvesOf = (scope: Scope) => each.map(curve => curve.map(tallies => tallies.map(tally => tally[scope])))
  return { new: curvesOf('new'), all: curvesOf('all') }
}

/** What could be known by then at most: both models' outcomes for each of the first 100 prompts, as they come. */
function bothSeen(subjects: readonly Subject[], orderings: number): Runs {
  const each = Array.from({ length: orderings }, (_, ordering) => subjects.map(({ prompts }, i) => trafficOf(prompts, randomFrom(seedOf(ordering, i)))))
  const gainOf = (prompts: readonly Prompt[]) => sumOf(prompts, ({ weak, strong }) => strong - weak) / (prompts.length || 1)
  const curvesOf = (scope: Scope) => each.map(traffics => sweep.map(({ worth }) => traffics.map((traffic, i) => {
    const scored = scope === 'all' ? traffic.slice(warmUp) : traffic.slice(warmUp, subjects[i]!.prompts.length)
    const isWorth = gainOf(traffic.slice(0, warmUp)) > worth * Math.log10(costRatio)
    return isWorth ? { strong: 1, gain: gainOf(scored) } : { strong: 0, gain: 0 }
  })))
  return { new: curvesOf('new'), all: curvesOf('all') }
}

const seedOf = (ordering: number, subject: number) => ordering * 1_000 + subject

/** Setting by setting and cluster by cluster, the mean of several curves. */
const meanCurve = (curves: readonly Curve[]): Curve =>
  curves[0]!.map((tallies, setting) => tallies.map((_, cluster) => meanTally(curves.map(curve => curve[setting]![cluster]!))))

/** What is scored of a subject: its rates, and how many of its prompts. */
function clusterOf({ prompts }: Subject, scope: Scope): Cluster {
  const mean = (of: (prompt: Prompt) => number) => sumOf(prompts, of) / prompts.length
  return { weight: scope === 'all' ? prompts.length : Math.max(0, prompts.length - warmUp), weak: mean(({ weak }) => weak), strong: mean(({ strong }) => strong) }
}

/** The strong model for all prompts of the subjects for which a measure is at least so high: one setting for each height. */
function ratesKnown(clusters: readonly Cluster[], measure: (cluster: Cluster) => number): Curve {
  return clusters.map(least => clusters.map(cluster => measure(cluster) >= measure(least) ? { strong: 1, gain: cluster.strong - cluster.weak } : { strong: 0, gain: 0 }))
}

/** The strong model for prompts that are longer than so many: a setting for each tenth of all prompts. */
function lengthAlone(subjects: readonly Subject[]): Curve {
  const lengths = subjects.flatMap(({ prompts }) => prompts.map(({ length }) => length)).sort((a, b) => a - b)
  return Array.from({ length: 11 }, (_, tenth) => lengths[Math.floor(tenth / 10 * (lengths.length - 1))]!)
    .map(least => subjects.map(({ prompts }) => meanTally(prompts.map(({ length, weak, strong }) => length >= least ? { strong: 1, gain: strong - weak } : { strong: 0, gain: 0 }))))
}

/** A coin for each prompt; its ends are always weak and always strong. */
const coin = (clusters: readonly Cluster[]): Curve =>
  [0, 0.25, 0.5, 0.75, 1].map(share => clusters.map(({ weak, strong }) => ({ strong: share, gain: share * (strong - weak) })))

/** Prints quality against cost of the learned policy and of those it must beat, with intervals clustered by subject. */
export async function bench(print: Print, options: { data?: string; orderings?: number } = {}): Promise<void> {
  const folder = `${options.data ?? process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/routing`
  const subjects = subjectsIn(folder)
  if (subjects.length === 0) return print({ bench: name, skipped: `there is no mmlu.jsonl or gsm8k.jsonl in ${folder}, so nothing was learned from outcomes. SPARING_DATA may name another data folder.` })
  const orderings = options.orderings ?? defaultOrderings
  printFixed(print, subjects)
  printLearned(print, subjects, { policy: 'both models seen on the first 100' }, bothSeen(subjects, orderings))
  for (const outcomes of noises) printLearned(print, subjects, { policy: 'learned', outcomes }, runsOf(subjects, sweep, outcomes, orderings))
  printLearned(print, subjects, { policy: 'learned', outcomes: 'clean', strengths: 'swapped' }, runsOf(subjects, sweep, 'clean', orderings, swapped))
  printBars(print, subjects, runsOf(subjects, bars, 'clean', orderings))
}

/**
 * The first half chose the spreads of `adequacy`. The numbers of `rank` were narrowed down on all
 * subjects before they were chosen on that half, so the other half is not wholly unseen.
 */
const parts = { both: () => true, 'tuned on': (i: number) => i % 2 === 0, 'held out': (i: number) => i % 2 === 1 } satisfies Record<string, (subject: number) => boolean>

/** What a curve comes to, with the parts of the data that count. */
function figuresOf(curves: Record<string, Curve>, clusters: readonly Cluster[], isIn: (subject: number) => boolean) {
  return (counts: readonly number[]): Record<string, number> => {
    const within = counts.map((count, i) => isIn(i) ? count : 0)
    const [ours, ...others] = Object.entries(curves).map(([policy, curve]) => ({ policy, points: pointsOf(curve, clusters, within) }))
    const { points } = ours!
    const minus = others.map(({ policy, points: theirs }) => [`apgr minus ${policy}`, areaOf(points) - areaOf(theirs)])
    return { apgr: areaOf(points), 'pgr at 25 %': pgrAt(points, 0.25), 'pgr at 50 %': pgrAt(points, 0.5), 'cpt 50': shareAt(points, 0.5), 'cpt 80': shareAt(points, 0.8), ...Object.fromEntries(minus) }
  }
}

/** The policies that learn nothing, and those that know the rates beforehand, which nobody does. */
function fixedPolicies(subjects: readonly Subject[], clusters: readonly Cluster[]): Record<string, Curve> {
  return {
    random: coin(clusters),
    length: lengthAlone(subjects),
    'rates known': ratesKnown(clusters, ({ weak, strong }) => strong - weak),
    'weak rates known': ratesKnown(clusters, ({ weak }) => 1 - weak),
  }
}

function printFixed(print: Print, subjects: readonly Subject[]): void {
  for (const scope of scopes) {
    const clusters = subjects.map(subject => clusterOf(subject, scope))
    const weight = sumOf(clusters, cluster => cluster.weight)
    for (const model of ['weak', 'strong'] as const) {
      print({ bench: name, scope, policy: `always ${model}`, right: rounded(sumOf(clusters, cluster => cluster.weight * cluster[model]) / weight), cost: model === 'weak' ? 1 : costRatio })
    }
    for (const [policy, curve] of Object.entries(fixedPolicies(subjects, clusters))) {
      print({ bench: name, scope, policy, ...clustered(subjects.length, resamples, figuresOf({ [policy]: curve }, clusters, parts.both)) })
    }
  }
}

function printLearned(print: Print, subjects: readonly Subject[], about: { policy: string; outcomes?: Noise; strengths?: 'swapped' }, runs: Runs): void {
  for (const scope of scopes) {
    const clusters = subjects.map(subject => clusterOf(subject, scope))
    const fixed = fixedPolicies(subjects, clusters)
    const curves = { learned: meanCurve(runs[scope]), ...fixed }
    for (const [part, isIn] of Object.entries(parts)) {
      print({ bench: name, scope, ...about, subjects: part, orderings: runs[scope].length, ...clustered(subjects.length, resamples, figuresOf(curves, clusters, isIn)) })
    }
    print({ bench: name, scope, ...about, ...orderingsAbove(runs[scope], fixed, clusters) })
  }
}

/** In how many of the orderings the curve has more area than each fixed policy, and how far its worst setting lies above the line between the models. */
function orderingsAbove(curves: readonly Curve[], fixed: Record<string, Curve>, clusters: readonly Cluster[]): Record<string, unknown> {
  const once = clusters.map(() => 1)
  const areas = curves.map(curve => areaOf(pointsOf(curve, clusters, once)))
  const above = Object.entries(fixed).map(([policy, curve]) => [policy, rounded(areas.filter(area => area > areaOf(pointsOf(curve, clusters, once))).length / areas.length)])
  const lifts = pointsOf(meanCurve(curves), clusters, once).slice(1, -1).map(({ share, pgr }) => pgr - share)
  return { 'share of orderings above': Object.fromEntries(above), 'least apgr of an ordering': rounded(Math.min(...areas)), 'least pgr above the line': rounded(Math.min(...lifts)) }
}

/** Single points, as a product with such a bar would have: what they cost in calls to the weak model, and how far they lie above the line. */
function printBars(print: Print, subjects: readonly Subject[], runs: Runs): void {
  for (const scope of scopes) {
    const clusters = subjects.map(subject => clusterOf(subject, scope))
    for (const [i, { adequate }] of bars.entries()) {
      const point = [meanCurve(runs[scope])[i]!]
      print({ bench: name, scope, policy: 'learned', adequate, ...clustered(subjects.length, resamples, counts => {
        const [, { share, pgr }] = pointsOf(point, clusters, counts) as [unknown, { share: number; pgr: number }]
        return { cost: 1 + share * (costRatio - 1), pgr, 'pgr above the line': pgr - share }
      }) })
    }
  }
}

const rounded = (value: number) => Number(value.toFixed(3))

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , data, orderings] = process.argv
  await bench(figure => console.log(JSON.stringify(figure)), { ...data && { data }, ...orderings && { orderings: Number(orderings) } })
}
