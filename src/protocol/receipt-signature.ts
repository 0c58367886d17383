import type { Receipt } from '../core/index.ts'

/** A public key that receipts are signed with: Ed25519 as JWK (RFC 8037). */
export interface ReceiptKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

/** `GET /v1/keys`: those that receipts are signed with, and those that they were. */
export interface KeysAnswer {
  readonly keys: readonly ReceiptKey[]
}

/**
 * What a receipt's signature covers: all of it but `signature` itself, and `budgets` and `replayed`,
 * which are of the moment it is told. As JSON in the canonical form of RFC 8785, so that a receipt may
 * be stored and sent in any order.
 */
export function signedPart({ signature: _, budgets: __, replayed: ___, ...covered }: Receipt): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonical(covered))
}

/** RFC 8785: names in the order of their UTF-16 units, numbers and texts as ECMAScript writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(each => canonical(each ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const record = value as Readonly<Record<string, unknown>>
  const names = Object.keys(record).filter(name => record[name] !== undefined).sort()
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical(record[name])}`).join(',')}}`
}

/**
 * Whether a receipt is as the server signed it: its `signature` is a compact JWS with its payload
 * left out (RFC 7515, appendix F), made with Ed25519 (RFC 8037) by one of these keys.
 * @param keys as `GET /v1/keys` answers them, over a connection that is trusted
 */
export async function verifyReceipt(receipt: Receipt, keys: readonly ReceiptKey[]): Promise<boolean> {
  const [header = '', payload, signature = '', ...more] = receipt.signature?.split('.') ?? []
  if (payload !== '' || more.length > 0) return false
  try {
    // Written out, because a whole library for it would be a third of this entry.
    const { alg, kid } = JSON.parse(new TextDecoder().decode(bytesOf(header))) as { alg?: unknown; kid?: unknown }
    const known = keys.find(key => key.kid === kid)
    if (alg !== 'EdDSA' || !known) return false
    const key = await crypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x: known.x }, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, bytesOf(signature), new TextEncoder().encode(`${header}.${base64url(signedPart(receipt))}`))
  } catch {
    // What cannot be read was not signed here.
    return false
  }
}

const base64url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), character => character.charCodeAt(0))
