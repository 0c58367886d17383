import { readFileSync } from 'node:fs'
import { factsFromName, findModel, starRating, starsOf } from '../../src/catalog/index.ts'

type Print = (figure: Record<string, unknown>) => void

interface Row {
  readonly model: string
  readonly energy: number
  readonly stars: number
  /** Text generation is rated within classes of size. */
  readonly sizeClass: string
}

/**
 * How many of AI Energy Score's published ratings `starRating` gives as published from the energy that
 * was measured, per table and class; and how many of them the catalog would have estimated by size alone.
 */
export async function bench(print: Print, { data }: { data?: string }): Promise<void> {
  if (!data) return print({ bench: 'stars', note: 'The data folder is not there, so nothing is compared.' })
  const all = ['question_answering', 'summarization', 'text_generation'].flatMap(table => {
    const rows = rowsOf(readFileSync(`${data}/energy/v1_${table}.csv`, 'utf8'))
    return [...Map.groupBy(rows, ({ sizeClass }) => sizeClass)].map(([sizeClass, members]) => ({ what: `${table} ${sizeClass}`.trim(), ...matches(members) }))
  })
  for (const figure of all) print({ bench: 'stars', ...figure })
  const sum = (of: 'rows' | 'asPublished') => all.reduce((total, figure) => total + figure[of], 0)
  print({ bench: 'stars', what: 'all tables', rows: sum('rows'), asPublished: sum('asPublished') })
  print({ bench: 'stars', ...estimated(rowsOf(readFileSync(`${data}/energy/v1_text_generation.csv`, 'utf8'))) })
}

function rowsOf(csv: string): Row[] {
  return csv.trim().split('\n').slice(1).map(line => {
    const [model = '', energy, stars, sizeClass = ''] = line.trim().split(',')
    return { model, energy: Number(energy), stars: Number(stars), sizeClass }
  })
}

function matches(rows: readonly Row[]): { rows: number; asPublished: number; otherwise: string[] } {
  const energies = rows.map(({ energy }) => energy)
  const bounds = { min: Math.min(...energies), max: Math.max(...energies) }
  const otherwise = rows.filter(({ energy, stars }) => starRating(energy, bounds) !== stars).map(({ model }) => model)
  return { rows: rows.length, asPublished: rows.length - otherwise.length, otherwise }
}

/** Where the size is known, by the catalog or by the name, the stars that are given to a model whose own are not published. */
function estimated(rows: readonly Row[]): Record<string, unknown> {
  const sized = rows.flatMap(({ model, stars }) => {
    const params = (findModel(model) ?? factsFromName(model))?.params
    return params ? [{ model, stars, ours: starsOf({ params })?.stars ?? null }] : []
  })
  const rated = sized.filter(({ ours }) => ours !== null).map(({ model, stars, ours }) => ({ model, off: Math.abs(ours! - stars) }))
  const within = (most: number) => rated.filter(({ off }) => off <= most).length
  const most = Math.max(...rated.map(({ off }) => off))
  return {
    what: 'text_generation, estimated by size', sized: sized.length, rated: rated.length, exactly: within(0), withinOne: within(1), ...always(sized.map(({ stars }) => stars)),
    mostOff: most, farthest: rated.filter(({ off }) => off === most).map(({ model }) => model),
  }
}

/** The one number of stars that would be right most often, whatever the model. */
function always(stars: readonly number[]): Record<string, unknown> {
  const counts = [1, 2, 3, 4, 5].map(each => ({ constant: each, exactly: stars.filter(other => other === each).length, withinOne: stars.filter(other => Math.abs(other - each) <= 1).length }))
  return { baseline: counts.toSorted((a, b) => b.exactly - a.exactly)[0] }
}
