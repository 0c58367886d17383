import { existsSync, readFileSync } from 'node:fs'
import { embodiedOf, energyProfile, grids, requestImpact } from '../../src/catalog/index.ts'
import { exactly } from '../../src/core/index.ts'

type Print = (figure: Record<string, unknown>) => void

// What of the hardware's making one token stands for goes by how long a deployment holds a GPU for it. Beside the
// method's figure: the time that ML.ENERGY measured on H100s, of each model's fullest and emptiest deployment.

/** Kilograms of one GPU with its part of a server, over the seconds of three years. */
const perSecond = (5_700 / 8 + 273) / (3 * 365 * 86_400)

export async function bench(print: Print, { data }: { data?: string }): Promise<void> {
  const file = `${data}/batching/llm-batch-energy.csv`
  if (!data || !existsSync(file)) return print({ bench: 'embodied', note: 'The data folder is not there, so nothing is compared.' })
  const runs = runsIn(readFileSync(file, 'utf8')).filter(run => run['gpu_model'] === 'H100' && run['task'] === 'lm-arena-chat')
  const ratios = [...Map.groupBy(runs, run => run['nickname']!).values()].map(besideMethod)
  const [ours, method] = [oursOf(8), byMethod(8, 8)]
  print({
    bench: 'embodied', what: 'GPU time per token beside the method', unit: 'ratio', models: ratios.length,
    fullest: figure(median(ratios.map(({ fullest }) => fullest))), ourLow: figure(ours.low / 1_000 / method), emptiest: figure(median(ratios.map(({ emptiest }) => emptiest))), ourHigh: figure(ours.high / 1_000 / method),
  })
}

function besideMethod(runs: readonly Record<string, string>[]): { fullest: number; emptiest: number } {
  const billions = (column: string) => Number(runs[0]![column])
  const thought = byMethod(billions('activated_params_billions'), billions('total_params_billions')) / perSecond
  const held = runs.map(run => Number(run['num_gpus']) / Number(run['output_throughput_tokens_per_sec']))
  return { fullest: Math.min(...held) / thought, emptiest: Math.max(...held) / thought }
}

/** Kilograms for one output token, by the method alone. */
const byMethod = (activeParams: number, totalParams: number) =>
  requestImpact({ activeParams, totalParams, outputTokens: 1, pue: 1, mix: grids.world.mix }).embodied.gwp as number

/** Grams for one output token, as receipts have them. */
const oursOf = (billions: number) =>
  embodiedOf({ kind: 'generative', energy: energyProfile({ params: { active: [billions, billions], total: [billions, billions], source: 'published' } }) }, exactly(1))!

function runsIn(csv: string): Record<string, string>[] {
  const [names, ...rows] = csv.trim().split('\n').map(line => line.split(','))
  return rows.map(row => Object.fromEntries(names!.map((name, at) => [name, row[at]!])))
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const figure = (value: number) => Number(value.toPrecision(3))
