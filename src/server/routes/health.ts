import { noStore } from '../http.ts'
import type { Service } from '../service.ts'
import { catalogFor } from './models.ts'

/** `GET /healthz` */
export async function healthRoute(service: Service): Promise<Response> {
  const { settings, health } = service
  // Models are others' machines: this server is ready without them, and says which it leaves alone.
  const outOfOrder = health.report()
  try {
    await settings.ledger.expire()
    const { catalog } = await catalogFor(service)
    return noStore({ ready: true, catalog: catalog.version, models: catalog.models.length, outOfOrder })
  } catch (error) {
    settings.onError(error)
    return noStore({ ready: false, why: whyOf(error), outOfOrder }, { status: 503 })
  }
}

/** For whoever looks after the server: what the ledger itself said. */
function whyOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
