import type { BudgetAnswer } from '../../protocol/index.ts'
import { potsOf, visibleBudgets } from '../budgets.ts'
import { noStore } from '../http.ts'
import { identified } from '../service.ts'
import type { Service } from '../service.ts'

/** `GET /v1/budget`: those that any run of the person's draws on. Those that go by feature, tier or trigger are told of with the runs they are for. */
export async function budgetRoute(service: Service, request: Request): Promise<Response> {
  const { settings, policy, addressOf } = service
  const { identity, headers } = await identified(service, request)
  const { budgets } = await policy.current()
  const pots = potsOf({ identity, network: addressOf(request, identity.anonymous), run: null }, budgets, settings.timeZone)
  const readings = await settings.ledger.balance(pots.map(pot => ({ ...pot, amount: 0 })))
  return noStore({ budgets: visibleBudgets(readings) } satisfies BudgetAnswer, { headers })
}
