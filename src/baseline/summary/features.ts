import { withoutLinks } from '../text/markdown.ts'
import { cues } from './cues.ts'
import type { Section } from './sections.ts'

/** Where a sentence stands among those that are no furniture. */
export interface Place {
  index: number
  count: number
  /** A byline, a date, a single word: nothing a summary could be made of. */
  furniture: boolean
}

/** What is known of a candidate before it is scored. */
export interface Candidate extends Place {
  text: string
  words: number
  /** LexRank value times the number of candidates: 1 is average. */
  rank: number
  /** First sentence of its block, and of its section. */
  opens: boolean
  opensSection: boolean
  section: Section
  /** Share of its terms that the title has, 0 to 1. */
  title: number
}

// Others were tried on SciTLDR's train split (results, background, numbers, "novel", length in words) and
// came to nothing in cross-validation.
export const featureNames = [
  'centrality', 'lead', 'early', 'late', 'opens', 'section', 'title', 'furniture', 'contribution', 'firstContribution',
  'own', 'definition', 'leaning', 'pointing', 'inviting', 'option', 'question', 'speech', 'short', 'long', 'fragment',
  'opening', 'reference',
] as const

export type FeatureName = typeof featureNames[number]
export type Features = Record<FeatureName, number>

const finished = /[.!?…。！？؟।॥։።۔]["'”’»)\]*_`」』]*$/
const unmarkedScript = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/

/** The features of every candidate, in order; all lie roughly between -2 and 2. */
export function featuresOf(candidates: readonly Candidate[]): Features[] {
  const contributions = candidates.map(candidate => cues.contribution.test(candidate.text))
  const first = contributions.indexOf(true)
  return candidates.map((candidate, i) => ({
    ...placeOf(candidate),
    ...wordingOf(withoutLinks(candidate.text).trimEnd(), candidate.words),
    ...lengthOf(candidate),
    contribution: flag(contributions[i]!),
    firstContribution: flag(i === first),
  }))
}

const flag = (yes: boolean) => yes ? 1 : 0

function placeOf({ index, count, rank, opens, opensSection, section, title, furniture }: Candidate) {
  const place = count > 1 ? Math.min(1, index / (count - 1)) : 0
  return {
    centrality: Math.log(Math.max(rank, 0.05)),
    lead: flag(index === 0 && !furniture),
    early: 1 / (1 + index),
    late: place,
    furniture: flag(furniture),
    opens: flag(opens),
    section: flag(opensSection),
    opening: flag(section === 'opening'),
    reference: flag(section === 'reference'),
    title,
  }
}

function wordingOf(text: string, words: number) {
  return {
    own: flag(cues.own.test(text)),
    definition: flag(cues.definition.test(text)),
    leaning: flag(cues.leaning.test(text)),
    pointing: flag(cues.pointing.test(text)),
    inviting: flag(cues.inviting.test(text)),
    option: flag(cues.option.test(text)),
    question: flag(/[?？؟]["”’)]*$/.test(text)),
    speech: flag(cues.speech.test(text)),
    // A line as long as a sentence may be one without its full stop.
    fragment: flag(!finished.test(text) && !unmarkedScript.test(text)) * (words < 8 ? 1 : 0.4),
  }
}

/** How far, in doublings, a sentence is from 16 to 28 words: the length of most one-sentence summaries. */
function lengthOf({ words }: Candidate) {
  return { short: Math.max(0, Math.log2(16 / Math.max(words, 1))), long: Math.max(0, Math.log2(words / 28)) }
}
