import type { Reason } from '../core/index.ts'
import { reasons as chosen } from '../routing/choose.ts'

/** Every reason that a receipt may give, by code: those of `choose`, and what became of its choice here. */
export const reasons = {
  ...chosen,
  agreed: 'Quotes are all that was agreed to.',
  'no-quotes': 'Nothing that could be quoted answers this.',
  left: 'For a model that comes before it too little of the allowance is left.',
  failover: 'A model that comes before it did not answer.',
  'out-of-order': 'A model that would come first is out of order for now.',
  'over-ceiling': 'The model\'s server reports more than it was allowed: its figures stand as it gave them, and no more than the ceiling was taken from the allowance.',
} satisfies Record<string, string>

export const reasonOf = (code: keyof typeof reasons): Reason => ({ code, text: reasons[code] })
