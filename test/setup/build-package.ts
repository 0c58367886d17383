import type { TestProject } from 'vitest/node'
import { buildPackage } from './build.ts'
import { reportFailure } from './report-failure.ts'

/** Before tests of what is published. */
export default (project: TestProject): Promise<void> => reportFailure(project, buildPackage)
