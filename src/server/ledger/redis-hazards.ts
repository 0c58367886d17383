import type { Connection } from './redis-connection.ts'

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

/** Warns of what the server shows, of each once, however often it comes and goes. One that shows nothing is taken as it is. */
export function warnOfHazards({ ask, onReady }: Pick<Connection, 'ask' | 'onReady'>, warn: (message: string) => void): void {
  const told = new Set<string>()
  const tell = (info: string) => {
    for (const { shown, warning } of hazards) {
      if (told.has(warning) || !shown.test(info)) continue
      told.add(warning)
      warn(warning)
    }
  }
  onReady(() => void ask(client => client.info()).then(tell, () => {}))
}
