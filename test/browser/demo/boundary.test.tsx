import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-react'
import { Boundary } from '../../../examples/docs-search/src/boundary.tsx'

/** Cannot be shown where it says so. */
function Text({ says }: { says: string }) {
  if (says === 'broken') throw new RangeError('Too deep.')
  return <p>{says}</p>
}

function Page() {
  const [query, ask] = useState('first')
  return (
    <>
      {['broken', 'second'].map(next => <button key={next} type="button" onClick={() => ask(next)}>{next}</button>)}
      <Boundary of={query} fallback={<p>as it was written</p>}><Text says={query} /></Boundary>
    </>
  )
}

test('what could not be shown takes nothing with it, and what comes after it is shown', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const page = await render(<Page />)
  await page.getByRole('button', { name: 'broken' }).click()
  await expect.element(page.getByText('as it was written')).toBeVisible()
  await page.getByRole('button', { name: 'second' }).click()
  await expect.element(page.getByRole('paragraph')).toHaveTextContent('second')
})
