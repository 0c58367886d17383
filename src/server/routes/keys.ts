import type { KeysAnswer } from '../../protocol/index.ts'
import type { Service } from '../service.ts'

/** `GET /v1/keys`: what receipts can be checked with, by anybody. */
export async function keysRoute({ receiptKeys }: Service): Promise<Response> {
  const headers = { 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff' }
  return Response.json({ keys: await receiptKeys.published() } satisfies KeysAnswer, { headers })
}
