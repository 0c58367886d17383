import { calculateJwkThumbprint, exportJWK, FlattenedSign, importJWK, importPKCS8 } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import type { Receipt } from '../core/index.ts'
import { signedPart } from '../protocol/index.ts'
import type { ReceiptKey } from '../protocol/index.ts'

/** An Ed25519 key as JWK (`kty` "OKP", with `d` to sign), or a private one as PKCS #8 in PEM. */
export type SigningKey = Readonly<JWK> | string

/** What receipts are signed with. */
export interface ReceiptKeys {
  /** Keys that this server's receipts can be checked with, the one in use first. */
  published(): Promise<readonly ReceiptKey[]>
  /** The receipt with its signature. One that cannot be signed goes unsigned: the run was made and settled. */
  sign(receipt: Receipt): Promise<Receipt>
}

interface KeysOptions {
  readonly secret: string
  /** The first one signs; the others are published, so that what they signed can still be checked. */
  readonly signingKeys: readonly SigningKey[]
  readonly onError: (error: unknown) => void
}

interface Signing {
  readonly key: CryptoKey
  readonly kid: string
  readonly published: readonly ReceiptKey[]
}

/** Without keys of the host's, one is made of the secret: servers that share it share the key. */
export function receiptKeys({ secret, signingKeys, onError }: KeysOptions): ReceiptKeys {
  let ready: Promise<Signing> | null = null
  const signing = () => ready ??= signingFrom(secret, signingKeys)
  return {
    published: async () => (await signing()).published,
    async sign(receipt) {
      try {
        const { key, kid } = await signing()
        const jws = await new FlattenedSign(signedPart(receipt)).setProtectedHeader({ alg: 'EdDSA', kid }).sign(key)
        return { ...receipt, signature: `${jws.protected}..${jws.signature}` }
      } catch (error) {
        onError(error)
        return receipt
      }
    },
  }
}

async function signingFrom(secret: string, given: readonly SigningKey[]): Promise<Signing> {
  const keys = given.length > 0 ? await Promise.all(given.map(keyFrom)) : [await keyOfSecret(secret)]
  const published = await Promise.all(keys.map(publicHalf))
  return { key: keys[0]!, kid: published[0]!.kid, published }
}

const keyFrom = async (key: SigningKey): Promise<CryptoKey> =>
  typeof key === 'string' ? importPKCS8(key, 'EdDSA', { extractable: true }) : await importJWK(key, 'EdDSA', { extractable: true }) as CryptoKey

/** Bytes before the 32 of an Ed25519 key in PKCS #8 (RFC 8410, 7). */
const pkcs8Head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]

/** HKDF (RFC 5869): whoever learned the key would not learn the secret, nor what else is made of it. */
async function keyOfSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', bytes.encode(secret), 'HKDF', false, ['deriveBits'])
  const seed = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bytes.encode('sparing receipts') }, material, 256)
  return crypto.subtle.importKey('pkcs8', new Uint8Array([...pkcs8Head, ...new Uint8Array(seed)]), 'Ed25519', true, ['sign'])
}

async function publicHalf(key: CryptoKey): Promise<ReceiptKey> {
  const { x = '' } = await exportJWK(key)
  const half = { kty: 'OKP', crv: 'Ed25519', x } as const
  return { ...half, kid: await calculateJwkThumbprint(half), alg: 'EdDSA', use: 'sig' }
}
