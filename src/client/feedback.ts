/**
 * What a person did with an answer. `kept`: they used it, or left it standing; `dismissed`: they put it
 * away; `escalated`: they asked for a higher level; `rated`: they said whether it was enough.
 */
export type RunFeedback =
  | { readonly outcome: 'kept' | 'dismissed' | 'escalated' }
  | { readonly outcome: 'rated'; readonly enough: boolean }
