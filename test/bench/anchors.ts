import { existsSync, readFileSync } from 'node:fs'
import { carbonOf, energyProfile, estimateRun, factsFromName, findModel, grids, reachableFrom, requestEnergy, requestImpact, siteOf } from '../../src/catalog/index.ts'
import type { ModelFacts, NumberOrBounds } from '../../src/catalog/index.ts'
import { exactly } from '../../src/core/index.ts'
import type { Catalog, Effort, Range } from '../../src/core/index.ts'

type Print = (figure: Record<string, unknown>) => void

/** Figures that others published, beside ours, with the ratio of our middle to theirs and what it comes from. */
export async function bench(print: Print, { data }: { data?: string }): Promise<void> {
  for (const anchor of anchors) print({ bench: 'anchors', ...beside(anchor) })
  print({ bench: 'anchors', ...mistralLarge() })
  const file = `${data ?? ''}/energy/reasoning_on_off.json`
  if (!data || !existsSync(file)) return print({ bench: 'anchors', note: 'The data folder is not there, so reasoning on and off is not compared.' })
  const pairs = (JSON.parse(readFileSync(file, 'utf8')) as Pair[]).map(comparedPair)
  for (const pair of pairs) print({ bench: 'anchors', ...reasoning(pair) })
  print({ bench: 'anchors', ...summary(pairs) })
}

interface Anchor {
  readonly what: string
  readonly source: string
  readonly wh: number
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** What the difference comes from, by what our figure was made from. */
  readonly why: (ours: Ours) => string
}

/** A model's size, and how much of our figure's middle is of what. */
interface Ours {
  readonly params: ModelFacts['params']
  readonly attention: number
}

const epoch = 'Epoch AI, How much energy does ChatGPT use?, February 2025'
const anchors: readonly Anchor[] = [
  {
    what: 'Gemini, median text prompt', source: 'Google, Measuring the environmental impact of delivering AI at Google scale, August 2025', wh: 0.24,
    model: 'gemini-2.5-flash', inputTokens: 500, outputTokens: 300,
    why: () => 'neither the model nor the tokens of the median prompt are published; Google measures its own accelerators, with idle machines and hosts, where the method has H100s and a size that is guessed',
  },
  {
    what: 'ChatGPT, average query', source: 'S. Altman, The Gentle Singularity, June 2025', wh: 0.34, model: 'gpt-4o', inputTokens: 500, outputTokens: 300,
    why: ({ params }) => `no model, no tokens and no method were given; the size of GPT-4o is a guess over a factor of ${factor(params.active)}`,
  },
  {
    what: 'GPT-4o, short prompt', source: epoch, wh: 0.3, model: 'gpt-4o', inputTokens: 100, outputTokens: 500,
    why: ({ params }) => `Epoch counts arithmetic: 100 billion parameters at work, at 10 % of an H100's pace and 70 % of its power. The method counts every GPU that holds the model, of which we believe that it has ${figure(params.total[1])} billion parameters, ${figure(params.active[0])} to ${figure(params.active[1])} of them at work, and each GPU's share of its server, for as long as the answer is being written`,
  },
  {
    what: 'GPT-4o, 10,000 tokens in', source: epoch, wh: 2.5, model: 'gpt-4o', inputTokens: 10_000, outputTokens: 500,
    why: () => 'Epoch has the prompt read at 10 % of the hardware\'s pace by 100 billion parameters at work; our millijoules of a token that is read come from servers that read in batches',
  },
  {
    what: 'GPT-4o, 100,000 tokens in', source: epoch, wh: 40, model: 'gpt-4o', inputTokens: 100_000, outputTokens: 500,
    why: ({ params, attention }) => `${Math.round(100 * attention)} % of ours is attention, which grows with the square of the prompt: by the layers and the width that go with a size that is itself a guess over a factor of ${factor(params.active)} (${factor([params.active[0], params.total[1]])} with its inactive part). Epoch assumes no caching and no batching of so long a prompt, and calls its own figure pessimistic`,
  },
]

function beside({ what, source, wh, model, inputTokens, outputTokens, why }: Anchor): Record<string, unknown> {
  const facts = findModel(model)!
  const profile = energyProfile(facts)
  const [ours, unattended] = [profile, { ...profile, attention: exactly(0) }].map(each => requestEnergy(each, { inputTokens, outputTokens })) as [Range, Range]
  return {
    what, unit: 'Wh', published: wh, source, assumed: { model, inputTokens, outputTokens }, ours: rounded(ours), ...compared(ours, wh),
    why: why({ params: facts.params, attention: 1 - unattended.mid / ours.mid }),
  }
}

function compared({ low, mid, high }: Range, published: number): { ratio: number; inside: boolean } {
  return { ratio: figure(mid / published), inside: low <= published && published <= high }
}

/** Of 400 tokens of answer, use and making of the machines apart, on the grid of its maker's site and on the world's. */
function mistralLarge(): Record<string, unknown> {
  const [model, published, answer] = ['mistral-large-2411', 1.14, { inputTokens: 0, outputTokens: 400 }] as const
  const facts = findModel(model)!
  const { params, pace } = facts
  const { embodied } = requestImpact({ activeParams: params.active, totalParams: params.total, outputTokens: answer.outputTokens, tps: pace!.tps, ttft: pace!.ttft, pue: siteOf('mistral').pue, mix: grids.world.mix })
  const wh = requestEnergy(energyProfile(facts), answer)
  const made = gramsOf(embodied.gwp)
  const on = (zone: string) => {
    const { gco2ePerWh } = carbonOf(zone)
    const total = ofEach(wh, each => each * gco2ePerWh + made)
    return { zone, usage: rounded(ofEach(wh, each => each * gco2ePerWh)), embodied: figure(made), total: rounded(total), ...compared(total, published) }
  }
  const [home, world] = [on(siteOf('mistral').zone), on('WORLD')]
  return {
    what: 'Mistral Large 2, an answer of 400 tokens', unit: 'gCO2e', published, source: 'Mistral AI with Carbone 4, life cycle of Mistral Large 2, July 2025',
    assumed: { model, ...answer }, ours: [home, world], why: lifeCycle(home, world, published, wh),
  }
}

type OnGrid = { readonly zone: string; readonly ratio: number; readonly embodied: number }

/** What a life cycle holds that a request's own electricity and machines do not. */
function lifeCycle(home: OnGrid, world: OnGrid, published: number, wh: Range): string {
  return `theirs is ${figure(1 / home.ratio)} times our middle on the grid of ${home.zone}, where the method's table of sites has them, and ${figure(1 / world.ratio)} times on the world's, which emits ${figure(carbonOf('WORLD').gco2ePerWh / carbonOf(home.zone).gco2ePerWh)} times as much; they name neither the place nor the load of their servers. `
    + 'A life cycle by AFNOR\'s method holds all electricity that the service draws (CPUs, cooling, machines that wait), the making of all its hardware with storage and network, and the building; people\'s own devices are left out. '
    + `Ours holds the share of the server that the request is on, full with 64 of them and worn out in three years (${home.embodied} g), and its electricity. If all of theirs were electricity of the world's grid, it would be ${figure(published / carbonOf('WORLD').gco2ePerWh)} Wh, where we say ${figure(wh.low)} to ${figure(wh.high)}`
}

const ofEach = ({ low, mid, high }: Range, change: (value: number) => number): Range => ({ low: change(low), mid: change(mid), high: change(high) })
const gramsOf = (kilograms: NumberOrBounds) => (typeof kilograms === 'number' ? kilograms : Math.sqrt(kilograms[0] * kilograms[1])) * 1_000

interface Pair {
  readonly model: string
  readonly off_wh_per_query: number
  readonly on_wh_per_query: number
  readonly ratio: number
}

const source = 'AI Energy Score v2, December 2025'

interface Compared {
  readonly pair: Pair
  readonly without: Range
  readonly high: Range
  /** What high effort multiplies energy by: each end by its own. */
  readonly times: Range
}

function comparedPair(pair: Pair): Compared {
  const facts = findModel(pair.model.replace('+', '-plus').replaceAll(' ', '-')) ?? factsFromName(pair.model)!
  const [without, high] = [estimated(facts, 'none'), estimated(facts, 'high')]
  return { pair, without, high, times: { low: high.low / without.low, mid: high.mid / without.mid, high: high.high / without.high } }
}

/** More than ten times the tokens cannot draw less. */
const isSound = ({ pair }: Compared) => pair.ratio >= 2

/** What our tables say that high effort multiplies energy by, beside what was measured. */
function reasoning(compare: Compared): Record<string, unknown> {
  const { pair: { model, off_wh_per_query: off, on_wh_per_query: on, ratio }, without, high, times } = compare
  return {
    what: `${model}, reasoning on beside off`, source, unit: 'Wh', published: { off: figure(off), on: figure(on), ratio: figure(ratio) },
    ours: { off: rounded(without), on: rounded(high), ratio: rounded(times) },
    off: compared(without, off), on: compared(high, on), times: compared(times, ratio),
    ...!isSound(compare) && { why: 'this pair looks wrong: more than ten times the tokens cannot draw less. Its "off" was probably not off; left out of what follows' },
  }
}

const answerTokens = 300
const words = 'word '.repeat(100)

function estimated(facts: ModelFacts, effort: Effort): Range {
  const { measured: _, ...sized } = facts
  const model = reachableFrom({ ...sized, efforts: ['none', 'high'] }, { id: facts.id, provider: facts.provider, tier: 'max' })
  const feature: Catalog['features'][string] = {
    task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 10_000, maxOutputTokens: 100_000, mode: 'offer', background: false, overhead: 0, output: exactly(answerTokens),
  }
  const catalog: Catalog = { version: '', models: [model], features: { f: feature }, policy: { owner: null, pays: false, revision: 0, carbon: { gco2ePerWh: 0, zone: '', year: 0 } } }
  return estimateRun({ feature: 'f', tier: 'max', effort, input: { text: words } }, model, catalog).cost.wh!
}

function summary(all: readonly Compared[]): Record<string, unknown> {
  const pairs = all.filter(isSound)
  const ratios = pairs.map(({ pair }) => pair.ratio).toSorted((a, b) => a - b)
  const less = pairs.map(({ pair, high }) => pair.on_wh_per_query / high.mid)
  const inside = (of: (pair: Compared) => { inside: boolean }) => pairs.filter(pair => of(pair).inside).length
  return {
    what: 'reasoning on beside off, all sound pairs', source, pairs: pairs.length, median: figure(ratios[Math.floor(ratios.length / 2)]!), from: figure(ratios[0]!), to: figure(ratios.at(-1)!),
    inside: { off: inside(({ pair, without }) => compared(without, pair.off_wh_per_query)), on: inside(({ pair, high }) => compared(high, pair.on_wh_per_query)), times: inside(({ pair, times }) => compared(times, pair.ratio)) },
    why: `the answers with reasoning off are of a few tokens, so that what is multiplied is next to nothing. Ours multiply an answer of ${answerTokens} tokens by ${figure(Math.min(...pairs.map(({ times }) => times.low)))} to ${figure(Math.max(...pairs.map(({ times }) => times.high)))}. In watt-hours with reasoning our middles are ${figure(Math.min(...less))} to ${figure(Math.max(...less))} times less: AI Energy Score sends one request at a time to an H100 that a deployment shares among dozens, and lets its models think for tens of thousands of tokens`,
  }
}

const factor = ([low, high]: readonly [low: number, high: number]) => figure(high / low)
const rounded = ({ low, mid, high }: Range) => ({ low: figure(low), mid: figure(mid), high: figure(high) })
const figure = (value: number) => Number(value.toPrecision(2))
