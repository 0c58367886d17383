import { SparingError } from '../../core/index.ts'
import { noStore, readJson } from '../http.ts'
import { same } from '../identity.ts'
import { parsePolicy } from '../parse.ts'
import type { Service } from '../service.ts'

/** `GET /v1/policy` */
export async function readPolicyRoute(service: Service, request: Request): Promise<Response> {
  await checkAdmin(service, request)
  return noStore(await service.policy.read())
}

/** `PUT /v1/policy`: in force at the next reserve of every server. Runs that go on end as they began. */
export async function replacePolicyRoute(service: Service, request: Request): Promise<Response> {
  await checkAdmin(service, request)
  return noStore(await service.policy.replace(parsePolicy(await readJson(request, service.settings.maxBody))))
}

/** By hashes, which are of one length and tell nothing of how near a guess was. */
async function checkAdmin({ settings: { adminToken = '' }, sign }: Service, request: Request): Promise<void> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const [theirs, ours] = await Promise.all([sign(`admin:${given}`), sign(`admin:${adminToken}`)])
  if (given !== undefined && same(theirs, ours)) return
  throw new SparingError('admin-token-required', 'Only administrators read and change the policy. Send "Authorization: Bearer" with the token of the option "adminToken".')
}
