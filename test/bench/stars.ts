import { readFileSync } from 'node:fs'
import { starRating } from '../../src/catalog/index.ts'

type Print = (figure: Record<string, unknown>) => void

interface Row {
  readonly model: string
  readonly energy: number
  readonly stars: number
  /** Text generation is rated within classes of size. */
  readonly sizeClass: string
}

/** How many of AI Energy Score's published ratings `starRating` gives as published, per table and class. */
export async function bench(print: Print, { data }: { data?: string }): Promise<void> {
  if (!data) return print({ bench: 'stars', note: 'The data folder is not there, so nothing is compared.' })
  const all = ['question_answering', 'summarization', 'text_generation'].flatMap(table => {
    const rows = rowsOf(readFileSync(`${data}/energy/v1_${table}.csv`, 'utf8'))
    return [...Map.groupBy(rows, ({ sizeClass }) => sizeClass)].map(([sizeClass, members]) => ({ what: `${table} ${sizeClass}`.trim(), ...matches(members) }))
  })
  for (const figure of all) print({ bench: 'stars', ...figure })
  const sum = (of: 'rows' | 'asPublished') => all.reduce((total, figure) => total + figure[of], 0)
  print({ bench: 'stars', what: 'all tables', rows: sum('rows'), asPublished: sum('asPublished') })
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
