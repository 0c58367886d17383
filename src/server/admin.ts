import { SparingError } from '../core/index.ts'
import { same } from './identity.ts'
import type { Service } from './service.ts'

/**
 * Lets only those pass who have the token of the option `adminToken`: compared by hashes, which are of
 * one length and tell nothing of how near a guess was.
 * @throws {SparingError} `admin-token-required`
 */
export async function checkAdmin({ settings: { adminToken = '' }, sign }: Pick<Service, 'settings' | 'sign'>, request: Request): Promise<void> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const [theirs, ours] = await Promise.all([sign(`admin:${given}`), sign(`admin:${adminToken}`)])
  if (given !== undefined && same(theirs, ours)) return
  throw new SparingError('admin-token-required', 'This is for administrators only, so nothing was told or changed. Send "Authorization: Bearer" with the token of the option "adminToken".')
}
