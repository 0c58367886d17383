import type { FeatureName, Features } from './features.ts'
import type { TextKind } from './kind.ts'

type Weights = Readonly<Partial<Record<FeatureName, number>>>

/** What leaning on the sentence before costs; given back where that sentence is selected too. */
export const leaningCost = 0.3

// What reads badly as a quotation does so in every kind of text. Set by hand.
const manners: Weights = { pointing: -1.5, fragment: -1.5, furniture: -1.5, question: -0.8, leaning: -leaningCost, short: -0.8, long: -0.3 }

const weights: Record<TextKind, Weights> = {
  // Fitted on SciTLDR-A's train split (1,992 abstracts, one sentence each) by test/bench/summaries-train.ts
  // with these five names, and rounded: LexRank, then whether the sentence is about the writers' own work, then place.
  paper: { ...manners, centrality: 0.9, contribution: 2.1, firstContribution: 3.5, own: 3.1, late: -2.6 },
  // By hand, from how news is written: the point comes first, and `early` (1/(1 + place)) falls steeply
  // enough that the second sentence needs to be far more central to overtake the first.
  news: { ...manners, centrality: 1, early: 3, lead: 0.5, late: -1.5, speech: -0.2, title: 0.5 },
  // By hand: what opens the text or a section, above all when it says what a thing is; not what one looks up,
  // option by option, and not whom to thank.
  document: { ...manners, centrality: 1, early: 2, late: -0.6, section: 0.4, opens: 0.2, title: 0.8, definition: 0.6, contribution: 0.4, opening: 1.2, reference: -1.5, option: -1.2, inviting: -1.5 },
}

const entriesOf = (kind: TextKind) => Object.entries(weights[kind]) as Array<[FeatureName, number]>
const entries = { paper: entriesOf('paper'), news: entriesOf('news'), document: entriesOf('document') }

/** The linear score of a sentence in a kind of text; only differences between sentences mean anything. */
export function scoreOf(features: Features, kind: TextKind): number {
  let score = 0
  for (const [name, weight] of entries[kind]) score += weight * features[name]
  return score
}
