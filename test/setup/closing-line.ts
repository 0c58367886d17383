import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

export interface Count {
  passed: number
  failed: number
}

/** The last line of a run, for `.ci/run` and for people: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  #count: Count | undefined

  constructor() {
    // At exit, because Vitest itself prints after its reporters were told of the end.
    process.once('exit', code => this.#count && process.stdout.write(`\n${closingLine(this.#count, code)}\n`))
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.#count = count(modules, errors)
  }
}

/** A file that could not be loaded and an error outside all tests each count as one failure. */
function count(modules: readonly TestModule[], errors: readonly unknown[]): Count {
  const tests = modules.flatMap(module => [...module.children.allTests()])
  const suites = modules.flatMap(module => [module, ...module.children.allSuites()])
  const failedTests = tests.filter(test => test.result().state === 'failed').length
  const brokenSuites = suites.filter(suite => suite.errors().length > 0).length
  return {
    passed: tests.filter(test => test.result().state === 'passed').length,
    failed: failedTests + brokenSuites + errors.length,
  }
}

/** A set-up that throws is told to nobody but the exit code; a failing run never reads `0 failed`. */
export function closingLine({ passed, failed }: Count, exitCode: number): string {
  return `${passed} passed, ${failed || (exitCode ? 1 : 0)} failed`
}
