import type { Meta, StoryObj } from '@storybook/react-vite'
import type { AI, Receipt as ReceiptData } from 'sparing'
import { BudgetMeter, Receipt, useAI } from 'sparing/react'
import { useEffect, useState } from 'react'
import { within } from 'storybook/test'
import { article, scripts, Stage } from './support/stage.tsx'
import type { StageProps } from './support/stage.tsx'

type Args = Omit<StageProps, 'children'>

const meta = {
  title: 'Allowance',
  args: { theme: 'light' },
  argTypes: { theme: { control: 'inline-radio', options: ['light', 'dark'] } },
  render: args => <Stage {...args}><BudgetMeter /></Stage>,
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

const runs = (ai: AI) => void ai.run('answer', { input: article, tier: 'max', optIn: 'once', trigger: 'user' })
const reads = (text: RegExp) => async ({ canvasElement }: { canvasElement: HTMLElement }) => void await within(canvasElement).findByText(text, {}, { timeout: 5_000 })

export const MeterUntouched: Story = { play: reads(/^0% used/) }
export const MeterPartUsed: Story = { args: { prepare: runs }, play: reads(/^\d+% used\./) }
export const MeterSetAside: Story = { args: { prepare: runs, script: scripts.stalls }, play: reads(/set aside/) }
export const MeterUsedUp: Story = { args: { prepare: runs, budgets: [{ id: 'mine', per: 'day', limit: { runs: 1 } }] }, play: reads(/^Used up/) }
export const MeterDark: Story = { args: { ...MeterSetAside.args, theme: 'dark' }, play: reads(/set aside/) }

function LastReceipt() {
  const ai = useAI()
  const [receipt, setReceipt] = useState<ReceiptData | null>(null)
  useEffect(() => ai.on(event => {
    if (event.name === 'run-end') setReceipt(event.receipt)
  }), [ai])
  return receipt && <div style={{ maxInlineSize: 320 }}><Receipt receipt={receipt} /></div>
}

const written: Story = { render: args => <Stage {...args}><LastReceipt /></Stage>, args: { prepare: runs }, play: reads(/Id for support/) }
export const ReceiptOfAnAnswer: Story = written
export const ReceiptOfQuotes: Story = { ...written, args: { prepare: runs, extractive: true } }
export const ReceiptForWhoPays: Story = { ...written, args: { prepare: runs, pays: true } }
export const ReceiptDark: Story = { ...written, args: { prepare: runs, theme: 'dark' } }
