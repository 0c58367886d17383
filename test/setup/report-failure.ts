import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    setupFailure: string
  }
}

/**
 * A set-up that throws ends the whole run. This way the projects that need it fail, through
 * `require-setup`, and every other test still says what it has to say.
 */
export async function reportFailure(project: TestProject, setup: () => Promise<void>): Promise<void> {
  const failure = await setup().then(() => '', (error: unknown) => (error instanceof Error ? error.message : String(error)))
  project.provide('setupFailure', failure)
}
