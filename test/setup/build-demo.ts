import type { TestProject } from 'vitest/node'
import { buildDemo } from './build.ts'
import { reportFailure } from './report-failure.ts'

/** Before tests that open the demo. */
export default (project: TestProject): Promise<void> => reportFailure(project, buildDemo)
