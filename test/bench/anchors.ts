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
  const pairs = JSON.parse(readFileSync(file, 'utf8')) as Pair[]
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
  readonly why: string
}

const epoch = 'Epoch AI, How much energy does ChatGPT use?, February 2025'
const anchors: readonly Anchor[] = [
  {
    what: 'Gemini, median text prompt', source: 'Google, Measuring the environmental impact of delivering AI at Google scale, August 2025', wh: 0.24,
    model: 'gemini-2.5-flash', inputTokens: 500, outputTokens: 300,
    why: 'neither the model nor the tokens of the median prompt are published; Google measures its own accelerators, with idle machines and hosts, where the method has H100s and a size that is guessed',
  },
  {
    what: 'ChatGPT, average query', source: 'S. Altman, The Gentle Singularity, June 2025', wh: 0.34, model: 'gpt-4o', inputTokens: 500, outputTokens: 300,
    why: 'no model, no tokens and no method were given; the size of GPT-4o is a guess over a factor of 3',
  },
  { what: 'GPT-4o, short prompt', source: epoch, wh: 0.3, model: 'gpt-4o', inputTokens: 100, outputTokens: 500, why: '' },
  {
    what: 'GPT-4o, 10,000 tokens in', source: epoch, wh: 2.5, model: 'gpt-4o', inputTokens: 10_000, outputTokens: 500,
    why: 'Epoch has the prompt read at 10 % of the hardware\'s pace by 100 billion parameters at work; our 3 to 8 mJ a token and billion come from servers that read in batches',
  },
  {
    what: 'GPT-4o, 100,000 tokens in', source: epoch, wh: 40, model: 'gpt-4o', inputTokens: 100_000, outputTokens: 500,
    why: 'more than half of ours is attention, which grows with the square of the prompt: by the layers and the width that go with a size that is itself a guess over a factor of 3 (10 with its inactive part). Epoch assumes no caching and no batching of so long a prompt, and calls its own figure pessimistic',
  },
]

function beside({ what, source, wh, model, inputTokens, outputTokens, why }: Anchor): Record<string, unknown> {
  const ours = requestEnergy(energyProfile(findModel(model)!), { inputTokens, outputTokens })
  return { what, unit: 'Wh', published: wh, source, assumed: { model, inputTokens, outputTokens }, ours: rounded(ours), ...compared(ours, wh), ...why && { why } }
}

function compared({ low, mid, high }: Range, published: number): Record<string, unknown> {
  return { ratio: figure(mid / published), inside: low <= published && published <= high }
}

/** Of 400 tokens of answer, use and making of the machines apart. */
function mistralLarge(): Record<string, unknown> {
  const { params, pace } = findModel('mistral-large-2411')!
  const { pue, wue } = siteOf('mistral')
  const grams = (zone: string) => {
    const { usage, embodied } = requestImpact({
      activeParams: params.active, totalParams: params.total, outputTokens: 400, tps: pace!.tps, ttft: pace!.ttft, pue, wue,
      mix: { ...grids.world.mix, gwp: carbonOf(zone).gco2ePerWh },
    })
    return { zone, usage: gramsOf(usage.gwp), embodied: gramsOf(embodied.gwp) }
  }
  const [home, world] = [grams('SWE'), grams('WORLD')]
  return {
    what: 'Mistral Large 2, an answer of 400 tokens', unit: 'gCO2e', published: 1.14, source: 'Mistral AI with Carbone 4, life cycle of Mistral Large 2, July 2025',
    assumed: { model: 'mistral-large-2411', outputTokens: 400 }, ours: [home, world],
    ratio: figure((world.usage + world.embodied) / 1.14), inside: false,
    why: 'theirs is of a full life cycle, at a place and a load they do not name; the method counts the server of the request alone, full with 64 requests and worn out in three years, and no network, storage, idling or building. Sweden\'s grid is a thirteenth of the world\'s',
  }
}

const gramsOf = (kilograms: NumberOrBounds) => figure((typeof kilograms === 'number' ? kilograms : Math.sqrt(kilograms[0] * kilograms[1])) * 1_000)

interface Pair {
  readonly model: string
  readonly off_wh_per_query: number
  readonly on_wh_per_query: number
  readonly ratio: number
}

const source = 'AI Energy Score v2, December 2025'

/** What our tables say that high effort multiplies energy by, beside what was measured. */
function reasoning({ model, off_wh_per_query: off, on_wh_per_query: on, ratio }: Pair): Record<string, unknown> {
  const facts = findModel(model.replace('+', '-plus').replaceAll(' ', '-')) ?? factsFromName(model)!
  const [without, high] = [estimated(facts, 'none'), estimated(facts, 'high')]
  return {
    what: `${model}, reasoning on beside off`, source, unit: 'Wh', published: { off: figure(off), on: figure(on), ratio: figure(ratio) },
    ours: { off: rounded(without), on: rounded(high), ratio: { low: figure(high.low / without.low), mid: figure(high.mid / without.mid), high: figure(high.high / without.high) } },
    ratio: { off: figure(without.mid / off), on: figure(high.mid / on) },
    ...ratio < 2 && { why: 'this pair looks wrong: more than ten times the tokens cannot draw less. Its "off" was probably not off; left out of what follows' },
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

function summary(pairs: readonly Pair[]): Record<string, unknown> {
  const ratios = pairs.map(({ ratio }) => ratio).filter(ratio => ratio >= 2).toSorted((a, b) => a - b)
  return {
    what: 'reasoning on beside off, all sound pairs', source, pairs: ratios.length, median: figure(ratios[Math.floor(ratios.length / 2)]!), from: figure(ratios[0]!), to: figure(ratios.at(-1)!),
    why: 'the answers with reasoning off are of a few tokens, so that what is multiplied is next to nothing: hundreds of times. Ours multiply an answer of 300 tokens by 4 to 31. In watt-hours (ratio.on) ours are 6 to 80 times less: AI Energy Score sends one request at a time, at joules a token, to an H100 that a deployment shares among dozens, and lets its models think for tens of thousands of tokens',
  }
}

const rounded = ({ low, mid, high }: Range) => ({ low: figure(low), mid: figure(mid), high: figure(high) })
const figure = (value: number) => Number(value.toPrecision(2))
