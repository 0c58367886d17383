import { SparingError } from '../core/index.ts'
import type { ApiKey, ApiKeyGrant } from './api-key.ts'
import { knownIdentities, same } from './identity.ts'
import type { Identity, Signer } from './identity.ts'
import { notice } from './notice.ts'
import type { Settings } from './options.ts'

/** A key's grant, with the identity that it is bound to. */
export interface Grant extends ApiKeyGrant {
  readonly identity: Identity
}

/** Knows what API keys stand for. */
export interface Keyring {
  /** @returns `null` for a request without a key, or with one that nobody was given */
  grantOf(request: Request): Promise<Grant | null>
  /** @throws {SparingError} `api-key-required` */
  required(request: Request): Promise<Grant>
}

/** @returns `null` where no keys are configured, and with them the routes that need one */
export function keyring(settings: Settings, sign: Signer): Keyring | null {
  const { apiKeys } = settings
  if (apiKeys === undefined) return null
  const known = knownIdentities(settings, 'apiKeys')
  const find = typeof apiKeys === 'function' ? apiKeys : amongKeys(apiKeys, sign)
  // A cookie never counts: pages of other sites could send it.
  const grantOf = async (request: Request) => {
    const key = bearerOf(request)
    const grant = key === undefined ? null : await find(key)
    return grant ? granted(grant, known) : null
  }
  return {
    grantOf,
    async required(request) {
      const grant = await grantOf(request)
      if (grant) return grant
      throw new SparingError('api-key-required', 'This takes an API key of this server, and what was sent is none. Send "Authorization: Bearer" with a key of the option "apiKeys".')
    },
  }
}

const bearerOf = (request: Request): string | undefined => /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]

/**
 * By keyed hashes, which are of one length and tell nothing of how near a guess was; all are looked at,
 * whichever it is. A key that was right is known from then on: a look-up by the whole of it tells nothing
 * either, and a hash takes as long as much of a request.
 */
function amongKeys(keys: readonly ApiKey[], sign: Signer): (key: string) => ApiKeyGrant | null | Promise<ApiKeyGrant | null> {
  const hash = (key: string) => sign(`api-key:${key}`)
  const hashes = Promise.all(keys.map(async ({ key, ...grant }) => ({ grant, hash: await hash(key) })))
  const proven = new Map<string, ApiKeyGrant>()
  const prove = async (key: string) => {
    const theirs = await hash(key)
    const grant = (await hashes).reduce<ApiKeyGrant | null>((found, each) => same(each.hash, theirs) ? each.grant : found, null)
    if (grant) proven.set(key, grant)
    return grant
  }
  return key => proven.get(key) ?? prove(key)
}

function granted(grant: ApiKeyGrant, known: ReturnType<typeof knownIdentities>): Grant {
  const { user, labels } = grant
  const identity = known({ ...labels, user })
  if (!identity) throw notice('"apiKeys" gave a key without "user", so nobody\'s budgets would hold for it. The request was refused and nothing was run. Name somebody in "user".')
  return { ...grant, identity }
}
