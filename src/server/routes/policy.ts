import { checkAdmin } from '../admin.ts'
import { noStore, readJson } from '../http.ts'
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
