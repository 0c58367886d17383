import type { Meta, StoryObj } from '@storybook/react-vite'
import { OptIn } from 'sparing/react'
import type { OptInProps } from 'sparing/react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { article, lookUp, Results, scripts, Stage, unanswered } from './support/stage.tsx'
import type { StageProps } from './support/stage.tsx'

interface Args extends Omit<StageProps, 'children'> {
  readonly control?: Partial<OptInProps>
}

const meta = {
  title: 'OptIn/States',
  args: { theme: 'light' },
  argTypes: { theme: { control: 'inline-radio', options: ['light', 'dark'] } },
  render: ({ control, ...stage }) => (
    <Stage {...stage}>
      <OptIn feature="answer" input={article} baseline={<Results />} headingLevel={3} {...control}>{run => <p style={{ margin: 0 }}>{run.text}</p>}</OptIn>
    </Stage>
  ),
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

type Canvas = ReturnType<typeof within>
type Play = (context: { canvasElement: HTMLElement }) => Promise<void>

/** What is in the control; the status region says much of it again. */
const panel = async (canvasElement: HTMLElement): Promise<Canvas> => within(await within(canvasElement).findByRole('region'))

/** Presses a button once presses count again. */
async function press(canvas: Canvas, name: string | RegExp): Promise<void> {
  const button = await canvas.findByRole('button', { name })
  await new Promise(resolve => setTimeout(resolve, 650))
  await userEvent.click(button)
}

const figure: Play = async ({ canvasElement }) => void await (await panel(canvasElement)).findByText(/At most/)
const pressed: Play = async context => {
  await figure(context)
  await press(await panel(context.canvasElement), 'Answer with AI')
}
const shows = (text: string | RegExp, before: Play): Play => async context => {
  await before(context)
  await (await panel(context.canvasElement)).findByText(text, { exact: false })
}

export const Off: Story = { play: figure }

export const OffDetailsOpen: Story = {
  play: async context => {
    await figure(context)
    await userEvent.click((await panel(context.canvasElement)).getByRole('button', { name: 'Details' }))
    await (await panel(context.canvasElement)).findByText(/10 W lamp/)
  },
}

export const WideRange: Story = { ...OffDetailsOpen, args: { control: { tier: 'max', effort: 'high' } } }

/** Nobody has said what its model costs or draws, and nothing limits either. */
export const UnknownPrice: Story = {
  args: { models: { eco: ['in-house'] }, budgets: [], server: { budgets: [] } },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByText(/Its cost is not known/),
}

export const Estimating: Story = { args: { silent: true }, play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByText('Checking the cost…') }

export const Asking: Story = { args: { control: { tier: 'max', effort: 'high' } }, play: shows('Think longer?', async ({ canvasElement }) => {
  await figure({ canvasElement })
  await press(await panel(canvasElement), 'Answer with AI')
}) }

export const AskingWhoPays: Story = { args: { pays: true }, play: shows('Answer with AI?', async ({ canvasElement }) => {
  await (await panel(canvasElement)).findByText(/\$/)
  await press(await panel(canvasElement), 'Answer with AI')
}) }

export const Running: Story = { args: { script: scripts.stalls }, play: shows('Create an AbortController', pressed) }

export const Thinking: Story = { args: { script: scripts.thinks }, play: shows('Thinking.', pressed) }

export const ThinkingLonger: Story = { args: { script: scripts.thinks, control: { tier: 'max', effort: 'high' } }, play: shows('Answer now', async context => {
  await pressed(context)
  await press(await panel(context.canvasElement), 'Think longer')
}) }

export const Done: Story = { play: shows('Written by AI', pressed) }

export const DoneReceiptOpen: Story = {
  play: async context => {
    await shows('Written by AI', pressed)(context)
    await userEvent.click(await (await panel(context.canvasElement)).findByRole('button', { name: 'Receipt' }))
    await (await panel(context.canvasElement)).findByText('Id for support')
  },
}

export const DoneLong: Story = { args: { script: scripts.long }, play: shows('Show all', pressed) }

export const DoneExtractive: Story = { args: { extractive: true, showUnconfigured: true }, play: shows('No generative model.', pressed) }

export const DoneStanding: Story = {
  play: async context => {
    await shows('Written by AI', pressed)(context)
    await press(await panel(context.canvasElement), /Always do this here/)
    await (await panel(context.canvasElement)).findByRole('button', { name: 'Stop doing this here' })
  },
}

export const Stopped: Story = {
  args: { script: scripts.stalls },
  play: async context => {
    await shows('Create an AbortController', pressed)(context)
    await press(await panel(context.canvasElement), 'Stop')
    await (await panel(context.canvasElement)).findByText('It did not finish.', {}, { timeout: 8_000 })
  },
}

export const Failed: Story = { args: { script: scripts.fails }, play: shows('It did not finish.', pressed) }

export const RefusedByBudget: Story = {
  args: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.00001 } }] },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByRole('button', { name: 'Show quotes' }),
}

export const RefusedByBudgetWithALowerLevel: Story = {
  args: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.0006 } }], control: { tier: 'max' } },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByRole('button', { name: 'Light answer' }),
}

export const RefusedByPolicy: Story = {
  args: { server: { features: { answer: { task: 'answer', baseline: 'search', tier: 'max', mode: 'off' } } } },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByText('Acme has turned AI answers off here.'),
}

export const Offline: Story = {
  beforeEach: () => {
    Object.defineProperty(navigator, 'onLine', { configurable: true, value: false })
    return () => void Reflect.deleteProperty(navigator, 'onLine')
  },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByText("You're offline. Results still work."),
}

export const PriceChanged: Story = { args: { discount: 0.4 }, play: shows('Nothing was spent.', pressed) }

/** A look-up that its text does not answer: the tools menu is where it is asked for. */
export const Unquoted: Story = {
  render: ({ control: _, ...stage }) => (
    <Stage {...stage}>
      <OptIn.Root feature="answer" input={unanswered}>
        <OptIn.Tool className="sparing-button" />
        <OptIn.Panel style={{ marginBlock: 16 }}><OptIn.Output /></OptIn.Panel>
        <OptIn.Baseline><Results /></OptIn.Baseline>
      </OptIn.Root>
    </Stage>
  ),
  play: shows('An AI answer can be written', async ({ canvasElement }) => {
    await press(within(canvasElement), 'AI answer')
    await pressed({ canvasElement })
  }),
}

export const NoModel: Story = {
  args: { extractive: true, showUnconfigured: true, control: { tier: 'standard' } },
  play: async ({ canvasElement }) => void await (await panel(canvasElement)).findByText('No model is set up for this level.'),
}

export const Hidden: Story = {
  play: async context => {
    await figure(context)
    await press(await panel(context.canvasElement), 'Hide')
    await (await panel(context.canvasElement)).findByText('AI answers are hidden.')
  },
}

export const MasterOff: Story = {
  args: { prepare: ai => ai.setEnabled(false) },
  play: async ({ canvasElement }) => waitFor(() => expect(within(canvasElement).queryByRole('button')).toBeNull()),
}

export const LookUp: Story = {
  args: { control: { input: lookUp } },
  play: async ({ canvasElement }) => waitFor(() => expect(within(canvasElement).queryByRole('button')).toBeNull()),
}

const dark = (story: Story): Story => ({ ...story, args: { ...story.args, theme: 'dark' } })

export const OffDark = dark(Off)
export const AskingDark = dark(Asking)
export const RunningDark = dark(Running)
export const DoneDark = dark(DoneReceiptOpen)
export const RefusedByBudgetDark = dark(RefusedByBudgetWithALowerLevel)
export const OfflineDark = dark(Offline)
export const HiddenDark = dark(Hidden)
