import { baseline, createModelSelector } from 'sparing/server'
import type { ModelSelector } from 'sparing/server'
import { sqliteLedger } from 'sparing/server/sqlite'
import { features } from '../shared/features.ts'
import type { DataFolder } from './data-folder.ts'
import { leadingSentences, quotesFrom } from './quotes.ts'
import type { Library } from './library.ts'
import type { Upstream } from './upstream.ts'

export interface SelectorOptions {
  /** Where the passages come from that answers quote. */
  readonly library: Library
  readonly data: DataFolder
  readonly upstream: Upstream | null
  /** Runs a day of one person. */
  readonly runs: number
}

export const basePath = '/api/ai'

/** The server of the demo's generative features. */
export function openSelector({ library, data, upstream, runs }: SelectorOptions): ModelSelector {
  return createModelSelector({
    features, basePath, secret: data.secret, owner: 'Acme Docs',
    providers: [baseline({ features: { answer: quotesFrom(library.index), summary: leadingSentences } }), ...upstream ? [upstream.provider] : []],
    ledger: sqliteLedger(data.ledger),
    budgets: [
      { id: 'allowance', scope: 'user', per: 'day', limit: { usd: 0.10, wh: 10, runs } },
      { id: 'everyone', scope: 'all', per: 'day', limit: { usd: 5, wh: 500, runs: 10_000 } },
    ],
    // The day ends when it ends where the demo runs, which for a demo is where its reader is.
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
}
