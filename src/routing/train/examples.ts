import { readFileSync } from 'node:fs'
import { phrases } from './phrases.ts'

/** A text to learn from. */
export interface Example {
  readonly text: string
  readonly positive: boolean
  /** How much it counts. */
  readonly weight: number
  /** What it is held out together with: an intent, a subject, or a share of the questions of TREC. */
  readonly group: string
  readonly source: 'trec' | 'clinc' | 'mmlu' | 'gsm8k' | 'phrases'
}

/** How often a frame of phrases.ts is filled. */
const perFrame = 12

type Row = Readonly<Record<string, string & number>>

// Of MMLU's subjects those whose questions are worked out in steps, and those that are known or not.
// The others are some of each and teach neither.
const workedOut = ['abstract_algebra', 'elementary_mathematics', 'formal_logic', 'high_school_physics', 'high_school_statistics']
const mixed = ['college_chemistry', 'conceptual_physics', 'econometrics', 'high_school_macroeconomics', 'high_school_microeconomics', 'machine_learning', 'moral_scenarios', 'virology']

/** Whether something must be generated: TREC's questions and CLINC's utterances, as their rows say. */
export function generationExamples(folder: string): Example[] {
  const trec = rowsOf(folder, 'trec').map(({ text, needs_generation }, at): Example =>
    ({ text: untokenised(text!), positive: needs_generation === 1, weight: 8, group: `trec-${at % 100}`, source: 'trec' }))
  const clinc = rowsOf(folder, 'clinc').map(({ text, intent, needs_generation }): Example =>
    ({ text: text!, positive: needs_generation === 1, weight: needs_generation === 1 ? 1.5 : 0.7, group: intent!, source: 'clinc' }))
  const written = once(phrases(perFrame, 1)).filter(({ need }) => need !== 'reason').map(({ text, need, frame }): Example => ({ text, positive: need === 'generate', weight: 0.6, group: frame, source: 'phrases' }))
  return [...once(trec), ...clinc, ...written]
}

/** Whether it is a problem of several steps: GSM8K and the worked-out subjects of MMLU, against all that is asked or known. */
export function problemExamples(folder: string): Example[] {
  const problems = rowsOf(folder, 'gsm8k').map(({ prompt }, at): Example => ({ text: prompt!, positive: true, weight: 2, group: `gsm8k-${at % 100}`, source: 'gsm8k' }))
  const known = rowsOf(folder, 'mmlu').filter(({ subject }) => !mixed.includes(subject!)).map(({ subject, prompt }): Example =>
    ({ text: stemOf(prompt!), positive: workedOut.includes(subject!), weight: 1, group: subject!, source: 'mmlu' }))
  const written = once(phrases(perFrame, 1)).filter(({ need }) => need === 'reason').map(({ text, frame }): Example => ({ text, positive: true, weight: 1.5, group: frame, source: 'phrases' }))
  return [...problems, ...known, ...written, ...generationExamples(folder).map(each => ({ ...each, positive: false, weight: each.source === 'clinc' ? 0.5 : 1 }))]
}

/** A multiple-choice question without its options: what a person would ask. */
const stemOf = (prompt: string) => prompt.split(/\nA\. /)[0]!

/** As people write, where the data set stands marks apart from words. */
const untokenised = (text: string) => text.replaceAll(/ ([?.,']|n't)/g, '$1').replaceAll('`` ', '"').replaceAll(" ''", '"')

const once = <T extends { text: string }>(examples: readonly T[]): T[] => [...new Map(examples.map(example => [example.text, example])).values()]

function rowsOf(folder: string, name: string): Row[] {
  return readFileSync(`${folder}/${name}.jsonl`, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Row)
}
