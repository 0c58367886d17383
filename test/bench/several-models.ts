import { energyOf } from '../../src/catalog/draw.ts'
import { costOf, estimateRun, findModel, reachableFrom } from '../../src/catalog/index.ts'
import { learnedModelOf, learnedOf, learnModel, learnRun, newModel, noLessons } from '../../src/catalog/lessons.ts'
import type { FeatureLessons, ModelLessons, SettledRun } from '../../src/catalog/lessons.ts'
import { answerPrior } from '../../src/catalog/priors.ts'
import { sampledTokens } from '../../src/catalog/tokens.ts'
import { exactly } from '../../src/core/index.ts'
import type { Catalog, Estimate, Range, ReachableFeature, ReachableModel, Usage } from '../../src/core/index.ts'
import { randomFrom } from '../../src/routing/train/random.ts'

// How often the range of money of a paid model held where a feature's other runs are those of a free one and
// of one with a meter, and how wide that of its modelled energy is beside what its tokens alone say.

type Random = () => number

/** A run of the paid model: whether money held, how wide its range was, and how its energy's compares with the one that nothing was learned for. */
interface Seen {
  readonly held: boolean
  readonly width: number
  readonly energy: number
}

const runs = 300
const learning = 50
const target = { low: 0.75, high: 0.85 }
/** How far off the model the meter's deployment is. */
const metersTimes = 3

const free: ReachableModel = { ...modelOf('qwen3-4b', '127.0.0.1', 'eco'), price: { input: 0, cached: 0, output: 0 } }
const metered = modelOf('qwen3-4b', 'vllm', 'eco')
const paid = modelOf('gpt-4.1-mini', 'openai', 'standard')
const feature: ReachableFeature = {
  task: 'summarize', baseline: 'extract', tier: 'max', effort: 'none', maxInputTokens: 20_000, maxOutputTokens: 2_000,
  mode: 'offer', background: false, overhead: 200, output: answerPrior('summarize').range,
}
const input = { text: 'word '.repeat(800) }

function modelOf(id: string, provider: string, tier: ReachableModel['tier']): ReachableModel {
  const facts = findModel(id)
  if (!facts) throw new Error(`The catalog has no "${id}", so that nothing can be measured with it. Name one that it has.`)
  return reachableFrom(facts, { id, provider, tier })
}

/** Prints, by the share of runs that the paid model has, coverage and width of its money after the first fifty, and how much its energy's range was stretched. */
export function severalModels(print: (figure: Record<string, unknown>) => void, orderings: number): void {
  for (const share of [1, 0.5, 0.2]) {
    const random = randomFrom(20_261_126)
    const seen = Array.from({ length: orderings }, () => follow(share, random)).flat()
    const mean = (of: (each: Seen) => number) => seen.reduce((sum, each) => sum + of(each), 0) / seen.length
    const coverage = mean(({ held }) => Number(held))
    print({
      bench: 'estimates', models: 'a paid one beside a free and a metered one', paidShare: share, orderings, paidRuns: seen.length, unit: 'usd',
      coverageAfter50: rounded(coverage), width: rounded(Math.exp(mean(({ width }) => width))), within: coverage >= target.low && coverage <= target.high,
      modelledEnergyWidthBesideUntaught: rounded(mean(({ energy }) => energy)),
    })
  }
}

const rounded = (value: number) => Number(value.toFixed(3))

function follow(share: number, random: Random): Seen[] {
  let [lessons, meter]: [FeatureLessons, ModelLessons] = [noLessons, newModel]
  const seen: Seen[] = []
  for (let run = 0; run < runs; run++) {
    const taught = { ...metered, ...learnedModelOf(metered, meter, 0) }
    const model = random() < share ? paid : random() < 0.5 ? free : taught
    const catalog = catalogOf([free, taught, paid], lessons)
    const estimate = estimateRun({ feature: 'f', tier: model.tier, effort: 'none', input }, model, catalog)
    const settled = settledOf(model, estimate, catalog, random)
    if (model === paid && run >= learning) seen.push(seenOf(estimate, settled))
    lessons = learnRun(lessons, settled)
    if (model === taught) meter = learnModel(meter, settled)
  }
  return seen
}

const catalogOf = (models: readonly ReachableModel[], lessons: FeatureLessons): Catalog => ({
  version: '1', models, features: { f: { ...feature, ...learnedOf(feature, lessons, models) } },
  policy: { revision: 0, owner: null, pays: true, carbon: { gco2ePerWh: 0.47, zone: 'WOR', year: 2025 } },
})

/** Texts of one kind: inputs lie by a few in a hundred around their estimate, answers by half around 150 tokens. */
function settledOf(model: ReachableModel, estimate: Estimate, catalog: Catalog, random: Random): SettledRun {
  const estimatedInput = sampledTokens(input, feature.overhead).mid
  const output = Math.min(feature.maxOutputTokens, Math.max(1, Math.round(Math.exp(5 + 0.45 * normal(random)))))
  const usage: Usage = { input: Math.round(1.1 * estimatedInput * Math.exp(0.03 * normal(random))), cached: 0, output, reasoning: 0, source: 'reported' }
  const modelled = energyOf(metered.energy!, exactly(usage.input), exactly(usage.output)).mid
  const wh = model.provider === metered.provider ? metersTimes * modelled * Math.exp(0.2 * normal(random)) : undefined
  const choice = { model: model.id, provider: model.provider, tier: model.tier, effort: 'none', need: 'generate', reasons: [] } as const
  const receipt = { status: 'completed', choice, usage, cost: costOf(usage, model, catalog, wh), estimate, at: 0 } as const
  return { receipt, estimatedInput, ...wh !== undefined && { isMeasured: true, meter: { wh, modelled } } }
}

function seenOf({ cost: { usd, wh }, tokens }: Estimate, { receipt }: SettledRun): Seen {
  const actual = receipt.cost.usd!
  const width = ({ low, high }: Range) => Math.log(high / low)
  return { held: usd!.low <= actual && actual <= usd!.high, width: width(usd!), energy: width(wh!) / width(energyOf(paid.energy!, tokens.input, tokens.output)) }
}

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
