/** Settings of a server, as `INFO` shows them, under which a ledger forgets what was spent. */
const hazards: readonly { readonly shown: RegExp; readonly warning: string }[] = [
  {
    shown: /^aof_enabled:0/m,
    warning: 'Redis does not keep the ledger on disk: when it restarts, what was spent is forgotten and may be spent again. Start it with `appendonly yes` and, to lose nothing at all, `appendfsync always`.',
  },
  {
    shown: /^maxmemory_policy:allkeys-/m,
    warning: 'Redis throws keys away when its memory is full, the ledger\'s too, and what was spent may then be spent again. Set `maxmemory-policy noeviction`.',
  },
]

/** What to warn of; nothing where the server does not say. */
export const hazardsOf = (info: string): string[] => hazards.filter(({ shown }) => shown.test(info)).map(({ warning }) => warning)
