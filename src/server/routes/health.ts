import { noStore } from '../http.ts'
import { standingFor } from '../service.ts'
import type { Service } from '../service.ts'

/** `GET /healthz` */
export async function healthRoute(service: Service): Promise<Response> {
  const { settings, health } = service
  const { catalog } = await standingFor(service, null)
  // Models are others' machines: this server is ready without them, and says which it leaves alone.
  const state = { catalog: catalog.version, models: catalog.models.length, outOfOrder: health.report() }
  try {
    await settings.ledger.expire()
    return noStore({ ready: true, ...state })
  } catch (error) {
    settings.onError(error)
    return noStore({ ready: false, why: whyOf(error), ...state }, { status: 503 })
  }
}

/** For whoever looks after the server: what the ledger itself said. */
function whyOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
