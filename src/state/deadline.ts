/** Rejects with this when an answer does not come in time. */
export const tooLate = new Error('The browser did not answer in time.')

/** @param ms milliseconds to wait for the answer */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, ms, tooLate)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
