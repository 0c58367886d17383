import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { difficultyOf } from '../../src/routing/index.ts'
import { featuresOf } from '../../src/routing/features.ts'
import { createModel } from '../../src/routing/model.ts'
import { classifyByRules } from '../../src/routing/trained.ts'
import { weights } from '../../src/routing/weights.ts'
import { randomFrom } from '../../src/routing/train/random.ts'
import { apgr, clustered, cpt, pgr, rounded } from './measures.ts'
import type { Routed } from './measures.ts'

// How well difficulty tells where GPT-4 is right and Mixtral-8x7B is wrong, beside simpler ways. Its line has three
// figures that were chosen on these subjects, the line of "model only" was fitted on some of these prompts, and the
// rules on none. Intervals resample subjects on MMLU and prompts on GSM8K. Published, for orientation (RouteLLM's best,
// partly with labels of the same kind): MMLU .603, GSM8K .622. Usage: node test/bench/routing-difficulty.ts [folder]

type Print = (figure: Record<string, unknown>) => void

const name = 'routing-difficulty'

interface Prompt extends Omit<Routed, 'score'> {
  readonly text: string
  readonly group: string
}

/** Prints APGR, CPT(50 %), CPT(80 %) and the curve of PGR over 11 thresholds. */
export async function bench(print: Print, options: { data?: string } = {}): Promise<void> {
  const folder = `${options.data ?? process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/routing`
  if (!existsSync(folder)) return print({ bench: name, skipped: `there is no folder ${folder}, so no difficulty was scored. SPARING_DATA may name another data folder.` })
  for (const set of ['mmlu', 'gsm8k']) benchSet(print, set, promptsIn(folder, set))
}

function benchSet(print: Print, set: string, prompts: readonly Prompt[]): void {
  const [random, problem] = [randomFrom(7), createModel(weights.problem)]
  const scores: Record<string, (text: string) => number> = {
    sparing: difficultyOf,
    'prompt length': text => text.length,
    'rules only': text => classifyByRules(text).chances.reason,
    'model only': text => problem(featuresOf(text)),
    random,
  }
  const scored = Object.entries(scores).map(([method, score]) => ({ method, rows: prompts.map(prompt => ({ ...prompt, score: score(prompt.text) })) }))
  for (const { method, rows } of scored) {
    print({
      bench: name, set, method, prompts: rows.length, apgr: clustered(rows, row => row.group, apgr),
      cpt50: clustered(rows, row => row.group, sample => cpt(sample, 0.5)), cpt80: clustered(rows, row => row.group, sample => cpt(sample, 0.8)), pgr: pgr(rows).map(rounded),
    })
  }
  const quality = (which: 'weak' | 'strong') => clustered(prompts, row => row.group, sample => sample.reduce((sum, row) => sum + row[which], 0) / sample.length)
  print({ bench: name, set, method: 'always eco', quality: quality('weak'), pgr: 0 })
  print({ bench: name, set, method: 'always strong', quality: quality('strong'), pgr: 1 })
  const both = prompts.map(prompt => ({ ...prompt, ours: difficultyOf(prompt.text), theirs: prompt.text.length }))
  const gain = clustered(both, row => row.group, sample => apgr(sample.map(row => ({ ...row, score: row.ours }))) - apgr(sample.map(row => ({ ...row, score: row.theirs }))))
  print({ bench: name, set, method: 'sparing', minus: 'prompt length', apgr: gain, beyondNoise: gain.low > 0 || gain.high < 0 })
}

function promptsIn(folder: string, set: string): Prompt[] {
  return readFileSync(`${folder}/${set}.jsonl`, 'utf8').trim().split('\n').map((line, at) => {
    const { prompt, subject, weak_ok, strong_ok } = JSON.parse(line) as { prompt: string; subject?: string; weak_ok: number; strong_ok: number }
    return { text: prompt, group: subject ?? String(at), weak: weak_ok, strong: strong_ok }
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await bench(figure => console.log(JSON.stringify(figure)), process.argv[2] ? { data: process.argv[2] } : {})
}
