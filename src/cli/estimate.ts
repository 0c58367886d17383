import { text } from 'node:stream/consumers'
import { efforts, isSparingError, tiers } from '../core/index.ts'
import { errorOf } from '../core/problem.ts'
import type { Estimate, Features, Provenance, Range, SparingError } from '../core/index.ts'
import type { EstimateAnswer, EstimateRequest } from '../protocol/index.ts'
import { createModelSelector } from '../server/index.ts'
import type { ModelSelectorOptions } from '../server/index.ts'
import { wrongArgument } from './arguments.ts'
import { defaultConfiguration, optionsFrom } from './configuration.ts'
import { dollars, energyBeside, massBeside, seconds, span, tokens } from './figures.ts'
import type { Form } from './figures.ts'

export interface EstimateArguments {
  readonly feature?: string | undefined
  readonly tier?: string | undefined
  readonly effort?: string | undefined
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

export const estimateHelp = `sparing estimate --feature F [--tier eco] [--effort none] [--config ${defaultConfiguration}] [--json] < text

  --feature  one of the configuration, on or off
  --tier     ${tiers.join(', ')}
  --effort   ${efforts.join(', ')}
  --json     the estimate and the choice as the server answers them`

/**
 * What a run of a feature on a text is likely to cost and costs at most, with what the configured
 * ledger has learned; nothing is run.
 * @throws {Error} with a sentence for whoever asked; with the code of a wrong argument where it is one
 */
export async function estimateText({ feature, tier = 'eco', effort = 'none', config = defaultConfiguration, json = false }: EstimateArguments, input: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean }): Promise<string> {
  if (feature === undefined) throw wrongArgument('Say which feature is meant with --feature.')
  if (!isOneOf(tiers, tier)) throw wrongArgument(`--tier does not take "${tier}". Give one of ${tiers.join(', ')}.`)
  if (!isOneOf(efforts, effort)) throw wrongArgument(`--effort does not take "${effort}". Give one of ${efforts.join(', ')}.`)
  if (input.isTTY) throw wrongArgument('There is no text. Give one on standard input, as in: sparing estimate --feature summary < article.txt')
  const options = await optionsFrom(config)
  if (!Object.hasOwn(options.features, feature)) throw wrongArgument(`There is no feature "${feature}" in ${config}. Give one of ${Object.keys(options.features).join(', ')}.`)
  const answer = await estimateOf({ feature, tier, effort, input: { text: await text(input as AsyncIterable<Uint8Array>) } }, options)
  return json ? JSON.stringify(answer, null, 2) : inWords(answer, options)
}

const isOneOf = <T extends string>(known: readonly T[], value: string): value is T => known.includes(value as T)

/** As the server estimates it for somebody unknown, also of a feature that is not on yet: this is where one finds out. */
async function estimateOf(ask: EstimateRequest, options: ModelSelectorOptions): Promise<EstimateAnswer> {
  const modelSelector = createModelSelector({ ...options, features: offered(options.features), identify: () => null, basePath: '', maxBody: Number.MAX_SAFE_INTEGER })
  try {
    const response = await modelSelector.fetch(new Request('http://localhost/v1/estimate', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(ask) }))
    const answer: unknown = await response.json()
    if (!response.ok) throw refusalOf(errorOf(answer, response.status))
    return answer as EstimateAnswer
  } finally {
    await modelSelector.close()
  }
}

/** A level that the feature does not allow is a wrong argument. */
const refusalOf = (error: SparingError): Error => isSparingError(error, 'tier-not-allowed') ? wrongArgument(error.message) : error

const offered = (features: Features): Features =>
  Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, { ...feature, mode: 'offer', percent: 100 }]))

function inWords({ estimate, embodied, choice }: EstimateAnswer, { carbon }: ModelSelectorOptions): string {
  const { baseline, ceiling, cost, provenance } = estimate
  const energy = energyBeside(...ends(cost.wh), ceiling.wh ?? 0, baseline.wh?.mid ?? 0)
  const mass = massBeside(...ends(cost.gco2e), ...ends(embodied?.gco2e ?? null))
  const reasoning = choice.effort === 'none' ? '' : `, reasoning at "${choice.effort}"`
  return [
    `${choice.model} of ${choice.provider}, tier "${choice.tier}"${reasoning}`,
    ...choice.reasons.map(reason => reason.text), '',
    line('', 'usually', 'at most', ''),
    figures('Money', cost.usd, dollars, ceiling.usd, sources[provenance.usd]),
    figures('Energy', cost.wh, energy, ceiling.wh, sources[provenance.wh]),
    figures('CO2e', cost.gco2e, mass, null, carbon ? `of the electricity used: ${carbon.zone}, ${carbon.year}` : 'of the electricity used: the world\'s average'),
    ...embodied ? [figures('Hardware', embodied.gco2e, mass, null, 'CO2e of making it, modelled; in no budget')] : [],
    figures('Time', estimate.seconds, seconds, null, ''),
    figures('Tokens in', estimate.tokens.input, tokens, null, ''),
    figures('Tokens out', estimate.tokens.output, tokens, ceiling.outputTokens, 'reasoning included'),
    ...starsOf(estimate), '',
    comparison(estimate, energy),
  ].join('\n').trimEnd()
}

const ends = (range: Range | null): readonly number[] => range ? [range.low, range.high] : []

function starsOf({ stars, provenance }: Estimate): readonly string[] {
  if (stars === null) return []
  const published = provenance.stars === 'published'
  return [line('Stars', `${published ? '' : '~'}${'★'.repeat(stars)} of 5`, '', `5 is the least energy${published ? '; published by AI Energy Score' : '; ~ estimated by size, often one off'}`)]
}

const sources: Record<Provenance, string> = {
  metered: 'by the provider\'s meter', measured: 'measured', modelled: 'modelled by the size of the model', class: 'by the catalog\'s price', local: 'on this machine', unknown: 'nobody knows',
}

function figures(name: string, likely: Range | null, form: Form, most: number | null, source: string): string {
  return line(name, likely ? span(likely, form) : 'unknown', most === null ? '' : form(most, true), source)
}

const line = (...[name, usually, most, source]: readonly [string, string, string, string]): string =>
  `${name.padEnd(12)}${usually.padEnd(26)}${most.padEnd(14)}${source}`.trimEnd()

function comparison({ baseline, cost }: Estimate, energy: Form): string {
  const [quotes, run] = [baseline.wh?.mid, cost.wh?.mid]
  if (!quotes || !run || run <= quotes) return ''
  return `Quotes from the text alone, with no generative model, take some ${energy(quotes)}.`
}
