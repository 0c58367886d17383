interface Job<I, O> {
  readonly item: I
  readonly done: (answer: O) => void
  readonly failed: (error: unknown) => void
}

/**
 * Does together what is asked for together.
 * @param work on items, with an answer for each
 * @param most items that it gets at once
 */
export function batched<I, O>(work: (items: readonly I[]) => Promise<readonly O[]>, most: number): (item: I) => Promise<O> {
  let waiting: Job<I, O>[] = []

  async function carryOut(jobs: readonly Job<I, O>[]): Promise<void> {
    try {
      const answers = await work(jobs.map(({ item }) => item))
      jobs.forEach(({ done }, at) => done(answers[at]!))
    } catch (error) {
      for (const { failed } of jobs) failed(error)
    }
  }
  const flush = () => {
    const jobs = waiting
    waiting = []
    for (let at = 0; at < jobs.length; at += most) void carryOut(jobs.slice(at, at + most))
  }
  return item => new Promise<O>((done, failed) => {
    if (waiting.push({ item, done, failed }) === 1) setImmediate(flush)
  })
}
