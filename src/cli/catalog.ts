import { embodiedOf, estimateRun, extractiveEnergy, models, reachableFrom, requestEnergy, starsOf, typicalRequest } from '../catalog/index.ts'
import type { Bounds, ModelFacts } from '../catalog/index.ts'
import { exactly, tasks } from '../core/index.ts'
import type { Catalog, Estimate, Range, Ranges, ReachableModel } from '../core/index.ts'
import { wrongArgument } from './arguments.ts'

export interface CatalogArguments {
  readonly task?: string | undefined
  readonly provider?: string | undefined
  readonly sort?: string | undefined
  readonly json?: boolean | undefined
}

const sorts = ['energy', 'price', 'stars'] as const
type Sort = (typeof sorts)[number]

export const catalogHelp = `sparing catalog [--task T] [--provider P] [--sort ${sorts.join('|')}] [--json]

  --task      only models for it: ${tasks.join(', ')}
  --provider  only one provider's models
  --sort      by what a typical request draws or costs, or by stars; energy unless given
  --json      every fact, with its source`

/**
 * The table a product team picks models from, as text of 100 columns or as JSON.
 * @throws {Error} for a task, provider or order that there is not, with the code of a wrong argument
 */
export function catalogText({ task, provider, sort = 'energy', json = false }: CatalogArguments): string {
  const order = oneOf(sorts, sort, '--sort')
  const wanted = task === undefined ? undefined : oneOf(tasks, task, '--task')
  const from = provider === undefined ? undefined : oneOf([...new Set(models.map(model => model.provider))], provider, '--provider')
  const lines = models
    .filter(model => (!wanted || model.tasks === null || model.tasks.includes(wanted)) && (!from || model.provider === from))
    .map(lineOf)
    .sort((a, b) => compare(a, b, order))
  return json ? JSON.stringify(lines.map(factsOf), null, 2) : [heading, ...lines.map(print), '', ...legend].join('\n')
}

function oneOf<T extends string>(known: readonly T[], value: string, option: string): T {
  const found = known.find(each => each === value)
  if (found) return found
  throw wrongArgument(`${option} does not take "${value}". Give one of ${known.join(', ')}.`)
}

/** A model with what a typical request to it comes to. */
interface Line {
  readonly model: ModelFacts
  readonly cost: Ranges
  /** Grams CO2e of its share in the making of the hardware. */
  readonly embodied: Range | null
  readonly stars: ReturnType<typeof starsOf>
}

function lineOf(model: ModelFacts): Line {
  const reachable = reachableFrom(model, { id: model.id, provider: model.provider, tier: model.suggestedTier })
  const { cost, tokens } = typicalEstimate(reachable)
  return { model, cost, embodied: embodiedOf(reachable, tokens.output), stars: starsOf(model) }
}

// As many words of one token as a typical request has.
const typicalText = 'word '.repeat(typicalRequest.inputTokens).trimEnd()

function typicalEstimate(model: ReachableModel): Estimate {
  // Of every model in the table it is known.
  const { context } = model as { context: number }
  const feature: Catalog['features'][string] = {
    task: 'chat', baseline: 'search', tier: 'max', effort: 'none', maxInputTokens: context, maxOutputTokens: context,
    mode: 'offer', background: false, overhead: 0, output: exactly(typicalRequest.outputTokens),
  }
  const catalog: Catalog = { version: '', models: [model], features: { typical: feature }, policy: { owner: null, pays: true, revision: 0, carbon: { gco2ePerWh: 0, zone: '', year: 0 } } }
  return estimateRun({ feature: 'typical', tier: 'max', effort: 'none', input: { text: typicalText } }, model, catalog)
}

function compare(a: Line, b: Line, order: Sort): number {
  const by: Record<Sort, (line: Line) => number> = {
    energy: ({ cost }) => cost.wh?.mid ?? Infinity,
    price: ({ cost }) => cost.usd?.mid ?? Infinity,
    stars: ({ stars }) => -(stars?.stars ?? 0),
  }
  const difference = by[order](a) - by[order](b)
  // Both may be infinite, whose difference is no number.
  return difference || by.energy(a) - by.energy(b) || a.model.id.localeCompare(b.model.id)
}

const columns: readonly (readonly [title: string, width: number, of: (line: Line) => string])[] = [
  ['Model', -30, ({ model }) => model.id],
  ['Provider', -10, ({ model }) => model.provider],
  ['Billions', 9, ({ model }) => billions(model.params.total)],
  ['$ in', 6, ({ model }) => dollars(model, 'input')],
  ['$ out', 6, ({ model }) => dollars(model, 'output')],
  ['Wh', 12, ({ cost }) => span(cost.wh)],
  ['Stars', -7, ({ model, stars }) => `${model.sizeClass[0]!.toUpperCase()}${stars?.source === 'estimated' ? '~' : ' '}${stars ? '★'.repeat(stars.stars) : '-'}`],
  ['Able', 4, ({ model }) => `${model.strength.source === 'estimated' ? '~' : ''}${Math.round(100 * model.strength.value)}`],
  ['Reasons', -8, ({ model }) => model.reasoning === 'none' ? 'no' : model.reasoning],
]

const row = (cells: readonly string[]) => cells.map((cell, i) => fitted(cell, columns[i]![1])).join(' ').trimEnd()

/** @param width below 0 for what stands on the left of its column */
function fitted(cell: string, width: number): string {
  const most = Math.abs(width)
  const text = cell.length > most ? `${cell.slice(0, most - 1)}…` : cell
  return width < 0 ? text.padEnd(most) : text.padStart(most)
}

const heading = row(columns.map(([title]) => title))
const print = (line: Line) => row(columns.map(([, , of]) => of(line)))

const legend = [
  '$ per million tokens; ? where lists disagree, or where only a reseller\'s is known.',
  `Wh usually drawn by ${typicalRequest.inputTokens} tokens in and ${typicalRequest.outputTokens} out; reasoning off, or at its least where it cannot be.`,
  'Stars: 5 is the least energy by AI Energy Score\'s rule, among models of up to 20 (S), 66 (M) or more',
  '(L) billion parameters. ~ before them: it published none, ours are by size, and often one off.',
  'Able: 0 to 100 by Arena\'s text board; ~ by size alone.',
  `An answer without any of them, quoted from the text by the baseline, draws some ${figure(requestEnergy(extractiveEnergy).mid)} Wh.`,
]

const billions = ([low, high]: Bounds) => low === high ? figure(low) : `${figure(low)}-${figure(high)}`

function dollars({ price, priceConfidence }: ModelFacts, side: 'input' | 'output'): string {
  return price ? `${figure(price[side] / 1e9)}${priceConfidence === 'low' ? '?' : ''}` : '-'
}

const span = (range: Range | null) => range ? `${figure(range.low)}-${figure(range.high)}` : '-'

/** Three digits are enough to choose by; fewer for what is small. */
function figure(value: number): string {
  return String(Number(value.toPrecision(value < 1 ? 2 : 3)))
}

function factsOf({ model, cost, embodied, stars }: Line): Record<string, unknown> {
  return { ...model, stars, request: { ...typicalRequest, usd: cost.usd, wh: cost.wh, embodied: { gco2e: embodied } } }
}
