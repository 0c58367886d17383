import { newId, SparingError } from '../core/index.ts'
import { labelsOf, watchLabels } from './budget-labels.ts'
import { textOf } from './ledger/texts.ts'
import { labelName, labelsIn, nameOf } from './names.ts'
import type { Teller } from './names.ts'
import type { Caller, Settings } from './options.ts'

/** Who a run belongs to. `key` names them in the ledger. */
export interface Identity {
  readonly key: string
  readonly anonymous: boolean
  readonly caller: Caller
  /** Labels that they have none of on purpose: budgets of these are not for them. */
  readonly without?: readonly string[]
}

const cookieName = 'sparing_id'
const year = 31_536_000

/** Knows callers by the host's word first, and by our signed cookie otherwise. */
export interface Identities {
  /**
   * @returns `null` for somebody who has no cookie yet, or a forged one
   * @throws {SparingError} `invalid-request` for a host's name that is too long for a ledger
   * @throws {Error} for what the host gives that cannot be somebody
   */
  of(request: Request): Promise<Identity | null>
  /** A new anonymous identity, and the `set-cookie` value that makes it known again. */
  issue(request: Request): Promise<{ readonly identity: Identity; readonly cookie: string }>
  /** Whether the cookie, not the host, says who it is: then other sites' pages could send it too. */
  byCookie(identity: Identity | null): boolean
}

export function identities(settings: Settings, sign: Signer): Identities {
  const { identify } = settings
  const known = knownIdentities(settings, 'identify')
  return {
    async of(request) {
      const identity = known(await identify?.(request))
      if (identity) return identity
      for (const cookie of cookiesOf(request)) {
        const [id, signature] = cookie.split('.')
        if (id && signature && same(signature, await sign(`identity:${id}`))) return stranger(id)
      }
      return null
    },
    async issue(request) {
      const id = newId()
      const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : ''
      const cookie = `${cookieName}=${id}.${await sign(`identity:${id}`)}; Path=/; Max-Age=${year}; HttpOnly; SameSite=Lax${secure}`
      return { identity: stranger(id), cookie }
    },
    byCookie: identity => identity?.anonymous ?? true,
  }
}

/** A user's name in the ledger. */
export const userKey = (user: string): string => `user:${user}`

/**
 * Bytes of a name, as JSON writes it between its quotes, that every ledger can keep: keys of PostgreSQL's indexes have 2,600,
 * and a run's id and a budget stand in them too.
 */
const longestName = 1_000

/**
 * Tells who somebody is whom the host knows, and whose name, with the labels that budgets go by, every ledger can keep.
 * @returns `null` for somebody of whom it has no name; its function throws an `Error` for what cannot be
 * somebody, and `invalid-request` for names that are too long
 */
export function knownIdentities(settings: Pick<Settings, 'budgets' | 'onError'>, teller: Teller): (given: unknown) => Identity | null {
  const watch = watchLabels(settings)
  const counting = ['user', ...labelsOf(settings.budgets)]
  return given => {
    const labels = labelsIn(given, teller)
    if (!labels) return null
    const names = counting.filter(label => labels[label] != null).map((label): [string, string] => [label, labelName(label, labels[label], teller)])
    for (const [label, name] of names) checkName(label, name)
    watch(labels)
    const without = counting.filter(label => labels[label] === null)
    const caller = callerOf(labels, Object.fromEntries(names))
    return { key: userKey(caller.user), anonymous: false, caller, ...without.length > 0 && { without } }
  }
}

/** As the host gave it, where it may be: hosts may give what is more than its fields. */
function callerOf(labels: Readonly<Record<string, unknown>>, names: Readonly<Record<string, string>>): Caller {
  const isAsGiven = Object.values(labels).every(value => value !== null && typeof value !== 'number' && typeof value !== 'bigint')
  if (isAsGiven && Object.entries(names).every(([label, name]) => labels[label] === name)) return labels as Caller
  const others = Object.entries(labels).filter(([, value]) => value !== null).map(([label, value]) => [label, nameOf(value) ?? value])
  return { ...Object.fromEntries(others), ...names } as Caller
}

/** @throws {SparingError} `invalid-request` for one that is longer than a ledger can keep */
export function checkName(field: string, name: string): void {
  const written = textOf(name)
  if (written.length * 3 <= longestName) return
  const { length } = new TextEncoder().encode(written)
  if (length <= longestName) return
  throw new SparingError('invalid-request', `The name of the ${field} is ${length} bytes long, and ledgers keep ${longestName} at most. Nothing was done; it stays so until the server's \`identify\` gives a shorter one, such as an id.`, { field })
}

const stranger = (id: string): Identity => ({ key: `anonymous:${id}`, anonymous: true, caller: { user: `anonymous:${id}` } })

/** Cookies of our name that are looked at: a path above may have set another. */
const mostCookies = 4

function cookiesOf(request: Request): string[] {
  const header = request.headers.get('cookie') ?? ''
  return header.split(/;\s*/).filter(pair => pair.startsWith(`${cookieName}=`)).map(pair => pair.slice(cookieName.length + 1)).slice(0, mostCookies)
}

/** Compares in constant time, so that a signature cannot be guessed byte by byte. */
export function same(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length)
  return difference === 0
}

/** Whose word an outcome is. All whom nobody knows are one person: a fresh cookie costs nothing, and neither do addresses to whoever rents them by the thousand. */
export const personOf = ({ anonymous, key }: Pick<Identity, 'anonymous' | 'key'>, sign: Signer): Promise<string> => sign(`person:${anonymous ? 'anonymous' : key}`)

export type Signer = (text: string) => Promise<string>

/** A number from 0 to below 1 that hangs on a text and on the secret: the same on every server, and nobody else can tell it. */
export async function drawOf(text: string, sign: Signer): Promise<number> {
  const bytes = atob((await sign(text)).slice(0, 8).replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(bytes).reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0) / 2 ** 48
}

/** Signs and hashes with HMAC-SHA-256 under the secret, as base64url. */
export function signer(secret: string): Signer {
  const encoder = new TextEncoder()
  const key = crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return async text => {
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', await key, encoder.encode(text)))
    return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  }
}
